import { keyOf, sameRevision, type Revision, type TrafficTarget } from '../manifest/traffic.js'
import { grouped } from '../text/grouped.js'
import { sum } from '../text/sum.js'

/** The percent that a revision gets from all of its targets together. */
export function shareOf(traffic: readonly TrafficTarget[], revision: Revision): number {
  return sum(targetsOf(traffic, revision).map(({ percent }) => percent))
}

/** All targets of a revision, in their order. */
export function targetsOf(traffic: readonly TrafficTarget[], revision: Revision): readonly TrafficTarget[] {
  if (traffic.length <= few) return traffic.filter((target) => sameRevision(target.revision, revision))
  const known = indices.get(traffic) ?? grouped(traffic, (target) => keyOf(target.revision))
  indices.set(traffic, known)
  return known.get(keyOf(revision)) ?? []
}

/** Long lists are asked for each of their revisions, and would be gone through for each. */
const few = 16
const indices = new WeakMap<readonly TrafficTarget[], ReadonlyMap<string, readonly TrafficTarget[]>>()

/**
 * The traffic with `revision` at `percent`, and nothing else changed. A revision with several targets (one tagged, one
 * with the share) gets it where it had it, so that the diff stays small; one without a target is appended.
 */
export function withShare(
  traffic: readonly TrafficTarget[],
  revision: Revision,
  percent: number,
): readonly TrafficTarget[] {
  const own = targetsOf(traffic, revision)
  if (own.length === 0) return [...traffic, { revision, percent }]
  if (shareOf(traffic, revision) === percent && own.every((target) => target.percent >= 0)) return traffic
  const owned = new Set(own)
  const main = own.find((target) => target.percent > 0) ?? own.find((target) => target.tag === undefined) ?? own[0]
  return traffic.map((target) => (owned.has(target) ? { ...target, percent: target === main ? percent : 0 } : target))
}

/** The traffic with nothing on the targets that `isDrained` picks. */
export function drain(
  traffic: readonly TrafficTarget[],
  isDrained: (target: TrafficTarget) => boolean,
): readonly TrafficTarget[] {
  return traffic.map((target) => (target.percent !== 0 && isDrained(target) ? { ...target, percent: 0 } : target))
}

/**
 * The traffic with a target for the stable revision. Where it has none but the file routes to the latest revision, that
 * target becomes it in place: what serves today is reached through it.
 */
export function withPinned(traffic: readonly TrafficTarget[], stable: Revision): readonly TrafficTarget[] {
  if (targetsOf(traffic, stable).length > 0) return traffic
  const unpinned = traffic.find((target) => 'latest' in target.revision && target.percent > 0)
  return traffic.map((target) => (target === unpinned ? { ...target, revision: stable } : target))
}

/** What an empty list means to the cluster. */
const unrouted: readonly TrafficTarget[] = [{ revision: { latest: true }, percent: 100 }]

/** The targets as the cluster has them: an empty list sends everything to the latest revision. */
export function routed(traffic: readonly TrafficTarget[]): readonly TrafficTarget[] {
  return traffic.length === 0 ? unrouted : traffic
}
