import { existsSync, statSync } from 'node:fs'
import path from 'node:path'

import { IoFailure, codeOf, reasonOf } from './failure.js'
import { gitCandidates } from './git.js'
import { repositoryRoot } from './root.js'

/**
 * The files that the arguments mean, as absolute paths in a stable order, each once. A file that is named is taken
 * whatever ignore rules say; folders and globs leave out what `.gitignore` does.
 *
 * @throws IoFailure where an argument means nothing, or a folder cannot be read.
 */
export async function discover(paths: readonly string[], workingDirectory: string): Promise<readonly string[]> {
  const found = new Set<string>()
  const globs: string[] = []
  for (const argument of paths) {
    const absolute = path.resolve(workingDirectory, argument)
    const stats = statOf(absolute, argument)
    if (stats === 'missing') {
      if (!/[*?[\]{}!]/.test(argument)) throw new IoFailure(`${argument}: no such file or folder`, 'usage')
      globs.push(argument)
    } else if (stats === 'folder') for (const file of await walk(absolute)) found.add(file)
    else found.add(absolute)
  }
  if (globs.length > 0) {
    const matched = await expand(globs, workingDirectory)
    if (matched.length === 0) throw new IoFailure(`${globs.join(' ')}: no file matches`, 'usage')
    for (const file of matched) found.add(file)
  }
  return [...found].toSorted((a, b) => (a < b ? -1 : 1))
}

function statOf(absolute: string, argument: string): 'file' | 'folder' | 'missing' {
  try {
    return statSync(absolute).isDirectory() ? 'folder' : 'file'
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return 'missing'
    throw new IoFailure(`${argument}: ${reasonOf(error)}`)
  }
}

async function walk(folder: string): Promise<readonly string[]> {
  const candidates = repositoryRoot(folder) === undefined ? undefined : await gitCandidates(folder)
  if (candidates) return [...candidates.marked, ...candidates.untracked].filter((file) => existsSync(file))
  return expand(['**/*.{yaml,yml,json}'], folder)
}

async function expand(patterns: readonly string[], folder: string): Promise<readonly string[]> {
  const { globby } = await import('globby')
  try {
    const files = await globby(patterns, {
      cwd: folder,
      gitignore: true,
      dot: true,
      ignore: ['**/.git/**', '**/node_modules/**'],
      followSymbolicLinks: false,
      absolute: true,
      expandDirectories: false,
    })
    return files.map((file) => path.normalize(file))
  } catch (error) {
    const where = error instanceof Error && 'path' in error ? String(error.path) : folder
    throw new IoFailure(`${path.relative(folder, where) || where}: ${reasonOf(error)}`)
  }
}
