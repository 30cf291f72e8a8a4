import { nameAt } from './root.js'
import type { Running } from '../program.js'
import { askGit, type Ending, type Environment, runGit, toldBy } from './run.js'

/** What a commit did to one file. */
export type LoggedChange = {
  readonly path: string
  /** What the file was called before, where the commit renamed it. */
  readonly source?: string
  /** `added` where it was not there before under any name that is known. */
  readonly kind: 'added' | 'changed' | 'removed'
  /** The object that holds its bytes; undefined for a link, a submodule, and nothing. */
  readonly blob: string | undefined
}

/** A commit of the first-parent line; a merge brings all that its branch did. */
export type LoggedCommit = {
  readonly commit: string
  /** The committer's date in seconds since 1970. */
  readonly time: number
  /** The first parent; undefined for the first commit, and where a shallow clone ends. */
  readonly parent: string | undefined
  readonly changes: readonly LoggedChange[]
}

/** What is told of a commit before its changes. */
type LoggedHead = Omit<LoggedCommit, 'changes'>

/** What one wants of a log; `false` if it was enough. */
export type LogListener = { readonly onCommit: (commit: LoggedCommit) => boolean }

/** What is told of a change before its name. */
type Meta = Pick<LoggedChange, 'kind' | 'blob'> & { readonly isRenamed: boolean }

const [lineEnd, space, colon] = [0x0a, 0x20, 0x3a]
const [added, removed, renamed] = [0x41, 0x44, 0x52]
/** What the mode of a file begins with, and of nothing else that a tree holds: `100644`, but `120000` and `160000`. */
const [one, zero] = [0x31, 0x30]

/**
 * Takes `git log --raw -z` apart while it comes in. Names are told from heads by where they stand, so any name does. Of a
 * long history only what is kept becomes text.
 */
class LogReader {
  private rest: Buffer = Buffer.alloc(0)
  private head: LoggedHead | undefined
  private parent: string | undefined
  private changes: LoggedChange[] = []
  private meta: Meta | undefined
  private source: string | undefined

  constructor(private readonly listener: LogListener) {}

  /** Takes the next piece of the output; `false` once it was enough. */
  push(chunk: Buffer): boolean {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk])
    let from = 0
    for (let end = bytes.indexOf(0); end >= 0; end = bytes.indexOf(0, from)) {
      if (this.meta) this.name(this.meta, nameAt(bytes, from, end))
      else if (!this.told(bytes, bytes[from] === lineEnd ? from + 1 : from, end)) return false
      from = end + 1
    }
    this.rest = bytes.subarray(from)
    return true
  }

  /** Hands the last commit over. */
  end(): boolean {
    const goesOn = this.head === undefined || this.listener.onCommit({ ...this.head, changes: this.changes })
    this.head = undefined
    this.changes = []
    return goesOn
  }

  /** Takes what Git says of a commit or a change, which is ASCII. */
  private told(bytes: Buffer, from: number, end: number): boolean {
    if (bytes[from] === colon) {
      this.meta = metaIn(bytes, from)
      return true
    }
    const goesOn = this.end()
    const [own = '', time, parent] = bytes.toString('latin1', from, end).split(' ')
    // Mostly the parent of the one before: a hash is held once.
    const commit = own === this.parent ? this.parent : own
    this.parent = parent === '' ? undefined : parent
    if (goesOn) this.head = { commit, time: Number(time), parent: this.parent }
    return goesOn
  }

  private name({ kind, blob, isRenamed }: Meta, path: string): void {
    const { source } = this
    if (isRenamed && source === undefined) {
      this.source = path
      return
    }
    this.changes.push(source === undefined ? { path, kind, blob } : { path, kind, blob, source })
    this.meta = undefined
    this.source = undefined
  }
}

/** `:<mode> <mode> <id> <id> <status>`, of the older side and the newer one. */
function metaIn(bytes: Buffer, from: number): Meta {
  const mode = from + ':100644 '.length
  const older = mode + '100644 '.length
  const newer = bytes.indexOf(space, older) + 1
  const end = newer + newer - older - 1
  const status = bytes[end + 1]
  return {
    kind: status === added ? 'added' : status === removed ? 'removed' : 'changed',
    blob: bytes[mode] === one && bytes[mode + 1] === zero ? bytes.toString('latin1', newer, end) : undefined,
    isRenamed: status === renamed,
  }
}

