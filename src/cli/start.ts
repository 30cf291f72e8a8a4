import { fstatSync, writeSync } from 'node:fs'

import type { Output } from './terminal.js'
import { versionText } from './version.js'

/** What a loader has made of the file of the program. */
type Program = {
  readonly exports: unknown
  /** Is called when the run is over. */
  readonly keep: () => void
}

/**
 * Runs the command line of a process, and sets its exit code. What needs nothing of the program does not load it; `load`
 * gets the first word, which says what the program is needed for.
 */
export function start(host: NodeJS.Process, load: (purpose: string) => Program): void {
  void main(host, load).then((status) => {
    host.exitCode = status
  })
}

async function main(host: NodeJS.Process, load: (purpose: string) => Program): Promise<number> {
  const words = host.argv.slice(2)
  const stdout = outputTo(1, () => host.stdout)
  const stderr = outputTo(2, () => host.stderr)
  const isWritten = (text: string): Promise<boolean> =>
    new Promise((resolve) => {
      stdout.write(text, (error) => resolve(!error))
    })
  // Whatever goes wrong is reported as ever.
  if (words.length === 1 && words[0] === '--version' && (await isWritten(`${versionText}\n`))) return 0
  const program = load(words[0] ?? '')
  const { run } = program.exports as typeof import('./run.js')
  const status = await run({
    arguments: words,
    workingDirectory: host.cwd(),
    environment: host.env,
    stdin: () => host.stdin,
    stdout,
    stderr,
    signals: host,
  })
  program.keep()
  return status
}

/**
 * Where text for a file descriptor goes. A pipe or a file gets it right away: Node's streams do the same, but to load them
 * takes longer than most commands do. They are loaded for a terminal, and for a reader that is not ready to take more.
 */
export function outputTo(descriptor: number, stream: () => Output): Output {
  if (isDevice(descriptor)) return stream()
  const listeners: ((error: Error) => void)[] = []
  let opened: Output | undefined
  const open = (): Output => {
    if (opened) return opened
    opened = stream()
    for (const listener of listeners) opened.on('error', listener)
    return opened
  }
  return {
    fd: descriptor,
    write(text, done) {
      if (opened) return opened.write(text, done)
      const left = writeNow(descriptor, Buffer.from(text))
      if (left instanceof Uint8Array) return open().write(left, done)
      queueMicrotask(() => done(left))
      return undefined
    },
    on(_, listener) {
      listeners.push(listener)
      opened?.on('error', listener)
    },
  }
}

/** Terminals and the like; also what cannot be asked. */
function isDevice(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isCharacterDevice()
  } catch {
    return true
  }
}

/** Writes all of it, or gives back what the reader does not take now, or what went wrong. */
function writeNow(descriptor: number, bytes: Uint8Array): Uint8Array | Error | undefined {
  let written = 0
  while (written < bytes.length) {
    try {
      written += writeSync(descriptor, bytes, written)
    } catch (error) {
      if (!(error instanceof Error)) throw error
      return 'code' in error && error.code === 'EAGAIN' ? bytes.subarray(written) : error
    }
  }
  return undefined
}
