import { revisionText, type TrafficTarget } from '../manifest/traffic.js'
import type { Outcome, ServiceRow } from '../pipeline/outcome.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { comparedMarkdown } from './compared.js'
import { countsText, findingsTable } from './markdown-findings.js'
import { routed } from '../stages/shares.js'
import { code, series, table } from './markdown-text.js'
import type { ReportOptions } from './render.js'
import { fitting, sizeOf } from './room.js'
import { plural } from '../text/plural.js'

const mostRows = 100

/**
 * A change that was judged, in Markdown: a row for each Service, from where its traffic goes to where, and what was
 * found; then the findings, folded. It never says that a change is safe: files do not tell.
 */
export function checkMarkdown(outcome: Outcome, options: ReportOptions, room: number): string {
  const rows = outcome.services.map((service) => row(service, outcome))
  const lines = rows.map((cells) => table([], [cells]).split('\n').at(-2) ?? '')
  const { shown, left } = fitting(lines, room / 2, mostRows)
  const rest = left > 0 ? `\n… ${plural(left, 'more Service')}\n` : ''
  const sides = outcome.compared ? `${comparedMarkdown(outcome.compared)}\n` : ''
  const moves = table(['Service', 'from → to', 'found'], rows.slice(0, shown.length))
  const head = `${countsText(outcome)}.\n${sides}${rows.length > 0 ? `\n${moves}` : ''}${rest}`
  if (outcome.diagnostics.length === 0) return head
  const findings = findingsTable(outcome, options, room - sizeOf(head) - 1000)
  return `${head}\n<details><summary>Findings</summary>\n\n${findings}\n</details>\n`
}

function row({ file, name, namespace, way }: ServiceRow, { diagnostics }: Outcome): readonly string[] {
  const label = namespace === undefined ? name : `${namespace}/${name}`
  const own = diagnostics.filter((one) => one.file === file && one.service === label)
  return [code(label), wayText(way ?? {}), verdictText(own)]
}

function wayText({ from, to }: NonNullable<ServiceRow['way']>): string {
  const [old, now] = [from, to].map((targets) => targets && sharesText(targets))
  if (now === undefined) return 'cannot be read'
  if (old === undefined) return `new: ${now}`
  return old === now ? `as it was: ${now}` : `${old} → ${now}`
}

function sharesText(targets: readonly TrafficTarget[]): string {
  return series(
    routed(targets).map(({ revision, percent }) => `${code(revisionText(revision))} ${percent} %`),
    6,
  )
}

function verdictText(own: readonly Diagnostic[]): string {
  const counts = (['error', 'warning', 'note'] as const).flatMap((severity) => {
    const count = own.filter((one) => one.severity === severity).length
    const text = plural(count, severity)
    return count === 0 ? [] : [severity === 'error' ? `**${text}**` : text]
  })
  const codes = series([...new Set(own.map((one) => one.code))], 5)
  if (own.length === 0) return 'no findings'
  return `${counts.join(', ')} (${codes})`
}
