import { Document, Scalar, visit } from 'yaml'

import type { JsonObject } from './json.js'

/**
 * How Kubernetes reads a plain scalar: YAML 1.1 as go-yaml v2 knows it, then JSON.
 *
 * Source: sigs.k8s.io/yaml, goyaml.v2/resolve.go. It differs from YAML 1.2 (`on`, `0144`, `1_00`) and from the letter of
 * YAML 1.1 (`1:40` is a string, `1e1` a number).
 */
const words = new Map<string, boolean | null>()
for (const word of ['y', 'yes', 'true', 'on']) for (const form of forms(word)) words.set(form, true)
for (const word of ['n', 'no', 'false', 'off']) for (const form of forms(word)) words.set(form, false)
for (const word of ['', '~', ...forms('null')]) words.set(word, null)

function forms(word: string): readonly string[] {
  return [word, word.slice(0, 1).toUpperCase() + word.slice(1), word.toUpperCase()]
}

const longestWord = Math.max(...[...words.keys()].map(({ length }) => length))

/** What a word or a number can begin with (NaN of the empty word): what begins otherwise is a string, as is quick to see. */
const telling = new Set(Array.from(words.keys(), (word) => word.charCodeAt(0)))
for (const sign of '+-.0123456789') telling.add(sign.charCodeAt(0))

const infinite = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/
/** Whole numbers that a double holds for sure. */
const shortDecimal = /^(?:0|[1-9][0-9]{0,14})$/
const integer = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/

/** No number begins with what comes behind it. */
const nine = '9'.charCodeAt(0)

/** The value of a plain scalar without a tag. Infinite and undefined numbers stay JS numbers: JSON has none. */
export function resolvePlain(source: string): boolean | null | number | string {
  const first = source.charCodeAt(0)
  if (!telling.has(first)) return source
  const word = source.length <= longestWord ? words.get(source) : undefined
  if (word !== undefined) return word
  if (first > nine) return source
  if (shortDecimal.test(source)) return Number(source)
  if (infinite.test(source)) return source.toLowerCase().endsWith('nan') ? Number.NaN : signed(source, Infinity)
  if (source.startsWith('.')) return finiteFloat(source) ?? source
  const digits = source.replaceAll('_', '')
  return resolveInteger(digits) ?? finiteFloat(digits) ?? source
}

/** Undefined for no number, and for one beyond what a double holds: that stays a string. */
function finiteFloat(digits: string): number | undefined {
  const value = float.test(digits) ? Number(digits) : Infinity
  return Number.isFinite(value) ? value : undefined
}

function resolveInteger(digits: string): number | undefined {
  const match = integer.exec(digits)
  if (!match) return undefined
  const [, sign, hex, binary, octal, decimal] = match
  if (decimal !== undefined && decimal.length > longestInteger) return undefined
  if (decimal !== undefined) return signed(digits, asDouble(BigInt(decimal), sign === '-'))
  const value = BigInt(hex === undefined ? (binary === undefined ? `0o${octal}` : `0b${binary}`) : `0x${hex}`)
  // Go has no floating point numbers of other bases to turn to.
  return value > (sign === '-' ? int64Limit : 2n * int64Limit - 1n) ? undefined : signed(digits, asDouble(value))
}

const int64Limit = 2n ** 63n
/** What has more digits is beyond the limit for sure, and read as any other floating point number. */
const longestInteger = 20

/** Doubles are too coarse to tell on which side of the limit of 64 bits an integer is: the neighbours of the limit do. */
function asDouble(value: bigint, isNegative = false): number {
  const rounded = Number(value)
  if (rounded !== Number(int64Limit)) return rounded
  if (isNegative) return value > int64Limit ? rounded + 2048 : rounded
  return value < int64Limit ? rounded - 1024 : rounded
}

function signed(source: string, value: number): number {
  return source.startsWith('-') && value !== 0 ? -value : value
}

/**
 * The value of a scalar with a `!!` tag of YAML's own, or undefined where the text does not fit the tag.
 * A local tag (`!x`) is none of these: Kubernetes reads such a value as a string.
 */
