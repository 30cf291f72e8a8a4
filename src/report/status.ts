import { revisionText } from '../manifest/traffic.js'
import { isOffPlan, isRolling, type Status, type StatusRow } from '../pipeline/status.js'
import { highest } from '../text/collections.js'
import { printable } from '../text/printable.js'
import {
  bar,
  cutMiddle,
  gap,
  type Glyphs,
  type Paint,
  restText,
  sharesText,
  spanText,
  unicodeGlyphs,
  widthOf,
  widthsFor,
} from './cells.js'
import { code, table } from './markdown-text.js'
import { Positions } from './report.js'

/** What the reports for people say of a row, column by column, safe for a terminal; `''` where there is nothing to say. */
export type StatusCells = {
  readonly service: string
  readonly root: string
  readonly plan: string
  readonly stage: string
  readonly time: string
  readonly next: string
  readonly shares: string
  readonly live: string
  readonly stable: string
  readonly candidate: string
  readonly tag: string
  readonly file: string
  readonly url: string
}

/** Seconds since 1970, and the signs to write with. */
type CellOptions = { readonly now: number; readonly glyphs: Glyphs }

export function statusCells(status: Status, options: CellOptions): readonly StatusCells[] {
  const places = new Positions(status.files)
  return status.rows.map((row) => ({
    service: row.label === '' ? '(no name)' : printable(row.label),
    root: printable(row.root ?? ''),
    plan: printable(row.plan),
    stage: printable(stageText(row)),
    time: timeText(row, options),
    next: printable(nextText(row, options)),
    shares: sharesText(row.shares),
    live: printable(liveText(row)),
    stable: row.stable ? printable(revisionText(row.stable.revision)) : '',
    candidate: row.candidate ? printable(revisionText(row.candidate.revision)) : '',
    tag: printable(row.tag ?? ''),
    file: `${printable(row.file)}:${places.of(row.file, row.range).line}`,
    // Beside a candidate there is room for what reaches it alone.
    url: printable(row.candidate ? (row.tagUrl ?? '') : row.url),
  }))
}

/** The stage, or the state as it is where no stage leaves it. */
export function stageText(row: StatusRow): string {
  const { stage = stateText(row), rolledBack } = row
  if (!rolledBack) return stage
  return `${stage} (rolled back from ${rolledBack.stage ?? `${rolledBack.from}%`})`
}

function stateText({ state, shares }: StatusRow): string {
  if (state === 'unreadable') return 'unreadable'
  if (state === 'unpinned') return 'latest'
  if (shares.length > 2) return `${shares.length} revisions`
  return state === 'single' ? '1 revision' : sharesText(shares)
}

function timeText({ since }: StatusRow, { now, glyphs }: CellOptions): string {
  if (!since) return ''
  if ('unknown' in since) return 'unknown'
  if ('notCommitted' in since) return 'not committed'
  return `${since.isAtLeast ? glyphs.atLeast : ''}${spanText(now - since.time)}`
}

function nextText({ next }: StatusRow, { now }: CellOptions): string {
  if (!next) return ''
  const stage = next.isUnsure ? `${next.stage} (not checked)` : next.stage
  const { soak, frozen } = next
  // Of two reasons to wait, the one that lasts longer.
  if (frozen && (frozen.until === undefined || frozen.until > (soak?.until ?? 0)))
    return frozen.until === undefined ? `${stage} (frozen)` : `${stage} in ${restText(frozen.until - now)} (frozen)`
  if (!next.soak) return stage
  const { seconds, until } = next.soak
  return until === undefined ? `${stage} (soak ${spanText(seconds)})` : `${stage} in ${restText(until - now)}`
}

/** Where the cluster sends traffic, in the order of the shares, whether it can, and whether it has what the file has. */
function liveText({ live, shares }: StatusRow): string {
  if (!live) return ''
  const [known, others] = [live.shares.slice(0, shares.length), live.shares.slice(shares.length)]
  const more = others.map(({ revision, percent }) => ` + ${revisionText(revision)} ${percent}`).join('')
  return `${sharesText(known)}${more} ${readyText(live)}${live.drift.length > 0 ? ', drift' : ''}`.trimStart()
}

function readyText({ ready, reason, unready }: NonNullable<StatusRow['live']>): string {
  const [first] = unready
  const names = first ? `: ${first.name}${unready.length > 1 ? ` and ${unready.length - 1} more` : ''}` : ''
  if (first || reason !== undefined) return `not ready${names}${reason === undefined ? '' : ` (${reason})`}`
  return ready === undefined ? 'unknown' : ready === 'True' ? 'ready' : 'not ready'
}

/** What the rows sum up to: `12 Services: 3 rolling out, 1 rolled back, 1 odd`. */
export function statusSummary({ counts, rows }: Status): string {
  const { services, rolling, rolledBack, odd } = counts
  const back = rolledBack === 0 ? '' : `, ${rolledBack} rolled back`
  const shown = rows.length === services ? '' : `; ${rows.length} shown`
  return `${services} ${services === 1 ? 'Service' : 'Services'}: ${rolling} rolling out${back}, ${odd} unrecognized${shown}`
}

