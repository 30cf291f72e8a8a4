import path from 'node:path'

import { fetchMore } from '../text/fetch-more.js'
import { listUntracked } from './candidates.js'
import { findCommit, mergeBase } from './git/commits.js'
import { fromWorkTree } from './differences.js'
import { partsOf, spelled } from './git/names.js'
import { repositoryRoot } from './git/root.js'
import { askGit, type Environment } from './git/run.js'
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
  let isWhole = true
  const list = async (words: readonly string[]): Promise<readonly string[]> => {
    const { how, output } = await askGit(root, environment, words)
    isWhole &&= how === 'done'
    return partsOf(output)
  }
  const more = await others()
  const differences = await fromWorkTree({ root, list }, base, (name) => isManifestFile(name) || more.has(name))
  const names = [...differences.map(({ name }) => name), ...(await list(listUntracked))]
  if (!isWhole) return { reason: incomparable }
  return new Set(names.map((name) => displayPath(path.join(root, spelled(name)), workingDirectory)))
}
