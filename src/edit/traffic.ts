import type { YAMLMap } from 'yaml'

import { locate, type Manifest } from '../manifest/manifest.js'
import { readTraffic, type TrafficTarget } from '../manifest/traffic.js'
import type { Path } from '../text/path.js'
import type { JsonObject } from '../yaml/json.js'
import { spliceFields } from './edit-fields.js'
import { changesBetween, type FieldChange, fieldsOf } from './members.js'
import type { Splice } from './tokens.js'
import { type Obstacle, reachTraffic } from './way.js'
import type { FieldWish } from './wish.js'

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

/** What one Service is to look like: its whole traffic, and fields outside of it. Absent parts stay as they are. */
export type ServiceWish = { readonly traffic?: readonly TrafficTarget[]; readonly fields?: readonly FieldWish[] }

/** The edits of both kinds of wishes together. The field wishes must leave `spec.traffic` alone. */
export function spliceService(manifest: Manifest, wish: ServiceWish): Splice | Obstacle {
  const splice = spliceParts(manifest, wish)
  const isNothing = !('code' in splice) && splice.edits.length === 0
  const { text } = manifest.file
  if (isNothing || text.includes('\n') || !text.includes('\r')) return splice
  return {
    code: 'KN414',
    message: 'lines must end in LF or CRLF to be edited, but end in CR alone',
    help: 'convert the file first, as with `mac2unix`',
    range: locate(manifest, [], 'key'),
  }
}

function spliceParts(manifest: Manifest, { traffic, fields = [] }: ServiceWish): Splice | Obstacle {
  const own = traffic ? trafficWishes(manifest, traffic) : []
  return 'code' in own ? own : spliceFields(manifest, [...fields, ...own])
}
