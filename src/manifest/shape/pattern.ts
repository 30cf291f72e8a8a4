import { goPattern, type PatternFault } from '../../text/go-pattern.js'
import type { Matcher } from '../../text/automaton.js'

/**
 * What a pattern of a schema is looked for with. All are read as the API server reads those of a CRD, which is Go's way;
 * a JSON schema may say `\uXXXX` besides. References back and looks around are refused there as here: nothing that stands
 * in a schema can take more time than the text that it judges.
 */
export function schemaPattern(pattern: string, isStructural: boolean): Matcher | PatternFault {
  return goPattern(isStructural ? pattern : pattern.replaceAll(escape, (all, ...halves) => spelled(all, halves)))
}

/** A pair of surrogates, one character, or what else a backslash stands before. */
const escape = /\\u(D[89AB][0-9A-F]{2})\\u(D[C-F][0-9A-F]{2})|\\u([0-9A-F]{4})|\\u\{([0-9A-F]+)\}|\\[^]/gi

function spelled(all: string, [high, low, short, long]: readonly (string | undefined)[]): string {
  if (high !== undefined && low !== undefined) {
    const pair = String.fromCharCode(Number.parseInt(high, 16), Number.parseInt(low, 16))
    return `\\x{${pair.codePointAt(0)?.toString(16)}}`
  }
  const code = short ?? long
  return code === undefined ? all : `\\x{${code}}`
}
