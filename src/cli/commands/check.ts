import path from 'node:path'

import { Listings } from '../../io/candidates.js'
import { pathsAndNames } from '../../io/discover.js'
import { IoFailure } from '../../io/failure.js'
import { GitRepository } from '../../io/git/repository.js'
import { nameInRepository } from '../../io/git/root.js'
import { LogAhead } from '../../io/history.js'
import { hasOtherEnding } from '../../io/listed.js'
import { isInside } from '../../io/paths.js'
import { readEnds, readSides, type ReadTexts, type Sides } from '../../io/sides.js'
import type { CommitTree } from '../../io/tree.js'
import type { Compared } from '../../pipeline/request.js'
import type { Unread } from '../../pipeline/unread.js'
import { checkedText, hasLooked } from '../../report/text.js'
import { baseOf, type Newer, reportedOn, surroundingsAt, withBroken } from '../history.js'
import { load, type Loaded, shownFrom, withFaulty, withUnread } from '../load.js'
import type { CheckOptions } from '../options.js'
import { destinations, hasReader, keepManifests, report } from '../reports.js'
import { announced, clockOf, exitCode, refuseRepeated, say, type Terminal, UsageError } from '../terminal.js'
import { type CheckPolicy, openWorkspace, policyOf } from '../workspace.js'

/** Judges a change: what it touches as `validate` does, and how each Service got there from the base. */
export async function runCheck(options: CheckOptions, terminal: Terminal): Promise<number> {
  refuseContradictions(options)
  const ahead = new LogAhead(terminal.environment)
  try {
    return await checked(options, terminal, ahead)
  } finally {
    ahead.drop()
  }
}

/** @throws UsageError where options contradict each other, or mean nothing here. */
function refuseContradictions({ since, head, kustomize, ...options }: CheckOptions): void {
  const words: readonly string[] = options.path
  refuseRepeated('since', since)
  refuseRepeated('head', head)
  if (words.includes('-')) throw new UsageError('`check` reads files and directories, not stdin (`-`)')
  if (options['changed-since'] !== undefined)
    throw new UsageError('--changed-since cannot be combined with `check`: --since sets the base commit')
  if (kustomize && head !== undefined)
    throw new UsageError('--kustomize cannot be combined with --head: it builds the working tree')
}

async function checked(options: CheckOptions, terminal: Terminal, ahead: LogAhead): Promise<number> {
  const { head, config } = options
  const words: readonly string[] = options.path
  const { workingDirectory, environment } = terminal
  const wanted = destinations(options, terminal)
  const now = clockOf(terminal)
  const git = GitRepository.around(workingDirectory, environment)
  const isCommitted = async (word: string): Promise<boolean> => head !== undefined && isIn(git, head, word, terminal)
  const meant = await pathsAndNames(words, workingDirectory, environment, isCommitted)
  const { paths } = meant
  let reading: ReturnType<typeof bothSides> | undefined
  const both = (): ReturnType<typeof bothSides> =>
    (reading ??= bothSides(git, { ...options, path: [...paths] }, terminal, ahead))
  // A change cannot quiet what judges it: without a configuration that the operator names, the sides tell.
  const named = { ...options, config: config ?? false }
  const [{ loaded: read, request }, { plan }] = await Promise.all([
    openWorkspace(named, terminal, { meant, read: async () => (await both()).loaded }),
    import('../../pipeline/plan.js'),
  ])
  const { sides, newest } = await both()
  const configured = config === undefined ? policyOf(git, sides, terminal) : Promise.resolve<CheckPolicy>({})
  // What is wrong with the files is told first.
  configured.catch(() => undefined)
  const { around, surroundings, garbled } = await aroundBoth(git, { ...sides, newest }, read, workingDirectory)
  const policy = await configured
  const loaded = withFaulty(read, garbled)
  const about = reportedOn(sides, loaded, paths, workingDirectory)
  const beside = besideIn(sides, surroundings, paths, workingDirectory)
  const { log } = ahead
  const extent = {
    ...loaded,
    ...(surroundings && { surroundings }),
    ...(around && { around }),
    about,
    beside,
    paths,
    log,
  }
  const base = await baseOf(git, sides, extent, terminal)
  const touched = reportedOn(sides, loaded, [], workingDirectory)
  const real = options.kustomize
    ? await (
        await import('../built.js')
      ).withRealBuilds(loaded, terminal, new Set([...about, ...beside, ...(base.touched ?? [])]))
    : {}
  const present = surroundings && { surroundings }
  const whole = { ...request, ...present, ...policy, ...real, base, about: new Set([...about, ...beside]), now }
  const judged = await announced('checking', loaded, terminal, () => plan(loaded.sources, whole))
  const own = loaded.diagnostics.filter(({ file }) => about.has(file))
  const shown = loaded.shown.filter((file) => about.has(file.path))
  const roots = paths.map((one) => path.resolve(workingDirectory, one))
  const lost = sides.unread.filter((one) => roots.length === 0 || roots.some((root) => isInside(root, one.path)))
  const unread = [...loaded.unread.filter((one) => isReported(one, about, paths)), ...shownFrom(lost, workingDirectory)]
  const told = withUnread(judged, { ...loaded, shown, diagnostics: own, unread })
  const outcome = { ...told, compared: namedBy(sides, options) }
  keepManifests(wanted, outcome, loaded)
  const edited = policy.policy?.after ? [policy.policy.after.path] : []
  await report(outcome, wanted, { color: options.color, changed: new Set([...touched, ...edited]) }, terminal)
  if (hasReader(wanted) && hasLooked(outcome)) await say(terminal, checkedText(outcome))
  return exitCode(outcome, options)
}

