import path from 'node:path'

import { findCommit, GitRepository } from '../io/git/repository.js'
import { nameInRepository, repositoryRoot } from '../io/git/root.js'
import type { Environment } from '../io/git/run.js'
import { readBetween, readHistories } from '../io/history.js'
import { buildFolders, findKustomize } from '../io/kustomize.js'
import { mentions } from '../io/listed.js'
import { isKustomization } from '../io/paths.js'
import { type Named, readCommitted, type Sides } from '../io/sides.js'
import { type AroundFiles, committedSurroundings, readPlainFolders } from '../io/surroundings.js'
import { CommitTree } from '../io/tree.js'
import { kustomizationNames } from '../kustomize/folders.js'
import { filesAround, localRoots, partsOfRoots } from '../pipeline/applied.js'
import { builtHistory } from '../pipeline/built-history.js'
import type { Request } from '../pipeline/request.js'
import type { SourceFile } from '../text/source.js'
import type { FileHistory } from '../text/words.js'
import { type Loaded, loadedFrom, shownFrom } from './load.js'
import { type Terminal, UsageError } from './terminal.js'

/** One side of a change: its files, and what stands around them. */
type Side = { readonly files: readonly SourceFile[]; readonly surroundings?: AroundFiles | undefined }

/** Both sides, and how far to look. */
type Wanted = {
  readonly older: Side
  readonly newer: Side
  /** The paths of what the change has to do with. */
  readonly concerned: ReadonlySet<string>
}

/** Histories of what kustomize roots build, by the paths of their kustomizations. */
type Built = Readonly<Record<'merged' | 'between', ReadonlyMap<string, FileHistory>>>

/**
 * What the roots that a change has to do with built at each commit, up to the base and between it and the head. Git is
 * asked only where there are such roots.
 *
 * @throws IoFailure where Git does not tell the commits.
 */
export async function builtHistories(
  git: GitRepository,
  sides: Sides,
  { older, newer, concerned }: Wanted,
  environment: Environment,
): Promise<Built> {
  const roots = new Map<string, Set<string>>()
  const real = new Map<string, string>()
  for (const { files, surroundings } of [older, newer]) {
    if (!surroundings || surroundings.kustomizations.length === 0) continue
    for (const [shown, place] of surroundings.places ?? []) if (!real.has(shown)) real.set(shown, place)
    for (const [root, parts] of partsOfRoots(surroundings, files, concerned))
      roots.set(root, new Set([...(roots.get(root) ?? []), ...parts]))
  }
  if (roots.size === 0 || sides.isFromNothing) return { merged: new Map(), between: new Map() }
  const parts = [...new Set([...roots.values()].flatMap((own) => [...own]))].filter((file) => real.has(file))
  const [commits, merged, later] = await Promise.all([
    git.list([...line, sides.base]),
    readParts(git, parts, real, { environment, start: sides.base }),
    betweenParts(git, sides, { parts, real, environment }),
  ])
  for (const own of roots.values()) for (const file of merged.more) own.add(file)
  const atHand = [older, newer].flatMap(({ surroundings }) => (surroundings ? filesAround(surroundings) : []))
  const { surroundings: newest } = older
  const past = { commits, histories: merged.histories, applied: newest?.applied, files: atHand, newest }
  const since = { ...later, applied: newer.surroundings?.applied, files: atHand }
  return {
    merged: new Map([...roots].map(([root, own]) => [root, withEnd(builtHistory(root, own, past), past)] as const)),
    between: new Map(
      later.commits.length === 0
        ? []
        : [...roots].map(([root, own]) => [root, withEnd(builtHistory(root, own, since, past), past)] as const),
    ),
  }
}

/**
 * What the roots of the working tree built at each commit of its history: those that have to do with some files, by default
 * every one.
 *
 * @throws IoFailure where Git does not tell the commits.
 */
export async function builtUpToHead(
  workingDirectory: string,
  { files, surroundings }: Side,
  environment: Environment,
  concerned?: ReadonlySet<string>,
): Promise<ReadonlyMap<string, FileHistory>> {
  const top = repositoryRoot(workingDirectory)
  const tip = top === undefined ? undefined : await findCommit(top, environment, 'HEAD')
  if (!surroundings || typeof tip !== 'string') return new Map()
  const git = GitRepository.around(workingDirectory, environment)
  const all = [...files, ...surroundings.kustomizations].map((file) => file.path)
  const roots = partsOfRoots(surroundings, files, concerned ?? new Set(all))
  if (roots.size === 0) return new Map()
  const real = new Map(surroundings.places)
  const parts = [...new Set([...roots.values()].flatMap((own) => [...own]))].filter((file) => real.has(file))
  const [commits, { histories, more }] = await Promise.all([
    git.list([...line, tip]),
    readParts(git, parts, real, { environment, start: tip }),
  ])
  const past = { commits, histories, applied: surroundings.applied, files: filesAround(surroundings) }
  return new Map([...roots].map(([root, own]) => [root, builtHistory(root, [...own, ...more], past)] as const))
}

