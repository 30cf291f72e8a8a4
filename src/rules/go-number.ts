/**
 * A decimal integer as Go's `strconv.ParseInt(text, 10, bits)` reads it; undefined for what it refuses. Bounds are the
 * caller's: `-5` is a number, `5.0`, `1_000` and ` 5` are none.
 */
export function goInteger(text: string): number | undefined {
  return /^[-+]?[0-9]+$/.test(text) ? Number(text) : undefined
}

const decimal = /^[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/
const infinite = /^[-+]?inf(?:inity)?$/i

/** A number as Go's `strconv.ParseFloat` reads it, NaN and the infinite ones included; undefined for what it refuses. */
export function goFloat(text: string): number | undefined {
  if (/^nan$/i.test(text)) return Number.NaN
  if (infinite.test(text)) return text.startsWith('-') ? -Infinity : Infinity
  if (!decimal.test(text)) return undefined
  const value = Number(text)
  return Number.isFinite(value) ? value : undefined
}

const quantity = /^(?=.)[-+]?[0-9]*(?:\.[0-9]*)?(?:[numkMGTPE]|[KMGTPE]i|[eE][-+]?[0-9]+)?$/

/** Whether Kubernetes reads the text as a quantity: `250m`, `512Mi`, `1.5e3`, but not `512MB` or `1 Gi`. */
export function isQuantity(text: string): boolean {
  return quantity.test(text)
}
