import { numberOf } from '../manifest/revision-number.js'
import type { Revision } from '../manifest/traffic.js'

/** What the first label of a host name holds; a tag shares it with the Service's name and a dash. */
const longest = 63

/**
 * The tag of a candidate that nobody has named one for: `v2` of `shop-v2` and of `shop-00002`, `latest` of `@latest`.
 * Always a label; whether another target has it already is found out where it is used.
 */
export function derivedTag(service: string, candidate: Revision): string {
  if ('latest' in candidate) return 'latest'
  const number = numberOf(service, candidate.name)
  if (number !== undefined) return `v${number}`
  const prefix = `${service}-`
  const own = candidate.name.startsWith(prefix) ? candidate.name.slice(prefix.length) : candidate.name
  const letters = own.toLowerCase().replaceAll(/[^a-z0-9-]/g, '-')
  const label = /^[a-z]/.test(letters) ? letters : `v${letters}`
  return label.slice(0, Math.max(1, longest - prefix.length)).replace(/-+$/, '')
}
