import fs from 'node:fs'

import { sizeLimit, tooLarge, type DecodeFault } from '../text/decode.js'
import { codeOf } from './failure.js'

/** Reads from an open file, and closes it. */
export function reading<T>(handle: number, read: (handle: number) => T): T {
  try {
    return read(handle)
  } finally {
    fs.closeSync(handle)
  }
}

/** What can be read of so many bytes, or of a source without a known end. */
export function upTo(
  size: number | undefined,
  handle: number,
): { readonly bytes: Buffer } | { readonly fault: DecodeFault } {
  if (size !== undefined && size > sizeLimit) return { fault: tooLarge(size) }
  const most = size ?? sizeLimit + 1
  const buffer = Buffer.allocUnsafe(most)
  let length = 0
  while (length < most) {
    const count = readSome(handle, buffer, length)
    if (count === 0) break
    length += count
  }
  return length > sizeLimit ? { fault: tooLarge() } : { bytes: buffer.subarray(0, length) }
}

/** Reads what is there, or waits for it where the source is one that nobody waits for. */
export function readSome(handle: number, buffer: Buffer, offset: number): number {
  for (;;) {
    try {
      return fs.readSync(handle, buffer, offset, buffer.length - offset, null)
    } catch (error) {
      if (codeOf(error) === 'EOF') return 0
      if (codeOf(error) !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
    }
  }
}
