import { isList, isObject, member, type Json, type JsonObject } from '../manifest/json.js'
import { formatPath, type Path } from '../text/path.js'

/** A value of the manifest and where it stands: what most rules look at and speak of. */
export type Place<Value extends Json = Json> = { readonly value: Value; readonly path: Path }

/**
 * A string member as Go reads it: `''` where it is absent or null, undefined where it has another type, which is the
 * schema's business.
 */
export function textField(object: JsonObject, key: string): string | undefined {
  const value = member(object, key) ?? ''
  return typeof value === 'string' ? value : undefined
}

/**
 * An integer member of that many bits as Go reads it: 0 where it is absent or null, undefined where it has another type
 * or does not fit, which is the schema's business.
 */
export function integerField(object: JsonObject, key: string, bits: 32 | 64 = 32): number | undefined {
  const value = member(object, key) ?? 0
  if (typeof value !== 'number' || !Number.isInteger(value)) return undefined
  const end = 2 ** (bits - 1)
  return value >= -end && value < end ? value : undefined
}

/** The mapping at `path`, or undefined where there is none. */
export function objectAt(value: Json, path: Path): Place<JsonObject> | undefined {
  const found = valueAt(value, path)
  return isObject(found) ? { value: found, path } : undefined
}

/** The member of a mapping that is a mapping itself. */
export function objectIn({ value, path }: Place<JsonObject>, key: string): Place<JsonObject> | undefined {
  const found = member(value, key)
  return isObject(found) ? { value: found, path: [...path, key] } : undefined
}

/** The items of the list at `path`. Go reads a null item as an empty struct; other shapes are the schema's business. */
export function itemsAt(value: Json, path: Path): readonly Place<JsonObject>[] {
  return items(valueAt(value, path), path)
}

/** The items of a list in a mapping, as `itemsAt` has them. */
export function itemsIn({ value, path }: Place<JsonObject>, key: string): readonly Place<JsonObject>[] {
  return items(member(value, key), [...path, key])
}

function items(list: Json | undefined, path: Path): readonly Place<JsonObject>[] {
  if (!isList(list)) return []
  return list.flatMap((item, index) => {
    if (item === null) return [{ value: {}, path: [...path, index] }]
    return isObject(item) ? [{ value: item, path: [...path, index] }] : []
  })
}

/** What stands at `path`, or undefined. */
export function valueAt(value: Json, path: Path): Json | undefined {
  let found: Json | undefined = value
  for (const step of path) found = typeof step === 'number' ? listItem(found, step) : member(found, step)
  return found
}

function listItem(value: Json | undefined, index: number): Json | undefined {
  return isList(value) ? value[index] : undefined
}

/** How a message names a field: its path from the root of the Service, in back-quotes. */
export function quoted(path: Path): string {
  return `\`${formatPath(path)}\``
}

/** How a message shows a text that was found: one line, in quotes. */
export function shown(text: string | undefined): string {
  return JSON.stringify(text ?? '')
}
