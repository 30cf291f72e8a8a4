import type { Outcome } from '../pipeline/outcome.js'
import type { Paint } from './colour.js'

/** What a report may know besides the outcome. */
export type ReportOptions = {
  readonly colours: Paint
  /** Set where people look at the report on a terminal, and no program reads it. */
  readonly isShown?: true
  /** The version of this program. */
  readonly version: string
  /** The working directory as the repository names it (`apps/shop`), `''` at its root or outside of any. */
  readonly folder: string
  /** Files that the change under review touches, named as diagnostics name them: where room is short they come first. */
  readonly changed?: ReadonlySet<string>
}

/** Turns an outcome into a report. Pure and total: no name, message or text of a manifest makes it throw. */
export type Render = (outcome: Outcome, options: ReportOptions) => string
