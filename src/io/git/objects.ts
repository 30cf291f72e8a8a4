import { runGit, toldBy, type Environment } from './run.js'

/** How much is read. */
export type ObjectLimits = {
  /** In bytes: it ends where blobs have as many in all. */
  readonly limit: number
  /** The size of a blob, in bytes, up to which it is held at once. */
  readonly largest: number
}

/** What hears of objects. */
export type ObjectListener = {
  readonly onObject: (id: string, bytes: Buffer) => void
  /** Hears of a blob that is too large, by its size, before it is read: what is given back gets it piece by piece. */
  readonly onLarge: (id: string, size: number) => (piece: Buffer) => void
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
  const reader = new BatchReader(limits, listener)
  const ending = await runGit(root, environment, {
    arguments: ['cat-file', '--batch', '--buffer'],
    input: ids.map((id) => `${id}\n`).join(''),
    onOutput: (chunk) => reader.push(chunk),
  })
  return ending.how === 'done' ? undefined : toldBy(ending)
}

/** Takes `git cat-file --batch` apart while it comes in: a line `<id> <type> <size>`, that many bytes, a line end. */
class BatchReader {
  private pending: Buffer[] = []
  private pendingLength = 0
  private total = 0
  private head: { readonly id: string; readonly size: number } | undefined
  /** Of an object that is too large: how much is to come with its line end, and what takes it. */
  private large: { left: number; readonly take: (piece: Buffer) => void } | undefined

  constructor(
    private readonly limits: ObjectLimits,
    private readonly listener: ObjectListener,
  ) {}

  push(chunk: Buffer): boolean {
    this.pending.push(chunk)
    this.pendingLength += chunk.length
    // An object comes in many pieces: they are put together once.
    if (this.head && this.pendingLength <= this.head.size) return true
    let bytes = this.pending.length === 1 ? chunk : Buffer.concat(this.pending)
    for (;;) {
      const step = this.large
        ? this.piece(this.large, bytes)
        : this.head
          ? this.object(this.head, bytes)
          : this.line(bytes)
      if (step === 'enough') return false
      if (step === 'more') break
      bytes = bytes.subarray(step)
    }
    this.pending = [bytes]
    this.pendingLength = bytes.length
    return true
  }

  private line(bytes: Buffer): number | 'more' | 'enough' {
    const end = bytes.indexOf('\n')
    if (end < 0) return 'more'
    const [id = '', type, found] = bytes.toString('latin1', 0, end).split(' ')
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
    if (bytes.length <= size) return 'more'
    this.listener.onObject(id, bytes.subarray(0, size))
    this.head = undefined
    return size + 1
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
