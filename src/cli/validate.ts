import type { SourceFile } from '../text/source.js'
import { summaryText } from '../report/text.js'
import { destinations, keepManifests } from './destinations.js'
import { exitCode } from './exit.js'
import { withUnread } from './load.js'
import type { ValidateOptions } from './options.js'
import { hasReader, report } from './report.js'
import { say, type Terminal } from './terminal.js'
import { UsageError } from './usage.js'
import { validateAndFix } from './validate-fix.js'
import { openWorkspace } from './workspace.js'

/** Judges the Services of the files. Nothing is written but reports, unless they are to be mended. */
export async function validate(options: ValidateOptions, terminal: Terminal): Promise<number> {
  if (options.fix) return validateAndFix(options, terminal)
  for (const flag of ['write', 'check'] as const)
    if (options[flag]) throw new UsageError(`--${flag} belongs to --fix: validate alone changes nothing`)
  const wanted = destinations(options, terminal)
  let warm: ((source: SourceFile) => void) | undefined
  const opening = { scope: { isWhole: false }, wanted, onEarly: (source: SourceFile) => warm?.(source) }
  const [{ loaded, request, changed }, { plan }] = await Promise.all([
    openWorkspace(options, terminal, opening),
    searchBegun().then(async () => {
      const pipeline = await import('../pipeline/plan.js')
      ;({ warm } = pipeline)
      return pipeline
    }),
  ])
  const judged = plan(loaded.sources, request)
  const offers = wanted.some(({ format }) => format === 'sarif') && judged.diagnostics.some(({ remedy }) => remedy)
  const found = offers ? (await import('../pipeline/fix.js')).propose(loaded.sources, judged, request) : judged
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
