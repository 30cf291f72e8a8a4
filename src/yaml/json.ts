/** A value as the API server receives it: YAML is turned into JSON before anything else looks at it. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject
/** A mapping of such values. */
export type JsonObject = { readonly [key: string]: Json }

/** Whether the value is a mapping: neither a list nor null. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether the value is a list. */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

/** A number as a file would have it: large integers with all their digits, up to where files use exponents. */
export function numeral(value: number): string {
  const isLong = Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 1e21
  return isLong ? BigInt(value).toString() : String(value)
}

/** The member at the end of `keys`, or undefined where one of them is missing or no mapping. */
export function member(value: Json | undefined, ...keys: readonly string[]): Json | undefined {
  let found = value
  for (const key of keys) found = isObject(found) && Object.hasOwn(found, key) ? found[key] : undefined
  return found
}

/** Deep equality. The order of keys carries no meaning. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true
  if (isList(a)) return isList(b) && a.length === b.length && a.every((item, index) => sameJson(item, b[index]))
  if (!isObject(a) || !isObject(b)) return false
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key], b[key]))
}

/** Gives an object that is being built a member, whatever its name. */
export function define(object: Record<string, Json>, key: string, value: Json): void {
  if (key === '__proto__')
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
  else object[key] = value
}

/** Whether a text is JSON, from its beginning to its end. */
export function isJsonText(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** The name that Go's JSON reader has for the type of a value. */
export function goTypeOf(value: Json): string {
  if (isList(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}
