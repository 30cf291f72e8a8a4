import type { Terminal } from './terminal.js'
import { UsageError } from './usage.js'

/**
 * The time in seconds since 1970: now, or what `KN_ROLLOUT_NOW` says, for runs that must come out the same again.
 *
 * @throws UsageError where the variable is no number.
 */
export function clockOf({ environment }: Terminal): number {
  const { KN_ROLLOUT_NOW: wanted } = environment
  if (wanted === undefined || wanted === '') return Math.floor(Date.now() / 1000)
  if (/^\d{1,12}$/.test(wanted)) return Number(wanted)
  throw new UsageError(`KN_ROLLOUT_NOW must be in seconds since 1970, but is \`${wanted}\``)
}
