import manifest from '../../package.json' with { type: 'json' }
import type { Outcome } from '../pipeline/request.js'
import { printableLines } from '../text/printable.js'
import { paint } from './cells.js'
import { commitReport } from './commit.js'
import { type Format, formatNames } from './formats.js'
import { githubReport } from './github.js'
import { gitlabReport } from './gitlab.js'
import { jsonReport } from './json.js'
import { junitReport } from './junit.js'
import { markdownReport } from './markdown.js'
import { rdjsonlReport } from './rdjsonl.js'
import type { Render } from './report.js'
import { sarifReport } from './sarif.js'
import { textReport } from './text.js'

/** Every format at once, for programs: the command line loads the one that it needs. */
const renders: Readonly<Record<Format, Render>> = {
  text: textReport,
  json: jsonReport,
  github: githubReport,
  gitlab: gitlabReport,
  sarif: sarifReport,
  junit: junitReport,
  markdown: markdownReport,
  commit: commitReport,
  rdjsonl: rdjsonlReport,
}

/** The formats of `--format`. */
export type ReportFormat = 'text' | 'json' | 'github' | 'gitlab' | 'sarif' | 'junit' | 'markdown' | 'commit' | 'rdjsonl'

/** Every format, in the order of `--help`. */
export const reportFormats: readonly ReportFormat[] = formatNames

/** How a report is to look. */
export type RenderOptions = {
  /** Whether `text` has the colors of a terminal. */
  readonly color?: boolean
  /** The columns that `text` may take. */
  readonly width?: number
  /** The directory that paths are relative to, as the repository names it (`apps/shop`); `''` is its root. */
  readonly folder?: string
  /** Paths that come first where a format has a limit. */
  readonly changed?: ReadonlySet<string>
}

/**
 * An outcome in one of the formats of `--format`: what the command line prints, or writes with `--output`. The shape of
 * `json` is the one of `schemas/report.json`.
 */
export function render(outcome: Outcome, format: ReportFormat, options: RenderOptions = {}): string {
  const { color = false, folder = '', ...rest } = options
  const text = renders[format](outcome, { ...rest, folder, colours: paint(color), version: manifest.version })
  return format === 'text' ? printableLines(text) : text
}
