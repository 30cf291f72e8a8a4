/** One file as it was read: every byte of it, a byte order mark and its line ends included, decoded from UTF-8. */
export type SourceFile = {
  /** How users name the file: relative to the working directory, with `/` between folders. */
  readonly path: string
  /** The name in patches, relative to the root of the repository; `path` where there is none. */
  readonly patchPath?: string
  readonly text: string
  /** Set where a kustomization names the file as a patch: what is not in it stands elsewhere. */
  readonly isPatch?: true
  /** Set where a test compares live objects with what the file says, and nobody applies it. */
  readonly isAssertion?: true
  /** Set where the file is there, but no text could be made of it, which is said of it elsewhere; `text` is empty. */
  readonly isGarbled?: true
}

const signs = new WeakMap<SourceFile, Map<string, boolean>>()

/** Whether a sign stands anywhere in a file: looked for once, however many Services of the file it is asked for. */
export function hasText(file: SourceFile, sign: string): boolean {
  const known = signs.get(file) ?? new Map<string, boolean>()
  signs.set(file, known)
  const isThere = known.get(sign) ?? file.text.includes(sign)
  known.set(sign, isThere)
  return isThere
}

/** The offset where the line that holds `offset` begins. */
export function lineStart(text: string, offset: number): number {
  return offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1
}

/** The offset just past the last character of the line that holds `offset`: before its line end, or the end of the text. */
export function lineEnd(text: string, offset: number): number {
  const newline = text.indexOf('\n', offset)
  if (newline < 0) return text.length
  return text[newline - 1] === '\r' ? newline - 1 : newline
}

/** The offset where the next line begins, or the end of the text. */
export function nextLine(text: string, offset: number): number {
  const newline = text.indexOf('\n', offset)
  return newline < 0 ? text.length : newline + 1
}

/** How many characters stand before `offset` on its line. A byte order mark takes no column. */
export function columnOf(text: string, offset: number): number {
  const start = lineStart(text, offset)
  return offset - start - (start === 0 && text.startsWith('\uFEFF') ? 1 : 0)
}

/** The line that holds `offset`, counted from 1. */
export function lineNumber(text: string, offset: number): number {
  return text.slice(0, offset).split(/\r\n?|\n/).length
}

/** The line end that a file uses around `offset`: that of the line there, or of the first one where the last has none. */
export function lineBreak(text: string, offset = 0): '\n' | '\r\n' {
  const below = text.indexOf('\n', offset)
  const newline = below < 0 ? text.indexOf('\n') : below
  return newline > 0 && text[newline - 1] === '\r' ? '\r\n' : '\n'
}

/** A half-open span `[start, end)` of UTF-16 code units in one source text. */
export type Range = { readonly start: number; readonly end: number }

/** The empty range at `offset`: where something is missing, or where text is inserted. */
export function at(offset: number): Range {
  return { start: offset, end: offset }
}

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
    return { reason: 'utf-16', message: 'is UTF-16; must be UTF-8' }
  }
  try {
    decoder ??= new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    return { text: decoder.decode(bytes) }
  } catch {
    return invalid(bytes)
  }
}

/** Made once: histories have thousands of texts. */
let decoder: InstanceType<typeof TextDecoder> | undefined

/** The fault of a file of so many bytes; of one that was not read to its end where that is not known. */
export function tooLarge(size?: number): DecodeFault {
  const [limit, found] = [sizeLimit, size].map((bytes = 0) => `${(bytes / 1024 / 1024).toFixed(1)} MiB`)
  return { reason: 'size', message: `is ${size === undefined ? 'too large' : found}; must be at most ${limit}` }
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
  const message = `is not UTF-8: invalid bytes in line ${line} (byte ${offset + 1})`
  return { reason: 'utf-8', message, shown: { text, range: { start, end: start + 1 } } }
}

/** The text of a file whose faults nobody asks for; undefined where it is none. */
export function textIn(bytes: Uint8Array): string | undefined {
  const known = largeTexts.get(bytes)
  if (known !== undefined) return known
  const decoded = decode(bytes)
  if ('reason' in decoded) return undefined
  holdText(bytes, decoded.text)
  return decoded.text
}

/** That this is the text of these bytes: where it is large, `textIn` gives this very string, and no other one is held. */
export function holdText(bytes: Uint8Array, text: string): void {
  if (bytes.length >= large) largeTexts.set(bytes, text)
}

/** In bytes: a text that large is made once, whoever asks for it. */
const large = 64 * 1024
const largeTexts = new WeakMap<Uint8Array, string>()
