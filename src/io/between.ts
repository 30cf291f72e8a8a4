import type { FileHistory } from '../text/words.js'
import type { GitRepository } from './git/repository.js'
import type { Environment } from './git/run.js'
import { readHistories } from './history.js'
import type { Sides } from './sides.js'

const line = ['log', '-z', '--format=%H', '--no-show-signature', '--first-parent']

/**
 * What each commit between the base and the head did to files of the head (absolute real paths): those of the first-parent
 * line that came after the base. The head's own is among them. Files that none of them touched are left out, and where
 * there is no commit but the head, all are. What of their texts Git cannot tell, the histories say by their `failure`.
 *
 * @throws IoFailure where Git does not tell the commits.
 */
export async function readBetween(
  git: GitRepository,
  { base, tip, head, isFromNothing }: Sides,
  files: readonly string[],
  environment: Environment,
): Promise<ReadonlyMap<string, FileHistory>> {
  if (base === tip || isFromNothing || files.length === 0) return new Map()
  const range = `${base}..${tip}`
  const [all, after] = await Promise.all([git.list([...line, range]), git.list([...line, '--ancestry-path', range])])
  const commits = new Set(after)
  // A single commit is the head itself.
  if (commits.size <= (head === undefined ? 0 : 1)) return new Map()
  const histories = await readHistories(files, environment, { start: range })
  // What stood on the branch when the base was merged into it came to the base by that merge.
  const older = new Set(all.filter((commit) => !commits.has(commit)))
  return new Map(
    [...histories].flatMap(([file, history]) => {
      const merged = history.versions.find(({ commit }) => !commits.has(commit))
      const versions = history.versions.filter((version) => {
        return commits.has(version.commit) || (version === merged && older.has(version.commit))
      })
      return versions.length === 0 && history.failure === undefined ? [] : [[file, { ...history, versions }] as const]
    }),
  )
}
