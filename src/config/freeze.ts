import { given } from '../text/collections.js'
import { type ConfigMember, type ConfigReader, meant } from './reader.js'

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
