const units: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
}
const durationPattern = /^([-+]?)((?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)$/
const part = /([0-9]*)(?:\.([0-9]*))?(ns|us|µs|μs|ms|s|m|h)/g
const longest = 2 ** 63

/** One second in the unit of `goDuration`. */
export const second = 1e9
/** One hour in the unit of `goDuration`. */
export const hour = 3600e9

/**
 * A duration as Go writes it (`1h30m`, `1.5h`, `2000ms`), in nanoseconds; undefined for anything else. A bare `0` is
 * one, other bare numbers are not.
 *
 * Source: Go's time.ParseDuration.
 */
export function goDuration(text: string): number | undefined {
  if (/^[-+]?0$/.test(text)) return 0
  const match = durationPattern.exec(text)
  if (!match) return undefined
  const [, sign, parts = ''] = match
  let sum = 0
  for (const [, digits = '', fraction = '', unit = ''] of parts.matchAll(part)) {
    const scale = units[unit] ?? 0
    sum += Number(digits) * scale + Math.trunc(Number(`0${fraction}`) * (scale / 10 ** fraction.length))
  }
  if (sum > longest || (sum === longest && sign !== '-')) return undefined
  return sign === '-' && sum !== 0 ? -sum : sum
}

/**
 * A decimal integer as Go's `strconv.ParseInt(text, 10, bits)` reads it; undefined for what it refuses. Bounds are the
 * caller's: `-5` is a number, `5.0`, `1_000` and ` 5` are none.
 */
export function goInteger(text: string): number | undefined {
  return /^[-+]?[0-9]+$/.test(text) ? Number(text) : undefined
}

const decimal = /^[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[-+]?[0-9]+)?$/i
const hexadecimal = /^([-+]?)0x(?=\.?[0-9a-f])([0-9a-f]*)\.?([0-9a-f]*)p([-+]?[0-9]+)$/i
const infinite = /^[-+]?inf(?:inity)?$/i
const separator = /(?<=[0-9])_(?=[0-9])/g
const hexSeparator = /(?<=^[-+]?0x|[0-9a-f])_(?=[0-9a-f])/gi

/**
 * A number as Go's `strconv.ParseFloat` reads it, NaN and the infinite ones included; undefined for what it refuses. It
 * takes the digits apart with `_` and counts by sixteen, as Go's own source does: `1_000`, `0x1p-2`.
 */
export function goFloat(text: string): number | undefined {
  if (/^nan$/i.test(text)) return Number.NaN
  if (infinite.test(text)) return text.startsWith('-') ? -Infinity : Infinity
  const value = numberOf(text.replaceAll(/^[-+]?0x/i.test(text) ? hexSeparator : separator, ''))
  return Number.isFinite(value) ? value : undefined
}

function numberOf(text: string): number {
  if (decimal.test(text)) return Number(text)
  const [, sign, whole = '', fraction = '', power] = hexadecimal.exec(text) ?? []
  if (power === undefined) return Number.NaN
  const size = Number.parseInt(`0${whole}${fraction}`, 16) * 2 ** (Number(power) - 4 * fraction.length)
  return sign === '-' ? -size : size
}

const repository = /^[a-z0-9_./-]{2,255}$/
const tag = /^[A-Za-z0-9_.-]{1,128}$/
const digest = /^[sh:0-9a-f]{71}$/
const host = /^(?:\[[^\]]*\]|[\w.~!$&'()*+,;=:<>"\u0080-\uFFFF-]*?)(?::[0-9]*)?$/

/**
 * Whether Knative takes the text for an image: `nginx`, `host:5000/team/app:v1`, `host/app@sha256:…`.
 *
 * Source: go-containerregistry/pkg/name ParseReference with WeakValidation.
 */
export function isImageReference(text: string): boolean {
  return isTagged(text) || isDigested(text)
}

/** A name and maybe a tag: what stands behind the last colon, unless a slash shows that to be a host's port. */
function isTagged(text: string): boolean {
  const colon = text.lastIndexOf(':')
  const last = text.slice(colon + 1)
  if (colon < 0 || last.includes('/')) return isRepository(text)
  return (last === '' || tag.test(last)) && isRepository(text.slice(0, colon))
}

function isDigested(text: string): boolean {
  const [name = '', sum = '', ...more] = text.split('@')
  return more.length === 0 && digest.test(sum) && (isTagged(name) || isRepository(name))
}

/** A path, behind a host if its first part has a dot or a colon. */
function isRepository(text: string): boolean {
  const slash = text.indexOf('/')
  const first = text.slice(0, Math.max(slash, 0))
  if (!/[.:]/.test(first)) return repository.test(text)
  return repository.test(text.slice(slash + 1)) && isHost(first)
}

function isHost(text: string): boolean {
  return host.test(text) && /^[^:]*$|:[0-9]*$/.test(text)
}

/**
 * The kinds of names that Kubernetes knows, each with its verdict on a text: undefined where it is fine, else the
 * sentence that the cluster says.
 *
 * Source: k8s.io/apimachinery/pkg/util/validation/validation.go, k8s.io/apimachinery/pkg/api/validate/content.
 */
export type NameCheck = (text: string) => string | undefined

const label1035 = '[a-z]([-a-z0-9]*[a-z0-9])?'
const label1123 = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const subdomain1123 = `${label1123}(\\.${label1123})*`
const qualified = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const value = `(${qualified})?`

/** Whether the pattern, one of Go's that reads the same here, matches the whole text. */
function entire(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`)
}

const [is1035, is1123, isSubdomain, isQualified, isValue] = [
  entire(label1035),
  entire(label1123),
  entire(subdomain1123),
  entire(qualified),
  entire(value),
]

// What the cluster says of a text that its pattern does not match. Its sentences go on with examples and the pattern: those
// only make a line too long to be read.
const no1035 =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character"
const no1123 =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character"
const noSubdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character"
const noQualified =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
const noValue =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"

/** `my-name`: a lower-case label that starts with a letter, at most 63 characters. */
export const dns1035Label: NameCheck = (text) => {
  const faults = [
    ...(byteLength(text) > 63 ? ['must be no more than 63 characters'] : []),
    ...(is1035.test(text) ? [] : [no1035]),
  ]
  return faults.length === 0 ? undefined : faults.join(' ')
}

/** `123-abc`: a lower-case label, at most 63 characters. */
export const dns1123Label: NameCheck = (text) => {
  if (byteLength(text) > 63) return 'must be no more than 63 bytes'
  return is1123.test(text) ? undefined : no1123
}

/** `example.com`: lower-case labels with dots between them, at most 253 characters. */
export const dns1123Subdomain: NameCheck = (text) => {
  if (byteLength(text) > 253) return 'must be no more than 253 bytes'
  return isSubdomain.test(text) ? undefined : noSubdomain
}

/** `MyName`, `my.name`, `example.com/MyName`: the syntax of label and annotation keys. */
export const qualifiedName: NameCheck = (text) => {
  const parts = text.split('/')
  const [first = '', other] = parts
  if (parts.length > 2) return `a valid label key ${noQualified} with an optional DNS subdomain prefix and '/'`
  if (other !== undefined) {
    if (first === '') return 'prefix part must be non-empty'
    const wrong = dns1123Subdomain(first)
    if (wrong !== undefined) return `prefix part ${wrong}`
  }
  const name = other ?? first
  if (name === '') return 'name part must be non-empty'
  if (byteLength(name) > 63) return 'name part must be no more than 63 bytes'
  return isQualified.test(name) ? undefined : `name part ${noQualified}`
}

/** The value of a label: empty, or as the name part of a qualified name. */
export const labelValue: NameCheck = (text) => {
  if (byteLength(text) > 63) return 'must be no more than 63 bytes'
  return isValue.test(text) ? undefined : noValue
}

/** What the API server says of a name that does not pass a check. */
export function invalidName(name: string, wrong: string): string {
  return `Invalid value: ${JSON.stringify(name)}: ${wrong}`
}

/** The check for a prefix that the cluster completes: a trailing dash is no fault of it. */
export function asPrefix(check: NameCheck): NameCheck {
  return (text) => check(text.length > 1 && text.endsWith('-') ? `${text.slice(0, -2)}a` : text)
}

const encoder = new TextEncoder()

/** Go measures strings in bytes of UTF-8. */
export function byteLength(text: string): number {
  return /^[\0-\x7F]*$/.test(text) ? text.length : encoder.encode(text).length
}
