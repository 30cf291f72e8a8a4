import { classOf } from '../codes/code.js'
import type { YamlFault } from '../manifest/faults.js'
import { readResourceList, type ResourceList } from '../manifest/resource-list.js'
import { hasErrors, type Diagnostic } from '../text/diagnostic.js'
import type { SourceFile } from '../text/source.js'
import { requestFrom, type ConfigFault } from './function-config.js'
import type { Outcome } from './outcome.js'
import { plan } from './plan.js'

/** What came of a KRM function. */
export type FunctionRun = {
  /** The input; places of diagnostics are in its text. */
  readonly input: ResourceList
  /** What is handed on: the input where anything failed, for all items change or none. */
  readonly output: ResourceList
  readonly outcome: Outcome
  readonly fault?: ConfigFault
}

/**
 * Runs as a KRM function: does what `functionConfig` says to the Knative Services among the items. It knows nothing but
 * its input: no configuration file, no Git. Says what is wrong where the input is no ResourceList.
 */
export function runFunction(file: SourceFile): FunctionRun | YamlFault {
  const input = readResourceList(file)
  if (!('items' in input)) return input
  const request = requestFrom(input.functionConfig)
  const nothing = { files: [file], services: [], diagnostics: [], changes: [] }
  if ('fault' in request) return { input, output: input, outcome: nothing, fault: request }
  const planned = plan([file], request)
  const outcome = { ...planned, diagnostics: planned.diagnostics.map(inWordsOfConfig) }
  const [change] = outcome.changes
  const isHeld = !change || hasErrors(outcome.diagnostics)
  const output = isHeld ? input : readResourceList({ ...file, text: change.text })
  if (!('items' in output)) throw new TypeError('a proved edit can be read')
  return { input, output, outcome: isHeld ? { ...outcome, changes: [] } : outcome }
}

/** Flags are fields here. */
function inWordsOfConfig(diagnostic: Diagnostic): Diagnostic {
  const { code, message, help } = diagnostic
  if (classOf(code) !== 'refusal') return diagnostic
  if (code === 'KN422') return { ...diagnostic, help: 'name them in `services`, or take them all with `services: "*"`' }
  return { ...diagnostic, message: spell(message), ...(help !== undefined && { help: spell(help) }) }
}

function spell(text: string): string {
  return text
    .replaceAll('--service', '`services`')
    .replaceAll(/--(stable|candidate|tag|percent)\b/g, (_, flag: string) => `\`${flag}\``)
}
