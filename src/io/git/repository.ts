import { existsSync, lstatSync, realpathSync } from 'node:fs'
import path from 'node:path'

import { fetchMore, wordFor } from '../../text/words.js'
import { IoFailure } from '../failure.js'
import { shellHere } from '../system.js'
import { type PartStart, pathParts, repositoryRoot } from './root.js'
import { askGit, askGitNow, type Ending, type Environment, runGit, toldBy } from './run.js'

/**
 * Why a commit was not found: Git knows no such one, or finds no repository, or does not read this one, or cannot be run,
 * or takes too long.
 */
type Missing = {
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
  const isShallow = await isShallowClone(root, environment)
  return { isShallow, ...(asked.how !== 'no' && !isShallow && { failure: toldBy(asked) }) }
}

/** Says that a partial or damaged clone has a file by its name alone, and what to do about it. */
export function lackOf(name: string): string {
  return `this clone lacks the content of ${name}; fetch it (\`git fetch --refetch --no-filter\`), or clone without \`--filter\``
}

/** What a partial clone lacks, where Git before 2.45 has stopped at it. */
export function lackedIn(failure: string): string | undefined {
  return /could not fetch ([0-9a-f]{40,}) from promisor remote/.exec(failure)?.[1]
}

/** Those of some objects that the clone holds, or why Git cannot tell: it lists all that it has, and asks for no other. */
async function objectsAmong(
  root: string,
  environment: Environment,
  wanted: ReadonlySet<string>,
): Promise<readonly string[] | string> {
  const here: string[] = []
  let rest = ''
  const ending = await runGit(root, environment, {
    arguments: ['cat-file', '--batch-all-objects', '--unordered', '--batch-check=%(objectname)'],
    onOutput: (chunk) => {
      const lines = (rest + chunk.toString('latin1')).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (wanted.has(line)) here.push(line)
      return true
    },
  })
  return ending.how === 'done' ? here : toldBy(ending)
}

/** Whether there is anything to fetch from. */
export async function hasRemote(root: string, environment: Environment): Promise<boolean> {
  return (await askGit(root, environment, ['remote'])).output.length > 0
}

/** Whether the clone can be a shallow one: the folder `.git` of one says so itself, what stands elsewhere only Git knows. */
export function canBeShallow(root: string): boolean {
  const top = path.join(root, '.git')
  return lstatSync(top, { throwIfNoEntry: false })?.isDirectory() !== true || existsSync(path.join(top, 'shallow'))
}

/** Whether the clone does not reach back to the first commit. */
export async function isShallowClone(root: string, environment: Environment): Promise<boolean> {
  const shallow = await askGit(root, environment, ['rev-parse', '--is-shallow-repository'])
  return shallow.output.toString().trimEnd() === 'true'
}

/** How much is read. */
type ObjectLimits = {
  /** In bytes: it ends where blobs have as many in all. */
  readonly limit: number
  /** The size of a blob, in bytes, up to which it is held at once. */
  readonly largest: number
}

/** What hears of objects. */
type ObjectListener = {
  readonly onObject: (id: string, bytes: Buffer) => void
  /** Hears of a blob that is too large, by its size, before it is read: what is given back gets it piece by piece. */
  readonly onLarge: (id: string, size: number) => (piece: Buffer) => void
  /** Hears of a blob that the clone lacks, where that is no reason to fail. */
  readonly onMissing?: (id: string) => void
}

/**
 * Reads objects in the order of `ids`, all by one process. An object that is missing is left out. Resolves to why Git could
 * not go on, or to undefined.
 */
export async function readObjects(
  root: string,
  environment: Environment,
  { ids, ...limits }: { readonly ids: readonly string[] } & ObjectLimits,
  listener: ObjectListener,
): Promise<string | undefined> {
  if (ids.length === 0) return undefined
  const reader = new BatchReader(ids, limits, listener)
  const ending = await runGit(root, environment, {
    arguments: ['cat-file', '--batch', '--buffer'],
    input: ids.map((id) => `${id}\n`).join(''),
    onOutput: (chunk) => reader.push(chunk),
  })
  return reader.fault ?? (ending.how === 'done' ? undefined : toldBy(ending))
}

/**
 * Reads objects at once, in the midst of work that cannot wait. One that is missing is left out.
 *
 * @param size How many bytes they have together, at most.
 */
