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
const whole = /^([-+]?)((?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)$/
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
  const match = whole.exec(text)
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
