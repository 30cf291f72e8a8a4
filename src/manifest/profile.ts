import type { Path } from '../text/path.js'
import { define, isList, isObject, type Json, type JsonObject, member } from '../yaml/json.js'

/** The servers that take Knative Services, by the name of their rules. */
export const profileNames = ['knative', 'cloudrun'] as const

/** Whose rules judge a Service: those of a stock Knative, or those of Cloud Run. */
export type Profile = (typeof profileNames)[number]

/** Keys of Google's own: no other server reads them. */
const googleKey = /^(?:run|cloud)\.googleapis\.com\//
const tellingPlaces: readonly (readonly string[])[] = [
  ['metadata', 'annotations'],
  ['metadata', 'labels'],
  ['spec', 'template', 'metadata', 'annotations'],
  ['spec', 'template', 'metadata', 'labels'],
  ['spec', 'template', 'spec', 'nodeSelector'],
]

const tellingKeys = new WeakMap<object, Path | undefined>()

/** The first key in a Service that asks for the rules of Cloud Run. */
export function tellingKey({ value }: { readonly value: JsonObject }): Path | undefined {
  if (!tellingKeys.has(value)) tellingKeys.set(value, firstKey(value))
  return tellingKeys.get(value)
}

function firstKey(value: JsonObject): Path | undefined {
  for (const path of tellingPlaces) {
    const found = member(value, ...path)
    const key = isObject(found) ? Object.keys(found).find((one) => googleKey.test(one)) : undefined
    if (key !== undefined) return [...path, key]
  }
  return undefined
}

/** Whose rules judge a Service: those that users say, else those that it asks for by the keys in it. */
export function profileOf(manifest: { readonly value: JsonObject; readonly profile?: Profile }): Profile {
  return manifest.profile ?? (tellingKey(manifest) ? 'cloudrun' : 'knative')
}

/** The fields of whole numbers, and the maps of texts among which such names are nothing but keys. */
const wholeNumber =
  /^(?:percent|containerConcurrency|\w*[sS]econds|containerPort|port|\w+Threshold|defaultMode|mode|runAs(?:User|Group))$/
const texts: ReadonlySet<string> = new Set(['nodeSelector', 'volumeAttributes', 'limits', 'requests', 'metadata'])

/** Whether a text is a whole number in quotes, which Google's JSON takes for the number. */
export function isQuotedNumber(value: Json): value is string {
  return typeof value === 'string' && /^\d{1,15}$/.test(value)
}

/** A Service as Cloud Run reads it: whole numbers in quotes are numbers. The same object where there are none. */
export function asCloudRunReads(value: JsonObject): JsonObject {
  const spec = member(value, 'spec')
  const read = spec === undefined ? undefined : unquoted(spec, new Map())
  return read === spec || read === undefined ? value : { ...value, spec: read }
}

/** @param known What came of the lists and mappings so far: aliases repeat them. */
function unquoted(value: Json, known: Map<Json, Json>): Json {
  if (typeof value !== 'object' || value === null) return value
  const before = known.get(value)
  if (before !== undefined) return before
  const read = isList(value) ? unquotedList(value, known) : unquotedMap(value, known)
  known.set(value, read)
  return read
}

function unquotedList(list: readonly Json[], known: Map<Json, Json>): Json {
  const items = list.map((item) => unquoted(item, known))
  return items.every((item, index) => item === list[index]) ? list : items
}

function unquotedMap(map: JsonObject, known: Map<Json, Json>): Json {
  let isChanged = false
  const read: Record<string, Json> = {}
  for (const [key, own] of Object.entries(map)) {
    const isNumber = wholeNumber.test(key) && isQuotedNumber(own)
    const other = isNumber ? Number(own) : texts.has(key) ? own : unquoted(own, known)
    isChanged ||= other !== own
    define(read, key, other)
  }
  return isChanged ? read : map
}
