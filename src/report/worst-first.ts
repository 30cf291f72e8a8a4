import type { Diagnostic, Severity } from '../text/diagnostic.js'
import type { ReportOptions } from './render.js'

const ranks: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 }

/**
 * The diagnostics in the order in which room is given to them: the worst first, of equal ones those of changed files
 * first, and otherwise as they come.
 */
export function worstFirst(
  diagnostics: readonly Diagnostic[],
  { changed }: Pick<ReportOptions, 'changed'>,
): readonly Diagnostic[] {
  const rank = ({ severity, file }: Diagnostic): number => 2 * ranks[severity] + (changed?.has(file) === true ? 0 : 1)
  return diagnostics.toSorted((a, b) => rank(a) - rank(b))
}
