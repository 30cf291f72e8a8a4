import { existsSync } from 'node:fs'
import path from 'node:path'

import type { Unread } from '../pipeline/unread.js'
import { append, grouped, parted } from '../text/collections.js'
import { gitCandidates, type Listings, makesService, type OnMarked, unignoredBelow } from './candidates.js'
import { IoFailure, reasonOf } from './failure.js'
import { repositoryRoot } from './git/root.js'
import type { Environment } from './git/run.js'
import { IgnoreFiles, manifestFilesBelow } from './ignored.js'
import { isLinkedOut } from './open.js'
import { isInside, isKustomization, isManifestFile, kindOf, manifestGlob, slashes } from './paths.js'
import { globOf } from './system.js'

/** What the arguments mean. */
export type Discovered = {
  readonly files: readonly string[]
  /** Those of them that were named one by one. */
  readonly given: readonly string[]
  /** Kustomizations that were met on the way, as far as they have patches or build upon another folder. */
  readonly kustomizations: readonly string[]
  /** Those that can list files with names that no manifest has. */
  readonly listing: readonly string[]
  /** The folders that were searched whole. */
  readonly searched: readonly string[]
  /** What is meant as well, but cannot be read; `path` is absolute. */
  readonly unread: readonly Unread[]
}

/** What the words of a command line mean: files and folders, or names of Services. */
export type Meant = { readonly paths: readonly string[]; readonly names: readonly string[] }

/** `[NAMESPACE/]NAME` of a Service, with `*` and `?` in it or without. */
const serviceName = /^(?:[a-z0-9*?][-a-z0-9*?]*\/)?[a-z0-9*?][-a-z0-9*?]*$/

/**
 * Tells paths from names of Services: whatever is there, or matches something, is a path, and so is what no Service can be
 * called. `isElsewhere` knows paths that are not on the disk.
 */
export async function pathsAndNames(
  words: readonly string[],
  workingDirectory: string,
  environment: Environment,
  isElsewhere: (word: string) => Promise<boolean> = async () => false,
): Promise<Meant> {
  const paths: string[] = []
  const names: string[] = []
  for (const word of words) {
    const isName =
      serviceName.test(word) &&
      kindOf(path.resolve(workingDirectory, word), word) === undefined &&
      !(await isElsewhere(word)) &&
      !(/[*?]/.test(word) && (await isMatched(word, workingDirectory, environment)))
    ;(isName ? names : paths).push(word)
  }
  return { paths, names }
}

async function isMatched(glob: string, folder: string, environment: Environment): Promise<boolean> {
  const { files, folders } = await expand([glob], folder, folder, environment)
  return files.length + folders.length > 0
}

/**
 * The files that the arguments mean, as absolute paths in a stable order, each once. A file that is named is taken
 * whatever ignore rules say; folders and globs leave out what `.gitignore` does. `onMarked` learns early of files that
 * will be among them, so that they can be worked on while Git still looks for others.
 *
 * @throws IoFailure where an argument means nothing, or a folder cannot be read.
 */
export async function discover(
  paths: readonly string[],
  workingDirectory: string,
  environment: Environment,
  onMarked: OnMarked,
  listings?: Listings,
): Promise<Discovered> {
  const found = new Set<string>()
  const given: string[] = []
  const kustomizations: string[] = []
  const listing: string[] = []
  const searched: string[] = []
  const unread: Unread[] = []
  const globs: string[] = []
  const search = async (folder: string): Promise<void> => {
    const walked = await walk(folder, workingDirectory, environment, (one) =>
      gitCandidates(one, environment, onMarked, listings),
    )
    for (const file of walked.files) found.add(file)
    append(kustomizations, walked.kustomizations)
    append(listing, walked.listing)
    append(unread, walked.unread)
    searched.push(folder)
  }
  for (const argument of paths) {
    if (argument === '') throw new IoFailure('a path is empty', 'usage')
    const absolute = path.resolve(workingDirectory, argument)
    const kind = kindOf(absolute, argument)
    if (kind === undefined) {
      if (!/[*?[\]{}!]/.test(argument)) throw new IoFailure(`${argument}: no such file or directory`, 'usage')
      globs.push(globOf(argument))
    } else if (kind === 'folder' && !isLinkedOut(absolute)) {
      await search(absolute)
    } else given.push(absolute)
  }
  const without = globs.filter((glob) => glob.startsWith('!'))
  for (const glob of globs.filter((one) => !one.startsWith('!'))) {
    const [up, rest] = upwards(glob)
    const start = path.resolve(workingDirectory, up)
    const matched = await expand([rest, ...without], start, workingDirectory, environment)
    if (matched.files.length + matched.folders.length === 0)
      throw new IoFailure(`${glob}: no file or directory matches`, 'usage')
    for (const file of matched.files) found.add(file)
    for (const folder of matched.folders) {
      if (without.length === 0) await search(folder)
      else for (const file of await leftIn(folder, start, without, environment)) found.add(file)
    }
  }
  const files = [...new Set([...found, ...given])].toSorted(byName)
  return { files, given, kustomizations, listing, searched, unread }
}

