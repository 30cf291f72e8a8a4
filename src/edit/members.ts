import { isScalar, type Pair, type YAMLMap } from 'yaml'

import type { TrafficTarget } from '../manifest/traffic.js'
import { needsQuotes } from '../yaml/scalar.js'

/** A member as it is to be written: its key and the finished text of its value. */
type Field = { readonly key: string; readonly value: string | number | boolean }

/** What has to change in one entry, key by key. */
export type FieldChange =
  | { readonly kind: 'set'; readonly key: string; readonly value: Field['value'] }
  | { readonly kind: 'replace'; readonly key: string; readonly by: Field }
  | { readonly kind: 'add'; readonly field: Field }
  | { readonly kind: 'remove'; readonly key: string }

/** The changes that turn one target into another, few enough that equal targets need none. */
export function changesBetween(entry: YAMLMap, from: TrafficTarget, to: TrafficTarget): readonly FieldChange[] {
  const has = (key: string): boolean => pairOf(entry, key) !== undefined
  const put = (key: string, value: Field['value']): FieldChange => {
    return has(key) ? { kind: 'set', key, value } : { kind: 'add', field: { key, value } }
  }
  const changes: FieldChange[] = []
  if ('name' in to.revision) {
    const { name } = to.revision
    const moved = !('name' in from.revision) || from.revision.name !== name
    const inPlace = moved && has('latestRevision') && !has('revisionName') && 'latest' in from.revision
    if (inPlace) changes.push({ kind: 'replace', key: 'latestRevision', by: { key: 'revisionName', value: name } })
    else if (moved) {
      changes.push(put('revisionName', name))
      if ('latest' in from.revision && has('latestRevision')) changes.push(put('latestRevision', false))
    }
  } else if ('name' in from.revision) {
    if (has('latestRevision')) changes.push(put('latestRevision', true), { kind: 'remove', key: 'revisionName' })
    else changes.push({ kind: 'replace', key: 'revisionName', by: { key: 'latestRevision', value: true } })
  }
  if (from.percent !== to.percent) changes.push(put('percent', to.percent))
  if (from.tag !== to.tag) changes.push(to.tag === undefined ? { kind: 'remove', key: 'tag' } : put('tag', to.tag))
  return changes
}

/** The members of a new entry, in the order and the habits of its siblings. */
export function fieldsOf(target: TrafficTarget, siblings: readonly YAMLMap[]): readonly Field[] {
  const fields: Field[] = []
  const pinned = siblings.filter((entry) => pairOf(entry, 'revisionName'))
  const spellsOut = pinned.length > 0 && pinned.every((entry) => pairOf(entry, 'latestRevision'))
  if ('latest' in target.revision) fields.push({ key: 'latestRevision', value: true })
  else {
    fields.push({ key: 'revisionName', value: target.revision.name })
    if (spellsOut) fields.push({ key: 'latestRevision', value: false })
  }
  fields.push({ key: 'percent', value: target.percent })
  if (target.tag !== undefined) fields.push({ key: 'tag', value: target.tag })
  const order = keyOrder(siblings)
  return fields.toSorted((a, b) => order.indexOf(a.key) - order.indexOf(b.key))
}

/** The order of keys that the entries follow: that of the one with most keys, the others where they usually stand. */
function keyOrder(entries: readonly YAMLMap[]): readonly string[] {
  const model = entries.toSorted((a, b) => b.items.length - a.items.length)[0]
  const order = model ? model.items.map((pair) => keyOf(pair)) : []
  const revision = order.findIndex((key) => key === 'revisionName' || key === 'latestRevision')
  const missing = ['revisionName', 'latestRevision'].filter((key) => !order.includes(key))
  order.splice(revision < 0 ? 0 : revision + 1, 0, ...missing)
  if (!order.includes('percent'))
    order.splice(Math.max(order.indexOf('revisionName'), order.indexOf('latestRevision')) + 1, 0, 'percent')
  return order.includes('tag') ? order : [...order, 'tag']
}

export function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : ''
}

export function pairOf(entry: YAMLMap, key: string): Pair | undefined {
  return entry.items.find((pair) => keyOf(pair) === key)
}

/** How a value is quoted: as its siblings are, and always where a reader could take it for something else. */
export type Quote = '' | "'" | '"'

export function scalarText(value: Field['value'], quote: Quote): string {
  if (typeof value !== 'string') return String(value)
  if (quote === "'" && !/[\r\n]/.test(value)) return `'${value.replaceAll("'", "''")}'`
  return quote === '"' || needsQuotes(value) ? JSON.stringify(value) : value
}

/** The quote that a scalar is written with. */
export function quoteOf(node: unknown): Quote {
  if (!isScalar(node)) return ''
  return node.type === 'QUOTE_DOUBLE' ? '"' : node.type === 'QUOTE_SINGLE' ? "'" : ''
}
