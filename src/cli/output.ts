import { fstatSync, writeSync } from 'node:fs'

import type { Output } from './terminal.js'

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
