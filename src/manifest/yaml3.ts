import { resolvePlain } from './scalar.js'

const timestamp =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?<separator>[Tt ])(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d+))?(?<zone>Z|[-+]\d{2}:\d{2})?)?$/

/**
 * What kustomize, and with it Flux, hands on for a plain scalar that kubectl reads otherwise: the words that are no
 * booleans to go-yaml v3 (`yes`, `on`), and times, which it writes anew. Undefined where the two agree; on numbers they
 * do.
 *
 * Source: sigs.k8s.io/yaml, goyaml.v3/resolve.go; kyaml RNode.MarshalJSON.
 */
export function readByYaml3(text: string): string | undefined {
  if (typeof resolvePlain(text) === 'boolean') return /^(?:true|false)$/i.test(text) ? undefined : text
  const written = timestampText(text)
  return written === text ? undefined : written
}

/** A time as Go writes it into JSON (RFC 3339), or undefined for what is none. */
function timestampText(text: string): string | undefined {
  const match = timestamp.exec(text)
  if (!match) return undefined
  const { separator, zone } = match.groups ?? {}
  if ((separator === ' ' && zone !== undefined) || (/^[Tt]$/.test(separator ?? '') && zone === undefined))
    return undefined
  const [year, month, day] = [match[1], match[2], match[3]].map(Number)
  const [hour, minute, second] = [match[5], match[6], match[7]].map((part) => Number(part ?? 0))
  const time = new Date(0)
  time.setUTCFullYear(year ?? 0, (month ?? 0) - 1, day)
  time.setUTCHours(hour ?? 0, minute, second)
  const kept = time.getUTCMonth() + 1 === month && time.getUTCDate() === day && time.getUTCHours() === hour
  if (!kept || time.getUTCMinutes() !== minute || time.getUTCSeconds() !== second) return undefined
  const fraction = (match[8] ?? '').slice(0, 9).replace(/0+$/, '')
  const offset = zone === undefined || zone.endsWith('00:00') ? 'Z' : zone
  return `${time.toISOString().slice(0, 19)}${fraction && `.${fraction}`}${offset}`
}
