import { revisionText, type TrafficTarget } from '../manifest/traffic.js'
import type { Change, FileChange, Outcome } from '../pipeline/request.js'
import type { StatusRow } from '../pipeline/status.js'
import { shareOf } from '../stages/place.js'
import { stageIn } from '../stages/stages.js'
import { grouped } from '../text/collections.js'
import { spelledAt } from '../text/printable.js'
import { plural } from '../text/words.js'
import { cutMiddle } from './cells.js'
import { backCommand } from './markdown-change.js'
import type { Render } from './report.js'
import { movesOf, sharesOf, shiftText } from './traffic-line.js'
import { templateLines } from './text.js'

/** What Git shows of a title, and how wide it shows a body. */
const width = 72
const mostServices = 50
const longestName = 250

type Trailer = readonly [key: 'Service' | 'Stage' | 'Plan', value: string]
type Message = { readonly title: string; readonly body: readonly string[]; readonly trailers: readonly Trailer[] }

/**
 * The message of a commit with the changes: a title of at most 72 characters, what moves, and trailers that programs read.
 * Empty where nothing changes, which Git refuses. No name in it can refer to an issue, call a person or pass for a trailer.
 */
export const commitReport: Render = (outcome) => {
  const all = outcome.changes.flatMap((file) =>
    file.changes.map((change) => ({ file, change, overlay: outcome.overlay })),
  )
  if (all.length > 0) return messageText(moveMessage(all))
  return outcome.fixes && outcome.fixes.length > 0 ? messageText(fixMessage(outcome, outcome.fixes)) : ''
}

/** The message of the commit that brings a new Service. */
export function createdCommit({ label, plan, traffic = [] }: Pick<StatusRow, 'label' | 'plan' | 'traffic'>): string {
  const [first] = traffic
  const revision = first && 'name' in first.revision ? ` with the revision ${named(first.revision.name)}` : ''
  return messageText({
    title: titled([`Create ${named(label)}${revision}`, `Create ${named(label)}`]),
    body: [],
    trailers: [
      ['Service', named(label)],
      ['Stage', 'create'],
      ['Plan', named(plan)],
    ],
  })
}

type One = { readonly file: FileChange; readonly change: Change; readonly overlay: Outcome['overlay'] }

function moveMessage(all: readonly One[]): Message {
  const [only, second] = all
  const lines = all.slice(0, mostServices).flatMap(({ file, change }) => serviceLines(file, change))
  const left = all.length - mostServices
  const back = only && !second ? backLines(only) : []
  return {
    title: only && !second ? titleOf(only.change) : titleOfMany(all.map(({ change }) => change)),
    body: [[...lines, ...(left > 0 ? [`- and ${plural(left, 'more Service')}`] : [])].join('\n'), ...back],
    trailers: trailersOf(all.map(({ change }) => change)),
  }
}

function titleOf(change: Change): string {
  const { service, stage, before, after, plan, roles } = change
  const name = named(service)
  const gain = gainText(before, after)
  const more = gain === '' ? '' : `: ${gain}`
  if (stage === 'release') {
    const candidate = 'revision' in roles.candidate ? revisionName(roles.candidate.revision) : 'a new revision'
    const share = 'revision' in roles.candidate ? ` at ${shareOf(after, roles.candidate.revision)}%` : ''
    return titled([`Release ${candidate} of ${name}${share}`, `Release ${candidate} of ${name}`, `Release ${name}`])
  }
  if (stage === 'set') return titled([`Set traffic of ${name}${more}`, `Set traffic of ${name}`])
  const isBack = stageIn(plan, stage)?.stage.isWayBack === true
  const stable = 'revision' in roles.stable ? ` to ${revisionName(roles.stable.revision)}` : ''
  if (isBack) return titled([`Roll back ${name}${stable}`, `Roll back ${name}`])
  const start = `Move ${name} to ${named(stage)}`
  return titled([`${start}${more}`, start])
}

/** What gains most, else what comes along: the point of most changes; `''` where nothing does. */
function gainText(before: readonly TrafficTarget[], after: readonly TrafficTarget[]): string {
  const gains = sharesOf(before, after)
    .filter((one) => one.before === undefined || (one.after ?? 0) > one.before)
    .toSorted((a, b) => (b.after ?? 0) - (b.before ?? 0) - (a.after ?? 0) + (a.before ?? 0))
  const [first] = gains
  return first ? shiftText(first, named) : ''
}

function titleOfMany(changes: readonly Change[]): string {
  const who = plural(changes.length, 'Service')
  const [stage = '', other] = new Set(changes.map((change) => change.stage))
  if (other !== undefined) return `Move ${who} to their next stages`
  if (stage === 'release') return `Release new revisions of ${who}`
  if (stage === 'set') return `Set traffic of ${who}`
  const isBack = changes.every(({ plan }) => stageIn(plan, stage)?.stage.isWayBack === true)
  return isBack ? `Roll back ${who}` : titled([`Move ${who} to ${named(stage)}`])
}

function serviceLines({ file }: FileChange, change: Change): readonly string[] {
  const { service, before, after, template, plan, stage } = change
  const moves = movesOf(before, after).map((shift) => shiftText(shift, named))
  const others = sharesOf(before, after)
    .filter((one) => (one.before === undefined || one.after === undefined) && (one.before ?? one.after) === 0)
    .map((shift) => shiftText(shift, named))
  const index = plan.steps.findIndex((step) => step.stage.name === stage)
  const step = index < 0 ? [] : [`step ${index + 1} of ${plan.steps.length} of the plan ${named(plan.name)}`]
  const tags = tagTexts(before, after)
  const parts = [...moves, ...others, ...tags, ...step]
  return [
    wrapped(`- ${named(service)}: ${[...parts].join(', ') || 'no request moves'}`, '  '),
    `  ${named(file.patchPath ?? file.path)}`,
    ...(template ? templateLines(template).map((line) => wrapped(`  ${plainWords(line)}`, '    ')) : []),
  ]
}

