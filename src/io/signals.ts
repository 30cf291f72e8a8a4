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
    await new Promise((resolve) => void setImmediate(resolve))
    return this.caught
  }

  close(): void {
    for (const [name, listener] of this.listeners) this.signals?.off(name, listener)
  }
}
