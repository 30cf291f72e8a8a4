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
function whole(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`)
}

const [is1035, is1123, isSubdomain, isQualified, isValue] = [
  whole(label1035),
  whole(label1123),
  whole(subdomain1123),
  whole(qualified),
  whole(value),
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
  const [first = '', second] = parts
  if (parts.length > 2) return `a valid label key ${noQualified} with an optional DNS subdomain prefix and '/'`
  if (second !== undefined) {
    if (first === '') return 'prefix part must be non-empty'
    const wrong = dns1123Subdomain(first)
    if (wrong !== undefined) return `prefix part ${wrong}`
  }
  const name = second ?? first
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
