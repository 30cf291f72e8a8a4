import type { FreezeSpec } from '../config/plans.js'
import { printable } from '../text/printable.js'
import { utcMinute } from '../text/words.js'

/** That rollouts are held back, and for how long. */
export type Frozen = {
  /** The first second at which no window is open, in seconds since 1970; absent where none is in sight. */
  readonly until?: number
  /** What the window that is open says of itself. */
  readonly reason?: string
}

/** In seconds. */
const day = 86_400
/** After so many windows that follow one another no end is looked for: at most one begins on each day. */
const horizon = 1000

/**
 * Whether a window is open at a moment, and until when: windows that touch or overlap are one. A wall-clock time that a
 * change to summer time leaves out counts as far behind the midnight before as its hours say; of one that comes twice, a
 * window begins at the first and ends at the second.
 *
 * @param now Seconds since 1970.
 */
export function frozenAt(freezes: readonly FreezeSpec[], now: number): Frozen | undefined {
  let [until, reason] = [now, undefined as string | undefined]
  for (let count = 0; count < horizon; count++) {
    const open = freezes.flatMap((freeze) => {
      const end = endOf(freeze, until)
      return end === undefined ? [] : [{ end, freeze }]
    })
    if (count === 0) reason = open.find(({ freeze }) => freeze.reason !== undefined)?.freeze.reason
    if (open.length === 0) return count === 0 ? undefined : { until, ...(reason !== undefined && { reason }) }
    until = Math.max(...open.map(({ end }) => end))
  }
  return reason === undefined ? {} : { reason }
}

/** When the window ends that is open at the moment; undefined where none of this freeze is. */
function endOf(
  { days, hours = { start: 0, end: 1440 }, from, to, timeZone }: FreezeSpec,
  moment: number,
): number | undefined {
  const today = Math.floor(wallClock(moment, timeZone) / day)
  // A window of the day before may reach into this one.
  const ends = [today - 1, today].flatMap((date) => {
    const isMeant =
      (days?.includes((((date + 4) % 7) + 7) % 7) ?? true) && date >= (from ?? -Infinity) && date <= (to ?? Infinity)
    if (!isMeant) return []
    const [starts, last] = [hours.start, hours.end].map((minute) => momentsOf(date * day + minute * 60, timeZone))
    const [start, end] = [Math.min(...(starts ?? [])), Math.max(...(last ?? []))]
    return start <= moment && moment < end ? [end] : []
  })
  return ends.length === 0 ? undefined : Math.max(...ends)
}

/** The moments at which the clocks of a zone show a time, given in seconds as if it were UTC: one, or two where it comes twice. */
function momentsOf(wall: number, timeZone: string): readonly number[] {
  const [before, after] = [wall - day, wall + day].map((near) => wallClock(near, timeZone) - near)
  const moments = [wall - (before ?? 0), wall - (after ?? 0)].filter((one) => wallClock(one, timeZone) === wall)
  return moments.length === 0 ? [wall - (before ?? 0)] : moments
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** What the clocks of a zone show at a moment, in seconds as if it were UTC. */
function wallClock(moment: number, timeZone: string): number {
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('en-US', { ...fields, timeZone })
  formats.set(timeZone, format)
  const parts = Object.fromEntries(format.formatToParts(moment * 1000).map(({ type, value }) => [type, Number(value)]))
  const { year = 0, month = 1, day: date = 1, hour = 0, minute = 0, second = 0 } = parts
  return Date.UTC(year, month - 1, date, hour, minute, second) / 1000
}

const fields = {
  calendar: 'gregory',
  numberingSystem: 'latn',
  hourCycle: 'h23',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
} as const

/** As part of a sentence: `until 2026-11-28T23:00Z (nobody is on call)`. */
export function frozenText({ until, reason }: Frozen): string {
  const when = until === undefined ? 'with no end in sight' : `until ${utcMinute(Math.ceil(until / 60) * 60)}`
  return reason === undefined ? when : `${when} (${cut(reason)})`
}

const longest = 40

function cut(reason: string): string {
  const shown = printable(reason).replaceAll('`', "'")
  return shown.length > longest ? `${shown.slice(0, longest)}…` : shown
}
