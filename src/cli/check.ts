import path from 'node:path'

import { readCommitted } from '../io/committed.js'
import { readHistories } from '../io/history.js'
import { displayPath } from '../io/read.js'
import { Repository } from '../io/repository.js'
import { readSides, type Sides } from '../io/sides.js'
import { isInside } from '../io/root.js'
import { isManifestFile } from '../io/walk.js'
import type { Base } from '../pipeline/passages.js'
import { summaryText } from '../report/text.js'
import type { SourceFile } from '../text/source.js'
import { clockOf } from './clock.js'
import { configurationFor } from './configuration.js'
import { destinations, keepManifests } from './destinations.js'
import { exitCode } from './exit.js'
import { load, loadedFrom, withUnread, type Loaded } from './load.js'
import type { CheckOptions } from './options.js'
import { profileIn } from './profile.js'
import { hasReader, report } from './report.js'
import { schemaFor } from './schema.js'
import { say, type Terminal } from './terminal.js'
import { refuseRepeated, UsageError } from './usage.js'

const marker = 'serving.knative.dev/'

/** Judges a change: what it touches as `validate` does, and how each Service got there from the base. */
export async function check(options: CheckOptions, terminal: Terminal): Promise<number> {
  const { since, head, service } = options
  const paths: readonly string[] = options.path
  refuseRepeated('since', since)
  refuseRepeated('head', head)
  if (paths.includes('-')) throw new UsageError('check must be given files or folders, but `-` is the standard input')
  const { workingDirectory, environment } = terminal
  if (options['changed-since'] !== undefined)
    throw new UsageError('--changed-since must not be given to check: --since tells what changed')
  const wanted = destinations(options, terminal)
  const configuration = configurationFor(options.config, workingDirectory)
  const now = clockOf(terminal)
  const git = Repository.around(workingDirectory, environment)
  const extra = paths.filter((one) => !isManifestFile(one)).map((one) => path.resolve(workingDirectory, one))
  const [schema, sides, early, { plan }] = await Promise.all([
    schemaFor(options.schema, workingDirectory),
    readSides(git, { since, head, extra }),
    head === undefined ? load(paths, terminal) : undefined,
    import('../pipeline/plan.js'),
  ])
  const commit = sides.head ?? ''
  const loaded = early ?? loadedFrom(await readCommitted(git, { commit, paths }, workingDirectory))
  const about = reportedOn(sides, loaded, paths, workingDirectory)
  const base = await baseOf(git, sides, { ...loaded, about }, terminal)
  const judged = plan(loaded.sources, {
    services: service ?? [],
    ...profileIn(options),
    ...configuration,
    ...schema,
    base,
    about,
    now,
  })
  const own = loaded.diagnostics.filter(({ file }) => about.has(file))
  const shown = loaded.shown.filter((file) => about.has(file.path))
  const outcome = withUnread(judged, { ...loaded, shown, diagnostics: own })
  keepManifests(wanted, outcome, loaded)
  const touched = reportedOn(sides, loaded, [], workingDirectory)
  await report(outcome, wanted, { color: options.color, changed: touched }, terminal)
  if (hasReader(wanted)) await say(terminal, `${spanText(sides)}: ${summaryText(outcome)}`)
  return exitCode(outcome, options)
}

function spanText({ base, head }: Sides): string {
  return `${base.slice(0, 7)}..${head === undefined ? 'working tree' : head.slice(0, 7)}`
}

/** The files that are reported on: those that changed; where paths are named, all that they mean. */
function reportedOn(
  { changed }: Sides,
  { sources, realPaths, diagnostics }: Loaded,
  paths: readonly string[],
  workingDirectory: string,
): ReadonlySet<string> {
  const unread = diagnostics.map(({ file }) => file)
  if (paths.length > 0) return new Set([...sources.map((source) => source.path), ...unread])
  const touched = new Set(changed.map((file) => file.path))
  const read = sources.filter(({ path: file }) => touched.has(realPaths.get(file) ?? ''))
  const faulty = unread.filter((file) => touched.has(path.resolve(workingDirectory, file)))
  return new Set([...read.map((source) => source.path), ...faulty])
}

type OldFile = SourceFile & { readonly real: string }

/** The older side: what the change touched as it was, and the rest of what is reported on, which is as it was. */
async function baseOf(
  { root }: Repository,
  { changed, base }: Sides,
  { sources, realPaths, about }: Pick<Loaded, 'sources' | 'realPaths'> & { readonly about: ReadonlySet<string> },
  terminal: Terminal,
): Promise<Base> {
  const { workingDirectory, environment } = terminal
  // A link to a file is known by its own name.
  const shownAs = new Map([...realPaths].map(([shown, real]) => [real, shown] as const))
  const shown = (file: string): string => shownAs.get(file) ?? displayPath(file, workingDirectory)
  const touched = new Set(changed.map((file) => file.path))
  const older: readonly OldFile[] = [
    ...changed.flatMap(({ path: real, before }) => {
      return before?.includes(marker) ? [{ path: shown(real), text: before, real }] : []
    }),
    ...sources.flatMap((source) => {
      const real = realPaths.get(source.path)
      const isKept = real !== undefined && isInside(root, real) && !touched.has(real) && about.has(source.path)
      return isKept ? [{ path: source.path, text: source.text, real }] : []
    }),
  ]
  const elsewhere = changed.flatMap(({ path: real, before, after }) => {
    return before?.includes(marker) && after?.includes(marker) && !shownAs.has(real)
      ? [{ path: shown(real), text: after }]
      : []
  })
  const unreadable = changed.filter((file) => file.isUnreadable).map((file) => shown(file.path))
  const clear = await announce(`reading the history of ${older.length} files`, older.length, terminal)
  const files = older.map(({ real }) => real)
  const histories = await readHistories(files, environment, { start: base })
  await clear()
  return {
    files: older,
    histories: new Map(
      older.flatMap(({ path: file, real }) => {
        const history = histories.get(real)
        return history ? [[file, history] as const] : []
      }),
    ),
    unreadable: new Set(unreadable),
    elsewhere,
  }
}

/** Says on a terminal what takes a while, until it is cleared. */
async function announce(what: string, size: number, terminal: Terminal): Promise<() => Promise<void>> {
  if (terminal.stderr.isTTY !== true || size < 20) return async () => undefined
  await say(terminal, `\r${what}`)
  return () => say(terminal, '\r\u001B[K')
}
