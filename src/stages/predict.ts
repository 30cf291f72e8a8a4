import { type LiveService, templateDrift } from '../manifest/live.js'
import { generatedName, numberOf } from '../manifest/names.js'
import type { Past, PastState, ServiceShape } from '../manifest/past.js'
import type { TrafficTarget } from '../manifest/traffic.js'
import { highest } from '../text/collections.js'
import { formatPath } from '../text/path.js'
import { fetchMore, plural, shortCommit } from '../text/words.js'
import { type Json, sameJson } from '../yaml/json.js'
import { shareOf } from './place.js'
import { countedNumber, openNumber } from './rolled-back.js'
import { type Refusal, type Remark, remarkOf } from './stage.js'

/** What a saved live object says against counting on from it: its template is not the one that was committed last. */
function liveDoubts(live: LiveService, template: Json | undefined): readonly Remark[] {
  const other = templateDrift(live, { spec: { template: template ?? {} } })
  if (!other) return []
  const message = `the template in \`${live.file}\` differs from the committed one at \`${formatPath(other)}\`: the prediction may be wrong`
  return [
    remarkOf({
      code: 'KN448',
      message,
      help: 'wait until the last commit is synced, then save the snapshot again',
    }),
  ]
}

/** What is known of the numbers that a cluster gives to a Service's revisions. */
type Evidence = {
  readonly service: string
  /** The Service as the file has it. */
  readonly present: ServiceShape
  /** `spec.template` as it is to become. */
  readonly template: Json | undefined
  readonly past?: Past
  readonly live?: LiveService
  /** The revision that the user says is stable. */
  readonly stable?: string
}

/** The generated name of the revision that a new template makes, what that rests on, and what speaks against it. */
type Prediction = { readonly name: string; readonly basis: string; readonly doubts: readonly Remark[] }

/** A number, and how many changes of the template followed the one that it stands for, the coming one included. */
type Count = { readonly number: number; readonly basis: string; readonly changes: number }

/**
 * Foretells the name that the cluster will generate: the number counts the changes of the template, each applied by
 * itself. Without anything that names a number it refuses.
 */
export function predictName(evidence: Evidence): Prediction | Refusal {
  const { service, past, live } = evidence
  const states = past ? [...past.states].filter(({ life }) => life === 0) : []
  const head = states[0]?.template ?? evidence.present.template
  const named = highestNamed(evidence, states)
  const created = live?.latestCreated === undefined ? undefined : numberOf(service, live.latestCreated)
  const doubts: Remark[] = []
  let count: Count | Refusal | undefined
  if (live && created !== undefined && created >= (named ?? 0)) {
    const basis = `\`${live.latestCreated ?? ''}\` is the latest revision in \`${live.file}\``
    count = { number: created, basis, changes: sameJson(evidence.template, head) ? 0 : 1 }
    doubts.push(...liveDoubts(live, head))
  } else {
    count = counted(evidence, states, named)
    if (count && !('code' in count)) doubts.push(...pastDoubts(evidence, states, named))
  }
  if (!count) return unknown(service)
  if ('code' in count) return count
  return { name: generatedName(service, count.number + count.changes), basis: count.basis, doubts }
}

/** The highest number of a generated name in the traffic, now or ever in this life. Own names were never generated. */
function highestNamed({ service, present }: Evidence, states: readonly PastState[]): number | undefined {
  const own = new Set([present, ...states].map(({ templateName }) => templateName))
  const numbers = [present, ...states].flatMap(({ traffic = [] }) => {
    return traffic.flatMap(({ revision }) => {
      const number = 'name' in revision && !own.has(revision.name) ? numberOf(service, revision.name) : undefined
      return number ?? []
    })
  })
  return numbers.length === 0 ? undefined : highest(numbers)
}

function counted(
  evidence: Evidence,
  states: readonly PastState[],
  named: number | undefined,
): Count | Refusal | undefined {
  const { service, stable, template, present } = evidence
  const given = stable === undefined ? undefined : numberOf(service, stable)
  const head = states[0]?.template ?? present.template
  if (given !== undefined && given > (named ?? 0)) {
    const basis = `\`--stable ${stable ?? ''}\` counts as the revision of the template ${states.length > 0 ? 'at HEAD' : 'now'}, and this change follows`
    return { number: given, basis, changes: sameJson(template, head) ? 0 : 1 }
  }
  return named === undefined ? undefined : since(evidence, states, named)
}

