import type { Outcome } from '../pipeline/outcome.js'
import { jsonReport } from '../report/json.js'
import { diagnosticsText, summaryText } from '../report/text.js'
import { load } from './load.js'
import type { ValidateOptions } from './options.js'
import { coloursFor, print, say, type Terminal } from './terminal.js'
import { exitCode } from './exit.js'

/** Judges the Services of the files. Nothing is written. */
export async function validate(options: ValidateOptions, terminal: Terminal): Promise<number> {
  const [loaded, { plan }] = await Promise.all([load(options.path, terminal), import('../pipeline/plan.js')])
  const judged = plan(loaded.sources, { services: options.service ?? [] })
  const outcome: Outcome = { ...judged, diagnostics: [...loaded.diagnostics, ...judged.diagnostics] }
  if (options.format === 'json') await print(terminal, jsonReport(outcome))
  else {
    await print(terminal, diagnosticsText(outcome, coloursFor(terminal.stdout, terminal, options.color)))
    await say(terminal, summaryText(outcome))
  }
  return exitCode(outcome, options)
}
