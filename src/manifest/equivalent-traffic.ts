import { revisionText, type TrafficTarget } from './traffic.js'

/**
 * Whether two lists send the same shares to the same revisions and tags. The order of targets carries no meaning, and no
 * targets at all are what the cluster makes of them: everything to the latest revision.
 */
export function equivalentTraffic(a: readonly TrafficTarget[], b: readonly TrafficTarget[]): boolean {
  if (a.length !== b.length && a.length > 0 && b.length > 0) return false
  const [one, other] = [signs(a), signs(b)]
  return one.length === other.length && one.every((sign, index) => sign === other[index])
}

const toLatest: TrafficTarget = { revision: { latest: true }, percent: 100 }

function signs(targets: readonly TrafficTarget[]): readonly string[] {
  return (targets.length === 0 ? [toLatest] : targets)
    .map(({ revision, percent, tag = '' }) => `${revisionText(revision)} ${percent} ${tag}`)
    .toSorted()
}
