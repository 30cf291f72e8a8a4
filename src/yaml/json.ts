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
  // So much is asked of it that an iterator costs more than the look.
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at] ?? ''
    found = isObject(found) && Object.hasOwn(found, key) ? found[key] : undefined
  }
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

/** The same, with keys in the same order: what is told of the one is told of the other in the very words. */
export function isAlike(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true
  if (isList(a)) return isList(b) && a.length === b.length && a.every((item, index) => isAlike(item, b[index]))
  if (!isObject(a) || !isObject(b)) return false
  const keys = Object.keys(a)
  const others = Object.keys(b)
  return keys.length === others.length && keys.every((key, at) => key === others[at] && isAlike(a[key], b[key]))
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

/** A line of the first column that is no key as most files have it: the kind can stand anywhere then, in any spelling. */
const unusual = /[{["'?&!*<%\t\uFEFF]/
/** A key at the first column, with what follows it on its line. */
const plain = /kind[ \t]*:[ \t]+(["']?)([A-Za-z]+)\1[ \t]*(?:#.*)?(?=\r?$)/my
const marker = /---[ \t]*(?:#.*)?(?=\r?$)/my
const blank = /[ \t]*(?:#.*)?(?=\r?$)/my

function fits(pattern: RegExp, text: string, offset: number): RegExpExecArray | null {
  pattern.lastIndex = offset
  return pattern.exec(text)
}

/**
 * Whether a text can hold an object of one of some kinds, by the `kind` at the top of its documents, or because it has
 * items. The `kind` of the names in a CRD is none. In time linear in the text, and far less than it takes to parse; never
 * falsely no.
 */
export function holdsKind(text: string, kinds: ReadonlySet<string>): boolean {
  let isStart = true
  for (let at = 0; at >= 0 && at < text.length; at = text.indexOf('\n', at) + 1 || -1) {
    const first = text.charAt(at)
    if (first === ' ' || first === '#' || first === '\n' || first === '\r') {
      // A document that is indented as a whole has its keys in another column.
      if (isStart && !fits(blank, text, at)) return true
    } else if (unusual.test(first)) return true
    else if (text.startsWith('---', at)) {
      if (!fits(marker, text, at)) return true
      isStart = true
    } else {
      isStart = false
      if (text.startsWith('items', at)) return true
      if (!text.startsWith('kind', at)) continue
      const kind = fits(plain, text, at)?.[2]
      if (kind === undefined ? /^kind[ \t]*:/.test(text.slice(at, at + 64)) : kind.endsWith('List') || kinds.has(kind))
        return true
    }
  }
  return false
}
