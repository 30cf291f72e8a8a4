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
  for (let offset = 0; offset < length; offset += 64) state = withBlock(state, view, offset)
  return state.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
}

function withBlock(state: readonly number[], view: DataView, offset: number): readonly number[] {
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
