import { IoFailure, codeOf, reasonOf } from '../io/failure.js'
import type { Signals } from '../io/signals.js'
import { paint, type Paint } from '../report/colour.js'

/** A stream that text is written to. */
export type Output = {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string, done: (error?: Error | null) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
}

/** Everything of the outside world that a command may touch besides files. */
export type Terminal = {
  readonly arguments: readonly string[]
  readonly workingDirectory: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Opened only when it is read: opening it takes time. */
  readonly stdin: () => AsyncIterable<Uint8Array | string>
  readonly stdout: Output
  readonly stderr: Output
  /** Where signals arrive, for what must not be left half done; without it they end the program as ever. */
  readonly signals?: Signals
}

/** Writes data. @throws IoFailure where the reader has gone, as `| head` does. */
export async function print({ stdout }: Terminal, text: string): Promise<void> {
  const error = await write(stdout, text)
  if (!error) return
  throw new IoFailure(
    codeOf(error) === 'EPIPE' ? 'stdout was closed before everything was written' : `stdout: ${reasonOf(error)}`,
  )
}

/** Writes talk. Nobody listening is no reason to stop. */
export async function say({ stderr }: Terminal, text: string): Promise<void> {
  await write(stderr, text)
}

const listenedTo = new WeakSet<Output>()

function write(stream: Output, text: string): Promise<Error | undefined> {
  if (!listenedTo.has(stream)) {
    listenedTo.add(stream)
    // Without a listener a closed pipe ends the process; the callback below reports it.
    stream.on('error', () => undefined)
  }
  return new Promise((resolve) => {
    if (text === '') resolve(undefined)
    else stream.write(text, (error) => resolve(error ?? undefined))
  })
}

/** Colours for a stream: on a terminal, unless NO_COLOR or a dumb terminal says no; FORCE_COLOR and --color say yes. */
export function coloursFor(stream: Output, { environment }: Terminal, wish: boolean | undefined): Paint {
  const { NO_COLOR: never, FORCE_COLOR: always, TERM: kind } = environment
  const byDefault = never ? false : always ? always !== '0' : stream.isTTY === true && kind !== 'dumb'
  return paint(wish ?? byDefault)
}
