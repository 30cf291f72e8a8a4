import { revisionText, sameRevision, type TrafficTarget } from '../manifest/traffic.js'
import type { Moved } from '../pipeline/moved.js'
import type { Compared } from '../pipeline/request.js'
import type { Status, StatusRow } from '../pipeline/status.js'
import type { TrafficHistory, TrafficStep } from '../pipeline/traffic-history.js'
import { highest } from '../text/collections.js'
import { printable } from '../text/printable.js'
import { plural, shortCommit, utcMinute, utcSecond } from '../text/words.js'
import { bar, type Glyphs, type Paint, widthOf } from './cells.js'
import { diagnosticJson, reportText, targetJson } from './json.js'
import type { HistoryJson, HistoryStepJson, MoveJson } from './public-json.js'
import { Positions } from './report.js'
import { stageText } from './status.js'
import { comparedJson, comparedText } from './text.js'
import { movesOf, sharesOf, shiftText } from './traffic-line.js'

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
  const widths = headings.map((_, index) => highest(lines.map((line) => widthOf(line[index] ?? ''))))
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

/** One line a Service: `bank/ledger: ledger-v1 90% -> 50%, ledger-v2 10% -> 50% (few -> split)`. */
export function movedText(moved: readonly Moved[], colours: Paint): string {
  const count = new Map<string, number>()
  for (const { row } of moved) count.set(row.label, (count.get(row.label) ?? 0) + 1)
  return moved
    .map((one) => {
      const { label, root, file } = one.row
      // What is there twice is told apart by where it is.
      const where = (count.get(label) ?? 0) > 1 ? ` in ${printable(root ?? file)}` : ''
      return `${colours.strong(printable(label === '' ? '(no name)' : label))}${where}: ${printable(sentence(one))}\n`
    })
    .join('')
}

function sentence(one: Moved): string {
  const { kind, from, to, template } = one
  const stages = stagesOf(one)
  if (kind === 'added') return `added, with ${to ? trafficText({ traffic: to }) : 'traffic that cannot be read'}`
  if (kind === 'removed') return `removed, had ${from ? trafficText({ traffic: from }) : 'traffic that cannot be read'}`
  const parts = [
    ...(from && to ? trafficParts(from, to) : from || to ? [`traffic ${to ? 'can' : 'cannot'} be read now`] : []),
    ...(template?.name ? [`revision name ${named(template.name.from)} -> ${named(template.name.to)}`] : []),
    ...(template?.images ?? []).map((image) => `image ${image.from} -> ${image.to}`),
    ...(template && !template.name && template.images.length === 0 ? ['template changed'] : []),
  ]
  return `${parts.join(', ')}${stages ? ` (${stages.from} -> ${stages.to})` : ''}`
}

/** The stages of both sides, as people see them; undefined where they are one. */
function stagesOf({ row, before }: Moved): { readonly from: string; readonly to: string } | undefined {
  if (!before) return undefined
  const [from, to] = [stageText(before), stageText(row)]
  return from === to ? undefined : { from, to }
}

function trafficParts(from: readonly TrafficTarget[], to: readonly TrafficTarget[]): readonly string[] {
  const idle = sharesOf(from, to).filter(
    (one) => (one.before ?? 0) === 0 && (one.after ?? 0) === 0 && one.before !== one.after,
  )
  const [old, fresh] = [tagsOf(from), tagsOf(to)]
  return [
    ...[...movesOf(from, to), ...idle].map((shift) => shiftText(shift, (name) => name)),
    ...[...fresh].flatMap(([tag, name]) => (old.get(tag) === name ? [] : [`tag ${tag} -> ${name}`])),
    ...[...old.keys()].flatMap((tag) => (fresh.has(tag) ? [] : [`tag ${tag} removed`])),
  ]
}

function tagsOf(traffic: readonly TrafficTarget[]): ReadonlyMap<string, string> {
  return new Map(
    traffic.flatMap(({ tag, revision }) =>
      tag === undefined ? [] : [[tag, 'name' in revision ? revision.name : 'latest revision'] as const],
    ),
  )
}

function named(name: string | undefined): string {
  return name ?? '(generated)'
}

/** Which sides were compared, and how many Services moved: `7551c51..working tree: 2 Services moved`. */
export function movedSummary(moved: readonly Moved[], compared: Compared): string {
  const what = moved.length === 0 ? 'no Service moved' : `${plural(moved.length, 'Service')} moved`
  return `${comparedText(compared)}: ${what}\n`
}

/** The report for programs, of the shape that `schemas/report.json` promises. */
export function movedJson(
  moved: readonly Moved[],
  compared: Compared,
  { files, diagnostics }: Pick<Status, 'files' | 'diagnostics'>,
): string {
  const places = new Positions(files)
  return reportText({
    compared: comparedJson(compared),
    diagnostics: diagnostics.map((one) => diagnosticJson(one, places)),
    moves: moved.map(moveJson),
  })
}

function moveJson(one: Moved): MoveJson {
  const { row, kind, from, to, template } = one
  const { file, root, namespace, name } = row
  return {
    file,
    root,
    namespace,
    name,
    kind,
    from: from?.map(targetJson),
    to: to?.map(targetJson),
    stages: stagesOf(one),
    template: template && {
      revisionName: template.name && { from: template.name.from, to: template.name.to },
      images: template.images.map((image) => ({ from: image.from, to: image.to })),
    },
  }
}
