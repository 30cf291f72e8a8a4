import { codeLabel } from '../pipeline/codes.js'
import { applyEdits } from '../text/edit.js'
import type { Diagnostic, Fix, Severity } from '../text/diagnostic.js'
import { jsonLine } from '../text/printable.js'
import type { Range } from '../text/source.js'
import { prose, sizeOf } from './markdown-text.js'
import { fullText, Positions, type Render } from './report.js'

const severities = { error: 'ERROR', warning: 'WARNING', note: 'INFO' } as const satisfies Record<Severity, string>

/**
 * Reviewdog's diagnostic format, one line of JSON for each diagnostic, in their order. Files are named from the working
 * directory, where reviewdog runs as well. It posts messages as Markdown: no name in them formats, links or calls a person.
 *
 * Source: reviewdog/reviewdog proto/rdf/reviewdog.proto.
 */
export const rdjsonlReport: Render = ({ files, diagnostics }) => {
  const places = new Places(new Map(files.map(({ path, text }) => [path, text])), new Positions(files))
  return diagnostics.map((diagnostic) => `${jsonLine(lineOf(diagnostic, places))}\n`).join('')
}

function lineOf(diagnostic: Diagnostic, places: Places): object {
  const { code, severity, file, range, fix } = diagnostic
  const suggestion = fix && places.suggestion(file, fix)
  return {
    message: fullText(diagnostic).split('\n').map(prose).join('\n'),
    // A line must name a file; what is about none is about the directory.
    location: file === '' ? { path: '.' } : { path: file, range: places.of(file, range) },
    severity: severities[severity],
    source: { name: 'kn-rollout' },
    code: { value: codeLabel(code) },
    ...(suggestion && { suggestions: [suggestion] }),
  }
}

/** Places with lines that count from 1, and columns that count from 1 in bytes of UTF-8, a byte order mark among them. */
class Places {
  private last = { file: '', line: 0, column: 1, bytes: 0 }

  constructor(
    private readonly texts: ReadonlyMap<string, string>,
    private readonly positions: Positions,
  ) {}

  of(file: string, range: Range | undefined): object {
    const { line, column, endLine, endColumn } = this.positions.of(file, range)
    return { start: this.point(file, line, column), end: this.point(file, endLine, endColumn) }
  }

  /** The edits as one: reviewdog takes several suggestions for a choice. */
  suggestion(file: string, { edits }: Fix): object | undefined {
    const text = this.texts.get(file)
    if (text === undefined || edits.length === 0) return undefined
    const start = Math.min(...edits.map(({ range }) => range.start))
    const end = Math.max(...edits.map(({ range }) => range.end))
    const moved = edits.map((edit) => ({
      text: edit.text,
      range: { start: edit.range.start - start, end: edit.range.end - start },
    }))
    return { range: this.of(file, { start, end }), text: applyEdits(text.slice(start, end), moved) }
  }

  private point(file: string, line: number, column: number): object {
    const mark = line === 1 && this.texts.get(file)?.startsWith('\uFEFF') === true ? 3 : 0
    return { line, column: this.bytesBefore(file, line, column) + mark + 1 }
  }

  /** Counted from the place that was asked for last: a line may be long, and have many diagnostics. */
  private bytesBefore(file: string, line: number, column: number): number {
    const isSame = this.last.file === file && this.last.line === line
    const { column: from, bytes } = isSame ? this.last : { column: 1, bytes: 0 }
    const [low, high] = [Math.min(from, column), Math.max(from, column)]
    const between = sizeOf(this.positions.line(file, line)?.slice(low - 1, high - 1) ?? '')
    this.last = { file, line, column, bytes: column < from ? bytes - between : bytes + between }
    return this.last.bytes
  }
}
