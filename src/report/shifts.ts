import { keyOf, type Revision, type TrafficTarget } from '../manifest/traffic.js'
import { routed, shareOf } from '../stages/place.js'
import { grouped } from '../text/collections.js'

/** A revision and its percent of the requests before and after; undefined where it is in no target. */
export type Shift = {
  readonly revision: Revision
  readonly before: number | undefined
  readonly after: number | undefined
}

/** Every revision of both lists, in the order of the first one, and what it has in each. */
export function sharesOf(before: readonly TrafficTarget[], after: readonly TrafficTarget[]): readonly Shift[] {
  const [old, fresh] = [routed(before), routed(after)]
  const all = [...old, ...fresh].map(({ revision }) => revision)
  return [...grouped(all, keyOf).values()].flatMap(([revision]) =>
    revision ? [{ revision, before: shareIn(old, revision), after: shareIn(fresh, revision) }] : [],
  )
}

/** The revisions that get another percent. One that comes or goes without traffic moves no requests. */
export function movesOf(before: readonly TrafficTarget[], after: readonly TrafficTarget[]): readonly Shift[] {
  return sharesOf(before, after).filter((one) => (one.before ?? 0) !== (one.after ?? 0))
}

function shareIn(traffic: readonly TrafficTarget[], revision: Revision): number | undefined {
  const isThere = traffic.some((target) => keyOf(target.revision) === keyOf(revision))
  return isThere ? shareOf(traffic, revision) : undefined
}

/** A move in ASCII: `shop-v2 10% -> 50%`, `shop-v3 new at 0%`, `shop-v1 0% -> removed`. */
export function shiftText({ revision, before, after }: Shift, spelled: (name: string) => string): string {
  if ('latest' in revision) return `latest revision ${before ?? 0}% -> ${after ?? 0}%`
  const name = spelled(revision.name)
  if (before === undefined && (after ?? 0) === 0) return `${name} new at 0%`
  return `${name} ${before ?? 0}% -> ${after === undefined ? 'removed' : `${after}%`}`
}