export function readObjectsNow(
  root: string,
  environment: Environment,
  { ids, size }: { readonly ids: readonly string[]; readonly size: number },
  onObject: ObjectListener['onObject'],
): void {
  const input = ids.map((id) => `${id}\n`).join('')
  // Each has a line of its own before it, and a line end.
  const output = askGitNow(root, environment, ['cat-file', '--batch', '--buffer'], {
    input,
    size: size + 128 * (ids.length + 1),
  })
  const limits = { limit: Infinity, largest: Infinity }
  const listener = { onObject, onLarge: () => () => undefined }
  if (typeof output !== 'string') new BatchReader(ids, limits, listener).push(output)
}

/**
 * What Git would store regular files under, as they are on the disk: no filter runs. A file that it cannot read, and what
 * comes after that, is left out, and so is a name that it cannot be told.
 */
export async function idsOf(
  root: string,
  environment: Environment,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  // It takes a line for a name, and a quote for the beginning of one with escapes.
  const told = names.filter((name) => !/^"|[\n\r]/.test(name))
  if (told.length === 0) return new Map()
  const words = ['hash-object', '--no-filters', '--stdin-paths']
  const { output } = await askGit(root, environment, words, { input: told.map((name) => `${name}\n`).join('') })
  const lines = output.toString('latin1').split('\n')
  const end = lines.findIndex((line) => !/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(line))
  return new Map(told.slice(0, end).map((name, at) => [name, lines[at] ?? '']))
}

/** The sizes of blobs in bytes; those that are missing are left out. Or why Git does not tell. */
export async function sizesOf(
  root: string,
  environment: Environment,
  ids: readonly string[],
): Promise<ReadonlyMap<string, number> | string> {
  const input = ids.map((id) => `${id}\n`).join('')
  const asked = await askGit(root, environment, ['cat-file', '--batch-check', '--buffer'], { input })
  if (asked.how !== 'done') return toldBy(asked)
  const found = new Map<string, number>()
  for (const line of asked.output.toString('latin1').split('\n')) {
    const [id = '', , size] = line.split(' ')
    if (size !== undefined) found.set(id, Number(size))
  }
  return found
}

/**
 * Takes `git cat-file --batch` apart while it comes in: for each of the ids a line `<id> <type> <size>`, that many bytes and a
 * line end, or a line `<id> missing`.
 */
class BatchReader {
  private pending: Buffer = Buffer.alloc(0)
  private total = 0
  private next = 0
  /** Why the answers are not those to what was asked. */
  fault: string | undefined
  private head: { readonly id: string; readonly size: number } | undefined
  /** An object of which a part has come, and how much of it. */
  private begun: { readonly id: string; readonly bytes: Buffer; length: number } | undefined
  /** Of an object that is too large: how much is to come with its line end, and what takes it. */
  private large: { left: number; readonly take: (piece: Buffer) => void } | undefined

  constructor(
    private readonly ids: readonly string[],
    private readonly limits: ObjectLimits,
    private readonly listener: ObjectListener,
  ) {}

  push(chunk: Buffer): boolean {
    let bytes = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk])
    for (;;) {
      const step = this.large
        ? this.piece(this.large, bytes)
        : this.begun
          ? this.more(this.begun, bytes)
          : this.head
            ? this.object(this.head, bytes)
            : this.line(bytes)
      if (step === 'enough') return false
      if (step === 'more') break
      bytes = bytes.subarray(step)
    }
    this.pending = bytes
    return true
  }

  private line(bytes: Buffer): number | 'more' | 'enough' {
    const end = bytes.indexOf('\n')
    if (end < 0) return 'more'
    const line = bytes.toString('latin1', 0, end)
    // An id is held once, by whoever asks for it.
    const id = this.ids[this.next++]
    if (id === undefined || !line.startsWith(id)) {
      this.fault = `git cat-file returned \`${line}\` for ${id}`
      return 'enough'
    }
    const [type, found] = line.slice(id.length + 1).split(' ')
    if (found === undefined) return end + 1
    const size = Number(found)
    if (type === 'blob') this.total += size
    if (this.total > this.limits.limit) return 'enough'
    if (type === 'blob' && size > this.limits.largest)
      this.large = { left: size + 1, take: this.listener.onLarge(id, size) }
    else this.head = { id, size }
    return end + 1
  }

  private object({ id, size }: { id: string; size: number }, bytes: Buffer): number | 'more' {
    if (bytes.length > size) {
      this.listener.onObject(id, bytes.subarray(0, size))
      this.head = undefined
      return size + 1
    }
    // It comes in many pieces: each is put where it belongs.
    this.begun = { id, bytes: Buffer.allocUnsafe(size), length: 0 }
    return this.more(this.begun, bytes)
  }

  private more(begun: NonNullable<BatchReader['begun']>, bytes: Buffer): number | 'more' {
    const { id, bytes: all, length } = begun
    if (bytes.length === 0) return 'more'
    if (length < all.length) {
      const count = bytes.copy(all, length)
      begun.length += count
      return count
    }
    this.listener.onObject(id, all)
    this.head = undefined
    this.begun = undefined
    return 1
  }

  private piece(large: NonNullable<BatchReader['large']>, bytes: Buffer): number | 'more' {
    if (bytes.length === 0) return 'more'
    const count = Math.min(large.left, bytes.length)
    large.take(bytes.subarray(0, Math.min(count, large.left - 1)))
    large.left -= count
    if (large.left === 0) this.large = undefined
    return count
  }
}

