import { revisionText } from '../manifest/traffic.js'
import { isOdd, type StatusRow } from '../pipeline/status-row.js'
import type { Status } from '../pipeline/status.js'
import { sharesText } from './bar.js'
import { printable } from '../text/printable.js'
import type { Glyphs } from './glyphs.js'
import { Places } from './position.js'
import { restText, spanText } from './span.js'

/** What the reports for people say of a row, column by column, safe for a terminal; `''` where there is nothing to say. */
export type StatusCells = {
  readonly service: string
  readonly plan: string
  readonly stage: string
  readonly time: string
  readonly next: string
  readonly shares: string
  readonly stable: string
  readonly candidate: string
  readonly tag: string
  readonly file: string
  readonly url: string
}

/** Seconds since 1970, and the signs to write with. */
export type CellOptions = { readonly now: number; readonly glyphs: Glyphs }

export function statusCells(status: Status, options: CellOptions): readonly StatusCells[] {
  const places = new Places(status.files)
  return status.rows.map((row) => ({
    service: row.label === '' ? '(no name)' : printable(row.label),
    plan: printable(row.plan),
    stage: printable(stageText(row)),
    time: timeText(row, options),
    next: printable(nextText(row, options)),
    shares: sharesText(row.shares),
    stable: row.stable ? printable(revisionText(row.stable.revision)) : '',
    candidate: row.candidate ? printable(revisionText(row.candidate.revision)) : '',
    tag: printable(row.tag ?? ''),
    file: `${printable(row.file)}:${places.of(row.file, row.range).line}`,
    url: printable(row.tagUrl ?? row.url),
  }))
}

/** The stage, or the state as it is where no stage leaves it. */
export function stageText(row: StatusRow): string {
  const { stage = stateText(row), rolledBack } = row
  if (!rolledBack) return stage
  return `${stage} (rolled back from ${rolledBack.stage ?? `${rolledBack.from} %`})`
}

function stateText({ state, shares }: StatusRow): string {
  if (state === 'unreadable') return 'unreadable'
  if (state === 'unset') return 'patch without traffic'
  if (state === 'unpinned') return 'latest'
  if (shares.length > 2) return `${shares.length} revisions`
  return state === 'single' ? '1 revision' : sharesText(shares)
}

function timeText({ since }: StatusRow, { now, glyphs }: CellOptions): string {
  if (!since) return ''
  if ('unknown' in since) return '?'
  if ('notCommitted' in since) return 'not committed'
  return `${since.isAtLeast ? glyphs.atLeast : ''}${spanText(now - since.time)}`
}

function nextText({ next }: StatusRow, { now }: CellOptions): string {
  if (!next) return ''
  const stage = next.isUnsure ? `${next.stage}?` : next.stage
  if (!next.soak) return stage
  const { seconds, until } = next.soak
  return until === undefined ? `${stage} (soak ${spanText(seconds)})` : `${stage} in ${restText(until - now)}`
}

/** What the rows sum up to: `12 Services: 3 rolling out, 1 rolled back, 1 odd`. */
export function statusSummary({ counts, rows }: Status): string {
  const { services, rolling, rolledBack, odd } = counts
  const back = rolledBack === 0 ? '' : `, ${rolledBack} rolled back`
  const shown = rows.length === services ? '' : `; ${rows.length} shown`
  return `${services} ${services === 1 ? 'Service' : 'Services'}: ${rolling} rolling out${back}, ${odd} odd${shown}`
}

/** What the question marks stand for, each reason once with the files that it is about. */
export function footnotes({ rows }: Status): readonly string[] {
  const files = new Map<string, Set<string>>()
  const note = (reason: string, file: string): void => {
    files.set(reason, (files.get(reason) ?? new Set()).add(file))
  }
  for (const { since, next, file } of rows) {
    const unknown = since && 'unknown' in since ? since.unknown : undefined
    if (unknown !== undefined && next?.isUnsure)
      note(`Git does not tell since when, nor whether the candidate was rolled back: ${unknown}`, file)
    else if (unknown !== undefined) note(`Git does not tell since when: ${unknown}`, file)
    else if (next?.isUnsure) note('the history ends before it tells whether the candidate was rolled back', file)
  }
  return [...files].map(([reason, about]) => {
    const [first = ''] = about
    return printable(`? ${about.size === 1 ? first : `${about.size} files`}: ${reason}`)
  })
}

/** Whether people should look at a row before others. */
export function isStriking(row: StatusRow): boolean {
  return isOdd(row) || row.rolledBack !== undefined
}
