import { realpathSync } from 'node:fs'

import { fetchMore } from '../../text/fetch-more.js'
import { IoFailure } from '../failure.js'
import { findCommit, mergeBase } from './commits.js'
import { partsOf } from './names.js'
import { readObjects } from './objects.js'
import { repositoryRoot } from './root.js'
import { askGit, toldBy, type Environment } from './run.js'

const noObject = /^0+$/

/** A repository that a command cannot do without: where Git cannot tell, it is a failure. */
export class Repository {
  private constructor(
    /** The top folder, links followed. */
    readonly root: string,
    private readonly environment: Environment,
  ) {}

  /** @throws IoFailure where the folder is in no repository. */
  static around(folder: string, environment: Environment): Repository {
    const root = repositoryRoot(folder)
    if (root !== undefined) return new Repository(realpathSync.native(root), environment)
    throw new IoFailure('check must run in a Git repository, but there is none here', 'usage')
  }

  /**
   * The full hash of the commit that a user names, whatever it looks like.
   *
   * @throws IoFailure where there is no such commit, or Git does not read the repository.
   */
  async commit(flag: string, name: string): Promise<string> {
    const found = await findCommit(this.root, this.environment, name)
    if (typeof found === 'string') return found
    if (found.why !== 'unknown') throw new IoFailure(`not checked: ${found.reason}`)
    throw new IoFailure(
      `not checked: ${flag} must be a commit, but Git knows no \`${name}\` here; ${fetchMore}`,
      'usage',
    )
  }

  /** @throws IoFailure where the two commits have none in common, as far as the clone goes. */
  async mergeBase(a: string, b: string, name: string): Promise<string> {
    const found = await mergeBase(this.root, this.environment, [a, b])
    if (typeof found === 'string') return found
    if (found.failure !== undefined) throw new IoFailure(`not checked: ${found.failure}`)
    const why = found.isShallow ? `this shallow clone does not hold it; ${fetchMore}` : 'there is none'
    throw new IoFailure(`not checked: \`${name}\` and the head must have a commit in common, but ${why}`, 'usage')
  }

  /**
   * What Git prints with `-z`, in parts. `git grep` that finds nothing prints nothing.
   *
   * @throws IoFailure where Git fails, or goes on though there is something that it cannot read.
   */
  async list(words: readonly string[]): Promise<readonly string[]> {
    const ending = await askGit(this.root, this.environment, words)
    const { how, talk, output } = ending
    const isGrep = words[0] === 'grep'
    if (how !== 'done' && !(isGrep && how === 'no')) throw new IoFailure(`not checked: ${toldBy(ending)}`)
    const error = /^error: (.*)$/m.exec(talk)?.[1]
    if (error !== undefined) throw new IoFailure(`not checked: ${error}`)
    return partsOf(output)
  }

  /**
   * Blobs by their ids, read by one process.
   *
   * @throws IoFailure where one of them cannot be read, as in a clone that holds not all of them.
   */
  async blobs(ids: readonly string[]): Promise<ReadonlyMap<string, Buffer>> {
    const blobs = new Map<string, Buffer>()
    const wanted = [...new Set(ids)].filter((id) => !noObject.test(id))
    const failure = await readObjects(this.root, this.environment, { ids: wanted, limit: Infinity }, (id, bytes) => {
      blobs.set(id, Buffer.from(bytes))
    })
    if (failure !== undefined) throw new IoFailure(`not checked: ${failure}`)
    if (wanted.some((id) => !blobs.has(id)))
      throw new IoFailure(`not checked: this clone lacks file contents; ${fetchMore}`)
    return blobs
  }
}
