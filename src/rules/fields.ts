import { isList, isObject, member, type Json, type JsonObject } from '../manifest/json.js'
import type { Manifest } from '../manifest/manifest.js'
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

/** A member that is there, is not null, and is a mapping. */
export function objectAt(value: Json, path: Path): Place<JsonObject> | undefined {
  const found = at(value, path)
  return isObject(found) ? { value: found, path } : undefined
}

/** The items of the list at `path`. Go reads a null item as an empty struct; other shapes are the schema's business. */
export function itemsAt(value: Json, path: Path): readonly Place<JsonObject>[] {
  const list = at(value, path)
  if (!isList(list)) return []
  return list.flatMap((item, index) => {
    if (item === null) return [{ value: {}, path: [...path, index] }]
    return isObject(item) ? [{ value: item, path: [...path, index] }] : []
  })
}

function at(value: Json, path: Path): Json | undefined {
  let found: Json | undefined = value
  for (const step of path) found = typeof step === 'number' ? listItem(found, step) : member(found, step)
  return found
}

function listItem(value: Json | undefined, index: number): Json | undefined {
  return isList(value) ? value[index] : undefined
}

/** The targets of `spec.traffic` as they are written, the readable ones. */
export function trafficTargets({ value }: Manifest): readonly Place<JsonObject>[] {
  return itemsAt(value, ['spec', 'traffic'])
}

/** How a message names a field: its path from the root of the Service, in back-quotes. */
export function quoted(path: Path): string {
  return `\`${formatPath(path)}\``
}
