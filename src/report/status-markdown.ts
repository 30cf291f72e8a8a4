import type { StatusRow } from '../pipeline/status-row.js'
import type { Status } from '../pipeline/status.js'
import { bar } from './bar.js'
import { unicodeGlyphs } from './glyphs.js'
import { code, table } from './markdown-text.js'
import { statusCells, statusSummary, type StatusCells } from './status-cells.js'

const barWidth = 10
const headings = ['Service', 'Stage', 'For', 'Next', 'Shares', 'Stable', 'Candidate', 'Tag', 'Plan', 'File']

/**
 * The table as GitHub's Markdown, with the summary below. Names are code, so that none is read as a link, a mention or
 * the end of a cell.
 *
 * @param now Seconds since 1970.
 */
export function statusMarkdown(status: Status, now: number): string {
  const summary = `${statusSummary(status)}\n`
  if (status.rows.length === 0) return summary
  const rows = statusCells(status, { now, glyphs: unicodeGlyphs }).map((cells, index) => {
    const drawn = bar(status.rows[index]?.shares ?? [], barWidth, unicodeGlyphs)
    const { service, time, shares, stable, candidate, plan, file } = cells
    const shown = [code(service), spelled(cells.stage), spelled(time), spelled(cells.next)]
    const isPlain = isNamedAsHosts(status.rows[index])
    const more = [shares === '' ? '' : code(`${drawn} ${shares}`), named(stable), named(candidate)]
    return [...shown, ...more, tagged(cells, isPlain), spelled(plan), code(file)]
  })
  return `${table(headings, rows)}\n${summary}`
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
