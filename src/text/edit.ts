import type { Range } from './range.js'

/** Replace the characters in `range` of the original text by `text`. */
export type Edit = { readonly range: Range; readonly text: string }

/**
 * The text with all edits made. Edits are in offsets of the original and come in any order; two insertions at one place
 * keep the order they were given in.
 *
 * Laws: no edits give back the very text; every character outside the edited ranges is kept, in order; the length
 * changes by exactly what the edits add and take.
 *
 * @throws RangeError when edits overlap or leave the text: a bug of the caller, never a mistake of a user.
 */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = ''
  let position = 0
  for (const { range, text: replacement } of inOrder(edits)) {
    if (range.start < position || range.end < range.start || range.end > text.length) {
      throw new RangeError(`edit [${range.start}, ${range.end}) overlaps another one or leaves the text`)
    }
    result += text.slice(position, range.start) + replacement
    position = range.end
  }
  return result + text.slice(position)
}

/** Where a range of the edited text was before the edits; what they have put in was where they put it. */
export function rangeBefore(edits: readonly Edit[], { start, end }: Range): Range {
  return { start: offsetBefore(edits, start), end: offsetBefore(edits, end) }
}

function offsetBefore(edits: readonly Edit[], offset: number): number {
  let shift = 0
  for (const { range, text } of inOrder(edits)) {
    const start = range.start + shift
    if (offset < start) break
    if (offset < start + text.length) return Math.min(range.start + (offset - start), range.end)
    shift += text.length - (range.end - range.start)
  }
  return offset - shift
}

/** The edits as they follow each other in the text; the order of equals is kept. */
export function inOrder(edits: readonly Edit[]): readonly Edit[] {
  return edits.toSorted((a, b) => a.range.start - b.range.start || a.range.end - b.range.end)
}
