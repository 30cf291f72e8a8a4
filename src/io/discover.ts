import { existsSync } from 'node:fs'
import path from 'node:path'

import type { Unread } from '../pipeline/unread.js'
import { grouped } from '../text/grouped.js'
import { gitCandidates, unignoredBelow } from './candidates.js'
import { IoFailure, reasonOf } from './failure.js'
import { repositoryRoot } from './git/root.js'
import type { Environment } from './git/run.js'
import { IgnoreFiles } from './ignore-files.js'
import { isInside } from './paths.js'
import { isKustomization } from './kustomization-name.js'
import { kindOf } from './kind.js'
import { manifestGlob } from './manifest-name.js'
import { isLinkedOut } from './open.js'
import { manifestFilesBelow } from './walk.js'

/** What the arguments mean. */
export type Found = {
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
  onMarked: (files: readonly string[]) => void,
): Promise<Found> {
  const found = new Set<string>()
  const given: string[] = []
  const kustomizations: string[] = []
  const listing: string[] = []
  const searched: string[] = []
  const unread: Unread[] = []
  const globs: string[] = []
  for (const argument of paths) {
    if (argument === '') throw new IoFailure('a path must not be empty', 'usage')
    const absolute = path.resolve(workingDirectory, argument)
    const kind = kindOf(absolute, argument)
    if (kind === undefined) {
      if (!/[*?[\]{}!]/.test(argument)) throw new IoFailure(`${argument}: no such file or folder`, 'usage')
      globs.push(argument)
    } else if (kind === 'folder' && !isLinkedOut(absolute)) {
      const walked = await walk(absolute, workingDirectory, environment, onMarked)
      for (const file of walked.files) found.add(file)
      kustomizations.push(...walked.kustomizations)
      listing.push(...walked.listing)
      unread.push(...walked.unread)
      searched.push(absolute)
    } else given.push(absolute)
  }
  const without = globs.filter((glob) => glob.startsWith('!'))
  for (const glob of globs.filter((one) => !one.startsWith('!'))) {
    const [up, rest] = upwards(glob)
    const start = path.resolve(workingDirectory, up)
    const matched = await expand([rest, ...without], start, workingDirectory, environment)
    if (matched.length === 0) throw new IoFailure(`${glob}: no file matches`, 'usage')
    for (const file of matched) found.add(file)
  }
  const files = [...new Set([...found, ...given])].toSorted(byName)
  return { files, given, kustomizations, listing, searched, unread }
}

/** The order of files in a run. */
export function byName(a: string, b: string): number {
  return a < b ? -1 : 1
}

async function walk(
  folder: string,
  workingDirectory: string,
  environment: Environment,
  onMarked: (files: readonly string[]) => void,
): Promise<Omit<Found, 'searched' | 'given'>> {
  const candidates = await gitCandidates(folder, environment, onMarked)
  if (candidates && 'marked' in candidates) {
    const { marked, untracked, irregular, kustomizations, listing, unread } = candidates
    const fresh = untracked.filter(isKustomization)
    return {
      files: [...[...marked, ...untracked].filter((file) => existsSync(file)), ...irregular],
      kustomizations: [...kustomizations, ...fresh],
      listing: [...listing, ...fresh],
      unread,
    }
  }
  const plain = candidates ? undefined : manifestFilesBelow(folder, new IgnoreFiles(folder, workingDirectory))
  const files = plain ?? (await expand([manifestGlob], folder, workingDirectory, environment))
  const kustomizations = files.filter(isKustomization)
  return { files, kustomizations, listing: kustomizations, unread: candidates ? [candidates] : [] }
}

async function expand(
  patterns: readonly string[],
  folder: string,
  workingDirectory: string,
  environment: Environment,
): Promise<readonly string[]> {
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
    const files = found.filter(({ dirent }) => !dirent.isDirectory()).map((file) => path.normalize(file.path))
    return await unignored(files, folder, workingDirectory, environment)
  } catch (error) {
    if (error instanceof IoFailure) throw error
    const where = error instanceof Error && 'path' in error ? String(error.path) : folder
    throw new IoFailure(`${path.relative(workingDirectory, where) || where}: ${reasonOf(error)}`)
  }
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
