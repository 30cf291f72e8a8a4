import { spelledAt } from '../text/printable.js'

/** A stretch of a line as a terminal shows it: the text, and where the marked part stands in it, in terminal cells. */
export type Cells = { readonly text: string; readonly start: number; readonly width: number }

const tabStop = 4
const room = 120
/** How many cells of a line that is too long are shown before the marked part. */
const lead = 40

/**
 * A line as a terminal shows it, cut to about 120 cells around the marked columns (`from` up to but not `to`, counted
 * from 0 in UTF-16 units). Tabs become spaces and control characters are spelled, so that the mark stays in line. The
 * cost does not grow with the line.
 */
export function cells(line: string, from: number, to: number): Cells {
  if (line.length <= room && plain.test(line) && !line.includes('##')) {
    const start = Math.min(from, line.length)
    return { text: line, start, width: Math.max(1, Math.min(to, line.length) - start) }
  }
  const first = fits(line) ? 0 : leadStart(line, Math.min(from, line.length))
  let text = first > 0 ? '…' : ''
  let width = text.length
  let mark: { start: number; end: number } | undefined
  let offset = first
  while (offset < line.length && offset - first < 4 * room) {
    const character = characterAt(line, offset)
    const shown = character === '\t' ? ' '.repeat(tabStop - (width % tabStop)) : (spelledAt(line, offset) ?? character)
    const wide = shown === character ? cellsOf(character) : shown.length
    if (width + wide > room) break
    if (offset >= from) mark = { start: mark?.start ?? width, end: offset < to ? width + wide : (mark?.end ?? width) }
    text += shown
    width += wide
    offset += character.length
  }
  const { start, end } = mark ?? { start: width, end: width }
  return { text: offset < line.length ? `${text}…` : text, start, width: Math.max(1, end - start) }
}

/** How many cells a text takes that has no tabs and no control characters. */
export function widthOf(text: string): number {
  let width = 0
  for (const character of text) width += cellsOf(character)
  return width
}

function fits(line: string): boolean {
  if (line.length > room) return false
  let width = 0
  for (const character of line) width += cellsAtMost(character)
  return width <= room
}

/** The offset from which a cut line is shown. */
function leadStart(line: string, from: number): number {
  let first = from
  for (let width = 0; first > 0 && from - first < lead;) {
    const before = first > 1 && /[\uDC00-\uDFFF]/.test(line[first - 1] ?? '') ? first - 2 : first - 1
    width += cellsAtMost(characterAt(line, before))
    if (width > lead) break
    first = before
  }
  return first
}

function characterAt(line: string, offset: number): string {
  return String.fromCodePoint(line.codePointAt(offset) ?? 0)
}

function cellsAtMost(character: string): number {
  if (character === '\t') return tabStop
  return spelledAt(character, 0)?.length ?? cellsOf(character)
}

const plain = /^[\u0020-\u007E]*$/
const zero = /^[\p{Mn}\p{Me}\p{Cf}]$/u
const double =
  /^[\p{Emoji_Presentation}\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{20000}-\u{3FFFD}]$/u

/** How many cells a character takes: 0, 1 or 2. */
export function cellsOf(character: string): number {
  if (plain.test(character)) return 1
  return double.test(character) ? 2 : zero.test(character) ? 0 : 1
}
