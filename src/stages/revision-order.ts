/** Of two revision names that differ only in the number at their end, the one with the higher number. */
export function higherNumber([a, b]: readonly string[]): string | undefined {
  const [left, right] = [a, b].map((name) => /^(.*?)(\d+)$/.exec(name ?? ''))
  if (!left || !right || left[1] !== right[1] || Number(left[2]) === Number(right[2])) return undefined
  return Number(left[2]) > Number(right[2]) ? left[0] : right[0]
}
