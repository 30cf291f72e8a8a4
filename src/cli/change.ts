import { writeAll } from '../io/write.js'
import type { Outcome, Request } from '../pipeline/outcome.js'
import { colourPatch, type Paint } from '../report/colour.js'
import type { Render } from '../report/render.js'
import { changesText, diagnosticsText } from '../report/text.js'
import { hasErrors } from '../text/diagnostic.js'
import { clockOf } from './clock.js'
import { configurationFor } from './configuration.js'
import { destinations, keepManifests } from './destinations.js'
import { exitCode } from './exit.js'
import { liveFor } from './live.js'
import { load, stdinPath, type Loaded } from './load.js'
import { overlayIn } from './overlay.js'
import type { ChangeOptions } from './options.js'
import { withPast } from './past.js'
import { profileIn } from './profile.js'
import { hasReader, report } from './report.js'
import { coloursFor, say, type Terminal } from './terminal.js'
import { UsageError } from './usage.js'

/** What a command asks of the Services, and what it says where they need no change. */
export type Task = {
  readonly move: NonNullable<Request['move']>
  readonly idle: string
  /** Whether Git is asked in any case. Otherwise only where the files leave something open. */
  readonly readsPast?: true
}

/** Shows what a command changes as a patch, or writes it. All Services move, or none. */
export async function change(task: Task, options: ChangeOptions, terminal: Terminal): Promise<number> {
  if (options.write && options.check) throw new UsageError('--check and --write must not be given together')
  const wanted = destinations(options, terminal.workingDirectory)
  const configuration = configurationFor(options.config, terminal.workingDirectory)
  const overlay = overlayIn(options, terminal.workingDirectory)
  const scope = { isWhole: true, ...(overlay && { overlay: overlay.folder }) }
  const [loaded, { plan }] = await Promise.all([load(options.path, terminal, scope), import('../pipeline/plan.js')])
  const { surroundings } = loaded
  const { service, all } = options
  const request: Request = {
    all,
    services: service ?? [],
    ...profileIn(options),
    ...configuration,
    ...liveFor(options.live, terminal.workingDirectory),
    ...(surroundings && { surroundings }),
    ...(overlay && { overlay: overlay.path }),
    shared: options.shared,
    force: options.force,
    now: clockOf(terminal),
    move: task.move,
  }
  const planned = await withPast(plan, request, loaded, task.readsPast === true, terminal)
  const outcome: Outcome = { ...planned, diagnostics: [...loaded.diagnostics, ...planned.diagnostics] }
  keepManifests(wanted, outcome, loaded)
  const isBlocked = options.write && blocksWriting(outcome, options.force)
  if (options.write && !isBlocked) write(outcome, loaded)
  const isRead = hasReader(wanted)
  if (isRead) await say(terminal, talkOf(outcome, coloursFor(terminal.stderr, terminal, options.color)))
  await report(outcome, wanted, options, terminal, { text: options.write ? filtered : patches })
  if (isRead) await say(terminal, isBlocked ? blocked : closing(outcome, options, task))
  return exitCode(outcome, options)
}

/** Refusals always block: all Services move or none. Errors that a Service had before block unless forced. */
function blocksWriting({ diagnostics }: Outcome, isForced: boolean): boolean {
  return diagnostics.some(({ severity, code }) => severity === 'error' && (!isForced || code.startsWith('KN4')))
}

function write({ changes }: Outcome, { realPaths }: Loaded): void {
  writeAll(
    changes.flatMap(({ file, text }) => {
      const place = realPaths.get(file.path)
      return place === undefined ? [] : [{ path: place, before: file.text, after: text }]
    }),
  )
}

function talkOf(outcome: Outcome, colours: Paint): string {
  return diagnosticsText(outcome, colours) + changesText(outcome, colours)
}

/** The data of a run for people: what `git apply` takes. */
const patches: Render = ({ changes }, { colours }) => colourPatch(changes.map(({ patch }) => patch).join(''), colours)

/** What `--write` makes of the standard input: a filter hands it on, changed or not. */
const filtered: Render = ({ files, changes, diagnostics }) => {
  if (hasErrors(diagnostics)) return ''
  const changed = changes.find(({ file }) => file.path === stdinPath)
  return changed?.text ?? files.find(({ path }) => path === stdinPath)?.text ?? ''
}

const blocked =
  'nothing was written because of the errors above; --force writes where only the manifest itself has errors\n'

function closing({ changes, diagnostics }: Outcome, { write: isWriting }: ChangeOptions, { idle }: Task): string {
  const count = changes.filter(({ file }) => file.path !== stdinPath).length
  const files = `${count} file${count === 1 ? '' : 's'}`
  if (changes.length > 0) return isWriting && count > 0 ? `${files} written\n` : ''
  return hasErrors(diagnostics) ? '' : `${idle}\n`
}
