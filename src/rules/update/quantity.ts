import { withoutEnd } from '../../text/trim.js'
import { isQuantity } from '../go-number.js'

const decimal = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E']
const binary = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']

/** Kubernetes keeps fewer, and arithmetic takes more than its share of time with many. */
const mostDigits = 1000

/**
 * A form that equal quantities share: `1000m`, `1` and `1.0` have the same one. Undefined where the text is no quantity.
 *
 * Source: k8s.io/apimachinery/pkg/api/resource Quantity.Cmp
 */
export function canonicalQuantity(text: string): string | undefined {
  const match = /^([-+]?)([0-9]*)(?:\.([0-9]*))?(?:([a-zA-Z]+)([-+]?[0-9]+)?)?$/.exec(text)
  if (!match || !isQuantity(text)) return undefined
  const [, sign = '', whole = '', fraction = '', unit = '', exponent] = match
  if (exponent !== undefined && exponent.length > 4) return undefined
  if (whole.length + fraction.length > mostDigits) return text
  const digits = BigInt(`${whole}${fraction}` || '0')
  const power = exponent === undefined ? (decimal.indexOf(unit) - 3) * 3 : Number(exponent)
  const two = binary.indexOf(unit)
  const scaled = two > 0 && exponent === undefined ? digits * 1024n ** BigInt(two) : digits
  const ten = (two > 0 && exponent === undefined ? 0 : power) - fraction.length
  const written = scaled.toString()
  const kept = withoutEnd(written, '0')
  if (kept === '') return '0'
  return `${sign === '-' ? '-' : ''}${kept}e${ten + written.length - kept.length}`
}
