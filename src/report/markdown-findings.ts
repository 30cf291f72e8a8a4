import type { Outcome } from '../pipeline/outcome.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { code, prose, table } from './markdown-text.js'
import type { ReportOptions } from './render.js'
import { fitting } from './room.js'
import { whereabouts, type Where } from './where.js'
import { plural } from '../text/plural.js'

const most = 50
const ranks = { error: 0, warning: 1, note: 2 } as const

/** The findings as a table, the worst first; of many the first 50, or what so many bytes hold. */
export function findingsTable(outcome: Outcome, options: ReportOptions, room: number): string {
  const where = whereabouts(outcome, options)
  const sorted = outcome.diagnostics.toSorted((a, b) => ranks[a.severity] - ranks[b.severity])
  const head = ['severity', 'where', 'what', 'code']
  const rows = sorted.map((diagnostic) => row(diagnostic, where(diagnostic)))
  const { shown, left } = fitting(
    rows.map((cells) => table(head, [cells]).split('\n')[2] ?? ''),
    room,
    most,
  )
  const rest = left > 0 ? `\n… ${left} more: run ${code('kn-rollout validate')}\n` : ''
  return table(head, rows.slice(0, shown.length)) + rest
}

function row({ severity, message, help, code: name, file }: Diagnostic, where: Where): readonly string[] {
  const place = file === '' ? '' : code(`${where.file}:${where.line}:${where.column}`)
  return [severity, place, `${prose(message)}${help === undefined ? '' : `<br>help: ${prose(help)}`}`, name]
}

/** What was looked at, and how much was found. */
export function countsText({ services, diagnostics, silenced = 0 }: Outcome): string {
  const count = (severity: Diagnostic['severity']): string => {
    return plural(diagnostics.filter((diagnostic) => diagnostic.severity === severity).length, severity)
  }
  const files = new Set(services.map(({ file }) => file)).size
  const found = [count('error'), count('warning'), count('note'), ...(silenced > 0 ? [`${silenced} silenced`] : [])]
  return `${plural(services.length, 'Knative Service')} in ${plural(files, 'file')}: ${found.join(', ')}`
}