type Around = Awaited<ReturnType<typeof withBroken>> & { readonly around: Loaded['surroundings'] | undefined }

/** What stood around the files of the base, and what stands around those of the head. */
async function aroundBoth(
  git: GitRepository,
  sides: Sides & Newer,
  { surroundings: near }: Loaded,
  workingDirectory: string,
): Promise<Around> {
  const around = await surroundingsAt(git, sides, near, workingDirectory)
  return { around, ...(await withBroken(git, near, around, sides)) }
}

/** Whether to say what was not read: where the change touches it or, where paths are named, all that they mean. */
function isReported(one: Unread, about: ReadonlySet<string>, paths: readonly string[]): boolean {
  if (one.why === 'git' || one.why === 'lacking root' || about.has(one.path)) return true
  return paths.length > 0 && (one.why === 'template' || one.why === 'lacking')
}

/** Whether a commit has something by that name. What is no commit is said elsewhere. */
async function isIn(
  git: GitRepository,
  commit: string,
  word: string,
  { workingDirectory }: Terminal,
): Promise<boolean> {
  const name = nameInRepository(git.root, path.resolve(workingDirectory, word))
  if (commit.startsWith('-')) return false
  try {
    return (await git.list(['ls-tree', '--name-only', '-z', '--full-tree', commit, '--', name])).length > 0
  } catch (error) {
    if (error instanceof IoFailure) return false
    throw error
  }
}

/** The files around that are reported on: those that changed; where paths are named, all that have a say. */
function besideIn(
  { changed }: Sides,
  surroundings: Loaded['surroundings'],
  paths: readonly string[],
  workingDirectory: string,
): readonly string[] {
  const touched = new Set(changed.map((file) => file.path))
  const around = [...(surroundings?.kustomizations ?? []), ...(surroundings?.owners ?? [])]
  const all = around.map(({ path: file }) => file)
  if (paths.length > 0) return all
  return all.filter((file) => touched.has(path.resolve(workingDirectory, file)))
}

/** What the change touches, and what the paths mean at its head. */
async function bothSides(
  git: GitRepository,
  { since, head, path: paths }: CheckOptions,
  terminal: Terminal,
  ahead: LogAhead,
): Promise<{ readonly sides: Sides; readonly loaded: Loaded; readonly newest?: CommitTree }> {
  const { workingDirectory } = terminal
  const named = { paths, workingDirectory }
  const listings = new Listings(terminal.environment)
  const loading = head === undefined ? load(paths, terminal, { isWhole: true, listings }) : undefined
  // What goes wrong with the commits is told first.
  loading?.catch(() => undefined)
  const ends = await readEnds(git, { since, head })
  if (!loading) {
    const { loadCommit } = await import('../built.js')
    const { tree, loaded } = await loadCommit(git, ends.head ?? '', named)
    return { loaded, newest: tree, sides: await readSides(git, ends, named, { tree, listed: () => tree.listed() }) }
  }
  const listed = async (): Promise<readonly string[]> => listedAmong(await loading, git, workingDirectory)
  const read = async (): Promise<ReadTexts> => readIn(await loading)
  const onDifferent = (names: readonly string[]): void => {
    if (ends.isFromNothing) return
    ahead.meet(git.root, names, ends.base)
  }
  const [sides, loaded] = await Promise.all([
    readSides(git, ends, named, { listed, read, listings, onDifferent }),
    loading,
  ])
  return { sides, loaded }
}

/** The files with names that no manifest has that were read, as the repository names them. */
function listedAmong(
  { sources, places, diagnostics }: Loaded,
  { root }: GitRepository,
  workingDirectory: string,
): readonly string[] {
  const piped = sources.find(({ path: file }) => !places.has(file))
  if (piped) throw new UsageError(`\`check\` reads files and directories, but \`${piped.path}\` is a pipe`)
  const faulty = diagnostics.map(({ file }) => path.resolve(workingDirectory, file))
  return [...places.values(), ...faulty].filter(hasOtherEnding).map((file) => nameInRepository(root, file))
}

/** The manifests that were read, by their places. */
function readIn({ sources, places, realPaths }: Loaded): ReadTexts {
  return new Map(
    sources.flatMap(({ path: file, text }) => {
      const [place, realPath] = [places.get(file), realPaths.get(file)]
      return place === undefined || realPath === undefined ? [] : [[place, { text, realPath }] as const]
    }),
  )
}

function namedBy({ base, head }: Sides, asked: CheckOptions): Compared {
  const end = head !== undefined && asked.head !== undefined && { head: { ref: asked.head, commit: head } }
  return { base: { ref: asked.since, commit: base }, ...end }
}
