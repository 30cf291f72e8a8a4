import { askGit, toldBy, type Environment } from './run.js'

/**
 * Why a commit was not found: Git knows no such one, or finds no repository, or does not read this one, or cannot be run,
 * or takes too long.
 */
export type Missing = {
  readonly why: 'unknown' | 'nowhere' | 'refused' | 'unstarted' | 'late'
  readonly reason: string
}

/**
 * The full hash of the commit that a user names, whatever that looks like: with `^{commit}` it can be no range, and as a
 * line of the standard input no option, for which older Gits have no other way.
 */
export async function findCommit(root: string, environment: Environment, name: string): Promise<string | Missing> {
  if (/[\n\0]/.test(name)) return { why: 'unknown', reason: '' }
  const asked = await askGit(root, environment, ['cat-file', '--batch-check'], { input: `${name}^{commit}\n` })
  const hash = /^([0-9a-f]{40,}) commit \d+\n$/.exec(asked.output.toString('latin1'))?.[1]
  // A place of objects that is gone, and an object that is damaged: the name itself may be right.
  const complaint = /^error: (?!.*\bambiguous\b)(.*)$/m.exec(asked.talk)?.[1]
  if (asked.how === 'done' && hash === undefined && complaint !== undefined)
    return { why: 'refused', reason: complaint }
  if (asked.how === 'done') return hash ?? { why: 'unknown', reason: '' }
  if (asked.how === 'unstarted' || asked.how === 'late') return { why: asked.how, reason: asked.reason }
  // Git also fails where it reads the repository, as at `HEAD@{upstream}` of a branch that has none.
  const folder = await askGit(root, environment, ['rev-parse', '--git-dir'])
  const why = folder.help === undefined ? 'nowhere' : 'refused'
  return { why: folder.how === 'done' ? 'unknown' : why, reason: toldBy(folder) }
}

/**
 * A commit that two have in common, the best as Git sees it; where there is none, whether the clone is shallow, and why Git
 * could not look for one.
 */
export async function mergeBase(
  root: string,
  environment: Environment,
  commits: readonly [string, string],
): Promise<string | { readonly isShallow: boolean; readonly failure?: string }> {
  const asked = await askGit(root, environment, ['merge-base', ...commits])
  if (asked.how === 'done') return asked.output.toString().trimEnd()
  const shallow = await askGit(root, environment, ['rev-parse', '--is-shallow-repository'])
  const isShallow = shallow.output.toString().trimEnd() === 'true'
  return { isShallow, ...(asked.how !== 'no' && !isShallow && { failure: toldBy(asked) }) }
}
