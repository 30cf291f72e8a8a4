import { cellsOf, widthOf } from './cells.js'
import { sum } from '../text/sum.js'

/** A column of a table, in terminal cells. */
export type Extent = {
  /** What its widest cell takes. */
  readonly natural: number
  /** What it can be cut to. */
  readonly least: number
}

/** What stands between two columns. */
export const gap = 2

/**
 * The widths of columns that fit into `room` cells: the widest are cut first. Undefined where they do not fit, however
 * they are cut.
 */
export function widthsFor(columns: readonly Extent[], room: number): readonly number[] | undefined {
  const widths = columns.map(({ natural }) => natural)
  const least = columns.map(({ natural, least: bound }) => Math.min(natural, bound))
  const gaps = gap * (columns.length - 1)
  let over = gaps + sum(widths) - room
  if (over <= 0) return widths
  if (gaps + sum(least) > room) return undefined
  for (; over > 0; over--) {
    const open = widths.map((width, index) => (width > (least[index] ?? 0) ? width : 0))
    const widest = open.indexOf(Math.max(...open))
    widths[widest] = (widths[widest] ?? 0) - 1
  }
  return widths
}

/** The text in at most `width` cells, with what is too much taken out of its middle: the ends tell names apart. */
export function cutMiddle(text: string, width: number, ellipsis: string): string {
  if (widthOf(text) <= width) return text
  const room = Math.max(0, width - ellipsis.length)
  const characters = Array.from(text)
  const head = taken(characters, Math.ceil(room / 2))
  const tail = taken(characters.toReversed(), room - widthOf(head.join(''))).toReversed()
  return `${head.join('')}${ellipsis.slice(0, width)}${tail.join('')}`
}

function taken(characters: readonly string[], room: number): readonly string[] {
  let width = 0
  const end = characters.findIndex((character) => (width += cellsOf(character)) > room)
  return end < 0 ? characters : characters.slice(0, end)
}
