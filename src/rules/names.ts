/**
 * The kinds of names that Kubernetes knows, each with its verdict on a text: undefined where it is fine, else the
 * sentence that the cluster says.
 *
 * Source: k8s.io/apimachinery/pkg/util/validation/validation.go.
 */
export type NameCheck = (text: string) => string | undefined

const label1035 = /^[a-z](?:[-a-z0-9]*[a-z0-9])?$/
const label1123 = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/
const subdomain1123 = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/
const qualifiedPart = /^(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/

/** `my-name`: a lower-case label that starts with a letter, at most 63 characters. */
export const dns1035Label: NameCheck = (text) => {
  if (byteLength(text) > 63) return 'must be no more than 63 characters'
  if (label1035.test(text)) return undefined
  return "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character"
}

/** `123-abc`: a lower-case label, at most 63 characters. */
export const dns1123Label: NameCheck = (text) => {
  if (byteLength(text) > 63) return 'must be no more than 63 characters'
  if (label1123.test(text)) return undefined
  return "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character"
}

/** `example.com`: lower-case labels with dots between them, at most 253 characters. */
export const dns1123Subdomain: NameCheck = (text) => {
  if (byteLength(text) > 253) return 'must be no more than 253 characters'
  if (subdomain1123.test(text)) return undefined
  return "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character"
}

/** `MyName`, `my.name`, `example.com/MyName`: the syntax of label and annotation keys. */
export const qualifiedName: NameCheck = (text) => {
  const parts = text.split('/')
  const [first = '', second] = parts
  if (parts.length > 2) return 'a qualified name must have an optional DNS subdomain prefix and a name after one "/"'
  if (second !== undefined) {
    if (first === '') return 'prefix part must be non-empty'
    const wrong = dns1123Subdomain(first)
    if (wrong !== undefined) return `prefix part ${wrong}`
  }
  const name = second ?? first
  if (name === '') return 'name part must be non-empty'
  if (byteLength(name) > 63) return 'name part must be no more than 63 characters'
  if (qualifiedPart.test(name)) return undefined
  return "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
}

/** The value of a label: empty, or as the name part of a qualified name. */
export const labelValue: NameCheck = (text) => {
  if (byteLength(text) > 63) return 'must be no more than 63 characters'
  if (text === '' || qualifiedPart.test(text)) return undefined
  return "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
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
