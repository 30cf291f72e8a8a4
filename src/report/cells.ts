import type { Share } from '../pipeline/status.js'
import { sum } from '../text/collections.js'
import { spelledAt, visibleParts } from '../text/printable.js'

/** A stretch of a line as a terminal shows it: the text, and where the marked part stands in it, in terminal cells. */
type Cells = { readonly text: string; readonly start: number; readonly width: number }

const tabStop = 4
const longestRun = 120
/** How many cells of a line that is too long are shown before the marked part. */
const lead = 40

/**
 * A line as a terminal shows it, cut to about 120 cells around the marked columns (`from` up to but not `to`, counted
 * from 0 in UTF-16 units). Tabs become spaces and control characters are spelled, so that the mark stays in line. The
 * cost does not grow with the line.
 */
export function lineCells(line: string, from: number, to: number): Cells {
  if (line.length <= longestRun && plain.test(line) && !line.includes('##')) {
    const start = Math.min(from, line.length)
    return { text: line, start, width: Math.max(1, Math.min(to, line.length) - start) }
  }
  const first = fits(line) ? 0 : leadStart(line, Math.min(from, line.length))
  let text = first > 0 ? '…' : ''
  let width = text.length
  let mark: { start: number; end: number } | undefined
  let offset = first
  while (offset < line.length && offset - first < 4 * longestRun) {
    const character = characterAt(line, offset)
    const shown = character === '\t' ? ' '.repeat(tabStop - (width % tabStop)) : (spelledAt(line, offset) ?? character)
    const wide = shown === character ? cellsOf(character) : shown.length
    if (width + wide > longestRun) break
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
  if (line.length > longestRun) return false
  let width = 0
  for (const character of line) width += cellsAtMost(character)
  return width <= longestRun
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

/** How many cells a character takes: 0, 1 or 2. */
function cellsOf(character: string): number {
  if (plain.test(character)) return 1
  return isWide(character) ? 2 : /^[\p{Mn}\p{Me}\p{Cf}]$/u.test(character) ? 0 : 1
}

function isWide(character: string): boolean {
  return /^[\p{Emoji_Presentation}\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{20000}-\u{3FFFD}]$/u.test(
    character,
  )
}

/** A column of a table, in terminal cells. */
type Extent = {
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

/** The signs of a report that not every terminal has. */
export type Glyphs = Readonly<
  Record<'stable' | 'candidate' | 'other' | 'ellipsis' | 'none' | 'atLeast' | 'arrow', string>
>

export const unicodeGlyphs: Glyphs = {
  stable: '█',
  candidate: '░',
  other: '▒',
  ellipsis: '…',
  none: '–',
  atLeast: '≥ ',
  arrow: '→',
}

/** For terminals that do not speak UTF-8. */
export const asciiGlyphs: Glyphs = {
  stable: '#',
  candidate: '-',
  other: '=',
  ellipsis: '..',
  none: '-',
  atLeast: '>= ',
  arrow: '->',
}

/**
 * The shares as a bar of `width` cells. What has a share has a cell, however small it is, while there is room. Shares
 * that do not add up to 100 are drawn as parts of what they add up to.
 */
export function bar(shares: readonly Share[], width: number, glyphs: Glyphs): string {
  const parts = shares.map(({ percent }) => Math.max(0, percent))
  const whole = sum(parts)
  if (whole === 0) return ' '.repeat(width)
  const cells = parts.map((part) => (part === 0 ? 0 : Math.max(1, Math.round((part / whole) * width))))
  for (let left = width - sum(cells); left !== 0; left = width - sum(cells)) {
    const widest = cells.indexOf(Math.max(...cells))
    if (left < 0 && cells[widest] === 1) break
    cells[widest] = (cells[widest] ?? 0) + Math.sign(left)
  }
  const drawn = cells.map((count, index) => glyphs[glyphFor(shares, index)].repeat(count)).join('')
  return drawn.slice(0, width)
}

/** Without a candidate the revisions take turns, so that neighbours differ. */
function glyphFor(shares: readonly Share[], index: number): 'stable' | 'candidate' | 'other' {
  if (shares.some(({ role }) => role === 'candidate')) return shares[index]?.role ?? 'other'
  return (['stable', 'other', 'candidate'] as const)[index % 3] ?? 'other'
}

/** The percents in the same order: `70/30`. */
export function sharesText(shares: readonly Share[]): string {
  return shares.map(({ percent }) => percent).join('/')
}

const units = [
  { sign: 'd', seconds: 86_400 },
  { sign: 'h', seconds: 3600 },
  { sign: 'm', seconds: 60 },
] as const

/** A stretch of seconds at a glance, in the two largest units that it fills: `3d 4h`, `12m`, `<1m`. */
export function spanText(seconds: number): string {
  let rest = Math.max(0, Math.floor(seconds))
  const parts = units.map((unit) => {
    const count = Math.floor(rest / unit.seconds)
    rest -= count * unit.seconds
    return { count, sign: unit.sign }
  })
  const first = parts.findIndex(({ count }) => count > 0)
  if (first < 0) return '<1m'
  return parts
    .slice(first, first + 2)
    .filter(({ count }) => count > 0)
    .map(({ count, sign }) => `${count}${sign}`)
    .join(' ')
}

/** A stretch that is still to come: rounded up, so that nobody looks too early. */
export function restText(seconds: number): string {
  return spanText(Math.ceil(seconds / 60) * 60)
}

/** Colours for terminals, by meaning; without colour every one gives back its text. */
export type Paint = Readonly<
  Record<'added' | 'removed' | 'hunk' | 'strong' | 'spelled' | 'error' | 'warning' | 'note', (text: string) => string>
>

const codes = {
  added: '32',
  removed: '31',
  hunk: '36',
  strong: '1',
  spelled: '7',
  error: '1;31',
  warning: '1;33',
  note: '1;36',
} as const

export function paint(isColoured: boolean): Paint {
  const wrap = (code: string) => (text: string) =>
    isColoured && text !== '' ? `\u001B[${code}m${text}\u001B[0m` : text
  return {
    added: wrap(codes.added),
    removed: wrap(codes.removed),
    hunk: wrap(codes.hunk),
    strong: wrap(codes.strong),
    spelled: wrap(codes.spelled),
    error: wrap(codes.error),
    warning: wrap(codes.warning),
    note: wrap(codes.note),
  }
}

/**
 * A patch as a terminal shows it: its lines coloured as Git does, and what would act on the terminal or the reader spelled
 * and set off. No tool takes this for a patch.
 */
export function shownPatch(patch: string, colours: Paint): string {
  return patch
    .split('\n')
    .map((line) => {
      const colour = colourOf(line, colours)
      return visibleParts(line.replace(/\r$/, ''))
        .map(({ text, isSpelled }) => (isSpelled ? colours.spelled(text) : colour(text)))
        .join('')
    })
    .join('\n')
}

function colourOf(line: string, colours: Paint): (text: string) => string {
  if (/^(?:diff |--- |\+\+\+ )/.test(line)) return colours.strong
  if (line.startsWith('@@')) return colours.hunk
  if (line.startsWith('+')) return colours.added
  return line.startsWith('-') ? colours.removed : (text) => text
}
