import { withoutEnd } from '../text/trim.js'

/** Of two revision names that differ only in the number at their end, the one with the higher number. */
export function higherNumber([a, b]: readonly string[]): string | undefined {
  const stems = [a, b].map((name = '') => withoutEnd(name, '0123456789'))
  const [left, right] = [a, b].map((name = '', index) => name.slice(stems[index]?.length))
  if (!a || !b || !left || !right || stems[0] !== stems[1] || Number(left) === Number(right)) return undefined
  return Number(left) > Number(right) ? a : b
}
