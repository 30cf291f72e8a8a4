import type { Argv } from 'yargs'

import { plan } from '../pipeline/plan.js'
import type { Outcome } from '../pipeline/outcome.js'
import { jsonReport } from '../report/json.js'
import { diagnosticsText, summaryText } from '../report/text.js'
import { load } from './load.js'
import { fileOptions } from './options.js'
import { coloursFor, print, say, type Terminal } from './terminal.js'
import { exitCode } from './exit.js'

export const validateOptions = <T>(yargs: Argv<T>) =>
  fileOptions(yargs)
    .example('$0 validate', 'judge every Knative Service of the repository')
    .example('$0 validate apps/shop.yaml --format json', 'judge one file, report for a program')

type Options = Awaited<ReturnType<typeof validateOptions>['argv']>

/** Judges the Services of the files. Nothing is written. */
export async function validate(options: Options, terminal: Terminal): Promise<number> {
  const loaded = await load(options.path, terminal)
  const judged = plan(loaded.sources, { services: options.service ?? [] })
  const outcome: Outcome = { ...judged, diagnostics: [...loaded.diagnostics, ...judged.diagnostics] }
  if (options.format === 'json') await print(terminal, jsonReport(outcome))
  else {
    await print(terminal, diagnosticsText(outcome, coloursFor(terminal.stdout, terminal, options.color)))
    await say(terminal, summaryText(outcome))
  }
  return exitCode(outcome, options)
}
