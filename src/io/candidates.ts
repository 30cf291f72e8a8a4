import { existsSync, realpathSync } from 'node:fs'
import path from 'node:path'

import type { LostPath, Untold } from '../pipeline/unread.js'
import { anywhere, below, isOdd, literal as literalName, nameOf, partsOf, spelled } from './git/names.js'
import { repositoryRoot } from './git/root.js'
import { askGit, type Ending, type Environment } from './git/run.js'
import { isUnusual, listTracked, modes, trackedIn, type Tracked } from './git/tracked.js'
import { IgnoreFiles } from './ignore-files.js'
import { statsAt } from './kind.js'
import { isKustomization, kustomizationNames } from './kustomization-name.js'
import { isManifestFile, manifestFiles } from './manifest-name.js'
import { unusualLine } from './listing-line.js'
import { pattern } from './sign.js'
import { manifestFilesBelow } from './walk.js'

/** The words of `git grep` for the names of files that can be Knative manifests, or kustomizations that name one. */
const grep = ['grep', '--no-color', '-l', '-z', '-a', '-P', '-e'] as const

/** The pathspecs of the files that it looks into. */
const kustomizationFiles = kustomizationNames.map(anywhere)
const grepped = [...manifestFiles, ...kustomizationFiles] as const

/** The words of `git grep` for the kustomizations that can list files with names that no manifest has. */
const grepListing = [
  '-c',
  'grep.fullName=false',
  'grep',
  '--no-color',
  '-l',
  '-z',
  '-a',
  '-P',
  '-e',
  unusualLine,
] as const

/** The words of Git for the files that it neither tracks nor ignores. */
export const listUntracked = ['ls-files', '-z', '--others', '--exclude-standard'] as const

/** What Git knows of a folder. */
export type Candidates = {
  /** Tracked files that hold the marker, and maybe others. */
  readonly marked: readonly string[]
  /** Files that Git neither tracks nor ignores: nobody has looked into them yet. */
  readonly untracked: readonly string[]
  /** Kustomizations among the tracked files that have patches, or build upon another folder. */
  readonly kustomizations: readonly string[]
  /** Kustomizations among the tracked files that can list files with names that no manifest has. */
  readonly listing: readonly string[]
  /** What stands in the place of tracked manifests and is no regular file: Git does not look into it. */
  readonly irregular: readonly string[]
  /** What can hold Services, but cannot be read from here; `path` is absolute. */
  readonly unread: readonly LostPath[]
}

/**
 * The files below `folder` (an absolute path) that can hold a Knative Service, as absolute paths, found in a fraction of
 * the time that reading them all would take. Undefined outside of any repository; where Git cannot tell, why, so that
 * another way is taken. The marked ones are known before the others, and handed to `onMarked` at once.
 */
export async function gitCandidates(
  folder: string,
  environment: Environment,
  onMarked: (files: readonly string[]) => void,
): Promise<Candidates | Untold | undefined> {
  const real = realpathSync.native(folder)
  const root = repositoryRoot(real)
  if (root === undefined) return undefined
  const top = nameOf(root, real)
  const at = (name: string): string => path.join(folder, top === '' ? name : name.slice(top.length + 1))
  const isWithin = ({ name }: Pick<Tracked, 'name'>): boolean => top === '' || name.startsWith(`${top}/`)
  const specs = (patterns: readonly string[]): readonly string[] => ['--', ...patterns.map((one) => below(top, one))]
  const [marked, listing, { tracked, irregular }, untracked] = await Promise.all([
    namesOf(root, environment, ['-c', 'grep.fullName=false', ...grep, pattern(), ...specs(grepped)]).then((names) => {
      if (!isEnding(names)) onMarked(names.filter((name) => isManifestFile(name) && !isOdd(name)).map(at))
      return names
    }),
    namesOf(root, environment, [...grepListing, ...specs(kustomizationFiles)]),
    // Looked at while Git still searches.
    askGit(root, environment, listTracked).then((answer) => {
      const manifests = trackedIn(partsOf(answer.output, isManifestEntry))
      return { tracked: answer, irregular: irregularAmong(manifests.filter(isWithin), root) }
    }),
    untrackedBelow(root, folder, environment, specs(manifestFiles)),
  ])
  if (tracked.how !== 'done') return untold(tracked)
  if (isEnding(untracked)) return untold(untracked)
  // A Git without Perl's expressions cannot search; then all is looked into.
  const isAll = isEnding(marked)
  const entries = trackedIn(partsOf(tracked.output, isAll ? undefined : isUnusual))
  const here = entries.filter(isWithin)
  const found = isAll ? here.map(({ name }) => name).filter(isCandidate) : marked
  const readable = found.filter((name) => !isOdd(name))
  return {
    marked: readable.filter(isManifestFile).map(at),
    untracked: untracked.filter((name) => !isOdd(name)).map(at),
    kustomizations: readable.filter(isKustomization).map(at),
    listing: (isEnding(listing) ? here.map(({ name }) => name).filter(isKustomization) : listing)
      .filter((name) => !isOdd(name))
      .map(at),
    irregular: irregular.map(at),
    unread: [
      ...unreadAmong(
        here.filter(({ mode, name }) => mode === modes.submodule || isCandidate(name)),
        root,
      ),
      ...[...found, ...untracked].filter(isOdd).map((name) => ({ why: 'name' as const, path: spelled(name) })),
    ].map((one) => ({ ...one, path: at(one.path) })),
  }
}