/** A repository that a command cannot do without: where Git cannot tell, it is a failure. */
export class GitRepository {
  private constructor(
    /** The top folder, links followed. */
    readonly root: string,
    private readonly environment: Environment,
  ) {}

  /** @throws IoFailure where the folder is in no repository. */
  static around(folder: string, environment: Environment, command = 'check'): GitRepository {
    const root = repositoryRoot(folder)
    if (root !== undefined) return new GitRepository(realpathSync.native(root), environment)
    throw new IoFailure(`\`${command}\` needs a Git repository`, 'usage')
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
    const isShallow = await isShallowClone(this.root, this.environment)
    const canFetch = isShallow && (await hasRemote(this.root, this.environment))
    const way = canFetch ? fetchMore : await this.wayToRemote(name)
    const usual =
      flag === '--since'
        ? 'to check the first commit of a repository, use `--since empty`'
        : 'name a commit, a branch or a tag; `git log --oneline --all` lists them'
    throw new IoFailure(
      `not checked: \`${flag}\` is \`${name}\`, which Git does not know here; ${way ?? usual}`,
      'usage',
    )
  }

  /** What to do where a name like `origin/main` is none here: its remote may be missing, or was not asked for it yet. */
  private async wayToRemote(name: string): Promise<string | undefined> {
    const [remote = '', branch] = name.split(/\/(.*)/s)
    if (branch === undefined || name.startsWith('refs/')) return undefined
    const { output } = await askGit(this.root, this.environment, ['remote'])
    return output.toString().split('\n').includes(remote)
      ? `run \`git fetch ${[remote, branch].map((word) => wordFor(word, shellHere(this.environment))).join(' ')}\` first`
      : `this clone has no remote \`${remote}\`: name a branch that is here, or add the remote and fetch it`
  }

  /**
   * The hash of the tree that holds nothing, where that is what a user names: by `empty`, if no commit is called so, or by
   * its hash.
   */
  async emptyTree(name: string): Promise<string | undefined> {
    if (name !== 'empty' && !/^[0-9a-f]{40,}$/.test(name)) return undefined
    const { output } = await askGit(this.root, this.environment, ['hash-object', '-t', 'tree', '--stdin'], {
      input: '',
    })
    const hash = output.toString().trimEnd()
    if (name === hash) return hash
    if (name !== 'empty' || typeof (await findCommit(this.root, this.environment, name)) === 'string') return undefined
    return hash
  }

  /** @throws IoFailure where the two commits have none in common, as far as the clone goes. */
  async mergeBase(a: string, b: string, name: string): Promise<string> {
    const found = await mergeBase(this.root, this.environment, [a, b])
    if (typeof found === 'string') return found
    if (found.failure !== undefined) throw new IoFailure(`not checked: ${found.failure}`)
    const canFetch = found.isShallow && (await hasRemote(this.root, this.environment))
    const lack = `this shallow clone does not have it${canFetch ? `; ${fetchMore}` : ''}`
    const why = found.isShallow ? lack : 'they have no history in common'
    throw new IoFailure(`not checked: \`${name}\` and the head need a common commit (${why})`, 'usage')
  }

  /**
   * The commits on the first-parent line of `head` that `base` does not have, newest first: `<hash> <parents>`; undefined
   * where Git does not tell.
   */
  async lineAfter(base: string, head: string): Promise<readonly string[] | undefined> {
    const { how, output } = await askGit(this.root, this.environment, [...listLine, `${base}..${head}`])
    return how === 'done' ? pathParts(output) : undefined
  }

