import path from 'node:path'

import { readHistories } from '../io/history.js'
import { readSides, type ChangedFile, type Sides } from '../io/sides.js'
import type { Outcome } from '../pipeline/outcome.js'
import type { Base } from '../pipeline/passages.js'
import { summaryText } from '../report/text.js'
import type { SourceFile } from '../text/source.js'
import { clockOf } from './clock.js'
import { configurationFor } from './configuration.js'
import { destinations, keepManifests } from './destinations.js'
import { exitCode } from './exit.js'
import { load, type Loaded } from './load.js'
import type { CheckOptions } from './options.js'
import { profileIn } from './profile.js'
import { hasReader, report } from './report.js'
import { say, type Terminal } from './terminal.js'
import { refuseRepeated } from './usage.js'

const marker = 'serving.knative.dev/'

/** Judges a change: what it touches as `validate` does, and how each Service got there from the base. */
export async function check(options: CheckOptions, terminal: Terminal): Promise<number> {
  const { since, head, service } = options
  refuseRepeated('since', since)
  refuseRepeated('head', head)
  const wanted = destinations(options, terminal.workingDirectory)
  const configuration = configurationFor(options.config, terminal.workingDirectory)
  const { workingDirectory, environment } = terminal
  const [sides, { plan }] = await Promise.all([
    readSides({ since, ...(head !== undefined && { head }) }, workingDirectory, environment),
    import('../pipeline/plan.js'),
  ])
  const loaded = head === undefined ? await load(options.path, terminal) : committed(sides, options.path, terminal)
  const about = reportedOn(sides, loaded, options.path, terminal)
  const base = await baseOf(sides, loaded, about, terminal)
  const judged = plan(loaded.sources, {
    services: service ?? [],
    ...profileIn(options),
    ...configuration,
    base,
    about,
    now: clockOf(terminal),
  })
  const own = loaded.diagnostics.filter(({ file }) => about.has(file))
  const outcome: Outcome = { ...judged, diagnostics: [...own, ...judged.diagnostics] }
  keepManifests(wanted, outcome, loaded)
  await report(outcome, wanted, options, terminal)
  if (hasReader(wanted)) await say(terminal, `since ${sides.base.slice(0, 7)}: ${summaryText(outcome)}`)
  return exitCode(outcome, options)
}

/** The head as it is committed: what of it the change touches. */
function committed({ changed }: Sides, paths: readonly string[], terminal: Pick<Terminal, 'workingDirectory'>): Loaded {
  const folders = paths.map((one) => path.resolve(terminal.workingDirectory, one))
  const isWanted = (file: string): boolean =>
    folders.length === 0 || folders.some((folder) => file === folder || file.startsWith(folder + path.sep))
  const sources = changed.flatMap(({ path: file, after }) => {
    return after?.includes(marker) && isWanted(file) ? [{ path: shown(file, terminal), text: after }] : []
  })
  return { sources, realPaths: new Map(), diagnostics: [] }
}

/** The files that are reported on: those that changed; where paths are named, all that they mean. */
function reportedOn(
  { changed }: Sides,
  { sources, diagnostics }: Loaded,
  paths: readonly string[],
  terminal: Terminal,
): ReadonlySet<string> {
  const files = [...sources.map(({ path: file }) => file), ...diagnostics.map(({ file }) => file)]
  if (paths.length > 0) return new Set(files)
  const touched = new Set(changed.map((file) => shown(file.path, terminal)))
  return new Set(files.filter((file) => touched.has(file)))
}

/** The older side: what the change touched as it was, and the rest of what is reported on, which is as it was. */
async function baseOf(
  { changed, base, root }: Sides,
  { sources, realPaths }: Loaded,
  about: ReadonlySet<string>,
  terminal: Terminal,
): Promise<Omit<Base, 'now'>> {
  const older: readonly (SourceFile & { readonly real: string })[] = [
    ...changed.flatMap(({ path: file, before }: ChangedFile) => {
      return before?.includes(marker) ? [{ path: shown(file, terminal), text: before, real: file }] : []
    }),
    ...sources.flatMap(({ path: file, text }) => {
      const real = realPaths.get(file)
      const isUntouched = real !== undefined && !changed.some((one) => one.path === real)
      return isUntouched && about.has(file) && isWithin(root, real) ? [{ path: file, text, real }] : []
    }),
  ]
  const histories = await readHistories(
    older.map(({ real }) => real),
    terminal.environment,
    { start: base },
  )
  const byPath = older.flatMap(({ path: file, real }) => {
    const history = histories.get(real)
    return history ? [[file, history] as const] : []
  })
  return { files: older.map(({ path: file, text }) => ({ path: file, text })), histories: new Map(byPath) }
}

function isWithin(root: string, file: string): boolean {
  return file.startsWith(root + path.sep)
}

/** As users would type it: from the working directory, with slashes. */
function shown(file: string, { workingDirectory }: Pick<Terminal, 'workingDirectory'>): string {
  return path.relative(workingDirectory, file).split(path.sep).join('/')
}
