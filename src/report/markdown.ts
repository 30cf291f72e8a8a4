import { revisionText, type TrafficTarget } from '../manifest/traffic.js'
import { codeLabel } from '../pipeline/codes.js'
import type { Change, FileChange, Outcome, ServiceRow } from '../pipeline/request.js'
import { routed } from '../stages/place.js'
import { stageNamed } from '../stages/stages.js'
import { type Diagnostic, hasErrors } from '../text/diagnostic.js'
import { plural } from '../text/words.js'
import { comparedMarkdown } from './text.js'
import {
  assumedUrls,
  backCommand,
  changeSection,
  type Commands,
  movementText,
  nextCommand,
  shiftsOf,
  uncheckedList,
  type Whereabouts,
} from './markdown-change.js'
import { code, fenced, fitting, prose, series, sizeOf, table, visibleLine } from './markdown-text.js'
import { Positions, type Render, type ReportOptions, saysText, type Where, whereabouts } from './report.js'

const most = 50
const ranks = { error: 0, warning: 1, note: 2 } as const

/** The findings as a table, the worst first; of many the first 50, or what so many bytes hold. */
function findingsTable(outcome: Outcome, options: ReportOptions, room: number): string {
  const where = whereabouts(outcome, options)
  const sorted = outcome.diagnostics.toSorted((a, b) => ranks[a.severity] - ranks[b.severity])
  const head = ['severity', 'where', 'what', 'code']
  const rows = sorted.map((diagnostic) => findingRow(diagnostic, where(diagnostic)))
  const { shown, left } = fitting(
    rows.map((cells) => table(head, [cells]).split('\n')[2] ?? ''),
    room,
    most,
  )
  const rest = left > 0 ? `\n… ${left} more: run ${code('kn-rollout validate')}\n` : ''
  return table(head, rows.slice(0, shown.length)) + rest
}

function findingRow(
  { severity, message, help, says, code: number, file }: Diagnostic,
  where: Where,
): readonly string[] {
  const place = file === '' ? '' : code(`${where.file}:${where.line}:${where.column}`)
  const lines = [message, ...(help === undefined ? [] : [`help: ${help}`]), ...(says ? [saysText(says)] : [])]
  return [severity, place, lines.map(prose).join('<br>'), codeLabel(number)]
}

/** What was looked at, and how much was found. */
function countsText({ services, diagnostics, silenced = 0 }: Outcome): string {
  const count = (severity: Diagnostic['severity']): string => {
    return plural(diagnostics.filter((diagnostic) => diagnostic.severity === severity).length, severity)
  }
  const files = new Set(services.map(({ file }) => file)).size
  const found = [count('error'), count('warning'), count('note'), ...(silenced > 0 ? [`${silenced} ignored`] : [])]
  return `${plural(services.length, 'Knative Service')} in ${plural(files, 'file')}: ${found.join(', ')}`
}

const mostRows = 100

/**
 * A change that was judged, in Markdown: a row for each Service, from where its traffic goes to where, and what was
 * found; then the findings, folded. It never says that a change is safe: files do not tell.
 */
