import { isMap, isScalar, isSeq, type Pair, type YAMLMap, type YAMLSeq } from 'yaml'

import { locate, type Manifest } from '../manifest/manifest.js'
import { readTraffic, sameRevision, type TrafficTarget } from '../manifest/traffic.js'
import type { Path } from '../text/path.js'
import type { JsonObject } from '../yaml/json.js'
import { rangeOf } from '../yaml/read.js'
import { spliceFields } from './edit-fields.js'
import type { Splice } from './tokens.js'
import { type Field, insideOf, isObstacle, type Obstacle, obstacle, stepTo } from './way.js'
import { type FieldWish, keyOfPair, pairOf } from './wish.js'

/**
 * Turns the difference between a Service's traffic and the wanted one into wishes for fields. Kept targets name their
 * place by `origin` and stand in the file's order; targets without one are new and come last. No difference, no wishes.
 */
function trafficWishes(manifest: Manifest, wanted: readonly TrafficTarget[]): readonly FieldWish[] | Obstacle {
  const reach = reachTraffic(manifest)
  if ('code' in reach) return reach
  const current = readTraffic(manifest)
  if (!current) {
    return {
      code: 'KN415',
      message: 'cannot edit `spec.traffic`: it is not a list of valid targets',
      help: 'fix the findings of `kn-rollout validate` first',
      range: locate(manifest, ['spec', 'traffic'], 'key'),
    }
  }
  const path = ['spec', 'traffic']
  const entries = (reach.list?.items ?? []) as readonly YAMLMap[]
  const entryOf = (target: TrafficTarget): JsonObject => entryFor(target, entries)
  if (entries.length === 0) return wanted.length === 0 ? [] : [{ kind: 'set', path, value: wanted.map(entryOf) }]
  const kept = new Map(wanted.toReversed().map((target) => [target.origin, target]))
  const changed = entries.flatMap((entry, index): readonly FieldWish[] => {
    const [from, to] = [current[index], kept.get(index)]
    if (!from || !to) return [{ kind: 'remove', path: [...path, index] }]
    return wishesBetween(entry, [...path, index], from, to)
  })
  const added = wanted.filter(({ origin }) => origin === undefined)
  return [...changed, ...added.map((target): FieldWish => ({ kind: 'append', path, value: entryOf(target) }))]
}

type Scalar = string | number | boolean

/** What one Service is to look like: its whole traffic, and fields outside of it. Absent parts stay as they are. */
export type ServiceWish = { readonly traffic?: readonly TrafficTarget[]; readonly fields?: readonly FieldWish[] }

/** The edits of one Service, and the wishes that its traffic came to. */
export type ServiceSplice = Splice & { readonly moved: readonly FieldWish[] }

/** The edits of both kinds of wishes together. The field wishes must leave `spec.traffic` alone. */
export function spliceService(manifest: Manifest, { traffic, fields = [] }: ServiceWish): ServiceSplice | Obstacle {
  const moved = traffic ? trafficWishes(manifest, traffic) : []
  if ('code' in moved) return moved
  const splice = spliceFields(manifest, [...fields, ...moved])
  if ('code' in splice) return splice
  return { ...splice, moved }
}

/** The wishes that turn one target into another, few enough that equal targets need none. */
function wishesBetween(entry: YAMLMap, at: Path, from: TrafficTarget, to: TrafficTarget): readonly FieldWish[] {
  const has = (key: string): boolean => pairOf(entry, key) !== undefined
  const set = (key: string, value: Scalar): FieldWish => ({ kind: 'set', path: [...at, key], value })
  const remove = (key: string): FieldWish => ({ kind: 'remove', path: [...at, key] })
  const replace = (key: string, by: string, value: Scalar): readonly FieldWish[] => {
    return [set(key, value), { kind: 'rename', path: [...at, key], to: by }]
  }
  const wishes: FieldWish[] = []
  if ('name' in to.revision) {
    const { name } = to.revision
    const moved = !('name' in from.revision) || from.revision.name !== name
    const inPlace = moved && has('latestRevision') && !has('revisionName') && 'latest' in from.revision
    if (inPlace) wishes.push(...replace('latestRevision', 'revisionName', name))
    else if (moved) {
      wishes.push(set('revisionName', name))
      if ('latest' in from.revision && has('latestRevision')) wishes.push(set('latestRevision', false))
    }
  } else if ('name' in from.revision) {
    if (has('latestRevision')) wishes.push(set('latestRevision', true), remove('revisionName'))
    else wishes.push(...replace('revisionName', 'latestRevision', true))
  }
  if (from.percent !== to.percent) wishes.push(set('percent', asText(entry) ? String(to.percent) : to.percent))
  if (from.tag !== to.tag) wishes.push(to.tag === undefined ? remove('tag') : set('tag', to.tag))
  return wishes
}

