import type { Outcome } from '../pipeline/outcome.js'
import type { SourceFile } from '../text/source.js'
import { summaryText } from '../report/text.js'
import { configurationFor } from './configuration.js'
import { destinations, keepManifests } from './destinations.js'
import { exitCode } from './exit.js'
import { load } from './load.js'
import type { ValidateOptions } from './options.js'
import { profileIn } from './profile.js'
import { hasReader, report } from './report.js'
import { say, type Terminal } from './terminal.js'

/** Judges the Services of the files. Nothing is written but reports. */
export async function validate(options: ValidateOptions, terminal: Terminal): Promise<number> {
  const wanted = destinations(options, terminal.workingDirectory)
  const configuration = configurationFor(options.config, terminal.workingDirectory)
  let warm: ((source: SourceFile) => void) | undefined
  const [loaded, { plan }] = await Promise.all([
    load(options.path, terminal, { isWhole: false }, (source) => warm?.(source)),
    searchBegun().then(async () => {
      const pipeline = await import('../pipeline/plan.js')
      ;({ warm } = pipeline)
      return pipeline
    }),
  ])
  const { surroundings } = loaded
  const asked = {
    services: options.service ?? [],
    ...profileIn(options),
    ...configuration,
    ...(surroundings && { surroundings }),
  }
  const judged = plan(loaded.sources, asked)
  const outcome: Outcome = { ...judged, diagnostics: [...loaded.diagnostics, ...judged.diagnostics] }
  keepManifests(wanted, outcome, loaded)
  await report(outcome, wanted, options, terminal)
  if (hasReader(wanted)) await say(terminal, summaryText(outcome))
  return exitCode(outcome, options)
}

/** One turn of the event loop: Git is to run already when this thread is busy loading the rules. */
function searchBegun(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve))
}