/** All files below `folder` that Git does not ignore, as absolute paths; undefined where Git cannot tell. */
export async function unignoredBelow(
  folder: string,
  environment: Environment,
): Promise<ReadonlySet<string> | undefined> {
  const real = realpathSync.native(folder)
  const root = repositoryRoot(real)
  if (root === undefined) return undefined
  const top = nameOf(root, real)
  const words = [...listUntracked, '--cached', '--', ...(top === '' ? [] : [literalName(top)])]
  const names = await namesOf(root, environment, words, ignorePatience)
  if (isEnding(names)) return undefined
  return new Set(names.map((name) => path.join(folder, top === '' ? name : name.slice(top.length + 1))))
}

function isCandidate(name: string): boolean {
  return isManifestFile(name) || isKustomization(name)
}

/** Whether an entry of the index is called as manifests are. */
function isManifestEntry(output: Buffer, _from: number, end: number): boolean {
  return isManifestFile(output.toString('latin1', end - 5, end))
}

/** The tracked manifests in whose place a link stands, or anything else that is no regular file. */
function irregularAmong(tracked: readonly Tracked[], root: string): readonly string[] {
  return tracked.flatMap(({ name, mode }) => {
    if (mode === modes.submodule || !isManifestFile(name) || isOdd(name)) return []
    const stats = statsAt(path.join(root, name))
    return stats === undefined || stats.isFile() || stats.isDirectory() ? [] : [name]
  })
}

/** The submodules, and the files that a sparse checkout leaves out. */
function unreadAmong(tracked: readonly Tracked[], root: string): readonly LostPath[] {
  return tracked.flatMap(({ name, mode, isSkipped }) => {
    if (mode === modes.submodule) return { why: 'submodule' as const, path: spelled(name) }
    return isSkipped && !existsSync(path.join(root, name)) ? { why: 'sparse' as const, path: spelled(name) } : []
  })
}

function isEnding(answer: readonly unknown[] | Ending): answer is Ending {
  return !Array.isArray(answer)
}

function untold({ reason, help, talk }: Ending): Untold {
  return { why: 'git', reason: reason || (talk.split('\n', 1)[0] ?? ''), ...(help !== undefined && { help }) }
}

/**
 * In milliseconds. Before 2.41, Git can take forever over one line of a `.gitignore` with many `*`; where it takes that
 * long, the files are gone through without it.
 */
const ignorePatience = 5000

/** The files that Git neither tracks nor ignores, as its repository names them; others too, where Git takes too long. */
async function untrackedBelow(
  root: string,
  folder: string,
  environment: Environment,
  specs: readonly string[],
): Promise<readonly string[] | Ending> {
  const names = await namesOf(root, environment, [...listUntracked, ...specs], ignorePatience)
  if (!isEnding(names) || names.how !== 'late') return names
  const real = realpathSync.native(folder)
  const files = manifestFilesBelow(real, new IgnoreFiles(root, real))
  return files?.map((file) => nameOf(root, file)) ?? names
}

/** The names that Git prints. Whatever it complains of, something may be missing. */
async function namesOf(
  root: string,
  environment: Environment,
  words: readonly string[],
  limit?: number,
): Promise<readonly string[] | Ending> {
  const { output, ...ending } = await askGit(root, environment, words, limit === undefined ? {} : { limit })
  const isWhole = ending.talk === '' && (ending.how === 'done' || ending.how === 'no')
  return isWhole ? partsOf(output) : ending
}