/** Whether the percent of an entry is written as a text, which Cloud Run takes for the number. */
function asText(entry: YAMLMap): boolean {
  const value = pairOf(entry, 'percent')?.value
  return isScalar(value) && value.type !== undefined && value.type !== 'PLAIN'
}

/** A new entry, in the order and the habits of its siblings. */
function entryFor({ revision, percent, tag }: TrafficTarget, siblings: readonly YAMLMap[]): JsonObject {
  const pinned = siblings.filter((entry) => pairOf(entry, 'revisionName'))
  const spellsOut = pinned.length > 0 && pinned.every((entry) => pairOf(entry, 'latestRevision'))
  const members: Record<string, Scalar> = {
    ...('latest' in revision ? { latestRevision: true } : { revisionName: revision.name }),
    ...('name' in revision && spellsOut && { latestRevision: false }),
    percent: siblings.length > 0 && siblings.every(asText) ? String(percent) : percent,
    ...(tag !== undefined && { tag }),
  }
  const order = keyOrder(siblings)
  return Object.fromEntries(Object.entries(members).toSorted(([a], [b]) => order.indexOf(a) - order.indexOf(b)))
}

/** The order of keys that the entries follow: that of the one with most keys, the others where they usually stand. */
function keyOrder(entries: readonly YAMLMap[]): readonly string[] {
  const model = entries.toSorted((a, b) => b.items.length - a.items.length)[0]
  const order = model ? model.items.map((pair) => keyOfPair(pair)) : []
  const revision = order.findIndex((key) => key === 'revisionName' || key === 'latestRevision')
  const missing = ['revisionName', 'latestRevision'].filter((key) => !order.includes(key))
  order.splice(revision < 0 ? 0 : revision + 1, 0, ...missing)
  if (!order.includes('percent'))
    order.splice(Math.max(order.indexOf('revisionName'), order.indexOf('latestRevision')) + 1, 0, 'percent')
  return order.includes('tag') ? order : [...order, 'tag']
}

/** The nodes that an edit of `spec.traffic` works on. */
type Reach = {
  readonly spec: YAMLMap
  /** The `traffic` member of `spec`, if there is one, and its list, if it has one. */
  readonly pair?: Pair
  readonly list?: YAMLSeq
}

const traffic: Field = { name: '`spec.traffic`', member: 'an entry of `spec.traffic`' }

/** Walks to `spec.traffic`, as far as it is there. */
function reachTraffic(manifest: Manifest): Reach | Obstacle {
  let node: unknown = manifest.document.contents
  for (const step of manifest.root) {
    const found = stepTo(manifest, node, step, traffic)
    if (isObstacle(found)) return found
    node = found.node
  }
  const found = stepTo(manifest, node, 'spec', traffic)
  if (isObstacle(found)) return found
  const spec = found.node
  if (!isMap(spec) || spec.items.length === 0) {
    const message = 'cannot add `spec.traffic`: `spec` is not a mapping with at least one member'
    return obstacle('KN414', message, found.pair?.key ?? node, 'add `spec:` with its template first')
  }
  const member = stepTo(manifest, spec, 'traffic', traffic)
  if (isObstacle(member)) return member
  return member.pair ? reachList(manifest, { spec, pair: member.pair }) : { spec }
}

function reachList(manifest: Manifest, reach: Reach & { readonly pair: Pair }): Reach | Obstacle {
  const { value } = reach.pair
  const blocked = insideOf(manifest, value, traffic, 'stays')
  if (blocked) return blocked
  if (!isSeq(value)) return reach
  const odd = value.items.find((item) => !isMap(item))
  if (odd === undefined) return { ...reach, list: value }
  const message = 'cannot edit `spec.traffic`: a target is not a mapping'
  if (isSeq(odd) || (isScalar(odd) && rangeOf(odd).end > rangeOf(odd).start))
    return obstacle('KN414', message, odd, 'write its members, as in `revisionName: …`, after one dash')
  return obstacle('KN414', message, reach.pair.key, 'remove the empty targets first')
}

/** Whether two lists send the same to the same, entry by entry. */
export function sameTraffic(a: readonly TrafficTarget[] | undefined, b: readonly TrafficTarget[] | undefined): boolean {
  if (!a || !b) return a === b
  return (
    a.length === b.length &&
    a.every((target, index) => {
      const other = b[index]
      return (
        other !== undefined &&
        sameRevision(target.revision, other.revision) &&
        target.percent === other.percent &&
        target.tag === other.tag
      )
    })
  )
}
