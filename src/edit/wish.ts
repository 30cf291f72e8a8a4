import { isScalar } from 'yaml'

import { type Manifest, nodeAt } from '../manifest/manifest.js'
import type { Remedy } from '../text/diagnostic.js'
import { formatPath, type Path } from '../text/path.js'
import { define, isList, isObject, type Json, type JsonObject } from '../yaml/json.js'
import { scalarText } from '../yaml/scalar.js'

/**
 * One field of the object as it is to become. Paths start at the object's own root and name places of the object as it
 * stands, whatever other wishes change: list positions do not move, a renamed key is found by its old name.
 */
export type FieldWish =
  /** A scalar in the place of another, or a member that is missing or empty, with the mappings it needs. */
  | { readonly kind: 'set'; readonly path: Path; readonly value: Json }
  /** `prune`: the mappings and lists that it leaves empty go as well. Nothing there, nothing to do. */
  | { readonly kind: 'remove'; readonly path: Path; readonly prune?: boolean }
  /** The key only. Nothing there, nothing to do. */
  | { readonly kind: 'rename'; readonly path: Path; readonly to: string }
  /** An item behind the last one of a list, which is made where it is missing or empty. */
  | { readonly kind: 'append'; readonly path: Path; readonly value: Json }

/** The value with exactly these wishes made: what an edited text must read as. */
export function wished(value: Json, wishes: readonly FieldWish[]): Json {
  const changing = new Changing()
  let result = value
  for (const wish of wishes) {
    if (wish.kind === 'set') result = changing.put(result, wish.path, () => wish.value)
    if (wish.kind === 'append')
      result = changing.put(result, wish.path, (old) => [...(isList(old) ? old : []), wish.value])
  }
  const removals = wishes.flatMap((wish) => (wish.kind === 'remove' && has(result, wish.path) ? [wish] : []))
  for (const { path } of removals) result = changing.without(result, path)
  const parents = removals.flatMap(({ path, prune }) => (prune ? [path.slice(0, -1)] : []))
  for (const path of new Map(parents.map((one) => [JSON.stringify(one), one])).values())
    result = changing.pruned(result, path)
  for (const wish of wishes) if (wish.kind === 'rename') result = changing.renamed(result, wish.path, wish.to)
  return swept(result)
}

/** The path of the first wish that leads through each place, by the steps to that as JSON. */
export function waysOf(wishes: readonly FieldWish[]): ReadonlyMap<string, Path> {
  const ways = new Map<string, Path>()
  for (const { path } of wishes)
    for (let length = 0; length <= path.length; length++) {
      const place = JSON.stringify(path.slice(0, length).map(String))
      if (!ways.has(place)) ways.set(place, path)
    }
  return ways
}

/** Whether nothing is written there that a wish would have to keep. */
export function isVacant(value: Json | undefined): boolean {
  if (value === undefined || value === null) return true
  return isList(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0
}

/** In place of a removed item, so that the others keep their positions. */
const gone: JsonObject = {}

/** Copies what changes once, and never changes what it was given. */
class Changing {
  private readonly copies = new WeakSet<object>()

  put(value: Json | undefined, path: Path, change: (old: Json | undefined) => Json): Json {
    const [step, ...rest] = path
    if (step === undefined) return change(value)
    if (isList(value) && value.length > 0) return this.item(value, step, (item) => this.put(item, rest, change))
    const own = this.members(isObject(value) ? value : {})
    define(own, String(step), this.put(Object.hasOwn(own, step) ? own[step] : undefined, rest, change))
    return own
  }

  without(value: Json, path: Path): Json {
    const [step, ...rest] = path
    if (isList(value)) return this.item(value, step, (item) => (rest.length === 0 ? gone : this.without(item, rest)))
    if (!isObject(value) || step === undefined || !Object.hasOwn(value, step)) return value
    const own = this.members(value)
    if (rest.length === 0) delete own[step]
    else define(own, String(step), this.without(own[step] ?? null, rest))
    return own
  }

  pruned(value: Json, path: Path): Json {
    if (path.length === 0 || !has(value, path) || !isEmptied(path.reduce(stepInto, value))) return value
    return this.pruned(this.without(value, path), path.slice(0, -1))
  }

  renamed(value: Json, path: Path, to: string): Json {
    const [step, ...rest] = path
    if (isList(value)) return this.item(value, step, (item) => this.renamed(item, rest, to))
    if (!isObject(value) || step === undefined || !Object.hasOwn(value, step)) return value
    if (rest.length > 0) {
      const own = this.members(value)
      define(own, String(step), this.renamed(own[step] ?? null, rest, to))
      return own
    }
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key === String(step) ? to : key, item]))
  }

  private item(list: readonly Json[], step: string | number | undefined, change: (item: Json) => Json): Json {
    const item = typeof step === 'number' ? list[step] : undefined
    if (item === undefined || typeof step !== 'number') return list
    const own = this.own(list, () => [...list])
    own[step] = change(item)
    return own
  }

  private members(value: JsonObject): Record<string, Json> {
    return this.own(value, () => ({ ...value }))
  }

  private own<Value extends object>(value: object, copy: () => Value): Value {
    if (this.copies.has(value)) return value as Value
    const made = copy()
    this.copies.add(made)
    return made
  }
}

function has(value: Json | undefined, path: Path): boolean {
  const [step, ...rest] = path
  if (step === undefined) return value !== undefined
  if (isList(value)) return typeof step === 'number' && has(value[step], rest)
  return isObject(value) && Object.hasOwn(value, step) && has(value[step], rest)
}

function stepInto(value: Json, step: string | number): Json {
  if (isList(value)) return value[Number(step)] ?? null
  return isObject(value) ? (value[step] ?? null) : null
}

function isEmptied(value: Json): boolean {
  if (isList(value)) return value.every((item) => item === gone)
  return isObject(value) && value !== gone && Object.keys(value).length === 0
}

function swept(value: Json): Json {
  if (isList(value)) return value.filter((item) => item !== gone).map(swept)
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, swept(item)]))
}

/** What a remedy wants of a Service, and how it is said in one line. */
type RemedyWish = { readonly wish: FieldWish; readonly description: string }

/** The wish that a remedy comes to; undefined where the text is not as plain as it needs. */
export function wishOf(manifest: Manifest, remedy: Remedy): RemedyWish | undefined {
  const { path } = remedy
  const field = `\`${formatPath(path)}\``
  if (remedy.kind === 'remove') return { wish: { kind: 'remove', path, prune: true }, description: `remove ${field}` }
  if (remedy.kind === 'rename')
    return { wish: { kind: 'rename', path, to: remedy.to }, description: `rename ${field} to \`${remedy.to}\`` }
  if (remedy.kind === 'number') {
    const { value } = remedy
    return { wish: { kind: 'set', path, value }, description: `write ${field} as ${value}, without quotes` }
  }
  if (remedy.kind === 'write') {
    const { value } = remedy
    return { wish: { kind: 'set', path, value }, description: `write ${field} as ${JSON.stringify(value)}` }
  }
  const value = textOf(manifest, path)
  if (value === undefined) return undefined
  return { wish: { kind: 'set', path, value }, description: `put ${field} in quotes: ${JSON.stringify(value)}` }
}

/** The text that stands at a place, whatever it is read as; undefined for a list, a mapping, or what has a tag. */
export function textOf(manifest: Manifest, path: Path): string | undefined {
  const node = nodeAt(manifest, path)
  return isScalar(node) && node.tag === undefined ? scalarText(node) : undefined
}
