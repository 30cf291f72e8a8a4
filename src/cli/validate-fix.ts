import { diagnosticsText, fixesText, summaryText } from '../report/text.js'
import { unseenText } from '../report/unseen.js'
import { destinations, keepManifests } from './destinations.js'
import { handedOn, patches, writeChanges, writtenText } from './edited.js'
import { exitCode } from './exit.js'
import { refusePiped, withUnread } from './load.js'
import type { ValidateOptions } from './options.js'
import { hasReader, report } from './report.js'
import { coloursFor, say, type Terminal } from './terminal.js'
import { UsageError } from './usage.js'
import { openWorkspace } from './workspace.js'

/** Shows what `validate --fix` mends as a patch, or writes it, and reports what is left. */
export async function validateAndFix(options: ValidateOptions, terminal: Terminal): Promise<number> {
  if (options.write && options.check) throw new UsageError('--check and --write must not be given together')
  const wanted = destinations(options, terminal)
  const [{ loaded, request, changed }, { fix }] = await Promise.all([
    openWorkspace(options, terminal, { scope: { isWhole: false }, wanted }),
    import('../pipeline/fix.js'),
  ])
  if (options.write) refusePiped(loaded)
  const fixed = fix(loaded.sources, request, options.write)
  const outcome = withUnread(fixed, loaded)
  keepManifests(wanted, outcome, loaded)
  if (options.write) await writeChanges(outcome, loaded, terminal)
  const isRead = hasReader(wanted)
  const colours = coloursFor(terminal.stderr, terminal, options.color)
  if (isRead) await say(terminal, fixesText(outcome, colours) + diagnosticsText(outcome, colours))
  const own = options.write
    ? ({ text: handedOn, textIs: 'manifest' } as const)
    : ({ text: patches, textIs: 'patch' } as const)
  await report(outcome, wanted, { ...options, ...changed }, terminal, own)
  if (isRead && !options.write) await say(terminal, unseenText(outcome, colours))
  if (isRead) await say(terminal, (options.write ? writtenText(outcome) : '') + summaryText(outcome))
  return exitCode(outcome, options)
}
