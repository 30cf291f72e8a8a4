import type { ConfigReader, Place } from './reader.js'

const units: Readonly<Record<string, number>> = { d: 86_400, h: 3600, m: 60, s: 1 }

/** Reads a span of time (`45m`, `1h30m`, `2d`) in seconds. */
export function readDuration(reader: ConfigReader, place: Place, name: string): number | undefined {
  const what = 'a duration such as `45m`, `1h30m` or `2d`'
  const text = reader.text(place, name, what)
  if (text === undefined) return undefined
  const parts = /^(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?$/.exec(text)
  if (parts) return Object.values(units).reduce((sum, unit, index) => sum + unit * Number(parts[index + 1] ?? 0), 0)
  reader.complain(reader.at(place), `${name} must be ${what}, but is \`${text}\``)
  return undefined
}
