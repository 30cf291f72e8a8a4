import { numberOf } from '../manifest/names.js'
import { keyOf, type Revision, sameRevision, type TrafficTarget } from '../manifest/traffic.js'
import { grouped, sum } from '../text/collections.js'

/** The percent that a revision gets from all of its targets together. */
export function shareOf(traffic: readonly TrafficTarget[], revision: Revision): number {
  return sum(targetsNaming(traffic, revision).map(({ percent }) => percent))
}

/** All targets of a revision, in their order. */
export function targetsNaming(traffic: readonly TrafficTarget[], revision: Revision): readonly TrafficTarget[] {
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
  const own = targetsNaming(traffic, revision)
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
  if (targetsNaming(traffic, stable).length > 0) return traffic
  const unpinned = traffic.find((target) => 'latest' in target.revision && target.percent > 0)
  return traffic.map((target) => (target === unpinned ? { ...target, revision: stable } : target))
}

/** What an empty list means to the cluster. */
const unrouted: readonly TrafficTarget[] = [{ revision: { latest: true }, percent: 100 }]

/** The targets as the cluster has them: an empty list sends everything to the latest revision. */
export function routed(traffic: readonly TrafficTarget[]): readonly TrafficTarget[] {
  return traffic.length === 0 ? unrouted : traffic
}

/** Whether requests reach whatever revision is the latest, be it by a tag alone. */
export function followsLatest(traffic: readonly TrafficTarget[] = unrouted): boolean {
  return routed(traffic).some(({ revision, percent, tag }) => {
    return 'latest' in revision && (percent > 0 || tag !== undefined)
  })
}

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
