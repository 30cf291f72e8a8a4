import type { Path } from '../../text/path.js'
import { isList, isObject, type Json, type JsonObject } from '../json.js'

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
  let result = value
  for (const wish of wishes) {
    if (wish.kind === 'set') result = put(result, wish.path, () => wish.value)
    if (wish.kind === 'append') result = put(result, wish.path, (old) => [...(isList(old) ? old : []), wish.value])
  }
  const removals = wishes.flatMap((wish) => (wish.kind === 'remove' && has(result, wish.path) ? [wish] : []))
  for (const { path } of removals) result = without(result, path)
  for (const { path, prune } of removals) if (prune) result = pruned(result, path.slice(0, -1))
  for (const wish of wishes) if (wish.kind === 'rename') result = renamed(result, wish.path, wish.to)
  return swept(result)
}

/** Whether nothing is written there that a wish would have to keep. */
export function isVacant(value: Json | undefined): boolean {
  if (value === undefined || value === null) return true
  return isList(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0
}

/** In place of a removed item, so that the others keep their positions. */
const gone: JsonObject = {}

function put(value: Json | undefined, path: Path, change: (old: Json | undefined) => Json): Json {
  const [step, ...rest] = path
  if (step === undefined) return change(value)
  if (isList(value) && value.length > 0)
    return value.map((item, index) => (index === step ? put(item, rest, change) : item))
  const own = isObject(value) ? value : {}
  return { ...own, [step]: put(Object.hasOwn(own, step) ? own[step] : undefined, rest, change) }
}

function has(value: Json | undefined, path: Path): boolean {
  const [step, ...rest] = path
  if (step === undefined) return value !== undefined
  if (isList(value)) return typeof step === 'number' && has(value[step], rest)
  return isObject(value) && Object.hasOwn(value, step) && has(value[step], rest)
}

function without(value: Json, path: Path): Json {
  const [step, ...rest] = path
  if (isList(value))
    return value.map((item, index) => (index !== step ? item : rest.length === 0 ? gone : without(item, rest)))
  if (!isObject(value) || step === undefined) return value
  const entries = Object.entries(value).flatMap(([key, item]): [string, Json][] => {
    if (key !== String(step)) return [[key, item]]
    return rest.length === 0 ? [] : [[key, without(item, rest)]]
  })
  return Object.fromEntries(entries)
}

function pruned(value: Json, path: Path): Json {
  if (path.length === 0 || !has(value, path) || !isEmptied(path.reduce(stepInto, value))) return value
  return pruned(without(value, path), path.slice(0, -1))
}

function stepInto(value: Json, step: string | number): Json {
  if (isList(value)) return value[Number(step)] ?? null
  return isObject(value) ? (value[step] ?? null) : null
}

function isEmptied(value: Json): boolean {
  if (isList(value)) return value.every((item) => item === gone)
  return isObject(value) && value !== gone && Object.keys(value).length === 0
}

function renamed(value: Json, path: Path, to: string): Json {
  const [step, ...rest] = path
  if (isList(value)) return value.map((item, index) => (index === step ? renamed(item, rest, to) : item))
  if (!isObject(value)) return value
  const entries = Object.entries(value).map(([key, item]): [string, Json] => {
    if (key !== String(step)) return [key, item]
    return rest.length === 0 ? [to, item] : [key, renamed(item, rest, to)]
  })
  return Object.fromEntries(entries)
}

function swept(value: Json): Json {
  if (isList(value)) return value.filter((item) => item !== gone).map(swept)
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, swept(item)]))
}