function placedTags(traffic: readonly TrafficTarget[]): ReadonlyMap<string, string> {
  return new Map(
    traffic.flatMap(({ tag, revision }) => (tag === undefined ? [] : [[tag, revisionName(revision)] as const])),
  )
}

function tagTexts(before: readonly TrafficTarget[], after: readonly TrafficTarget[]): readonly string[] {
  const [old, fresh] = [placedTags(before), placedTags(after)]
  return [
    ...[...fresh].flatMap(([tag, to]) => (old.get(tag) === to ? [] : [`tag ${named(tag)} on ${to}`])),
    ...[...old].flatMap(([tag]) => (fresh.has(tag) ? [] : [`tag ${named(tag)} removed`])),
  ]
}

/** The command that takes the only change back, where no word of it means anything to a host. */
function backLines({ file, change, overlay }: One): readonly string[] {
  const lines = backCommand({ file: change.trafficIn ?? file.file, overlay }, change).filter((line) =>
    /^[\w ./:,=-]+$/.test(line),
  )
  return lines.length === 0 ? [] : [`Roll back:\n${lines.map((line) => `  ${line}`).join('\n')}`]
}

/** The Services of a stage and a plan stand before these. */
function trailersOf(changes: readonly Change[]): readonly Trailer[] {
  const groups = grouped(changes, ({ stage, plan }) => JSON.stringify([stage, plan.name]))
  return [...groups.values()].flatMap((group): readonly Trailer[] => {
    const [first] = group
    if (!first) return []
    const services = new Set(group.map(({ service }) => named(service)))
    return [
      ...[...services].map((service): Trailer => ['Service', service]),
      ['Stage', named(first.stage)],
      ['Plan', named(first.plan.name)],
    ]
  })
}

function fixMessage({ changes }: Outcome, fixes: NonNullable<Outcome['fixes']>): Message {
  const [file, second] = changes
  const where = file && !second ? named(file.file.patchPath ?? file.file.path) : plural(changes.length, 'file')
  const codes = [...grouped(fixes, ({ code }) => code)].map(([code, own]) => `${code} (${own.length})`)
  const services = [...new Set(fixes.flatMap(({ service }) => (service === undefined ? [] : [named(service)])))]
  return {
    title: titled([`Fix ${plural(fixes.length, 'finding')} in ${where}`, `Fix ${plural(fixes.length, 'finding')}`]),
    body: [wrapped(`kn-rollout validate --fix: ${codes.join(', ')}`, '  ')],
    trailers: services.slice(0, mostServices).map((service): Trailer => ['Service', service]),
  }
}

function messageText({ title, body, trailers }: Message): string {
  const last = trailers.map(([key, value]) => `Rollout-${key}: ${value}`).join('\n')
  return [title, ...body, ...(last === '' ? [] : [last])].map((part) => `${part}\n`).join('\n')
}

/** The first title that fits, else the last one without what is too much of it. */
function titled(titles: readonly string[]): string {
  return titles.find((title) => title.length <= width) ?? cutMiddle(titles.at(-1) ?? '', width, '...')
}

/** Lines of at most 72 characters, where no single word is longer; those after the first begin with the indent. */
function wrapped(text: string, indent: string): string {
  const start = /^ */.exec(text)?.[0] ?? ''
  const lines: string[] = []
  let line = start
  for (const word of text.trim().split(' ')) {
    const isFirst = line.trim() === ''
    if (!isFirst && line.length + 1 + word.length > width) {
      lines.push(line)
      line = indent + word
    } else line += isFirst ? word : ` ${word}`
  }
  return [...lines, line].join('\n')
}

function revisionName(revision: TrafficTarget['revision']): string {
  return 'name' in revision ? named(revisionText(revision)) : 'latest revision'
}

/**
 * A name in ASCII and without what hosts take for a reference: `#12`, `GH-12`, `@someone`, a URL. What no cluster admits in
 * a name is spelled.
 */
function named(text: string): string {
  return spelledBut(/[\w./-]/, text)
}

/** A line about a template: words, images with tags and digests. */
function plainWords(line: string): string {
  return line
    .slice(0, 1000)
    .replaceAll('→', '->')
    .split(' ')
    .map((word) =>
      word === '->' ? word : spelledBut(/[\w./:,()@+-]/, word).replaceAll(/:(?=\/\/)|(?<!\w)@/g, spelledSign),
    )
    .join(' ')
}

function spelledBut(kept: RegExp, text: string): string {
  const cut = text.length > longestName ? `${text.slice(0, longestName)}...` : text
  const shown = Array.from(cut, (sign) => (kept.test(sign) ? sign : spelledSign(sign))).join('')
  return shown.replace(/^(gh)-(?=\d)/i, String.raw`$1\x2d`)
}

function spelledSign(sign: string): string {
  const unseen = spelledAt(sign, 0)
  const code = sign.codePointAt(0) ?? 0
  return unseen ?? (code > 0xff ? `\\u{${code.toString(16)}}` : `\\x${code.toString(16).padStart(2, '0')}`)
}
