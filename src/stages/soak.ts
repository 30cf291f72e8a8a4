import { trafficSince, type Since } from '../manifest/past-facts.js'
import type { Past } from '../manifest/past.js'
import type { Revision } from '../manifest/traffic.js'
import { fetchMore } from '../text/fetch-more.js'
import { durationText, utcMinute } from '../text/time.js'
import type { Step } from './plans.js'
import type { Refusal } from './stage.js'
import { shortCommit } from '../text/version.js'

/** What tells how long a Service has been in its stage. */
type Waiting = {
  readonly past: Past | undefined
  /** Why there can be none. */
  readonly absence?: string
  readonly now: number
  readonly candidate: Revision | undefined
}

/** Why a Service must stay in its stage for now; undefined where its soak is over, or where it has none. */
export function soakRefusal(
  { stage, soak = 0 }: Step,
  { past, absence, now, candidate }: Waiting,
): Refusal | undefined {
  if (soak === 0) return undefined
  const must = `the stage \`${stage.name}\` must last for ${durationText(soak)}`
  const since = past && stageSince(past, candidate)
  if (!since && absence !== undefined) {
    return {
      code: 'KN433',
      message: `${must}, but no history tells since when it does: ${absence}`,
      help: 'name the file in its repository, or go on with --ignore-soak',
    }
  }
  if (!since) {
    return {
      code: 'KN433',
      message: `${must}, but no commit tells since when it does`,
      help: 'commit the traffic first, and see to it that the history is there; or go on with --ignore-soak',
    }
  }
  const left = since.time + soak - now
  if (left <= 0) return undefined
  const [commit, start] = [shortCommit(since.commit), utcMinute(since.time)]
  if (since.isAtLeast) {
    return {
      code: 'KN433',
      message: `${must}, but the history that is here ends at ${commit} (${start}), and so does not tell since when it does`,
      help: `${fetchMore}; or go on with --ignore-soak`,
    }
  }
  return {
    code: 'KN432',
    message: `${must}, but does so since ${start} (${commit}): until ${utcMinute(since.time + soak)}, ${durationText(left)} are left`,
    help: 'run it again then, or go on now with --ignore-soak',
  }
}

/**
 * Since when a Service is in its stage; undefined where its traffic is not committed. With `@latest` in the list a new
 * template changes what the traffic goes to, even where the list stays as it is.
 */
export function stageSince(past: Past, candidate: Revision | undefined): Since | undefined {
  const since = trafficSince(past)
  if (!since || !candidate || 'name' in candidate) return since
  const [newest, older] = past.states
  if (!newest) return undefined
  const { commit, time } = newest
  return older ? { commit, time } : { ...since, commit, time }
}
