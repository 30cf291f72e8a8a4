import { realpathSync } from 'node:fs'

import { fetchMore } from '../text/fetch-more.js'
import { IoFailure } from './failure.js'
import type { Environment } from './git.js'
import { readObjects } from './git-objects.js'
import { endedWith, runGit } from './git-process.js'
import { repositoryRoot } from './root.js'

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
   * @throws IoFailure where there is no such commit.
   */
  async commit(flag: string, name: string): Promise<string> {
    const words = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]
    const found = await this.run(words)
    if (typeof found === 'object') return found.output.trim()
    throw new IoFailure(
      `not checked: ${flag} must be a commit, but Git knows no \`${name}\` here; ${fetchMore}`,
      'usage',
    )
  }

  /** @throws IoFailure where the two commits have none in common, as far as the clone goes. */
  async mergeBase(a: string, b: string, name: string): Promise<string> {
    const found = await this.run(['merge-base', a, b])
    if (typeof found === 'object') return found.output.trim()
    const isShallow = (await this.output(['rev-parse', '--is-shallow-repository'])).trim() === 'true'
    const why = isShallow ? `this shallow clone does not hold it; ${fetchMore}` : 'there is none'
    throw new IoFailure(`not checked: \`${name}\` and the head must have a commit in common, but ${why}`, 'usage')
  }

  /** What Git prints, in parts that zero bytes end. `git grep` that finds nothing prints nothing. */
  async list(words: readonly string[]): Promise<readonly string[]> {
    const output = await this.output(words)
    return output.split('\0').filter((part) => part !== '')
  }

  /** Blobs by their ids, read by one process. */
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

  private async output(words: readonly string[]): Promise<string> {
    const ran = await this.run(words)
    if (typeof ran === 'object') return ran.output
    if (words[0] === 'grep' && ran === endedWith(1)) return ''
    throw new IoFailure(`not checked: ${ran}`)
  }

  /** What Git prints, or why it failed. */
  private async run(words: readonly string[]): Promise<{ readonly output: string } | string> {
    const chunks: Buffer[] = []
    const failure = await runGit(this.root, this.environment, {
      arguments: ['--no-optional-locks', ...words],
      onOutput: (chunk) => chunks.push(chunk) > 0,
    })
    return failure ?? { output: Buffer.concat(chunks).toString() }
  }
}