function checkMarkdown(outcome: Outcome, options: ReportOptions, room: number): string {
  const rows = outcome.services.map((service) => serviceRow(service, outcome))
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

function serviceRow({ file, name, namespace, root, way }: ServiceRow, { diagnostics }: Outcome): readonly string[] {
  const label = namespace === undefined ? name : `${namespace}/${name}`
  const isOwn = ({ roots, ...one }: Outcome['diagnostics'][number]): boolean =>
    one.service === label && (root !== undefined && roots ? roots.includes(root) : one.file === file)
  const own = diagnostics.filter(isOwn)
  return [code(label), wayText(way ?? {}), verdictText(own)]
}

function wayText({ from, to, isUnknown }: NonNullable<ServiceRow['way']>): string {
  const [old, now] = [from, to].map((targets) => targets && sharesText(targets))
  if (now === undefined) return 'cannot be read'
  if (old === undefined) return `${isUnknown ? 'now' : 'new'}: ${now}`
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

const mostSentences = 5
const mostSteps = 12
const leadRoom = 4000

/** What the change does and why, in one paragraph: the stage, the Services, what happens to the users' requests. */
function leadText(outcome: Outcome, changes: readonly Change[]): string {
  const sentences = [...whatText(changes), ...requestsText(changes)]
  if (hasErrors(outcome.diagnostics)) sentences.push('**There are errors: read them before you merge.**')
  return `${sentences.join(' ')}\n`
}

function whatText(changes: readonly Change[]): readonly string[] {
  const names = [...new Set(changes.map(({ stage }) => stage))]
  return names.map((name) => {
    const own = changes.filter(({ stage }) => stage === name)
    const who = series(own.map(({ service }) => code(service)))
    if (name === 'release') return `Releases a new revision of ${who}, with a separate tag URL.`
    return name === 'set'
      ? `Sets percents and tags of ${who}.`
      : `Moves ${who} to the stage ${code(name)}${whyText(name, own)}.`
  })
}

/** Where the stage stands in the plan that all of them follow, else what it is for. */
function whyText(name: string, changes: readonly Change[]): string {
  const [plan, other] = new Set(changes.map((change) => change.plan))
  const index = plan?.steps.findIndex(({ stage }) => stage.name === name) ?? -1
  if (plan && !other && index >= 0) {
    const steps = plan.steps.map(({ stage }) => (stage.name === name ? `**${prose(stage.name)}**` : prose(stage.name)))
    const list = steps.length > mostSteps ? '' : ` (${steps.join(' → ')})`
    return `, step ${index + 1} of ${steps.length} of the plan ${code(plan.name)}${list}`
  }
  const summary = stageNamed(name)?.summary
  return summary === undefined ? '' : `: ${prose(summary)}`
}

function requestsText(changes: readonly Change[]): readonly string[] {
  const told = changes.slice(0, mostSentences).map(movementText)
  if (changes.length <= mostSentences && fitting(told, leadRoom).left === 0) return told
  const moved = changes.filter((change) => shiftsOf(change).length > 0).length
  const still = changes.length - moved
  const others = still > 0 ? `; those of ${plural(still, 'Service')} stay where they are` : ''
  return [moved > 0 ? `Requests of ${plural(moved, 'Service')} move${others}.` : 'No requests move.']
}

/** GitHub takes 65,536 characters; each part has its share, and the diff what is left. All are bytes. */
const room = { all: 64_000, services: 20_000, findings: 10_000, commands: 3000 }
const mostServices = 50
/** A longer command is no command to copy. */
const longestCommand = 500

/**
 * The body of a pull request in GitHub's Markdown: what moves and why, each Service before and after, what to look at,
 * what nobody has checked, the next command and the way back, and the diff. Without changes it is the findings.
 */
export const markdownReport: Render = (outcome, options) => {
  const all = outcome.changes.flatMap((file) => file.changes.map((change) => ({ file, change })))
  if (outcome.compared) return checkMarkdown(outcome, options, room.all)
  if (all.length === 0) {
    const findings = outcome.diagnostics.length > 0 ? `\n${findingsTable(outcome, options, room.all - 1000)}` : ''
    return `Nothing is changed. ${countsText(outcome)}.\n${findings}`
  }
  const changes = all.map(({ change }) => change)
  const placeOf = ({ file, change }: One): Whereabouts => {
    return { file: change.trafficIn ?? file.file, overlay: outcome.overlay }
  }
  const parts = [
    leadText(outcome, changes),
    serviceSections(outcome, all),
    ...(outcome.diagnostics.length > 0 ? [`### Findings\n\n${findingsTable(outcome, options, room.findings)}`] : []),
    `### Not checked\n\nNot visible in the files:\n\n${uncheckedList(changes)}`,
    commands('Next step', 'No stage of the plan follows.', all, (one) => nextCommand(placeOf(one), one.change)),
    commands('Roll back', 'Revert the commit: `git revert`.', all, (one) => {
      return backCommand(placeOf(one), one.change)
    }),
  ]
  const body = parts.join('\n')
  return `${body}\n${diff(outcome, room.all - sizeOf(body))}`
}

type One = { readonly file: FileChange; readonly change: Change }

function serviceSections({ files, changes, urls = assumedUrls }: Outcome, all: readonly One[]): string {
  const around = { places: new Positions(files), urls }
  const sections = all.slice(0, mostServices).map(({ file, change }) => changeSection(file, change, changes, around))
  const { shown } = fitting(sections, room.services)
  const left = all.length - shown.length
  return [...shown, ...(left > 0 ? [`… ${left} more Services: run ${code('git diff')}\n`] : [])].join('\n')
}

function commands(title: string, none: string, all: readonly One[], commandsOf: (change: One) => Commands): string {
  const lines = all.flatMap(commandsOf)
  if (lines.length === 0) return `### ${title}\n\n${none}\n`
  const copyable = lines.filter((line) => line.length <= longestCommand)
  const { shown } = fitting(copyable, room.commands, mostServices)
  const left = lines.length - shown.length
  const rest = left > 0 ? [`# … ${left} more`] : []
  return `### ${title}\n\n${fenced('sh', [...shown, ...rest])}`
}

function diff({ changes }: Outcome, size: number): string {
  const lines = changes.flatMap(({ patch }) => patch.replace(/\n$/, '').split('\n'))
  const { shown, left } = fitting(lines.map(visibleLine), size - 3000)
  const rest = left > 0 ? `\n… ${plural(left, 'more line')}: run ${code('git diff')}\n` : ''
  return `<details><summary>The diff</summary>\n\n${fenced('diff', lines.slice(0, shown.length))}${rest}\n</details>\n`
}
