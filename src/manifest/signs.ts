import type { Path } from '../text/path.js'
import { isObject, type JsonObject, member } from '../yaml/json.js'

/** What every Knative manifest spells. Searches look for it as well, so it stands apart from what reads YAML. */
export const marker = 'serving.knative.dev/'

/**
 * An `apiVersion` by alias. Anchors end with their document, so where the marker stands in another one, or nowhere, the
 * cluster cannot tell what this document is, and no more can we.
 */
export const aliasedVersion = 'apiVersion: *'

/** The marker as `!!binary` has it: the first letters of its base64, whatever comes behind it. */
const encodedMarker = 'c2VydmluZy5rbmF0aXZlLmRl'

/** The letters of a text, each as it is or as an escape of a text in double quotes, as a regular expression. */
function spellings(text: string): readonly string[] {
  return Array.from(text, (letter) => {
    const digits = letter.charCodeAt(0).toString(16).replace(/[a-f]/, eitherCase)
    const plain = letter === '/' ? String.raw`\\?/` : letter === '.' ? String.raw`\.` : letter
    return String.raw`(?:${plain}|\\(?:x|u00|U000000)${digits})`
  })
}

/** A digit of a number in base 16, as a regular expression. */
export function eitherCase(digit: string): string {
  return `[${digit}${digit.toUpperCase()}]`
}

/** A line that ends with a backslash goes on with the first letter of the next one. Go-yaml knows more ends of lines. */
const fold = String.raw`\\(?:\r\n?|[\n\u0085\u2028\u2029])`
let spelled: RegExp | undefined
let encoded: RegExp | undefined

/**
 * Whether a text can hold a Knative manifest, in whatever spelling YAML and JSON have for its `apiVersion`, be it one that
 * says what it is by an alias that leads nowhere. In time linear in the text.
 */
export function hasSign(text: string): boolean {
  return text.includes(marker) || text.includes(aliasedVersion) || hasOddSign(text)
}

/** Whether a text can hold a manifest that does not spell the marker letter by letter. */
export function hasOddSign(text: string): boolean {
  if (text.includes('\\')) {
    spelled ??= new RegExp(spellings(marker).join(String.raw`(?:${fold}[ \t]*)*`))
    if (spelled.test(text)) return true
  }
  // The tag has spellings of its own, with a `%` in each of them.
  if (!text.includes('binary') && !text.includes('%')) return false
  encoded ??= new RegExp(spellings(encodedMarker).join(String.raw`(?:\s|${fold})*`))
  return encoded.test(text)
}

/** By group, not by kind alone: `v1` has a Service too. */
export function isKnativeService(value: JsonObject): boolean {
  const version = member(value, 'apiVersion')
  return member(value, 'kind') === 'Service' && typeof version === 'string' && version.startsWith(marker)
}

/** An `apiVersion` that is nearly the one of Knative Serving, or has no version: a regular expression for Git as well. */
export const nearVersion = String.raw`apiVersion["']?:[ \t]*["']?(?!sources\.knative|serving\.kserve)s[a-z]{3,9}\.k[a-z]{3,8}\.[a-z]{1,4}(?![\w.-])`

/** A list of traffic, which only a Knative Service has, or a Route. */
export const trafficKey = String.raw`(?<![\w-])traffic["']?:`

const nearVersionSign = new RegExp(nearVersion)
const trafficSign = new RegExp(trafficKey)
const kindSign = /kind["']?:[ \t]*["']?Service\b/i

/** Whether a text that does not spell the marker may hold what was meant for a Knative Service. */
export function hasNearSign(text: string): boolean {
  return nearVersionSign.test(text) || (trafficSign.test(text) && kindSign.test(text))
}

/** Whether it is another object of Knative Serving that sends traffic, or makes the revisions that get it. */
export function isOtherTraffic(value: JsonObject): boolean {
  const [version, kind] = [member(value, 'apiVersion'), member(value, 'kind')]
  return typeof version === 'string' && version.startsWith(marker) && (kind === 'Route' || kind === 'Configuration')
}

/** Keys of Google's own: no other server reads them. */
const googleKey = /^(?:run|cloud)\.googleapis\.com\//
const tellingPlaces: readonly (readonly string[])[] = [
  ['metadata', 'annotations'],
  ['metadata', 'labels'],
  ['spec', 'template', 'metadata', 'annotations'],
  ['spec', 'template', 'metadata', 'labels'],
  ['spec', 'template', 'spec', 'nodeSelector'],
]

/** The first key in a Service that only Cloud Run reads. */
export function cloudRunKey(value: JsonObject): Path | undefined {
  for (const path of tellingPlaces) {
    const found = member(value, ...path)
    const key = isObject(found) ? Object.keys(found).find((one) => googleKey.test(one)) : undefined
    if (key !== undefined) return [...path, key]
  }
  return undefined
}
