import { countBelow } from './collections.js'
import type { Range } from './source.js'

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
  const { starts, steps } = trackOf(edits)
  const step = steps[countBelow(starts, offset + 1) - 1]
  if (!step) return offset
  const { start, shift, edit } = step
  const { range, text } = edit
  if (offset < start + text.length) return Math.min(range.start + (offset - start), range.end)
  return offset - shift
}

/** Where each edit stands in the edited text, and how far it and those before it move what follows. */
type Track = {
  readonly starts: readonly number[]
  readonly steps: readonly { readonly start: number; readonly shift: number; readonly edit: Edit }[]
}

const tracks = new WeakMap<readonly Edit[], Track>()

function trackOf(edits: readonly Edit[]): Track {
  const known = tracks.get(edits)
  if (known) return known
  let shift = 0
  const steps = inOrder(edits).map((edit) => {
    const start = edit.range.start + shift
    shift += edit.text.length - (edit.range.end - edit.range.start)
    return { start, shift, edit }
  })
  const track = { starts: steps.map(({ start }) => start), steps }
  tracks.set(edits, track)
  return track
}

/** A stretch that stays: where it was, and where it is. */
type Kept = { readonly from: number; readonly to: number; readonly length: number }

/**
 * One list of edits that comes to the same as several, each of the text that the one before it leaves. What comes and goes
 * on the way is in none of them.
 */
export function composedEdits(text: string, rounds: readonly (readonly Edit[])[]): readonly Edit[] {
  let kept: readonly Kept[] = [{ from: 0, to: 0, length: text.length }]
  let current = text
  for (const edits of rounds) {
    kept = throughBoth(kept, keptBy(current, edits))
    current = applyEdits(current, edits)
  }
  const result: Edit[] = []
  let [from, to] = [0, 0]
  for (const one of [...kept, { from: text.length, to: current.length, length: 0 }]) {
    if (one.from > from || one.to > to)
      result.push({ range: { start: from, end: one.from }, text: current.slice(to, one.to) })
    ;[from, to] = [one.from + one.length, one.to + one.length]
  }
  return result
}

function keptBy(text: string, edits: readonly Edit[]): readonly Kept[] {
  const kept: Kept[] = []
  let [from, to] = [0, 0]
  for (const { range, text: by } of inOrder(edits)) {
    if (range.start > from) kept.push({ from, to, length: range.start - from })
    to += range.start - from + by.length
    from = range.end
  }
  if (text.length > from) kept.push({ from, to, length: text.length - from })
  return kept
}

/** What stays through both, from the first text to the last one. */
function throughBoth(first: readonly Kept[], second: readonly Kept[]): readonly Kept[] {
  const kept: Kept[] = []
  let [a, b] = [0, 0]
  for (let [one, other] = [first[a], second[b]]; one && other; [one, other] = [first[a], second[b]]) {
    const start = Math.max(one.to, other.from)
    const [oneEnd, otherEnd] = [one.to + one.length, other.from + other.length]
    const end = Math.min(oneEnd, otherEnd)
    if (end > start)
      kept.push({ from: one.from + start - one.to, to: other.to + start - other.from, length: end - start })
    if (oneEnd <= otherEnd) a++
    if (otherEnd <= oneEnd) b++
  }
  return kept
}

/** The edits as they follow each other in the text; the order of equals is kept. */
export function inOrder(edits: readonly Edit[]): readonly Edit[] {
  return edits.toSorted((a, b) => a.range.start - b.range.start || a.range.end - b.range.end)
}
