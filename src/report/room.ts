const encoder = new TextEncoder()

/** The size of a text in bytes of UTF-8: never less than what anyone counts in characters. */
export function sizeOf(text: string): number {
  return encoder.encode(text).length
}

/** The first of the blocks that fit together into so many bytes, and how many were left out. */
export function fitting(
  blocks: readonly string[],
  room: number,
  limit: number = blocks.length,
): { readonly shown: readonly string[]; readonly left: number } {
  let size = 0
  let count = 0
  for (const block of blocks.slice(0, limit)) {
    size += sizeOf(block) + 1
    if (size > room) break
    count++
  }
  return { shown: blocks.slice(0, count), left: blocks.length - count }
}
