import path from 'node:path'

import { fetchMore } from '../text/fetch-more.js'
import { namesIn, runGit, type Environment } from './git.js'

const unknown = `Git knows no such commit; fetch it (\`git fetch origin\`), or ${fetchMore}`
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
  const git = async (folder: string, args: readonly string[], otherwise: string): Promise<string | Untold> => {
    const ran = await runGit(folder, environment, ['--no-optional-locks', ...args])
    if (ran?.status === 0) return ran.output
    return { reason: ran ? otherwise : 'Git cannot be run' }
  }
  const top = await git(workingDirectory, ['rev-parse', '--show-toplevel'], 'Git finds no repository here')
  if (typeof top !== 'string') return top
  const root = top.trimEnd()
  // With `^{commit}` it can be no range, and behind the other words no option.
  const tip = await git(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`], unknown)
  if (typeof tip !== 'string') return tip
  const isShallow = (await git(root, ['rev-parse', '--is-shallow-repository'], '')) === 'true\n'
  const base = await git(root, ['merge-base', tip.trimEnd(), 'HEAD'], isShallow ? shallow : apart)
  if (typeof base !== 'string') return base
  const [differing, untracked] = await Promise.all([
    git(root, [...comparing, base.trimEnd(), '--'], incomparable),
    git(root, ['ls-files', '-z', '--others', '--exclude-standard'], incomparable),
  ])
  if (typeof differing !== 'string') return differing
  if (typeof untracked !== 'string') return untracked
  const names = [...namesIn(differing), ...namesIn(untracked)]
  return new Set(names.map((name) => path.relative(workingDirectory, path.join(root, name)).split(path.sep).join('/')))
}
