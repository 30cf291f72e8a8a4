import type { YAMLMap } from 'yaml'

import type { Path } from '../../text/path.js'
import type { JsonObject } from '../json.js'
import { locate } from '../locate.js'
import type { Manifest } from '../manifest.js'
import { readTraffic, type TrafficTarget } from '../traffic.js'
import type { FieldWish } from './field-wish.js'
import { changesBetween, fieldsOf, type FieldChange } from './fields.js'
import type { Obstacle } from './obstacle.js'
import { reachTraffic } from './reach.js'

/**
 * Turns the difference between a Service's traffic and the wanted one into wishes for fields. Kept targets name their
 * place by `origin` and stand in the file's order; targets without one are new and come last. No difference, no wishes.
 */
export function trafficWishes(manifest: Manifest, wanted: readonly TrafficTarget[]): readonly FieldWish[] | Obstacle {
  const reach = reachTraffic(manifest)
  if ('code' in reach) return reach
  const current = readTraffic(manifest)
  if (!current) {
    return {
      code: 'KN415',
      message: '`spec.traffic` must be a list of valid targets to be edited',
      help: 'mend what `kn-rollout validate` says about it first',
      range: locate(manifest, ['spec', 'traffic'], 'key'),
    }
  }
  const path = ['spec', 'traffic']
  const entries = (reach.list?.items ?? []) as readonly YAMLMap[]
  const entryOf = (target: TrafficTarget): JsonObject =>
    Object.fromEntries(fieldsOf(target, entries).map(({ key, value }) => [key, value]))
  if (entries.length === 0) return wanted.length === 0 ? [] : [{ kind: 'set', path, value: wanted.map(entryOf) }]
  const kept = new Map(wanted.toReversed().map((target) => [target.origin, target]))
  const changed = entries.flatMap((entry, index): readonly FieldWish[] => {
    const [from, to] = [current[index], kept.get(index)]
    if (!from || !to) return [{ kind: 'remove', path: [...path, index] }]
    return changesBetween(entry, from, to).flatMap((change) => wishesOf(change, [...path, index]))
  })
  const added = wanted.filter(({ origin }) => origin === undefined)
  return [...changed, ...added.map((target): FieldWish => ({ kind: 'append', path, value: entryOf(target) }))]
}

function wishesOf(change: FieldChange, entry: Path): readonly FieldWish[] {
  if (change.kind === 'add') return [{ kind: 'set', path: [...entry, change.field.key], value: change.field.value }]
  const path = [...entry, change.key]
  if (change.kind === 'set') return [{ kind: 'set', path, value: change.value }]
  if (change.kind === 'remove') return [{ kind: 'remove', path }]
  return [
    { kind: 'set', path, value: change.by.value },
    { kind: 'rename', path, to: change.by.key },
  ]
}
