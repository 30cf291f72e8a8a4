import type { Range } from './range.js'

/** Why bytes are not a text that can be edited without loss. */
export type DecodeFault = {
  readonly reason: 'utf-16' | 'utf-8' | 'size' | 'pointer'
  readonly message: string
  /** The text with a `\uFFFD` for what cannot be read, and where the first one stands: to be shown, never written. */
  readonly shown?: { readonly text: string; readonly range: Range }
}

/** The largest file that is read, in bytes. The API server takes objects of at most 3 MiB; rendered files hold many. */
export const sizeLimit = 8 * 1024 * 1024

/** What every pointer of Git LFS spells. */
export const pointerSign = 'https://git-lfs.github.com/spec/'

/**
 * Whether this is what Git LFS stores in place of a file: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md. All of
 * it must be: a stream of YAML can begin like a pointer.
 */
export function isPointer(bytes: Uint8Array): boolean {
  if (bytes.length >= 1024 || bytes[0] !== 0x76) return false
  const text = String.fromCharCode(...bytes)
  return pointer.test(text)
}

const pointer =
  /^version https:\/\/git-lfs\.github\.com\/spec\/v\d+\r?\n(?:ext-\d-\S+ \S+\r?\n)*oid \S+\r?\nsize \d+(?:\r?\n)?$/

/**
 * Decodes UTF-8 so that encoding the result gives back the very bytes: a byte order mark stays, nothing is replaced.
 * Anything else is a fault that says what was found.
 */
export function decode(bytes: Uint8Array): { readonly text: string } | DecodeFault {
  if (bytes.length > sizeLimit) return tooLarge(bytes.length)
  if (isPointer(bytes)) return { reason: 'pointer', message: 'is a Git LFS pointer, so its content is elsewhere' }
  const [first, second, third] = bytes
  const byOrderMark = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)
  if (byOrderMark || (first === 0 && second !== 0) || (second === 0 && third !== 0 && first !== undefined)) {
    return { reason: 'utf-16', message: 'must be UTF-8, but is encoded as UTF-16' }
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) }
  } catch {
    return invalid(bytes)
  }
}

/** The fault of a file of so many bytes; of one that was not read to its end where that is not known. */
export function tooLarge(size?: number): DecodeFault {
  const [limit, found] = [sizeLimit, size].map((bytes = 0) => `${(bytes / 1024 / 1024).toFixed(1)} MiB`)
  return { reason: 'size', message: `must not be larger than ${limit}, but has ${size === undefined ? 'more' : found}` }
}

function invalid(bytes: Uint8Array): DecodeFault {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  const genuine = new TextEncoder()
  let line = 1
  let [offset, start] = [0, 0]
  for (const character of text) {
    const encoded = genuine.encode(character)
    if (encoded.some((byte, index) => bytes[offset + index] !== byte)) break
    if (character === '\n') line++
    offset += encoded.length
    start += character.length
  }
  const message = `must be UTF-8, but has invalid bytes in line ${line} (byte ${offset + 1})`
  return { reason: 'utf-8', message, shown: { text, range: { start, end: start + 1 } } }
}

/** The text of a file whose faults nobody asks for; undefined where it is none. */
export function textIn(bytes: Uint8Array): string | undefined {
  const decoded = decode(bytes)
  return 'text' in decoded ? decoded.text : undefined
}
