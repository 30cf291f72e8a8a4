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

const infinite = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/
const integer = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/

/** The value of a plain scalar without a tag. Infinite and undefined numbers stay JS numbers: JSON has none. */
export function resolvePlain(source: string): boolean | null | number | string {
  const word = source.length <= longestWord ? words.get(source) : undefined
  if (word !== undefined) return word
  if (!'+-.0123456789'.includes(source.charAt(0))) return source
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
      return decodeBase64(source)
    default:
      return source
  }
}

const timestamp =
  /^\d{4}-\d{1,2}-\d{1,2}(?:[Tt]\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?(?:Z|[-+]\d{2}:\d{2})| \d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?)?$/

function decodeBase64(source: string): string | undefined {
  const compact = source.replaceAll(/\s/g, '')
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(compact)) return undefined
  return new TextDecoder().decode(Uint8Array.from(atob(compact), (character) => character.charCodeAt(0)))
}

/** Whether a reader of YAML 1.1 or of YAML 1.2 could take the plain text for a value that is no string. */
export function isAmbiguous(value: string): boolean {
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
 * @param isInFlow Whether it stands between brackets or braces, where commas and brackets end it.
 */
export function isPlainText(value: string, isInFlow: boolean): boolean {
  if (typeof resolvePlain(value) !== 'string' || /^[-+]?(?:0o?)?[0-9][0-9_:.]*$/.test(value)) return false
  if (/^\d{4}-\d{1,2}-\d{1,2}/.test(value) || value === '=' || value === '<<' || value.includes('{{')) return false
  if (!/^(?:[A-Za-z0-9_$./(<+~^\\;]|--?[A-Za-z])/.test(value) || /^\.\.\.|\s$|: |:$| #/.test(value)) return false
  return !/[^\x20-\x7E\u00A0-\u1FFF\u2030-\uD7FF]/.test(value) && !(isInFlow && /[,[\]{}]/.test(value))
}

/** A text in double quotes, with everything escaped that YAML has no plain character for. */
export function quoted(value: string): string {
  return JSON.stringify(value).replaceAll(/[\u007F-\u009F\u2028\u2029\uFEFF]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
