import { keyOf, type Revision, revisionText, type TrafficTarget } from '../manifest/traffic.js'
import { routed, shareOf } from '../stages/place.js'
import { grouped, sum } from '../text/collections.js'
import { printable } from '../text/printable.js'

/** A revision and its percent of the requests before and after; undefined where it is in no target. */
type Shift = {
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

/** What a list without targets means. */
const toLatest: readonly TrafficTarget[] = [{ revision: { latest: true }, percent: 100 }]

type Row = { readonly text: string; readonly rank: number; readonly isIdle: boolean }

/**
 * Who had what of the traffic, and who has what: `shop-v1 100% → 50%, shop-v2 0% → 50%`. Those that lose come first, and
 * those that had none and have none are left out, unless their place or their tag changes.
 */
export function trafficLine(before: readonly TrafficTarget[], after: readonly TrafficTarget[]): string {
  const [from, to] = [before, after].map((list) => grouped(list.length === 0 ? toLatest : list, nameOf))
  const names = [...new Set([...(from?.keys() ?? []), ...(to?.keys() ?? [])])]
  const rows = names.map((name) => rowOf(from?.get(name), to?.get(name)))
  const shown = rows.filter(({ isIdle }) => !isIdle).toSorted((a, b) => a.rank - b.rank)
  return shown.map(({ text }) => text).join(', ')
}

/** The traffic as it is: `shop-v1 90%, shop-v2 10%`. */
export function trafficNow(traffic: readonly TrafficTarget[]): string {
  return trafficLine(traffic, traffic)
}

function nameOf({ revision }: TrafficTarget): string {
  return keyOf(revision)
}

function rowOf(from: readonly TrafficTarget[] = [], to: readonly TrafficTarget[] = []): Row {
  const [first] = [...from, ...to]
  const [had, has] = [from, to].map((list) => sum(list.map(({ percent }) => percent)))
  const [old, fresh] = [tagsOf(from), tagsOf(to)]
  const isSame = had === has
  const remarks = [
    ...(from.length === 0 && isSame ? ['new'] : []),
    ...fresh.filter((tag) => !old.includes(tag)).map((tag) => `tag ${printable(tag)}`),
    ...(to.length === 0 ? [] : old.filter((tag) => !fresh.includes(tag)).map((tag) => `no tag ${printable(tag)}`)),
    ...(to.length === 0 && isSame ? ['removed'] : []),
  ]
  const share = isSame ? `${has}%` : `${had}% → ${has}%`
  const name = first ? printable(revisionText(first.revision)) : ''
  return {
    text: `${name} ${share}${remarks.length > 0 ? ` (${remarks.join(', ')})` : ''}`,
    rank: Math.sign((has ?? 0) - (had ?? 0)),
    isIdle: isSame && has === 0 && remarks.length === 0,
  }
}

function tagsOf(list: readonly TrafficTarget[]): readonly string[] {
  return list.flatMap(({ tag }) => tag ?? [])
}