/** The manifests in a folder that a glob matched, as far as no other one leaves them out. */
async function leftIn(
  folder: string,
  start: string,
  without: readonly string[],
  environment: Environment,
): Promise<readonly string[]> {
  const inside = `${slashes(path.relative(start, folder))}/${manifestGlob}`
  return (await expand([inside, ...without], start, start, environment)).files
}

/** The order of files in a run. */
export function byName(a: string, b: string): number {
  return a < b ? -1 : 1
}

async function walk(
  folder: string,
  workingDirectory: string,
  environment: Environment,
  candidatesIn: (folder: string) => ReturnType<typeof gitCandidates>,
): Promise<Omit<Discovered, 'searched' | 'given'>> {
  const candidates = await candidatesIn(folder)
  if (candidates && 'marked' in candidates) {
    const { marked, untracked, irregular, kustomizations, listing, unread } = candidates
    const fresh = untracked.filter(isKustomization)
    return {
      files: [...marked, ...untracked.filter((file) => existsSync(file)), ...irregular],
      kustomizations: [...kustomizations, ...fresh],
      listing: [...listing, ...fresh],
      unread,
    }
  }
  const all = candidates ? undefined : manifestFilesBelow(folder, new IgnoreFiles(folder, workingDirectory))
  const [plain, others] = all ? parted(all, isManifestFile) : []
  const files = plain ?? (await expand([manifestGlob], folder, workingDirectory, environment)).files
  const kustomizations = files.filter(isKustomization)
  const templates = (others ?? []).filter(makesService).map((file) => ({ why: 'template' as const, path: file }))
  return { files, kustomizations, listing: kustomizations, unread: candidates ? [candidates] : templates }
}

async function expand(
  patterns: readonly string[],
  folder: string,
  workingDirectory: string,
  environment: Environment,
): Promise<{ readonly files: readonly string[]; readonly folders: readonly string[] }> {
  const { globby } = await import('globby')
  try {
    const found = await globby(patterns, {
      cwd: folder,
      dot: true,
      ignore: ['**/.git/**', '**/node_modules/**'],
      followSymbolicLinks: false,
      absolute: true,
      expandDirectories: false,
      // Links and devices count, so that they are followed, or refused by their names.
      onlyFiles: false,
      objectMode: true,
    })
    const [files, folders] = [false, true].map((isFolder) => {
      return found.filter(({ dirent }) => dirent.isDirectory() === isFolder).map((one) => path.normalize(one.path))
    })
    return {
      files: await unignored(files ?? [], folder, workingDirectory, environment),
      folders: patterns.some(isDeep) ? [] : outermost(folders ?? [], folder, workingDirectory),
    }
  } catch (error) {
    if (error instanceof IoFailure) throw error
    const where = error instanceof Error && 'path' in error ? String(error.path) : folder
    throw new IoFailure(`${path.relative(workingDirectory, where) || where}: ${reasonOf(error)}`)
  }
}

/** Whether a glob matches files below folders anyway. */
function isDeep(glob: string): boolean {
  return !glob.startsWith('!') && /(?:^|\/)\*\*(?:\/|$)/.test(glob)
}

/** The folders that are in none of the others, without those that `.gitignore` files leave out. */
function outermost(folders: readonly string[], top: string, workingDirectory: string): readonly string[] {
  const ignores = new IgnoreFiles(repositoryRoot(top) ?? top, workingDirectory)
  const left: string[] = []
  for (const folder of folders.toSorted(byName)) {
    const isBelow = left.some((other) => isInside(other, folder))
    if (!isBelow && !ignores.leavesOut(path.join(folder, 'any'))) left.push(folder)
  }
  return left
}

/** Leaves out what `.gitignore` files do: as Git says, else as they say themselves. */
async function unignored(
  files: readonly string[],
  folder: string,
  workingDirectory: string,
  environment: Environment,
): Promise<readonly string[]> {
  const left = new Set<string>()
  for (const [root, own] of grouped(files, (file) => repositoryRoot(path.dirname(file)))) {
    const start = root === undefined || isInside(root, folder) ? folder : root
    const known = root === undefined ? undefined : await unignoredBelow(start, environment)
    const ignores = new IgnoreFiles(root ?? folder, workingDirectory)
    for (const file of own) if (known ? known.has(file) : !ignores.leavesOut(file)) left.add(file)
  }
  return files.filter((file) => left.has(file))
}

/** Splits `../../x/*.yaml` into the folder to start from and the rest, so that ignore files there count as well. */
function upwards(glob: string): readonly [up: string, rest: string] {
  const up = /^(?:\.\.\/)+/.exec(glob)?.[0] ?? ''
  return [up, glob.slice(up.length)]
}