/** Why something is `unknown` or not checked, each reason once with the files that it is about. */
export function footnotes({ rows }: Status): readonly string[] {
  const files = new Map<string, Set<string>>()
  const note = (reason: string, file: string): void => {
    files.set(reason, (files.get(reason) ?? new Set()).add(file))
  }
  for (const { since, next, file } of rows) {
    const unknown = since && 'unknown' in since ? since.unknown : undefined
    if (unknown !== undefined && next?.isUnsure)
      note(`Git does not show when it started, nor whether the candidate was rolled back: ${unknown}`, file)
    else if (unknown !== undefined) note(`Git does not show when it started: ${unknown}`, file)
    else if (next?.isUnsure) note('the history does not show whether the candidate was rolled back', file)
  }
  return [...files].map(([reason, about]) => {
    const [first = ''] = about
    return printable(`${about.size === 1 ? first : `${about.size} files`}: ${reason}`)
  })
}

/** Whether people should look at a row before others. */
function isStriking(row: StatusRow): boolean {
  return isOffPlan(row) || row.rolledBack !== undefined
}

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
  root: 'ROOT',
  plan: 'PLAN',
  stage: 'STAGE',
  time: 'AGE',
  next: 'NEXT',
  shares: 'TRAFFIC',
  live: 'LIVE',
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
  root: 12,
  stage: 12,
  stable: 12,
  candidate: 12,
  file: 16,
  tag: 8,
  live: 12,
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
      const natural = Math.max(widthOf(headings[name]), highest(lines.map((line) => widthOfCell(line, name, hasBar))))
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
  if (name === 'live' && isLiveOdd(row)) return colours.warning(text)
  if (name === 'time' && row.since && !('time' in row.since)) return colours.warning(text)
  if (name !== 'shares' || row.state !== 'shared') return text
  const [drawn = '', ...numbers] = text.split(' ')
  const parts = [drawn.replaceAll(glyphs.candidate, ''), drawn.replaceAll(glyphs.stable, '')]
  return numbers.length === 0 ? text : `${parts[0]}${colours.added(parts[1] ?? '')} ${numbers.join(' ')}`
}

function isLiveOdd({ live }: StatusRow): boolean {
  return live !== undefined && (live.unready.length > 0 || live.drift.length > 0 || live.ready !== 'True')
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

const markdownBarWidth = 10
const markdownHeadings = ['Service', 'Stage', 'Age', 'Next', 'Traffic', 'Stable', 'Candidate', 'Tag', 'Plan', 'File']
const liveHeading = 'Live'

/**
 * The table as GitHub's Markdown, with the summary below. Names are code, so that none is read as a link, a mention or
 * the end of a cell.
 *
 * @param now Seconds since 1970.
 */
export function statusMarkdown(status: Status, now: number): string {
  const summary = `${statusSummary(status)}\n`
  if (status.rows.length === 0) return summary
  const isLive = status.rows.some(({ live }) => live !== undefined)
  const rows = statusCells(status, { now, glyphs: unicodeGlyphs }).map((cells, index) => {
    const drawn = bar(status.rows[index]?.shares ?? [], markdownBarWidth, unicodeGlyphs)
    const { service, root, time, shares, stable, candidate, plan, file } = cells
    const shown = [
      root === '' ? code(service) : `${code(service)} ${code(root)}`,
      spelled(cells.stage),
      spelled(time),
      spelled(cells.next),
    ]
    const isPlain = isNamedAsHosts(status.rows[index])
    const more = [shares === '' ? '' : code(`${drawn} ${shares}`), named(stable), named(candidate)]
    const live = isLive ? [named(cells.live)] : []
    return [...shown, ...more, tagged(cells, isPlain), spelled(plan), code(file), ...live]
  })
  return `${table(isLive ? [...markdownHeadings, liveHeading] : markdownHeadings, rows)}\n${summary}`
}

const label = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/

/** Whether all that a row gives to its URL are labels of a host: otherwise a name could lead to a host of its own choice. */
function isNamedAsHosts(row: StatusRow | undefined): boolean {
  const parts = [row?.name, row?.namespace ?? 'default', row?.tag]
  return parts.every((part) => part !== undefined && label.test(part))
}

/** The tag as a link to where it is expected, if that is a plain URL. */
function tagged({ tag, url }: StatusCells, isPlain: boolean): string {
  if (tag === '') return ''
  return isPlain && /^https?:\/\/[\w.-]+(?::\d+)?[\w/.-]*$/.test(url)
    ? `[${code(tag)}](${url})`
    : `${code(tag)} ${code(url)}`
}

function named(text: string): string {
  return text === '' ? '' : code(text)
}

/** Text at a glance, in which nothing means anything to Markdown. */
function spelled(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N} .,:()/%?≥…-]/gu, (sign) => `&#${sign.codePointAt(0)};`)
}
