import type { Since } from '../manifest/past-facts.js'
import type { Past } from '../manifest/past.js'
import type { Revision } from '../manifest/traffic.js'
import { stageSince } from '../stages/soak.js'
import type { FileHistory } from '../text/version.js'

/** Since when the traffic of a Service is as it is; or that it is not committed, or why Git does not tell. */
export type TimeInStage = Since | { readonly notCommitted: true } | { readonly unknown: string }

/** @param candidate The candidate of a rollout that is under way. */
export function timeInStage(
  history: FileHistory | 'none',
  past: Past | undefined,
  candidate: Revision | undefined,
): TimeInStage {
  if (history === 'none') return { unknown: 'it is in no file' }
  const missing = history.failure ?? history.absence
  if (!past) return missing === undefined ? { notCommitted: true } : { unknown: missing }
  const since = stageSince(past, candidate)
  if (since) return since
  for (const _ of past.states) return { notCommitted: true }
  const { isCut, unread } = past.gaps()
  if (unread > 0) return { unknown: `${unread} ${unread === 1 ? 'version' : 'versions'} of it cannot be read` }
  return isCut ? { unknown: history.failure ?? 'the history ends too early' } : { notCommitted: true }
}
