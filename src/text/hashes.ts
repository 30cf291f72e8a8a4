const shifts = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]
const sines = Array.from({ length: 64 }, (_, index) => Math.floor(Math.abs(Math.sin(index + 1)) * 2 ** 32))

/** The MD5 digest of a text's UTF-8 bytes in hexadecimal digits (RFC 1321). Knative cuts long names by it. */
export function md5(text: string): string {
  const bytes = new TextEncoder().encode(text)
  const length = (((bytes.length + 8) >> 6) + 1) << 6
  const view = new DataView(new ArrayBuffer(length))
  for (const [index, byte] of bytes.entries()) view.setUint8(index, byte)
  view.setUint8(bytes.length, 0x80)
  view.setUint32(length - 8, bytes.length << 3, true)
  view.setUint32(length - 4, bytes.length >>> 29, true)
  let state: State = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]
  for (let offset = 0; offset < length; offset += 64) state = withMd5Block(state, view, offset)
  return state.map((word) => swapped(word).toString(16).padStart(8, '0')).join('')
}

type State = readonly [number, number, number, number]

function withMd5Block(state: State, view: DataView, offset: number): State {
  let [a, b, c, d] = state
  for (let step = 0; step < 64; step++) {
    const [mixed, word] = mix(step, b, c, d)
    const sum = a + mixed + (sines[step] ?? 0) + view.getUint32(offset + 4 * word, true)
    const shift = shifts[4 * (step >> 4) + (step & 3)] ?? 0
    ;[a, b, c, d] = [d, (b + ((sum << shift) | ((sum | 0) >>> (32 - shift)))) | 0, b, c]
  }
  return [(state[0] + a) | 0, (state[1] + b) | 0, (state[2] + c) | 0, (state[3] + d) | 0]
}

/** What the four rounds mix, and which word of the block they add. */
function mix(step: number, b: number, c: number, d: number): readonly [mixed: number, word: number] {
  if (step < 16) return [(b & c) | (~b & d), step]
  if (step < 32) return [(d & b) | (~d & c), (5 * step + 1) & 15]
  if (step < 48) return [b ^ c ^ d, (3 * step + 5) & 15]
  return [c ^ (b | ~d), (7 * step) & 15]
}

/** The word with its bytes the other way round, as digits show it. */
function swapped(word: number): number {
  const view = new DataView(new ArrayBuffer(4))
  view.setUint32(0, word >>> 0, true)
  return view.getUint32(0)
}

/** The first 32 bits behind the point of a root of each of the first primes. */
function rootsOfPrimes(count: number, exponent: number): readonly number[] {
  const roots: number[] = []
  for (let candidate = 2; roots.length < count; candidate++) {
    let isPrime = true
    for (let divisor = 2; divisor * divisor <= candidate; divisor++) isPrime &&= candidate % divisor !== 0
    if (isPrime) roots.push(Math.floor((candidate ** exponent % 1) * 2 ** 32))
  }
  return roots
}

const rounds = rootsOfPrimes(64, 1 / 3)
const start = rootsOfPrimes(8, 1 / 2)

/** The SHA-256 digest of a text's UTF-8 bytes in hexadecimal digits (FIPS 180-4). */
export function sha256(text: string): string {
  const bytes = new TextEncoder().encode(text)
  const length = (((bytes.length + 8) >> 6) + 1) << 6
  const padded = new Uint8Array(length)
  padded.set(bytes)
  padded[bytes.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setUint32(length - 8, Math.floor(bytes.length / 2 ** 29))
  view.setUint32(length - 4, bytes.length << 3)
  let state = start
  for (let offset = 0; offset < length; offset += 64) state = withSha256Block(state, view, offset)
  return state.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
}

function withSha256Block(state: readonly number[], view: DataView, offset: number): readonly number[] {
  const words = scheduled(view, offset)
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state
  for (let step = 0; step < 64; step++) {
    const choice = (e & f) ^ (~e & g)
    const majority = (a & b) ^ (a & c) ^ (b & c)
    const first = h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + choice + (rounds[step] ?? 0) + (words[step] ?? 0)
    const second = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + majority
    ;[a, b, c, d, e, f, g, h] = [(first + second) | 0, a, b, c, (d + first) | 0, e, f, g]
  }
  return [a, b, c, d, e, f, g, h].map((word, index) => ((state[index] ?? 0) + word) | 0)
}

function scheduled(view: DataView, offset: number): readonly number[] {
  const words = Array.from({ length: 16 }, (_, index) => view.getUint32(offset + 4 * index))
  for (let index = 16; index < 64; index++) {
    const [near = 0, far = 0] = [words[index - 2], words[index - 15]]
    const mixed =
      (turned(far, 7) ^ turned(far, 18) ^ (far >>> 3)) + (turned(near, 17) ^ turned(near, 19) ^ (near >>> 10))
    words.push((mixed + (words[index - 16] ?? 0) + (words[index - 7] ?? 0)) | 0)
  }
  return words
}

function turned(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by))
}
