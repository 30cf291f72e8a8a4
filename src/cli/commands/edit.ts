import { classOf } from '../../codes/code.js'
import { shellHere } from '../../io/system.js'
import type { Outcome, Request } from '../../pipeline/request.js'
import { withheldReport } from '../../report/json.js'
import type { Render } from '../../report/report.js'
import { changesText, diagnosticsText, isResting, restingText, unseenText } from '../../report/text.js'
import { type Diagnostic, hasErrors } from '../../text/diagnostic.js'
import type { SourceFile } from '../../text/source.js'
import { wordFor } from '../../text/words.js'
import { withPast } from '../history.js'
import { refusePiped, withUnread } from '../load.js'
import type { EditOptions } from '../options.js'
import {
  destinations,
  handedOn,
  hasReader,
  keepManifests,
  patches,
  refuseTaken,
  report,
  unwrittenText,
  writeChanges,
  writtenText,
} from '../reports.js'
import { clockOf, coloursFor, exitCode, say, type Terminal, UsageError, widthOf } from '../terminal.js'
import { openWorkspace, type Workspace } from '../workspace.js'

/** What a command asks of the Services, and what it says where they need no change. */
type Task = {
  readonly move: NonNullable<Request['move']>
  readonly idle: string
  /** Whether Git is asked in any case. Otherwise only where the files leave something open. */
  readonly readsPast?: true
  /** Set where Services that have nothing to do are no more than counted. */
  readonly isDue?: true
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
  const { planned, outcome, isHeld } = await workedOut(
    plan,
    task,
    { loaded, request: { ...opened, ...requestOf(options) } },
    terminal,
  )
  keepManifests(wanted, outcome, loaded)
  refuseTaken(outcome, terminal)
  const isBlocked = options.write && blocksWriting(outcome, options.force)
  if (options.write && !isBlocked) await writeChanges(outcome, loaded, terminal)
  const isRead = hasReader(wanted)
  if (isRead) await say(terminal, talkOf(task.isDue ? withoutResting(outcome) : outcome, options, terminal))
  await report(outcome, wanted, { ...options, ...changed }, terminal, {
    ...(options.write ? { text: filtered, textIs: 'manifest' } : { text: patches, textIs: 'patch' }),
    json: () => withheldReport(outcome, isHeld ? planned.changes : []),
  })
  if (isRead && !options.write)
    await say(terminal, unseenText(outcome, coloursFor(terminal.stderr, terminal, options.color)))
  if (isRead)
    await say(
      terminal,
      (task.isDue ? restingText(outcome) : '') +
        (isBlocked ? blocked : isHeld ? held : closing(outcome, options, task)),
    )
  return exitCode(outcome, options)
}

/** What options ask of a move. */
function requestOf(options: EditOptions): Request {
  const { all, shared, init, force } = options
  return { all, shared, init, force, spell: options['write-defaults'] || options.spell }
}

/** What came of a move, and what of that may be applied: nothing where some of the Services are refused. */
type WorkedOut = { readonly planned: Outcome; readonly outcome: Outcome; readonly isHeld: boolean }

/** Works out what a command changes. Git is asked where that would help. */
export async function workedOut(
  plan: (files: readonly SourceFile[], request: Request) => Outcome,
  { move, readsPast }: Pick<Task, 'move' | 'readsPast'>,
  { loaded, request: opened }: Pick<Workspace, 'loaded' | 'request'>,
  terminal: Terminal,
): Promise<WorkedOut> {
  const shell = shellHere(terminal.environment)
  const commandLine = ['kn-rollout', ...terminal.arguments.map((word) => wordFor(word, shell))].join(' ')
  const request: Request = { ...opened, commandLine, now: clockOf(terminal), move }
  const planned = await withPast(plan, request, loaded, readsPast === true, terminal)
  const isHeld = planned.changes.length > 0 && planned.diagnostics.some(isRefusal)
  // A program that reads the report must not take it for what may be applied: it sees apart which Services could move.
  const whole = withUnread(planned, loaded)
  return { planned, outcome: isHeld ? { ...whole, changes: [] } : whole, isHeld }
}

function withoutResting(outcome: Outcome): Outcome {
  return { ...outcome, diagnostics: outcome.diagnostics.filter((one) => !isResting(one)) }
}

/** Refusals always block: all Services move or none. Errors that a Service had before block unless forced. */
export function blocksWriting({ diagnostics }: Outcome, isForced: boolean): boolean {
  return diagnostics.some((one) => (one.severity === 'error' && !isForced) || isRefusal(one))
}

function isRefusal({ severity, code }: Diagnostic): boolean {
  return severity === 'error' && classOf(code) === 'refusal'
}

function talkOf(outcome: Outcome, { color }: EditOptions, terminal: Terminal): string {
  const colours = coloursFor(terminal.stderr, terminal, color)
  return diagnosticsText(outcome, colours, widthOf(terminal.stderr)) + changesText(outcome, colours)
}

/** A filter hands on nothing that is wrong. */
const filtered: Render = (outcome, options) => (hasErrors(outcome.diagnostics) ? '' : handedOn(outcome, options))

const blocked = 'nothing written because of the errors above; --force writes if only the manifest itself has errors\n'

const held = 'no diff: kn-rollout changes all chosen Services or none, see the errors above\n'

function closing(outcome: Outcome, { write: isWriting }: EditOptions, { idle }: Task): string {
  if (outcome.changes.length > 0) return isWriting ? writtenText(outcome) : unwrittenText(outcome)
  return hasErrors(outcome.diagnostics) ? '' : `${idle}\n`
}