  /** The full hashes of two commits that a user names; undefined where one of them is none, or Git cannot tell. */
  async commits(...names: readonly [string, string]): Promise<readonly [string, string] | undefined> {
    if (names.some((name) => /[\n\0]/.test(name))) return undefined
    const input = names.map((name) => `${name}^{commit}\n`).join('')
    const { how, output } = await askGit(this.root, this.environment, ['cat-file', '--batch-check'], { input })
    const [, one, other] =
      /^([0-9a-f]{40,}) commit \d+\n([0-9a-f]{40,}) commit \d+\n$/.exec(output.toString('latin1')) ?? []
    return how === 'done' && one !== undefined && other !== undefined ? [one, other] : undefined
  }

  /** What `idsOf` tells of files of the working tree. */
  idsOf(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return idsOf(this.root, this.environment, names)
  }

  /**
   * What Git prints with `-z`, in parts. `git grep` that finds nothing prints nothing.
   *
   * @throws IoFailure where Git fails, or goes on though there is something that it cannot read.
   */
  async list(words: readonly string[]): Promise<readonly string[]> {
    return this.told(await askGit(this.root, this.environment, words), words[0] === 'grep')
  }

  /**
   * The parts of an answer of Git that is at hand.
   *
   * @throws IoFailure as `list` does.
   */
  told(ending: Ending & { readonly output: Buffer }, isGrep = false): readonly string[] {
    const { how, talk, output } = ending
    if (how !== 'done' && !(isGrep && how === 'no')) throw new IoFailure(`not checked: ${toldBy(ending)}`)
    const error = /^error: (.*)$/m.exec(talk)?.[1]
    if (error !== undefined) throw new IoFailure(`not checked: ${error}`)
    return pathParts(output)
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
    const read = (ids: readonly string[]): Promise<string | undefined> =>
      readObjects(
        this.root,
        this.environment,
        { ids, limit: Infinity, largest },
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
    let failure = await read(asked)
    if (failure !== undefined && lackedIn(failure) !== undefined) {
      const here = await objectsAmong(this.root, this.environment, wanted)
      failure = typeof here === 'string' ? here : await read(here)
    }
    if (failure !== undefined) throw new IoFailure(`not checked: ${failure}`)
    const [missing] = wanted
    if (missing === undefined) return
    if (!listener.onMissing) throw new IoFailure(`not checked: ${lackOf(blobs.get(missing) ?? missing)}`)
    for (const id of wanted) listener.onMissing(id)
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

/** What the index holds under one name. */
export type Tracked = {
  /** As the repository names it; see `textOf` for one that is no UTF-8. */
  readonly name: string
  /** Six octal digits, as in a tree. */
  readonly mode: string
  readonly id: string
  /** Set where the work tree need not have it: it is outside the sparse checkout. */
  readonly isSkipped?: true
  /** Set where Git is told to take the file for what it holds, without a look (`git update-index --assume-unchanged`). */
  readonly isAssumed?: true
}

/** The mode of a submodule, of a link, and of what is not there. */
export const modes = { submodule: '160000', link: '120000', absent: '000000' } as const

/** The words of Git for all that the index holds, with what a sparse checkout leaves out. The disk is not looked at. */
export const listTracked = ['ls-files', '-z', '-v', '--stage'] as const

/** The words of Git for the first-parent line of a range: `<hash> <parents>` of each commit, newest first. */
export const listLine = ['log', '-z', '--format=%H %P', '--no-show-signature', '--first-parent'] as const

/** Takes the answer to `listTracked` apart: `<tag> <mode> <id> <stage>`, a tab, the name. A conflict is in it once. */
export function trackedIn(parts: readonly string[]): readonly Tracked[] {
  const found = new Map<string, Tracked>()
  for (const part of parts) {
    const tab = part.indexOf('\t')
    const [tag, mode = '', id = ''] = part.slice(0, tab).split(' ')
    const name = part.slice(tab + 1)
    found.set(name, { name, mode, id, ...tags.get(tag ?? '') })
  }
  return [...found.values()]
}

const tags: ReadonlyMap<string, Pick<Tracked, 'isSkipped' | 'isAssumed'>> = new Map([
  ['S', { isSkipped: true }],
  ['h', { isAssumed: true }],
  ['s', { isSkipped: true, isAssumed: true }],
])

/** Entries that are no files that are checked out and looked at, by their tags and their modes. */
export const unusualEntry: PartStart = (bytes, from) => (bytes.startsWith('H 10', from) ? undefined : from)

/** The URL of the remote `origin` of the repository around a folder, as it is configured; undefined where there is none. */
export async function originUrl(folder: string, environment: Environment): Promise<string | undefined> {
  const root = repositoryRoot(folder)
  if (root === undefined) return undefined
  const { how, output } = await askGit(root, environment, ['config', '--get', 'remote.origin.url'])
  return how === 'done' ? output.toString().trim() : undefined
}