/** Which commits are meant, and what of them. */
type LogRequest = {
  readonly start: string
  readonly pathspecs: readonly string[]
  readonly withRenames: boolean
}

/** So many bytes of a log are held for who may ask for it; then Git waits. */
const held = 4 * 1024 * 1024

/**
 * The commits of the first-parent line from `start` on that touched what `pathspecs` name, newest first. Git begins at once,
 * which may be before it is known whether somebody asks.
 */
export class GitLog {
  private readonly ending: Promise<Ending>
  private chunks: Buffer[] = []
  private size = 0
  private reader: LogReader | undefined
  private run: Running | undefined
  private isDropped = false

  constructor(
    private readonly root: string,
    private readonly environment: Environment,
    private readonly request: LogRequest,
  ) {
    this.ending = runGit(root, environment, {
      arguments: [...logWords, request.withRenames ? '-M' : '--no-renames', request.start, '--', ...request.pathspecs],
      onOutput: (chunk) => this.take(chunk),
      onStart: (run) => {
        this.run = run
        if (this.isDropped) run.stop()
      },
    })
    // Whoever reads it hears of that.
    this.ending.catch(() => undefined)
  }

  /** Whether it is what somebody needs, and nobody has read it. */
  answers(root: string, { start, pathspecs, withRenames }: LogRequest): boolean {
    const own = this.request
    const isSame = root === this.root && start === own.start && withRenames === own.withRenames
    return isSame && !this.reader && !this.isDropped && pathspecs.join('\0') === own.pathspecs.join('\0')
  }

  /** Hears the commits, once. Resolves to why Git could not tell, or to undefined. */
  async read(listener: LogListener): Promise<string | undefined> {
    const reader = new LogReader(listener)
    this.reader = reader
    let goesOn = false
    try {
      goesOn = this.chunks.every((chunk) => reader.push(chunk))
    } finally {
      this.chunks = []
      if (goesOn) this.run?.resume()
      else this.run?.stop()
    }
    const ending = await this.ending
    if (ending.how === 'done') reader.end()
    return ending.how === 'done' || (await isUnborn(this.root, this.environment)) ? undefined : toldBy(ending)
  }

  /** Ends the run, unless somebody reads it. */
  drop(): void {
    if (this.reader) return
    this.isDropped = true
    this.chunks = []
    this.run?.stop()
  }

  private take(chunk: Buffer): boolean {
    if (this.reader) return this.reader.push(chunk)
    this.chunks.push(chunk)
    this.size += chunk.length
    if (this.size > held) this.run?.pause()
    return true
  }
}

/** What is asked of every log, with what a user may have set that would change the answer. */
const logWords = [
  '-c',
  'log.showRoot=true',
  '-c',
  'log.diffMerges=separate',
  '-c',
  'diff.relative=false',
  'log',
  '--first-parent',
  '-m',
  '--raw',
  '-z',
  '--no-abbrev',
  '--format=%H %ct %P',
  '--no-color',
  '--no-decorate',
  '--no-show-signature',
]

/**
 * What commits did to what `pathspecs` name, with their renames, or why Git could not tell.
 *
 * @param parents The commits, each with the one that it is compared with.
 */
export async function readChanges(
  root: string,
  environment: Environment,
  parents: ReadonlyMap<string, string>,
  pathspecs: readonly string[],
): Promise<readonly (LoggedChange & { readonly commit: string })[] | string> {
  const found: (LoggedChange & { readonly commit: string })[] = []
  const reader = new LogReader({
    onCommit: ({ commit, changes }) => {
      for (const change of changes) found.push({ ...change, commit })
      return true
    },
  })
  const ending = await runGit(root, environment, {
    arguments: ['diff-tree', '--stdin', '-r', '-z', '--raw', '--no-abbrev', '-M', '--', ...pathspecs],
    input: [...parents].map(([commit, parent]) => `${commit} ${parent}\n`).join(''),
    onOutput: (chunk) => reader.push(chunk),
  })
  reader.end()
  return ending.how === 'done' ? found : toldBy(ending)
}

/** Whether HEAD names a branch that has no commit yet. */
async function isUnborn(root: string, environment: Environment): Promise<boolean> {
  const { how } = await askGit(root, environment, ['rev-parse', '--verify', '--quiet', 'HEAD'])
  return how === 'no'
}
