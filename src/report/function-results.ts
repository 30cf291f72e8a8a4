import { withResults } from '../edit/transplant.js'
import { fileOf, itemAt, referenceTo } from '../manifest/resource-list.js'
import { codeLabel } from '../pipeline/codes.js'
import type { FunctionRun } from '../pipeline/function.js'
import type { Diagnostic, Severity } from '../text/diagnostic.js'
import { printable } from '../text/printable.js'
import type { JsonObject } from '../yaml/json.js'
import { movementText } from './markdown-change.js'
import { saysText } from './report.js'

const severities: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', note: 'info' }

/**
 * The ResourceList that a KRM function hands on, with what it found among the `results` that hosts show. Undefined where
 * the layout of the list leaves no place for them.
 */
export function functionReport(run: FunctionRun): string | undefined {
  return withResults(run.output, resultsOf(run))
}

/** Whether the host must stop. */
export function hasFailed({ fault, outcome }: FunctionRun): boolean {
  return fault !== undefined || outcome.diagnostics.some(({ severity }) => severity === 'error')
}

function resultsOf(run: FunctionRun): readonly JsonObject[] {
  const { fault, outcome, input } = run
  if (fault) {
    const { functionConfig = null } = input
    const place = { resourceRef: referenceTo(functionConfig), field: { path: fault.path } }
    return [{ message: printable(fault.fault), severity: 'error', ...place }]
  }
  return [...moves(run), ...outcome.diagnostics.map((diagnostic) => found(run, diagnostic))]
}

function moves({ outcome, input }: FunctionRun): readonly JsonObject[] {
  return outcome.changes.flatMap(({ changes }) =>
    changes.map((change) => {
      const item = input.items.find((one) => {
        const { apiVersion = '', kind, name, namespace } = referenceTo(one)
        const isService = apiVersion.startsWith('serving.knative.dev/') && kind === 'Service'
        return isService && name === change.name && namespace === change.namespace
      })
      const message = `${change.stage}: ${movementText(change)}`
      return { message: printable(message), severity: 'info', ...itemPlace(item), field: { path: 'spec.traffic' } }
    }),
  )
}

function found({ input }: FunctionRun, { code, severity, message, help, says, path, range }: Diagnostic): JsonObject {
  const more = [...(help === undefined ? [] : [help]), ...(says ? [saysText(says)] : [])]
  const said = [`${message} [${codeLabel(code)}]`, ...more].join('; ')
  const item = range && itemAt(input, range)
  const field = path === undefined || path === '' ? {} : { field: { path } }
  return { message: printable(said), severity: severities[severity], ...itemPlace(item), ...field, tags: { code } }
}

function itemPlace(item: JsonObject[string] | undefined): JsonObject {
  if (item === undefined) return {}
  const file = fileOf(item)
  return { resourceRef: referenceTo(item), ...(file && { file }) }
}
