import { isObject, sameJson, type Json, type JsonObject } from '../../manifest/json.js'

/**
 * What a live object becomes when `kubectl apply` sends another version of its file: members of mappings are merged,
 * lists replaced whole, and members that left the file leave the object. Argo CD and Flux do the same to a Service, whose
 * lists have no keys to merge by.
 *
 * Source: k8s.io/apimachinery/pkg/util/jsonmergepatch CreateThreeWayJSONMergePatch
 */
export function applied(live: Json | undefined, before: Json | undefined, after: Json | undefined): Json | undefined {
  if (!isObject(after)) return after
  if (!isObject(live)) return withoutNulls(after)
  const merged: Record<string, Json> = {}
  const old = isObject(before) ? before : {}
  for (const [key, value] of Object.entries(live))
    if (Object.hasOwn(after, key) || !Object.hasOwn(old, key) || old[key] === null) merged[key] = value
  for (const [key, value] of Object.entries(after)) {
    if (value === null) {
      delete merged[key]
      continue
    }
    const result = sameJson(merged[key], value) ? value : applied(merged[key], old[key], value)
    if (result !== undefined) merged[key] = result
  }
  return merged
}

function withoutNulls(value: JsonObject): JsonObject {
  const entries = Object.entries(value).flatMap(([key, item]) => {
    return item === null ? [] : [[key, isObject(item) ? withoutNulls(item) : item] as const]
  })
  return Object.fromEntries(entries)
}
