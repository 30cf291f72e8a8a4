import { nextTurn } from './turn.js'

/** What the outside world got in the way with: a missing file, a full disk. Its message is for users and names the file. */
export class IoFailure extends Error {
  override readonly name = 'IoFailure'

  constructor(
    message: string,
    /** `usage` where the user named something that is not there. */
    readonly kind: 'usage' | 'io' = 'io',
  ) {
    super(message)
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EBUSY: 'another program has it open',
  ENOENT: 'no such file or directory',
  ENOSPC: 'no space left on the disk',
  EROFS: 'the file system is read-only',
  EISDIR: 'it is a directory',
  EEXIST: 'the file exists already',
  EFBIG: 'the file would be too large',
  EDQUOT: 'the disk quota is used up',
  ELOOP: 'too many symbolic links',
  ENAMETOOLONG: 'the name is too long',
  E2BIG: 'there are too many arguments',
}

/** The system's reason in words. */
export function reasonOf(error: unknown): string {
  const code = codeOf(error)
  if (code !== undefined) return reasons[code] ?? code
  return error instanceof Error ? error.message : String(error)
}

/** Whether the system says that a place is empty: nothing of that name, or no folder where one would have to be. */
export function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR'
}

/** The system's short name of an error: `ENOENT`. Undefined for an error that is not the system's. */
export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}

/** Signals that people and runners send to end a program; what is left of an exit code above 128 is their number. */
const numbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const

export type StopSignal = keyof typeof numbers

/** Where signals arrive: the process. A signal that is listened to does not end it. */
export type Signals = {
  on(signal: StopSignal, listener: () => void): unknown
  off(signal: StopSignal, listener: () => void): unknown
}

/** A run that was told to stop while it was writing, and has brought that to an end. Its message says what is on the disk. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
  /** As a shell shows it: 128 and the number of the signal. */
  readonly status: number

  constructor(signal: StopSignal, message: string) {
    super(`stopped by ${signal}: ${message}`)
    this.status = 128 + numbers[signal]
  }
}

/**
 * Keeps signals from ending the process until it is closed. They arrive between two turns of the event loop: what runs
 * from one `turn` to the next is done whole, unless the process is killed.
 */
export class Attention {
  /** The first signal that came. */
  caught: StopSignal | undefined
  private readonly listeners: readonly (readonly [StopSignal, () => void])[]

  constructor(private readonly signals: Signals | undefined) {
    const names = Object.keys(numbers) as readonly StopSignal[]
    this.listeners = names.map((name) => [name, () => (this.caught ??= name)] as const)
    for (const [name, listener] of this.listeners) signals?.on(name, listener)
  }

  /** Lets signals arrive that were sent until now. */
  async turn(): Promise<StopSignal | undefined> {
    await nextTurn()
    return this.caught
  }

  close(): void {
    for (const [name, listener] of this.listeners) this.signals?.off(name, listener)
  }
}
