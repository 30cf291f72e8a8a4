import type { SourceFile } from '../text/source.js'
import { summaryText } from '../report/text.js'
import { changedFor } from './changed.js'
import { configurationFor } from './configuration.js'
import { destinations, keepManifests } from './destinations.js'
import { exitCode } from './exit.js'
import { load, withUnread } from './load.js'
import type { ValidateOptions } from './options.js'
import { profileIn } from './profile.js'
import { hasReader, report } from './report.js'
import { schemaFor } from './schema.js'
import { say, type Terminal } from './terminal.js'
import { UsageError } from './usage.js'
import { validateAndFix } from './validate-fix.js'

/** Judges the Services of the files. Nothing is written but reports, unless they are to be mended. */
export async function validate(options: ValidateOptions, terminal: Terminal): Promise<number> {
  if (options.fix) return validateAndFix(options, terminal)
  for (const flag of ['write', 'check'] as const)
    if (options[flag]) throw new UsageError(`--${flag} belongs to --fix: validate alone changes nothing`)
  const wanted = destinations(options, terminal)
  const configuration = configurationFor(options.config, terminal.workingDirectory)
  let warm: ((source: SourceFile) => void) | undefined
  const loading = load(options.path, terminal, { isWhole: false }, (source) => warm?.(source))
  const [schema, changed, loaded, { plan }] = await Promise.all([
    schemaFor(options.schema, terminal.workingDirectory),
    changedFor(options['changed-since'], wanted, terminal, loading),
    loading,
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
    ...schema,
    ...(surroundings && { surroundings }),
  }
  const judged = plan(loaded.sources, asked)
  const offers = wanted.some(({ format }) => format === 'sarif') && judged.diagnostics.some(({ remedy }) => remedy)
  const found = offers ? (await import('../pipeline/fix.js')).propose(loaded.sources, judged, asked) : judged
  const outcome = withUnread(found, loaded)
  keepManifests(wanted, outcome, loaded)
  await report(outcome, wanted, { ...options, ...changed }, terminal)
  if (hasReader(wanted)) await say(terminal, summaryText(outcome))
  return exitCode(outcome, options)
}

/** One turn of the event loop: Git is to run already when this thread is busy loading the rules. */
function searchBegun(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve))
}