export function resolveTagged(tag: string, source: string): boolean | null | number | string | undefined {
  const plain = resolvePlain(source)
  switch (tag) {
    case 'bool':
      return typeof plain === 'boolean' ? plain : undefined
    case 'null':
      return plain === null ? plain : undefined
    case 'int':
      return typeof plain === 'number' && Number.isInteger(plain) && !/[.eE]/.test(source.replace(/^[-+]?0[xX].*/, ''))
        ? plain
        : undefined
    case 'float':
      return typeof plain === 'number' ? plain : undefined
    case 'timestamp':
      return timestamp.test(source) ? source : undefined
    case 'binary':
      return decodedBinary(source)
    default:
      return source
  }
}

const timestamp =
  /^\d{4}-\d{1,2}-\d{1,2}(?:[Tt]\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?(?:Z|[-+]\d{2}:\d{2})| \d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?)?$/

/** The text that base64 stands for, or undefined where it is none. */
export function decodedBinary(source: string): string | undefined {
  const compact = source.replaceAll(/\s/g, '')
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(compact)) return undefined
  return new TextDecoder().decode(Uint8Array.from(atob(compact), (character) => character.charCodeAt(0)))
}

/** Whether a reader of YAML 1.1 or of YAML 1.2 could take the plain text for a value that is no string. */
function isAmbiguous(value: string): boolean {
  if (typeof resolvePlain(value) !== 'string' || /^[-+]?(?:0o?)?[0-9][0-9_:.]*$/.test(value)) return true
  return /^\d{4}-\d{1,2}-\d{1,2}/.test(value) || value === '<<' || value === '='
}

/** Whether the plain text could be taken for anything but this very string, or could break a line that it stands in. */
export function needsQuotes(value: string): boolean {
  return isAmbiguous(value) || !/^[A-Za-z0-9_$][\w.$/-]*$/.test(value)
}

/**
 * Whether a text can be written without quotes, and every reader of YAML 1.1 and 1.2 takes it for this very string.
 *
 * @param isInFlow Whether it stands between brackets or braces, where commas and brackets end it, and for go-yaml `?` too.
 */
