import { runGit, toldBy, type Environment } from './run.js'

/**
 * Reads objects in the order of `ids`, all by one process, until blobs of `limit` bytes have been met. An object that is
 * missing is left out. Resolves to why Git could not go on, or to undefined.
 */
export async function readObjects(
  root: string,
  environment: Environment,
  { ids, limit }: { readonly ids: readonly string[]; readonly limit: number },
  onObject: (id: string, bytes: Buffer) => void,
): Promise<string | undefined> {
  if (ids.length === 0) return undefined
  const reader = new BatchReader(limit, onObject)
  const ending = await runGit(root, environment, {
    arguments: ['cat-file', '--batch'],
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

  constructor(
    private readonly limit: number,
    private readonly onObject: (id: string, bytes: Buffer) => void,
  ) {}

  push(chunk: Buffer): boolean {
    this.pending.push(chunk)
    this.pendingLength += chunk.length
    // A large object comes in many pieces: they are put together once.
    if (this.head && this.pendingLength <= this.head.size) return true
    let bytes = Buffer.concat(this.pending)
    for (;;) {
      const step = this.head ? this.object(this.head, bytes) : this.line(bytes)
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
    const [id = '', type, size] = bytes.toString('latin1', 0, end).split(' ')
    if (size !== undefined) {
      this.head = { id, size: Number(size) }
      if (type === 'blob') this.total += this.head.size
      if (this.total > this.limit) return 'enough'
    }
    return end + 1
  }

  private object({ id, size }: { id: string; size: number }, bytes: Buffer): number | 'more' {
    if (bytes.length <= size) return 'more'
    this.onObject(id, bytes.subarray(0, size))
    this.head = undefined
    return size + 1
  }
}
