import type { Outcome } from '../pipeline/request.js'
import type { Diagnostic, Says, Severity } from '../text/diagnostic.js'
import type { Paint } from './colour.js'

/** What a report may know besides the outcome. */
export type ReportOptions = {
  readonly colours: Paint
  /** Set where people look at the report on a terminal, and no program reads it. */
  readonly isShown?: true
  /** The columns of that terminal. */
  readonly width?: number
  /** The version of this program. */
  readonly version: string
  /** The working directory as the repository names it (`apps/shop`), `''` at its root or outside of any. */
  readonly folder: string
  /** Files that the change under review touches, named as diagnostics name them: where room is short they come first. */
  readonly changed?: ReadonlySet<string>
}

/** Turns an outcome into a report. Pure and total: no name, message or text of a manifest makes it throw. */
export type Render = (outcome: Outcome, options: ReportOptions) => string

/** What another program prints of the same mistake, with its name before it. */
export function saysText({ by, text }: Says): string {
  return `${by} says: ${text}`
}

/** All that is said of a finding, one line each: the message, the help, the text of another program. */
export function fullText({ message, help, says }: Pick<Diagnostic, 'message' | 'help' | 'says'>): string {
  return [message, ...(help === undefined ? [] : [`help: ${help}`]), ...(says ? [saysText(says)] : [])].join('\n')
}

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
