import { matcherOf, type Expression, type Matcher } from './automaton.js'
import { parseGoPattern } from './go-syntax.js'

/** Why Go takes a text for no regular expression, in its own words. */
export type PatternFault = { readonly reason: string }

/**
 * A regular expression as Go understands it: without references back and looks around, so that it takes time in
 * proportion to a text. It is looked for anywhere in the text.
 */
export function goPattern(pattern: string): Matcher | PatternFault {
  const expression: Expression | PatternFault = parseGoPattern(pattern)
  if ('reason' in expression) return expression
  return matcherOf(expression) ?? { reason: 'expression is too large' }
}
