import { isQuantity } from './words.js'

const decimal = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E']
const binary = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']

/** Kubernetes keeps what fits into 64 bits, and no less than a billionth. */
const most = 2n ** 63n - 1n
const billion = 10n ** 9n
/** More digits than any amount between the two has. */
const mostDigits = 40

/**
 * How Kubernetes writes a quantity, whoever sent it: `1024Mi` is `1Gi`, and `0.5` is `500m`. Undefined where it is none,
 * or one that Kubernetes would change.
 *
 * Source: k8s.io/apimachinery/pkg/api/resource ParseQuantity, Quantity.CanonicalizeBytes
 */
export function liveQuantity(text: string): string | undefined {
  const match = /^([-+]?)([0-9]*)(?:\.([0-9]*))?(?:([a-zA-Z]+)([-+]?[0-9]+)?)?$/.exec(text)
  if (!match || !isQuantity(text)) return undefined
  const [, sign = '', whole = '', fraction = '', unit = '', exponent] = match
  if (whole.length + fraction.length > mostDigits || (exponent?.length ?? 0) > 3) return undefined
  const two = exponent === undefined ? binary.indexOf(unit) : 0
  if (isKept(whole, fraction, { two, unit, exponent })) return text
  const ten = exponent === undefined ? Math.max(decimal.indexOf(unit) - 3, -3) * 3 : Number(exponent)
  const billionths = inBillionths(BigInt(`${whole}${fraction}` || '0') * 1024n ** BigInt(Math.max(two, 0)), {
    power: (two > 0 ? 0 : ten) - fraction.length,
  })
  if (billionths === undefined || billionths > most * billion) return undefined
  if (billionths === 0n) return '0'
  const minus = sign === '-' ? '-' : ''
  if (two > 0 && billionths % billion === 0n && billionths >= 1024n * billion)
    return `${minus}${inUnits(billionths / billion, 1024n, binary)}`
  if (exponent === undefined) return `${minus}${inUnits(billionths, 1000n, decimal)}`
  const [amount = '', suffix = ''] = inUnits(billionths, 1000n, decimal).split(/(?=[a-zA-Z])/)
  const power = (decimal.indexOf(suffix) - 3) * 3
  return `${minus}${amount}${power === 0 ? '' : `e${power}`}`
}

type Suffix = { readonly two: number; readonly unit: string; readonly exponent: string | undefined }

/** Whether Kubernetes keeps the very text: an amount of few digits whose form looks like its own. */
function isKept(whole: string, fraction: string, { two, unit, exponent }: Suffix): boolean {
  const digits = whole.replace(/^0+/, '')
  if (two > 0) return fraction === '' && digits.length + 3 * two <= 14 && (BigInt(digits || '0') & 7n) !== 0n
  const shifted = digits + fraction
  const power = exponent === undefined ? (decimal.indexOf(unit) - 3) * 3 : Number(exponent)
  const scale = power - fraction.length
  return digits !== '' && shifted.length <= 18 && scale >= -9 && scale % 3 === 0 && !shifted.endsWith('000')
}

/** Undefined where it is no whole number of them. */
function inBillionths(digits: bigint, { power }: { readonly power: number }): bigint | undefined {
  const shift = power + 9
  if (digits === 0n) return 0n
  if (shift > 60) return undefined
  if (shift >= 0) return digits * 10n ** BigInt(shift)
  const part = 10n ** BigInt(-shift)
  return digits % part === 0n ? digits / part : undefined
}

/** The amount in the largest unit that it is a whole number of. */
function inUnits(amount: bigint, step: bigint, units: readonly string[]): string {
  let [rest, index] = [amount, 0]
  while (rest % step === 0n && index < units.length - 1) [rest, index] = [rest / step, index + 1]
  return `${rest}${units[index] ?? ''}`
}
