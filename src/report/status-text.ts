import { isRolling, type StatusRow } from '../pipeline/status-row.js'
import type { Status } from '../pipeline/status.js'
import { bar } from './bar.js'
import { widthOf } from './cells.js'
import type { Paint } from './colour.js'
import { cutMiddle, gap, widthsFor } from './fit.js'
import type { Glyphs } from './glyphs.js'
import { isStriking, statusCells, type StatusCells } from './status-cells.js'

/** How the table is to look. */
export type TableOptions = {
  readonly colours: Paint
  readonly glyphs: Glyphs
  /** Seconds since 1970. */
  readonly now: number
  /** The width of the terminal in cells; without one nothing is cut. */
  readonly width?: number
}

type Name = keyof StatusCells
const headings: Readonly<Record<Name, string>> = {
  service: 'SERVICE',
  plan: 'PLAN',
  stage: 'STAGE',
  time: 'FOR',
  next: 'NEXT',
  shares: 'SHARES',
  stable: 'STABLE',
  candidate: 'CANDIDATE',
  tag: 'TAG',
  file: 'FILE',
  url: 'URL',
}
const order = Object.keys(headings) as readonly Name[]

/** What goes when room runs out, in this order. What tells who is who and where moves to a line of its own. */
const leaving: readonly (readonly (Name | 'bar')[])[] = [
  ['url'],
  ['plan'],
  ['file'],
  ['tag'],
  ['stable', 'candidate'],
  ['time'],
  ['bar'],
  ['next'],
]
/** How far columns are cut before the next one leaves; the others are never cut. */
const least: Readonly<Partial<Record<Name, number>>> = {
  service: 16,
  stage: 12,
  stable: 12,
  candidate: 12,
  file: 16,
  tag: 8,
}
const barWidth = 6
/** Narrower terminals show no second lines: they would be cut. */
const roomBelow = 60

type Line = { readonly row: StatusRow; readonly cells: StatusCells }

/** The table for people, in the width that there is. */
export function statusText(status: Status, options: TableOptions): string {
  const { glyphs, colours, width = Infinity } = options
  const lines = statusCells(status, options).flatMap((cells, index) => {
    const row = status.rows[index]
    return row ? [{ row, cells }] : []
  })
  if (lines.length === 0) return ''
  const { columns, widths, hasBar } = layoutFor(lines, width)
  const body = lines.map((line) => {
    const shown = columns.map((name, index) => {
      const text = cutMiddle(textOf(line, name, hasBar, glyphs), widths[index] ?? 0, glyphs.ellipsis)
      return { text, painted: painted(name, text, line.row, options) }
    })
    const below = width < roomBelow ? [] : belowLines(line, columns, { glyphs, room: width - gap })
    return [joined(shown, widths), ...below].map((text) => `${text}\n`).join('')
  })
  const head = columns.map((name) => ({ text: headings[name], painted: colours.strong(headings[name]) }))
  return `${joined(head, widths)}\n${body.join('')}`
}

type Layout = { readonly columns: readonly Name[]; readonly widths: readonly number[]; readonly hasBar: boolean }

/** The most columns that fit. What nobody has anything to say in is left out. */
function layoutFor(lines: readonly Line[], room: number): Layout {
  const told = order.filter((name) => lines.some(({ cells }) => cells[name] !== ''))
  for (let gone = 0; ; gone++) {
    const left = new Set(leaving.slice(0, gone).flat())
    const hasBar = !left.has('bar')
    const columns = told.filter((name) => !left.has(name))
    const isLast = gone === leaving.length
    const extents = columns.map((name) => {
      const natural = Math.max(widthOf(headings[name]), ...lines.map((line) => widthOfCell(line, name, hasBar)))
      // Rather a second line for the URL than names that are cut.
      const bound = columns.includes('url') ? natural : isLast ? headings[name].length : (least[name] ?? natural)
      return { natural, least: bound }
    })
    const widths = widthsFor(extents, room)
    if (widths) return { columns, widths, hasBar }
    if (isLast) return { columns, widths: extents.map((extent) => extent.least), hasBar }
  }
}

/** What a row has no columns for, in a line or two: who takes over from whom, and where that can be seen. */
function belowLines(
  { row, cells }: Line,
  columns: readonly Name[],
  { glyphs, room }: { readonly glyphs: Glyphs; readonly room: number },
): readonly string[] {
  const isOpen = cells.candidate !== '' && !columns.includes('candidate')
  const half = Math.floor((room - glyphs.arrow.length - 2) / 2)
  const [stable, candidate] = [cells.stable || glyphs.none, cells.candidate].map((name) =>
    cutMiddle(name, half, glyphs.ellipsis),
  )
  const roles = isOpen ? [`${stable} ${glyphs.arrow} ${candidate}`] : []
  const isTagged = row.tagUrl !== undefined && !columns.includes('url')
  const parts = [...roles, ...(isTagged ? [cells.url] : [])]
  const whole = parts.join(' '.repeat(gap))
  const lines = widthOf(whole) > room ? parts : parts.length > 0 ? [whole] : []
  return lines.map((text) => ' '.repeat(gap) + cutMiddle(text, room, glyphs.ellipsis))
}

function widthOfCell({ cells }: Line, name: Name, hasBar: boolean): number {
  return widthOf(cells[name]) + (name === 'shares' && hasBar && cells.shares !== '' ? barWidth + 1 : 0) || 1
}

function textOf({ row, cells }: Line, name: Name, hasBar: boolean, glyphs: Glyphs): string {
  if (cells[name] === '') return glyphs.none
  return name === 'shares' && hasBar ? `${bar(row.shares, barWidth, glyphs)} ${cells.shares}` : cells[name]
}

function painted(name: Name, text: string, row: StatusRow, { colours, glyphs }: TableOptions): string {
  if (name === 'service') return colours.strong(text)
  if (name === 'stage') return isStriking(row) ? colours.warning(text) : isRolling(row) ? colours.hunk(text) : text
  if (name === 'time' && row.since && !('time' in row.since)) return colours.warning(text)
  if (name !== 'shares' || row.state !== 'shared') return text
  const [drawn = '', ...numbers] = text.split(' ')
  const parts = [drawn.replaceAll(glyphs.candidate, ''), drawn.replaceAll(glyphs.stable, '')]
  return numbers.length === 0 ? text : `${parts[0]}${colours.added(parts[1] ?? '')} ${numbers.join(' ')}`
}

function joined(
  cells: readonly { readonly text: string; readonly painted: string }[],
  widths: readonly number[],
): string {
  let line = ''
  for (const [index, { text, painted: shown }] of cells.entries()) {
    const isLast = index === cells.length - 1
    line += isLast ? shown : `${shown}${' '.repeat(Math.max(0, (widths[index] ?? 0) - widthOf(text)) + gap)}`
  }
  return line.trimEnd()
}