/** Says of what is built that older builds are behind the end of a shallow clone, where older parts are. */
function withEnd(history: FileHistory, { histories }: Pick<Parts, 'histories'>): FileHistory {
  return [...histories.values()].some(({ isShallow }) => isShallow) ? { ...history, isShallow: true } : history
}

const line = ['log', '-z', '--format=%H', '--no-show-signature', '--first-parent']

type Parts = { readonly histories: ReadonlyMap<string, FileHistory>; readonly more: readonly string[] }

/** The histories of the parts, and of what their older versions name and is no longer there. */
async function readParts(
  git: GitRepository,
  parts: readonly string[],
  real: ReadonlyMap<string, string>,
  { environment, start }: { readonly environment: Environment; readonly start: string },
): Promise<Parts> {
  const places = parts.map((file) => real.get(file) ?? file)
  const read = await readHistories(places, environment, { start })
  const histories = new Map(parts.flatMap((file, index) => pairOf(file, read.get(places[index] ?? ''))))
  const known = new Set(places.map((place) => nameInRepository(git.root, place)))
  const lost = [...new Set([...histories.values()].flatMap(namedBefore))].filter((name) => !known.has(name))
  if (lost.length === 0) return { histories, more: [] }
  const former = lost.map((name) => path.join(git.root, name))
  const found = await readHistories(former, environment, { start })
  for (const [index, place] of former.entries())
    for (const [name, history] of pairOf(lost[index] ?? '', found.get(place)))
      if (history.versions.length > 0) histories.set(name, history)
  return { histories, more: lost.filter((name) => histories.has(name)) }
}

function pairOf(file: string, history: FileHistory | undefined): readonly (readonly [string, FileHistory])[] {
  return history ? [[file, history]] : []
}

/** The names, as the repository has them, of what kustomizations named at some commit. */
function namedBefore({ versions }: FileHistory): readonly string[] {
  const [newest, ...older] = versions.filter((version) => isKustomization(version.path))
  const present = new Set(newest?.text === undefined ? [] : mentions(newest.text))
  return older.flatMap(({ path: file, text }) => {
    const named = text === undefined ? [] : [...mentions(text)].filter((one) => !present.has(one) && /[./]/.test(one))
    return named.flatMap((one) => {
      const name = path.posix.join(path.posix.dirname(file), one).replace(/\/$/, '')
      if (name.startsWith('../') || name === '..') return []
      return path.posix.extname(name) === '' ? kustomizationNames.map((own) => `${name}/${own}`) : [name]
    })
  })
}

/** What the commits between base and head did to the parts. */
async function betweenParts(
  git: GitRepository,
  sides: Sides,
  {
    parts,
    real,
    environment,
  }: {
    readonly parts: readonly string[]
    readonly real: ReadonlyMap<string, string>
    readonly environment: Environment
  },
): Promise<{ readonly commits: readonly string[]; readonly histories: ReadonlyMap<string, FileHistory> }> {
  const places = parts.map((file) => real.get(file) ?? file)
  const read = await readBetween(git, sides, places, environment)
  if (read.size === 0) return { commits: [], histories: new Map() }
  const commits = await git.list([...line, `${sides.base}..${sides.tip}`])
  return { commits, histories: new Map(parts.flatMap((file, index) => pairOf(file, read.get(places[index] ?? '')))) }
}

/** What the paths mean in a commit, and all files of that. */
export async function loadCommit(
  git: GitRepository,
  commit: string,
  named: Named,
): Promise<{ readonly loaded: Loaded; readonly tree: CommitTree }> {
  const tree = await CommitTree.asFarAsKnown(git, commit)
  const { files, unread } = await readCommitted(git, tree, named)
  await tree.read(tree.manifestNames())
  const surroundings = await committedSurroundings(git, tree, named, files)
  await readPlainFolders(tree, surroundings)
  return { tree, loaded: loadedFrom(files, shownFrom(unread, named.workingDirectory), surroundings) }
}

/**
 * The surroundings of a run with what the real kustomize builds of the roots that have to do with some files (by default all
 * of the run's), as far as it can be trusted with them.
 *
 * @throws UsageError where no kustomize is installed.
 */
export async function withRealBuilds(
  { sources, surroundings }: Pick<Loaded, 'sources' | 'surroundings'>,
  { workingDirectory, environment }: Terminal,
  about?: ReadonlySet<string>,
): Promise<Pick<Request, 'surroundings'>> {
  const program = findKustomize(environment, repositoryRoot(workingDirectory) ?? workingDirectory)
  if (!program)
    throw new UsageError(
      '--kustomize needs `kustomize` or `kubectl` on the PATH, outside of the repository; install one',
    )
  if (!surroundings) return {}
  const files = about ?? new Set([...sources.map((source) => source.path), ...(surroundings.asked ?? [])])
  const folders = new Map(
    localRoots(surroundings, sources, files).map((root) => {
      return [path.dirname(surroundings.realPaths.get(root) ?? path.resolve(workingDirectory, root)), root] as const
    }),
  )
  const builds = await buildFolders(program, [...folders.keys()])
  return {
    surroundings: {
      ...surroundings,
      builds: new Map([...builds].flatMap(([folder, build]) => [[folders.get(folder) ?? '', build] as const])),
    },
  }
}
