import { given } from '../text/collections.js'
import {
  type ConfigMember,
  type ConfigReader,
  type KnownNames,
  type KnownStage,
  meant,
  readDuration,
} from './reader.js'

/** A time of the week or of the year in which no rollout goes on. What it does not name is any: any day, any hour, any Service. */
export type FreezeSpec = {
  /** Days of the week on which it begins, 0 for Sunday. */
  readonly days?: readonly number[]
  /** Minutes from the midnight before; an end that is not after the start is on the next day. */
  readonly hours?: { readonly start: number; readonly end: number }
  /** The first and the last day on which it begins, in days since 1970. */
  readonly from?: number
  readonly to?: number
  /** The name of a time zone, as Intl has it. */
  readonly timeZone: string
  readonly reason?: string
  /** Which Services, as in `services`. */
  readonly name?: string
  readonly path?: string
}

const freezeKeys = ['days', 'hours', 'from', 'to', 'timeZone', 'reason', 'name', 'path']
/** The days of the week, as a configuration names them, from Sunday. */
const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
/** More than anyone plans by hand; each of them is looked at for every day of a long freeze. */
const mostFreezes = 100
/** Minutes of a day. */
const day = 1440
/** Milliseconds of a day. */
const daySpan = 86_400_000

/** Reads `freeze`: a list of windows, each of which holds back the rollouts of its Services. */
export function readFreezes(reader: ConfigReader, place: ConfigMember): readonly FreezeSpec[] {
  const items = reader.items(place, '`freeze`')
  if (items.length > mostFreezes)
    reader.complain(place.keyRange, `\`freeze\` has ${items.length} windows; must have at most ${mostFreezes}`)
  return items.slice(0, mostFreezes).flatMap((item) => readFreeze(reader, item) ?? [])
}

function readFreeze(reader: ConfigReader, item: ConfigMember): FreezeSpec | undefined {
  const at = `freeze[${item.key}]`
  const members = reader.members(item.value, `\`${at}\``, `${at}.`, item.keyRange)
  for (const { key, keyRange } of members) {
    if (!freezeKeys.includes(key))
      reader.complain(keyRange, `unknown key \`${at}.${key}\``, meant(key, freezeKeys, `use ${listed(freezeKeys)}`))
  }
  const place = (key: string): ConfigMember | undefined => members.find((one) => one.key === key)
  const [days, hours, from, to] = ['days', 'hours', 'from', 'to'].map(place)
  if (!days && !hours && !from && !to) {
    reader.complain(reader.at(item), `\`${at}\` has no time`, 'add `days`, `hours`, `from` or `to`')
    return undefined
  }
  const texts = ['timeZone', 'reason', 'name', 'path'].map((key) => {
    const own = place(key)
    return own && reader.text(own, `\`${at}.${key}\``, 'a text')
  })
  const [timeZone = 'UTC', reason, name, path] = texts
  const zone = place('timeZone')
  if (zone && !isTimeZone(timeZone))
    reader.complain(
      reader.at(zone),
      `\`${at}.timeZone\` is \`${timeZone}\`; must be the name of a time zone, such as \`Europe/Berlin\``,
    )
  const [first, last] = [from && readDate(reader, from, `\`${at}.from\``), to && readDate(reader, to, `\`${at}.to\``)]
  if (to && first !== undefined && last !== undefined && last < first)
    reader.complain(reader.at(to), `\`${at}.to\` is before \`${at}.from\``, 'swap the two dates')
  return {
    timeZone,
    ...given({
      days: days && readDays(reader, days, `\`${at}.days\``),
      hours: hours && readHours(reader, hours, `\`${at}.hours\``),
      from: first,
      to: last,
      reason,
      name,
      path,
    }),
  }
}

function readDays(reader: ConfigReader, place: ConfigMember, name: string): readonly number[] {
  return reader.items(place, name).flatMap((item) => {
    const found = reader.oneOf(item, name, `one of ${listed(dayNames)}`, dayNames)
    return found === undefined ? [] : dayNames.findIndex((one) => one === found)
  })
}

function readHours(reader: ConfigReader, place: ConfigMember, name: string): FreezeSpec['hours'] {
  const what = 'a time of the day such as `16:00-24:00`'
  const text = reader.text(place, name, what)
  if (text === undefined) return undefined
  const [, ...parts] = /^(\d{1,2}):([0-5]\d)-(\d{1,2}):([0-5]\d)$/.exec(text) ?? []
  const [hour = 99, minute = 0, endHour = 99, endMinute = 0] = parts.map(Number)
  const [start, end] = [hour * 60 + minute, endHour * 60 + endMinute]
  if (start < day && end <= day && start !== end) return { start, end: end > start ? end : end + day }
  reader.complain(reader.at(place), `${name} is \`${text}\`; must be ${what}`)
  return undefined
}

