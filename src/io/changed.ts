import path from 'node:path'

import { fetchMore } from '../text/fetch-more.js'
import { listUntracked } from './candidates.js'
import { findCommit, mergeBase } from './git/commits.js'
import { partsOf } from './git/names.js'
import { repositoryRoot } from './git/root.js'
import { askGit, type Environment } from './git/run.js'
import { displayPath } from './paths.js'

const missing = {
  nowhere: 'Git finds no repository here',
  unstarted: 'Git cannot be run',
  unknown: `Git knows no such commit; fetch it (\`git fetch origin\`), or ${fetchMore}`,
} as const
const shallow = `the clone is shallow; ${fetchMore}`
const apart = 'it must share a commit with `HEAD`, but does not'
const incomparable = 'Git cannot compare it with the working tree'

const comparing = ['diff', '--name-only', '-z', '--no-renames', '--no-relative', '--ignore-submodules']

/** Why Git cannot tell, in words for users. */
export type Untold = { readonly reason: string }

/**
 * The files in which the working tree differs from where the history of `HEAD` left that of `ref`, untracked ones too:
 * what a pull request changes. Named as they are from the working directory, with `/`. Where there is no repository, no
 * such commit or no common history, the reason.
 */
export async function changedSince(
  ref: string,
  workingDirectory: string,
  environment: Environment,
): Promise<ReadonlySet<string> | Untold> {
  const root = repositoryRoot(workingDirectory)
  if (root === undefined) return { reason: missing.nowhere }
  const tip = await findCommit(root, environment, ref)
  if (typeof tip !== 'string') return { reason: missing[tip.why] }
  const base = await mergeBase(root, environment, [tip, 'HEAD'])
  if (typeof base !== 'string') return { reason: base.isShallow ? shallow : apart }
  const answers = await Promise.all([
    askGit(root, environment, [...comparing, base, '--']),
    askGit(root, environment, listUntracked),
  ])
  if (answers.some(({ how }) => how !== 'done')) return { reason: incomparable }
  const names = answers.flatMap(({ output }) => partsOf(output))
  return new Set(names.map((name) => displayPath(path.join(root, name), workingDirectory)))
}
