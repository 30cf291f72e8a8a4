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
