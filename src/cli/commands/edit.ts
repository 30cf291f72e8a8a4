import { classOf } from '../../codes/code.js'
import type { Outcome, Request } from '../../pipeline/request.js'
import type { Paint } from '../../report/colour.js'
import { jsonReport } from '../../report/json.js'
import type { Render } from '../../report/report.js'
import { changesText, diagnosticsText, unseenText } from '../../report/text.js'
import { type Diagnostic, hasErrors } from '../../text/diagnostic.js'
import { withPast } from '../history.js'
import { refusePiped, withUnread } from '../load.js'
import type { EditOptions } from '../options.js'
import {
  destinations,
  handedOn,
  hasReader,
  keepManifests,
  patches,
  report,
  writeChanges,
  writtenText,
} from '../reports.js'
import { clockOf, coloursFor, exitCode, say, type Terminal, UsageError } from '../terminal.js'
import { openWorkspace } from '../workspace.js'

/** What a command asks of the Services, and what it says where they need no change. */
type Task = {
  readonly move: NonNullable<Request['move']>
  readonly idle: string
  /** Whether Git is asked in any case. Otherwise only where the files leave something open. */
  readonly readsPast?: true
}

/** Shows what a command changes as a patch, or writes it. All Services move, or none. */
export async function change(task: Task, options: EditOptions, terminal: Terminal): Promise<number> {
  if (options.write && options.check) throw new UsageError('--check and --write cannot be combined')
  const wanted = destinations(options, terminal)
  const [{ loaded, request: opened, changed }, { plan }] = await Promise.all([
    openWorkspace(options, terminal, { scope: { isWhole: true }, wanted, isEdit: true }),
    import('../../pipeline/plan.js'),
  ])
  if (options.write) refusePiped(loaded)
  const request: Request = {
    ...opened,
    all: options.all,
    shared: options.shared,
    force: options.force,
    now: clockOf(terminal),
    move: task.move,
    spell: options['write-defaults'] || options.spell,
  }
  const planned = await withPast(plan, request, loaded, task.readsPast === true, terminal)
  const isHeld = planned.changes.length > 0 && planned.diagnostics.some(isRefusal)
  // A program that reads the report sees which Services could move, and by the exit code that not all of them can.
  const whole = withUnread(planned, loaded)
  const outcome = isHeld ? { ...whole, changes: [] } : whole
  keepManifests(wanted, outcome, loaded)
  const isBlocked = options.write && blocksWriting(outcome, options.force)
  if (options.write && !isBlocked) await writeChanges(outcome, loaded, terminal)
  const isRead = hasReader(wanted)
  if (isRead) await say(terminal, talkOf(outcome, coloursFor(terminal.stderr, terminal, options.color)))
  await report(outcome, wanted, { ...options, ...changed }, terminal, {
    ...(options.write ? { text: filtered, textIs: 'manifest' } : { text: patches, textIs: 'patch' }),
    json: () => jsonReport(options.write ? outcome : whole),
  })
  if (isRead && !options.write)
    await say(terminal, unseenText(outcome, coloursFor(terminal.stderr, terminal, options.color)))
  if (isRead) await say(terminal, isBlocked ? blocked : isHeld ? held : closing(outcome, options, task))
  return exitCode(outcome, options)
}

/** Refusals always block: all Services move or none. Errors that a Service had before block unless forced. */
function blocksWriting({ diagnostics }: Outcome, isForced: boolean): boolean {
  return diagnostics.some((one) => (one.severity === 'error' && !isForced) || isRefusal(one))
}

function isRefusal({ severity, code }: Diagnostic): boolean {
  return severity === 'error' && classOf(code) === 'refusal'
}

function talkOf(outcome: Outcome, colours: Paint): string {
  return diagnosticsText(outcome, colours) + changesText(outcome, colours)
}

/** A filter hands on nothing that is wrong. */
const filtered: Render = (outcome, options) => (hasErrors(outcome.diagnostics) ? '' : handedOn(outcome, options))

const blocked = 'nothing written because of the errors above; --force writes if only the manifest itself has errors\n'

const held = 'no patch: all chosen Services move, or none, and some are refused above\n'

function closing(outcome: Outcome, { write: isWriting }: EditOptions, { idle }: Task): string {
  if (outcome.changes.length > 0) return isWriting ? writtenText(outcome) : ''
  return hasErrors(outcome.diagnostics) ? '' : `${idle}\n`
}
