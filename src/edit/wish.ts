import { isScalar, type Pair, type YAMLMap } from 'yaml'

import { type Manifest, nodeAt } from '../manifest/manifest.js'
import { grouped } from '../text/collections.js'
import type { Remedy } from '../text/diagnostic.js'
import { formatPath, type Path } from '../text/path.js'
import { define, isList, isObject, type Json, type JsonObject, sameJson } from '../yaml/json.js'
import { doubleQuoted, needsQuotes, scalarText } from '../yaml/scalar.js'

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
const removedItem: JsonObject = {}

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
    if (isList(value))
      return this.item(value, step, (item) => (rest.length === 0 ? removedItem : this.without(item, rest)))
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
  if (isList(value)) return value.every((item) => item === removedItem)
  return isObject(value) && value !== removedItem && Object.keys(value).length === 0
}

function swept(value: Json): Json {
  if (isList(value)) return value.filter((item) => item !== removedItem).map(swept)
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

export function keyOfPair(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : ''
}

export function pairOf(entry: YAMLMap, key: string): Pair | undefined {
  return entry.items.find((pair) => keyOfPair(pair) === key)
}

/** How a value is quoted: as its siblings are, and always where a reader could take it for something else. */
export type Quote = '' | "'" | '"'

export function writtenScalar(value: string | number | boolean, quote: Quote): string {
  if (typeof value !== 'string') return String(value)
  if (quote === "'" && /^[\u0020-\u007E]*$/.test(value)) return `'${value.replaceAll("'", "''")}'`
  return quote === '"' || needsQuotes(value) ? doubleQuoted(value) : value
}

/** The quote that a scalar is written with. */
export function quoteOf(node: unknown): Quote {
  if (!isScalar(node)) return ''
  return node.type === 'QUOTE_DOUBLE' ? '"' : node.type === 'QUOTE_SINGLE' ? "'" : ''
}

/** What becomes of one value: all wishes that reach it, laid together. */
export type Fate =
  | { readonly kind: 'kept' }
  | { readonly kind: 'removed'; readonly prunes: boolean }
  | { readonly kind: 'written'; readonly value: Json }
  | MappingFate
  | ListFate

export type MappingFate = {
  readonly kind: 'mapping'
  /** Those that do not stay as they are. */
  readonly members: ReadonlyMap<string, Fate>
  readonly renamed: ReadonlyMap<string, string>
  readonly added: ReadonlyMap<string, Json>
}

export type ListFate = {
  readonly kind: 'list'
  readonly items: ReadonlyMap<number, Fate>
  readonly added: readonly Json[]
}

/** Why the wishes cannot be made of this value, however it is written. */
type Conflict = { readonly path: Path; readonly message: string; readonly help: string }

/** What becomes of the object. */
export function fateOf(value: JsonObject, wishes: readonly FieldWish[]): Fate | Conflict {
  const conflicts: Conflict[] = []
  const fate = new Fates(conflicts).of(
    value,
    wishes.map((wish) => ({ wish, rest: wish.path })),
    [],
  )
  return conflicts[0] ?? (fate.kind === 'removed' ? { kind: 'kept' } : fate)
}

/** A wish, and how far it still is to its place. */
type Pending = { readonly wish: FieldWish; readonly rest: Path }

const kept: Fate = { kind: 'kept' }

class Fates {
  constructor(private readonly conflicts: Conflict[]) {}

  of(value: Json | undefined, own: readonly Pending[], path: Path): Fate {
    if (own.length === 0) return kept
    if (isVacant(value)) return this.filled(value, own, path)
    const set = own.findLast(({ wish, rest }) => wish.kind === 'set' && rest.length === 0)?.wish
    const others = own.filter(({ wish, rest }) => wish.kind !== 'set' || rest.length > 0)
    if (set?.kind === 'set' && !sameJson(value, set.value)) return this.replaced(value, set.value, path)
    if (isObject(value)) return this.mapping(value, others, path)
    if (isList(value)) return this.list(value, others, path)
    const deeper = others.find(({ wish }) => creates(wish))
    return deeper ? this.conflict(path, deeper.wish, deeper.wish.kind === 'append' ? 'a list' : 'a mapping') : kept
  }

  private filled(value: Json | undefined, own: readonly Pending[], path: Path): Fate {
    const making = own.filter(({ wish }) => creates(wish))
    const counted = making.find(({ rest }) => rest.some((step) => typeof step === 'number'))
    if (counted) {
      const keys = counted.rest.findIndex((step) => typeof step === 'number')
      return this.conflict([...path, ...counted.rest.slice(0, keys)], counted.wish, 'a list with that item')
    }
    const result = wished(
      value ?? null,
      making.map(({ wish, rest }) => ({ ...wish, path: rest })),
    )
    return making.length === 0 || (value !== undefined && sameJson(value, result))
      ? kept
      : { kind: 'written', value: result }
  }

  private replaced(value: Json | undefined, by: Json, path: Path): Fate {
    if (isScalarValue(value) && isScalarValue(by)) return { kind: 'written', value: by }
    const message = `cannot edit ${named(path)}: it is not ${isScalarValue(by) ? 'a single value' : 'empty'}`
    this.conflicts.push({ path, message, help: 'remove it, and run the command again' })
    return kept
  }

  private mapping(value: JsonObject, own: readonly Pending[], path: Path): Fate {
    const [members, renamed, added] = [new Map<string, Fate>(), new Map<string, string>(), new Map<string, Json>()]
    const here = own.find(({ rest }) => rest.length === 0)
    if (here) return this.conflict(path, here.wish, 'a list')
    for (const [key, steps] of grouped(own, ({ rest }) => String(rest[0]))) {
      const place = [...path, key]
      const isThere = Object.hasOwn(value, key)
      const [gone, name] = [last(steps, 'remove'), last(steps, 'rename')]
      const inside = steps.filter(({ rest, wish }) => rest.length > 1 || creates(wish)).map(further)
      const fate = gone ? this.removal(gone, inside, place) : this.of(isThere ? value[key] : undefined, inside, place)
      if (fate.kind === 'written' && !isThere) added.set(key, fate.value)
      else if (fate.kind !== 'kept' && isThere) members.set(key, fate)
      if (!isThere || name?.kind !== 'rename' || name.to === key || fate.kind === 'removed') continue
      if (Object.hasOwn(value, name.to) || [...renamed.values()].includes(name.to))
        this.taken(place, [...path, name.to])
      renamed.set(key, name.to)
    }
    for (const [key, to] of renamed) if (added.has(to)) this.taken([...path, key], [...path, to])
    if (members.size + renamed.size + added.size === 0) return kept
    const stays = Object.keys(value).some((key) => members.get(key)?.kind !== 'removed')
    const empties = !stays && added.size === 0 && [...members.values()].some(prunes)
    return empties ? { kind: 'removed', prunes: true } : { kind: 'mapping', members, renamed, added }
  }

  private list(value: readonly Json[], own: readonly Pending[], path: Path): Fate {
    const items = new Map<number, Fate>()
    const added = own.flatMap(({ wish, rest }) => (wish.kind === 'append' && rest.length === 0 ? [wish.value] : []))
    for (const [step, steps] of grouped(own, ({ rest }) => rest[0])) {
      const [first] = steps
      if (step === undefined || !first) continue
      const isItem = typeof step === 'number' && step < value.length
      if (!isItem && !steps.some(({ wish }) => creates(wish))) continue
      if (!isItem) return this.conflict(path, first.wish, typeof step === 'number' ? 'long enough' : 'a mapping')
      const gone = last(steps, 'remove')
      const inside = steps.filter(({ rest, wish }) => rest.length > 1 || creates(wish)).map(further)
      const place = [...path, step]
      const fate = gone ? this.removal(gone, inside, place) : this.of(value[step], inside, place)
      if (fate.kind !== 'kept') items.set(step, fate)
    }
    if (items.size + added.length === 0) return kept
    const stays = value.some((_, index) => items.get(index)?.kind !== 'removed')
    const empties = !stays && added.length === 0 && [...items.values()].some(prunes)
    return empties ? { kind: 'removed', prunes: true } : { kind: 'list', items, added }
  }

  private removal(wish: FieldWish, inside: readonly Pending[], path: Path): Fate {
    if (inside.some((one) => creates(one.wish))) {
      const message = `cannot edit ${named(path)}: one change writes it, another removes it`
      this.conflicts.push({ path, message, help: 'choose one of them' })
    }
    return { kind: 'removed', prunes: wish.kind === 'remove' && wish.prune === true }
  }

  private conflict(path: Path, wish: FieldWish, shape: string): Fate {
    const message = `cannot write ${named(wish.path)}: ${named(path)} is not ${shape}`
    this.conflicts.push({ path, message, help: 'fix the findings of `kn-rollout validate` first' })
    return kept
  }

  private taken(path: Path, to: Path): void {
    const message = `cannot rename ${named(path)}: ${named(to)} exists already`
    this.conflicts.push({ path, message, help: 'remove one of them' })
  }
}

function further({ wish, rest }: Pending): Pending {
  return { wish, rest: rest.slice(1) }
}

function last(steps: readonly Pending[], kind: FieldWish['kind']): FieldWish | undefined {
  return steps.findLast(({ wish, rest }) => wish.kind === kind && rest.length === 1)?.wish
}

function creates({ kind }: FieldWish): boolean {
  return kind === 'set' || kind === 'append'
}

function prunes(fate: Fate): boolean {
  return fate.kind === 'removed' && fate.prunes
}

function isScalarValue(value: Json | undefined): boolean {
  return !isObject(value) && !isList(value)
}

function named(path: Path): string {
  return path.length === 0 ? 'the object' : `\`${formatPath(path)}\``
}
