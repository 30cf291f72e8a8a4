import { askGit, type Environment } from './run.js'

/** Why a commit was not found: Git knows no such one, or finds no repository that it would read, or cannot be run. */
export type Missing = { readonly why: 'unknown' | 'nowhere' | 'unstarted'; readonly reason: string }

/**
 * The full hash of the commit that a user names, whatever that looks like: with `^{commit}` it can be no range, and
 * behind the other words no option.
 */
export async function findCommit(root: string, environment: Environment, name: string): Promise<string | Missing> {
  const words = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]
  const { how, reason, output } = await askGit(root, environment, words)
  // `^main` is what cannot be reached from it, and comes out as a hash with that sign.
  if (how === 'done' && !output.startsWith('^')) return output.trimEnd()
  if (how === 'no' || how === 'unstarted') return { why: how === 'no' ? 'unknown' : how, reason }
  // Git also fails where it reads the repository, as at `HEAD@{upstream}` of a branch that has none.
  const folder = await askGit(root, environment, ['rev-parse', '--git-dir'])
  return { why: folder.how === 'done' ? 'unknown' : 'nowhere', reason }
}

/** A commit that two have in common, the best as Git sees it; where there is none, whether the clone is shallow. */
export async function mergeBase(
  root: string,
  environment: Environment,
  commits: readonly [string, string],
): Promise<string | { readonly isShallow: boolean }> {
  const { how, output } = await askGit(root, environment, ['merge-base', ...commits])
  if (how === 'done') return output.trimEnd()
  const shallow = await askGit(root, environment, ['rev-parse', '--is-shallow-repository'])
  return { isShallow: shallow.output.trimEnd() === 'true' }
}