function readDate(reader: ConfigReader, place: ConfigMember, name: string): number | undefined {
  const what = 'a date such as `2026-12-24`'
  const text = reader.text(place, name, what)
  if (text === undefined) return undefined
  const date = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  // A date that there is not, such as a 30th of February, may be taken for a later one.
  if (!Number.isNaN(date) && new Date(date).toISOString().startsWith(text)) return date / daySpan
  reader.complain(reader.at(place), `${name} is \`${text}\`; must be ${what}`)
  return undefined
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

function listed(words: readonly string[]): string {
  return words.map((one) => `\`${one}\``).join(', ')
}

/** One stage of a configured plan. */
export type StepSpec = {
  /** The name of a built-in stage, or a name of the plan's own, which then has a `percent`. */
  readonly stage: string
  /** The candidate's share, 0 to 100 percent. */
  readonly percent?: number
  /** The name of the candidate's own route. */
  readonly tag?: string
  /** How long before the next stage may follow, in seconds. */
  readonly soak?: number
  /** Whether the stage takes the candidate's tags away; only one that gives the candidate everything can. */
  readonly untag?: true
}

/** A plan as the configuration has it. */
export type PlanSpec = { readonly name: string; readonly steps: readonly StepSpec[] }

const label = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/
const stepKeys = ['stage', 'percent', 'tag', 'soak', 'untag']

/** Reads `plans`: lists of stages by name. */
export function readPlans(
  reader: ConfigReader,
  { value, keyRange }: ConfigMember,
  known: KnownNames,
): readonly PlanSpec[] {
  return reader.members(value, '`plans`', 'plans.', keyRange).map((place) => {
    const name = `\`plans.${place.key}\``
    if (!label.test(place.key))
      reader.complain(
        place.keyRange,
        `${name} has a name with other characters than lower-case letters, digits and \`-\``,
      )
    if (known.plans.includes(place.key))
      reader.complain(place.keyRange, `${name} has the name of a built-in plan`, 'give it another name')
    const items = reader.items(place, name)
    if (items.length === 0) reader.complain(reader.at(place), `${name} has no stage`)
    const steps: StepSpec[] = []
    for (const item of items) {
      const step = readStep(reader, item, `plans.${place.key}[${item.key}]`, known)
      if (!step) continue
      for (const [message, help] of orderFaults(name, steps, step, known))
        reader.complain(reader.at(item), message, help)
      steps.push(step)
    }
    return { name: place.key, steps }
  })
}

/** The names of a plan's stages tell them apart, and the candidate's share only grows: each fault, and its help. */
function* orderFaults(
  name: string,
  before: readonly StepSpec[],
  step: StepSpec,
  { stages }: KnownNames,
): Iterable<readonly [message: string, help: string]> {
  if (before.some(({ stage }) => stage === step.stage))
    yield [`${name} has two stages \`${step.stage}\``, 'give one of them another name']
  const last = before.at(-1)
  const order = orderOf(step, stages)
  const reached = last && orderOf(last, stages)
  if (reached !== undefined && reached >= order)
    yield [
      `stage \`${step.stage}\` of ${name} does not raise the percent of \`${last?.stage}\` before it`,
      `remove it; ${namesOf(stages, ({ isWayBack }) => isWayBack === true)} works from every stage`,
    ]
  if (order > 100 && reached !== 100)
    yield [
      `stage \`${step.stage}\` of ${name} does not follow a stage with 100%`,
      `put ${namesOf(stages, ({ share }) => share === 100)} before it`,
    ]
}

/** The candidate's share; beyond its ends where one revision is left alone. */
function orderOf({ stage: name, percent }: StepSpec, stages: readonly KnownStage[]): number {
  const builtIn = stages.find((stage) => stage.name === name)
  return percent ?? builtIn?.share ?? (builtIn?.alone === 'candidate' ? 101 : -1)
}

function namesOf(stages: readonly KnownStage[], isMeant: (stage: KnownStage) => boolean): string {
  return stages.flatMap((stage) => (isMeant(stage) ? `\`${stage.name}\`` : [])).join(' or ')
}

function readStep(reader: ConfigReader, item: ConfigMember, path: string, known: KnownNames): StepSpec | undefined {
  if (!reader.isMapping(item)) {
    const stage = reader.text(item, `\`${path}\``, 'a stage')
    return stage === undefined ? undefined : checked(reader, item, path, { stage }, known)
  }
  const members = reader.members(item.value, `\`${path}\``, `${path}.`)
  for (const { key, keyRange } of members) {
    if (!stepKeys.includes(key)) reader.complain(keyRange, `unknown key \`${path}.${key}\``, meant(key, stepKeys))
  }
  const [stagePlace, percentPlace, tagPlace, soakPlace, untagPlace] = stepKeys.map((key) =>
    members.find((one) => one.key === key),
  )
  if (!stagePlace) reader.complain(item.keyRange, `\`${path}.stage\` is missing`)
  const stage = stagePlace && reader.text(stagePlace, `\`${path}.stage\``, 'a name')
  const percent = percentPlace && readPercent(reader, percentPlace, `\`${path}.percent\``)
  const tag = tagPlace && readTag(reader, tagPlace, `\`${path}.tag\``)
  const soak = soakPlace && readDuration(reader, soakPlace, `\`${path}.soak\``)
  if (stage === undefined) return undefined
  const untag = untagPlace && readUntag(reader, untagPlace, `${path}.untag`)
  const step = { stage, ...given({ percent }), ...given({ tag }), ...given({ soak }), ...(untag && { untag }) }
  if (untag && untagPlace) checkUntag(reader, untagPlace, { path, step, known })
  if (percentPlace && percent === undefined) return undefined
  return checked(reader, stagePlace ?? item, path, step, known)
}

function checked(
  reader: ConfigReader,
  place: ConfigMember,
  path: string,
  step: StepSpec,
  { stages }: KnownNames,
): StepSpec | undefined {
  const { stage, percent } = step
  const complain = (message: string, help?: string): undefined => {
    reader.complain(reader.at(place), message, help)
    return undefined
  }
  const builtIn = stages.find(({ name }) => name === stage)
  if (builtIn?.isWayBack) return complain(`\`${path}\` is \`${stage}\`, which works from every stage`, 'remove it')
  if (builtIn) {
    if (percent === undefined || builtIn.flags.includes('percent')) return step
    return complain(
      `\`${path}\` has a \`percent\`, but \`${stage}\` is a built-in stage with its own`,
      'give it another name',
    )
  }
  if (!label.test(stage))
    return complain(`stage \`${stage}\` has other characters than lower-case letters, digits and \`-\``)
  if (percent !== undefined) return step
  const help = meant(
    stage,
    stages.map(({ name }) => name),
    'add `percent`, the percent of the candidate',
  )
  return complain(`stage \`${stage}\` is neither built in nor has a \`percent\``, help)
}

function readUntag(reader: ConfigReader, place: ConfigMember, path: string): true | undefined {
  const text = reader.text(place, `\`${path}\``, 'true or false')
  if (text !== undefined && text !== 'true' && text !== 'false')
    reader.complain(reader.at(place), `\`${path}\` is \`${text}\`; must be true or false`)
  return text === 'true' ? true : undefined
}

/** Before the candidate has everything, its tag is what it is tested at. */
function checkUntag(
  reader: ConfigReader,
  place: ConfigMember,
  { path, step, known }: { readonly path: string; readonly step: StepSpec; readonly known: KnownNames },
): void {
  const share = step.percent ?? known.stages.find(({ name }) => name === step.stage)?.share
  if (share !== 100)
    reader.complain(
      reader.at(place),
      `\`${path}.untag\` is on a stage that does not give the candidate 100%`,
      `put it on ${namesOf(known.stages, (stage) => stage.share === 100)}`,
    )
  else if (step.tag !== undefined)
    reader.complain(reader.at(place), `\`${path}\` has both \`tag\` and \`untag\``, 'leave one of them out')
}

function readPercent(reader: ConfigReader, place: ConfigMember, name: string): number | undefined {
  const text = reader.text(place, name, 'a whole number from 0 to 100')
  if (text === undefined || (/^\d{1,3}$/.test(text) && Number(text) <= 100))
    return text === undefined ? text : Number(text)
  reader.complain(reader.at(place), `${name} is \`${text}\`; must be a whole number from 0 to 100`)
  return undefined
}

function readTag(reader: ConfigReader, place: ConfigMember, name: string): string | undefined {
  const what = 'a DNS label of lower-case letters, digits and `-`'
  const text = reader.text(place, name, what)
  if (text !== undefined && !label.test(text))
    reader.complain(reader.at(place), `${name} is \`${text}\`; must be ${what}`)
  return text
}
