import path from 'node:path'

import { fetchMore } from '../text/fetch-more.js'
import { listUntracked } from './candidates.js'
import { findCommit, mergeBase } from './git/commits.js'
import { fromWorkTree } from './differences.js'
import { IoFailure } from './failure.js'
import { spelled } from './git/names.js'
import { Repository } from './git/repository.js'
import { repositoryRoot } from './git/root.js'
import type { Environment } from './git/run.js'
import { isManifestFile } from './manifest-name.js'
import { displayPath } from './paths.js'

const nowhere = 'Git finds no repository here'
const missing: Readonly<Record<string, string>> = {
  nowhere,
  unstarted: 'Git cannot be run',
  unknown: `Git knows no such commit; fetch it (\`git fetch origin\`), or ${fetchMore}`,
}
const shallow = `the clone is shallow; ${fetchMore}`
const apart = 'it must share a commit with `HEAD`, but does not'
const incomparable = 'Git cannot compare it with the working tree'

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
  others: () => Promise<ReadonlySet<string>>,
): Promise<ReadonlySet<string> | Untold> {
  const root = repositoryRoot(workingDirectory)
  if (root === undefined) return { reason: nowhere }
  const tip = await findCommit(root, environment, ref)
  if (typeof tip !== 'string') return { reason: missing[tip.why] ?? tip.reason }
  const base = await mergeBase(root, environment, [tip, 'HEAD'])
  if (typeof base !== 'string') return { reason: base.failure ?? (base.isShallow ? shallow : apart) }
  const git = Repository.at(root, environment)
  const more = await others()
  try {
    const differences = await fromWorkTree(git, base, (name) => isManifestFile(name) || more.has(name))
    const names = [...differences.map(({ name }) => name), ...(await git.list(listUntracked))]
    return new Set(names.map((name) => displayPath(path.join(root, spelled(name)), workingDirectory)))
  } catch (error) {
    if (error instanceof IoFailure) return { reason: incomparable }
    throw error
  }
}
