import { realpathSync } from 'node:fs'

import { fetchMore } from '../../text/fetch-more.js'
import { IoFailure } from '../failure.js'
import { findCommit, mergeBase } from './commits.js'
import { partsOf } from './names.js'
import { readObjects, type ObjectListener } from './objects.js'
import { repositoryRoot } from './root.js'
import { askGit, toldBy, type Environment } from './run.js'

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
   * Reads blobs by one process, each as soon as it is there: their ids, and for messages the name of a file that each is.
   * One that is larger than `largest` bytes is never held at once.
   *
   * @throws IoFailure where one of them cannot be read, as in a clone that holds not all of them.
   */
  async readBlobs(blobs: ReadonlyMap<string, string>, largest: number, listener: ObjectListener): Promise<void> {
    const wanted = new Set(blobs.keys())
    const asked = [...wanted]
    const failure = await readObjects(
      this.root,
      this.environment,
      { ids: asked, limit: Infinity, largest },
      {
        onObject: (id, bytes) => {
          wanted.delete(id)
          listener.onObject(id, bytes)
        },
        onLarge: (id, size) => {
          wanted.delete(id)
          return listener.onLarge(id, size)
        },
      },
    )
    if (failure !== undefined) throw new IoFailure(`not checked: ${failure}`)
    const [missing] = wanted
    if (missing === undefined) return
    throw new IoFailure(`not checked: this clone lacks the content of ${blobs.get(missing) ?? missing}; ${fetchMore}`)
  }

  /** One blob, or only its size where that is more than `largest` bytes. `name` is a file's that it is, for messages. */
  async blob(id: string, name: string, largest: number): Promise<Buffer | number> {
    let found: Buffer | number = 0
    await this.readBlobs(new Map([[id, name]]), largest, {
      onObject: (_, bytes) => (found = Buffer.from(bytes)),
      onLarge: (_, size) => {
        found = size
        return () => undefined
      },
    })
    return found
  }
}