export function isPlainText(value: string, isInFlow: boolean): boolean {
  if (typeof resolvePlain(value) !== 'string') return false
  if (/^[-+]?(?:0o?)?[0-9][0-9_:.]*$/.test(value) && !/^\d+(?:\.\d+){2,}$/.test(value)) return false
  if (/^\d{4}-\d{1,2}-\d{1,2}/.test(value) || value === '=' || value === '<<' || value.includes('{{')) return false
  if (!/^(?:[A-Za-z0-9_$./(<+~^\\;]|--?[A-Za-z])/.test(value) || /^\.\.\.|\s$|: |:$| #/.test(value)) return false
  return !/[^\x20-\x7E\u00A0-\u1FFF\u2030-\uD7FF]/.test(value) && !(isInFlow && /[,?[\]{}]/.test(value))
}

/** A text in double quotes, with everything escaped that YAML has no plain character for. */
export function doubleQuoted(value: string): string {
  return JSON.stringify(value).replaceAll(/[\u007F-\u009F\u2028\u2029\uFEFF]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

const yamlTag = 'tag:yaml.org,2002:'

/** What a scalar says; the value of a `!!binary` one is bytes by now. */
export function scalarText({ value, source }: Scalar): string {
  return typeof value === 'string' ? value : (source ?? '')
}

/**
 * The value of a scalar by its style and its tag: only plain ones and those with a tag of YAML's own are more than text.
 * Undefined where the text does not fit the tag.
 */
export function scalarValue(node: Scalar): boolean | null | number | string | undefined {
  const text = scalarText(node)
  if (node.tag === undefined) return node.type === 'PLAIN' || node.type === undefined ? resolvePlain(text) : text
  return node.tag.startsWith(yamlTag) ? resolveTagged(node.tag.slice(yamlTag.length), text) : text
}

/** What is wrong with a scalar whose text does not fit its tag: a message, the scalar, and what kubectl prints. */
export function tagFault(node: Scalar): readonly [message: string, node: Scalar, said: string] {
  const tag = `!!${(node.tag ?? '').slice(yamlTag.length)}`
  return [`\`${scalarText(node)}\` does not fit its tag \`${tag}\``, node, `cannot decode … as a ${tag}`]
}

const goTimestamp =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?<separator>[Tt ])(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d+))?(?<zone>Z|[-+]\d{2}:\d{2})?)?$/

/**
 * What kustomize, and with it Flux, hands on for a plain scalar that kubectl reads otherwise: the words that are no
 * booleans to go-yaml v3 (`yes`, `on`), and times, which it writes anew. Undefined where the two agree; on numbers they
 * do.
 *
 * Source: sigs.k8s.io/yaml, goyaml.v3/resolve.go; kyaml RNode.MarshalJSON.
 */
export function readByYaml3(text: string): string | undefined {
  if (typeof resolvePlain(text) === 'boolean') return /^(?:true|false)$/i.test(text) ? undefined : text
  const written = timestampText(text)
  return written === text ? undefined : written
}

/** A time as Go writes it into JSON (RFC 3339), or undefined for what is none. */
function timestampText(text: string): string | undefined {
  const match = goTimestamp.exec(text)
  if (!match) return undefined
  const { separator, zone } = match.groups ?? {}
  if ((separator === ' ' && zone !== undefined) || (/^[Tt]$/.test(separator ?? '') && zone === undefined))
    return undefined
  const [year, month, day] = [match[1], match[2], match[3]].map(Number)
  const [hour, minute, second] = [match[5], match[6], match[7]].map((part) => Number(part ?? 0))
  const time = new Date(0)
  time.setUTCFullYear(year ?? 0, (month ?? 0) - 1, day)
  time.setUTCHours(hour ?? 0, minute, second)
  const kept = time.getUTCMonth() + 1 === month && time.getUTCDate() === day && time.getUTCHours() === hour
  if (!kept || time.getUTCMinutes() !== minute || time.getUTCSeconds() !== second) return undefined
  const fraction = (match[8] ?? '').slice(0, 9).replace(/0+$/, '')
  const offset = zone === undefined || zone.endsWith('00:00') ? 'Z' : zone
  return `${time.toISOString().slice(0, 19)}${fraction && `.${fraction}`}${offset}`
}

const lines = /^\S(?:.*\S)?(?:\n(?:.*\S)?)*$/

/**
 * A new document as people write one: two spaces a level, lists indented below their key, quotes only where a reader of
 * YAML 1.1 or 1.2 would take the plain text for something else, and `|` for several lines. Members keep their order.
 */
export function emit(value: JsonObject): string {
  const document = new Document(value, { version: '1.2', compat: 'yaml-1.1', aliasDuplicateObjects: false })
  visit(document, {
    Scalar(position, node) {
      if (typeof node.value === 'string') node.type = styleOf(node.value, position === 'key')
    },
    Seq(_, node) {
      node.flow = node.items.length === 0
    },
    Map(_, node) {
      node.flow = node.items.length === 0
    },
  })
  return document
    .toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER })
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{P}\p{S} \n]/gu, escaped)
}

/** What can stand in a text without quotes or escapes: what can be seen, and spaces between it. */
function isVisible(text: string): boolean {
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]+$/u.test(text)
}

function styleOf(text: string, isKey: boolean): Scalar.Type {
  if (text.includes('\n')) {
    const isBlock = !isKey && lines.test(text) && text.split('\n').every((line) => line === '' || isVisible(line))
    return isBlock ? Scalar.BLOCK_LITERAL : Scalar.QUOTE_DOUBLE
  }
  return isAmbiguous(text) || !isVisible(text) || /^(?:---|\.\.\.)/.test(text) ? Scalar.QUOTE_DOUBLE : Scalar.PLAIN
}

/** Only text in double quotes holds such characters. */
function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0
  const hex = code.toString(16).toUpperCase()
  return code > 0xffff ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`
}
