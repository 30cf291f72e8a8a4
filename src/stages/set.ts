import { readTraffic, type TrafficTarget } from '../manifest/traffic.js'
import { knownRevisions } from './known-revisions.js'
import type { Move } from './move.js'
import { findRoles } from './roles.js'
import { withShares, type ShareWish } from './set-shares.js'
import { routed } from './shares.js'
import { withTags, withoutTags, type TagWish } from './set-tags.js'
import { isRefusal } from './stage.js'

/** What `set` is asked for, in the words of `kn service update`. */
export type SetRequest = {
  /** Tags to take away. */
  readonly untag?: readonly string[]
  readonly tags?: readonly TagWish[]
  /** The whole split; without it the shares stay as they are. */
  readonly shares?: readonly ShareWish[]
  /** Takes names of revisions and tags that the file does not know. */
  readonly allowUnknown?: boolean
}

/**
 * Sets tags and shares by kn's own grammar (knative/client, pkg/kn/traffic/compute.go): first tags are taken away, then
 * given, then shares set; what is left with neither a tag nor a share leaves the list.
 */
export function setTraffic({ untag, tags, shares, allowUnknown = false }: SetRequest): Move {
  return (manifest, facts) => {
    const before = readTraffic(manifest)
    if (!before) return undefined
    const scene = {
      manifest,
      known: knownRevisions(manifest),
      witnesses: facts,
      allowUnknown,
    }
    const untagged = withoutTags(routed(before), untag ?? [], scene)
    const tagged = isRefusal(untagged) ? untagged : withTags(untagged, tags ?? [], scene)
    const shared = isRefusal(tagged) || !shares ? tagged : withShares(tagged, shares, scene)
    if (isRefusal(shared)) return shared
    return { stage: 'set', before, after: unlessIdle(before, shared), ...untold }
  }
}

/** Revisions are called by their names here: nobody is stable or candidate. */
const untold = findRoles({ traffic: [] })

/** The list without idle targets. Where none would be left it stays: an empty one would route everything to the latest. */
function unlessIdle(before: readonly TrafficTarget[], traffic: readonly TrafficTarget[]): readonly TrafficTarget[] {
  const left = traffic.filter(({ tag, percent }) => tag !== undefined || percent !== 0)
  const [only, second] = left
  const isUnrouted = only && !second && 'latest' in only.revision && only.percent === 100 && only.tag === undefined
  if (before.length === 0 && isUnrouted) return before
  return left.length === 0 ? traffic : left
}
