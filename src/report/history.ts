import { revisionText, sameRevision, type TrafficTarget } from '../manifest/traffic.js'
import type { Status, StatusRow } from '../pipeline/status.js'
import type { TrafficHistory, TrafficStep } from '../pipeline/traffic-history.js'
import { printable } from '../text/printable.js'
import { plural, shortCommit, utcMinute, utcSecond } from '../text/words.js'
import { bar, type Glyphs, widthOf } from './cells.js'
import type { Paint } from './colour.js'
import { diagnosticJson, reportText, targetJson } from './json.js'
import type { HistoryJson, HistoryStepJson } from './public-json.js'
import { Positions } from './where.js'

/** How the tables are to look. */
type HistoryOptions = { readonly colours: Paint; readonly glyphs: Glyphs }

const barWidth = 10
const headings = ['SINCE', 'COMMIT', 'STAGE', 'TRAFFIC'] as const

/** The steps of each Service as a table, the newest first, under a line that names it. */
export function historyText({ rows }: Pick<Status, 'rows'>, options: HistoryOptions): string {
  return rows.map((row) => serviceText(row, options)).join('\n')
}

function serviceText(row: StatusRow, { colours, glyphs }: HistoryOptions): string {
  const { label, root, file, plan, history } = row
  const place = root === undefined ? file : `${root} (kustomize root)`
  const head = `${colours.strong(printable(label))}  ${printable(place)}  plan ${printable(plan)}\n`
  if (!history) return `${head}Git does not show its traffic\n`
  const lines = [headings, ...history.steps.map((step) => cellsOf(step, glyphs))]
  const widths = headings.map((_, index) => Math.max(...lines.map((line) => widthOf(line[index] ?? ''))))
  const table = lines.map((line, number) => {
    const cells = line.map((cell, index) =>
      index < 3 ? cell + ' '.repeat((widths[index] ?? 0) - widthOf(cell)) : cell,
    )
    return number === 0 ? colours.strong(cells.join('  ')) : cells.join('  ')
  })
  return `${head}${table.map((line) => `${line.trimEnd()}\n`).join('')}${gapsText(history)}`
}

function cellsOf(step: TrafficStep, glyphs: Glyphs): readonly string[] {
  const { brought, traffic } = step
  const shares = (traffic ?? []).map(({ revision, percent }) => {
    const isCandidate = step.candidate !== undefined && sameRevision(revision, step.candidate)
    return {
      revision,
      percent,
      ...(step.candidate && { role: isCandidate ? ('candidate' as const) : ('stable' as const) }),
    }
  })
  return [
    brought ? utcMinute(brought.time) : 'not committed',
    brought ? shortCommit(brought.commit) : glyphs.none,
    printable(stepText(step)) || glyphs.none,
    traffic ? `${bar(shares, barWidth, glyphs)} ${printable(trafficText(step))}` : 'cannot be read',
  ]
}

/** The stage of a step, or that the candidate was taken back; the percents where no stage leaves them. */
export function stepText({ stage, isBack, traffic = [] }: TrafficStep): string {
  return isBack ? 'rollback' : (stage ?? traffic.map(({ percent }) => percent).join('/'))
}

/** The targets of a step: `shop-v1 90%, shop-v2 10% (tag v2)`. */
export function trafficText({ traffic = [], templateName }: TrafficStep): string {
  return traffic.map((target) => targetText(target, templateName)).join(', ')
}

function targetText({ revision, percent, tag }: TrafficTarget, templateName: string | undefined): string {
  const meant = 'latest' in revision && templateName !== undefined ? ` = ${templateName}` : ''
  return `${revisionText(revision)}${meant} ${percent}%${tag === undefined ? '' : ` (tag ${tag})`}`
}

/** What is not known of a history, as a line; `''` where all is. */
export function gapsText({ isCut, unread }: Pick<TrafficHistory, 'isCut' | 'unread'>): string {
  const parts = [
    ...(isCut ? ['the history ends here, but the Service is older'] : []),
    ...(unread > 0 ? [`${plural(unread, 'version')} of the file cannot be read`] : []),
  ]
  return parts.length === 0 ? '' : `not shown: ${parts.join('; ')}\n`
}

/** The report for programs, of the shape that `schemas/report.json` promises. */
export function historyJson({ files, rows, diagnostics }: Status): string {
  const places = new Positions(files)
  return reportText({
    diagnostics: diagnostics.map((one) => diagnosticJson(one, places)),
    history: rows.map((row) => rowJson(row, places)),
  })
}

function rowJson(row: StatusRow, places: Positions): HistoryJson {
  const { file, range, root, namespace, name, plan, history } = row
  return {
    file,
    line: places.of(file, range).line,
    root,
    namespace,
    name,
    plan,
    incomplete: !history || history.isCut || history.unread > 0 ? true : undefined,
    steps: (history?.steps ?? []).map(stepJson),
  }
}

function stepJson({ brought, stage, isBack, templateName, traffic }: TrafficStep): HistoryStepJson {
  return {
    commit: brought?.commit,
    time: brought && utcSecond(brought.time),
    stage,
    rollback: isBack,
    templateName,
    traffic: traffic?.map(targetJson),
  }
}