/** Counts from the state that named the number first. */
function since(evidence: Evidence, states: readonly PastState[], number: number): Count | Refusal {
  const { service, present, template, past } = evidence
  const name = generatedName(service, number)
  const names = ({ traffic = [] }: ServiceShape): boolean =>
    traffic.some(({ revision }) => 'name' in revision && revision.name === name)
  const first = states.findLastIndex(names)
  const naming = states[first]
  const [own, before] = [naming ?? present, states[first + 1]]
  const oldest = first === states.length - 1
  const gaps = past?.gaps()
  if (oldest && first >= 0 && gaps?.isCut) {
    return {
      code: 'KN442',
      message: `cannot predict the next revision name: the history ends at the commit that names \`${name}\``,
      help: `${gaps.isShallow ? `${fetchMore}, or ` : ''}pass a snapshot with \`--live\``,
    }
  }
  const back = before && past && goneBackFrom(past, before, own, number)
  if (back !== undefined) {
    const head = states[0]?.template ?? present.template
    const line = states.slice(0, first + 2).map((state) => state.template)
    const changes = countChanges(line) + (sameJson(template, head) ? 0 : 1)
    return {
      number: back,
      basis: `restored from \`${name}\`, after ${generatedName(service, back)} by the count of Git`,
      changes,
    }
  }
  const entered = before && !sameJson(before.template, own.template) ? entry(own.traffic ?? [], before, name) : 'new'
  if (entered === 'unclear') {
    return {
      code: 'KN442',
      message: `cannot predict the next revision name: ${naming ? shortCommit(naming.commit) : 'the file'} first names \`${name}\` and also changes the template`,
      help: `add \`--candidate\`, for example \`--candidate ${generatedName(service, number + 1)}\`, or pass a snapshot with \`--live\``,
    }
  }
  const line = states.slice(0, first + 1 + (entered === 'old' ? 1 : 0)).map((state) => state.template)
  if (first < 0 && entered === 'new' && before && !sameJson(before.template, own.template)) {
    const basis = `\`${name}\` is in the file but not committed, so it belongs to the next commit`
    return { number, basis, changes: 0 }
  }
  const head = states[0]?.template ?? present.template
  const changes = countChanges(line)
  const where = `in ${naming ? shortCommit(naming.commit) : 'the file'}`
  const basis = `\`${name}\` was named ${where}, ${changesText(changes)} since, and this one`
  return { number, basis, changes: changes + (sameJson(template, head) ? 0 : 1) }
}

function countChanges(line: readonly (Json | undefined)[]): number {
  return line.filter((older, index) => index > 0 && !sameJson(older, line[index - 1])).length
}

/** The number that the template made before a change went back to an earlier one by counting. */
function goneBackFrom(past: Past, before: PastState, own: ServiceShape, number: number): number | undefined {
  const inGit = own.traffic?.length === 1 ? openNumber(past, before) : undefined
  return inGit !== undefined && inGit > number ? inGit : undefined
}

/** The number of the revision that a template of the present life makes, and what that rests on. */
export function ownNumber(
  past: Past,
  present: ServiceShape,
): { readonly number: number; readonly basis: string } | undefined {
  const named = predictName({ service: past.name, present, template: present.template, past })
  if (!('code' in named)) {
    const number = numberOf(past.name, named.name)
    return number === undefined ? undefined : { number, basis: named.basis }
  }
  const number = countedNumber(past, past.present)
  if (number === undefined) return undefined
  return { number, basis: `Git has ${plural(number, 'template')} of \`${past.name}\` since its first commit` }
}

/** Whether a number that came together with another template belongs to the old one or to the new one. */
function entry(traffic: readonly TrafficTarget[], before: ServiceShape, name: string): 'old' | 'new' | 'unclear' {
  const share = shareOf(traffic, { name })
  if (share === 0 && traffic.length > 1) return 'new'
  const wasPinned = before.traffic?.some(({ revision }) => 'name' in revision) ?? true
  return share === 100 && traffic.length === 1 && !wasPinned ? 'old' : 'unclear'
}

function pastDoubts({ past }: Evidence, states: readonly PastState[], named: number | undefined): readonly Remark[] {
  const unread = past?.gaps().unread ?? 0
  if (named !== undefined && states.length === 0) {
    const message = 'the prediction comes from the file alone (no commit shows its template changes): it may be wrong'
    return [
      remarkOf({
        code: 'KN448',
        message,
        help: 'compare with `kubectl get ksvc`, or pass a snapshot with `--live`',
      }),
    ]
  }
  if (unread === 0) return []
  const message = `the prediction does not count ${plural(unread, 'unreadable version')} of the file: it may be wrong`
  return [
    remarkOf({
      code: 'KN448',
      message,
      help: 'compare with `kubectl get ksvc`, or pass a snapshot with `--live`',
    }),
  ]
}

function unknown(service: string): Refusal {
  return {
    code: 'KN442',
    message: `cannot predict the next revision name: neither the file nor its history names a revision of \`${service}\``,
    help: 'pass a snapshot with `--live`, add `--candidate @latest`, or add `--revision-name {{.Service}}-v{{.Next}}`',
  }
}

function changesText(count: number): string {
  return count === 0 ? 'no template change' : plural(count, 'template change')
}
