import type { Diagnostic } from '../text/diagnostic.js'
import { cells } from './cells.js'
import type { Paint } from './colour.js'
import type { Place, Places } from './position.js'

/** At most this many lines of a range are shown; of a longer one its first lines and its last. */
const mostLines = 4

/**
 * The lines that a diagnostic is about, numbered, with carets under its range and the line before for context.
 * `''` where there is no such place.
 */
export function frame({ file, range, severity }: Diagnostic, places: Places, colours: Paint): string {
  const place = places.of(file, range)
  if (!range || places.line(file, place.line) === undefined) return ''
  const last = lastLine(place)
  const gutter = String(last).length + 2
  const row = (label: number | string, text: string): string =>
    `${colours.note(`${String(label).padStart(gutter)} |`)}${text === '' ? '' : ` ${text}`}\n`
  const before = places.line(file, place.line - 1) ?? ''
  let result = before.trim() === '' ? '' : row(place.line - 1, cells(before, 0, 0).text)
  for (const number of shownLines(place.line, last)) {
    const line = number === undefined ? undefined : places.line(file, number)
    if (number === undefined || line === undefined) {
      result += row('…', '')
      continue
    }
    const from = number === place.line ? place.column - 1 : line.length - line.trimStart().length
    const to = number === place.endLine ? place.endColumn - 1 : line.trimEnd().length
    const { text, start, width } = cells(line, from, to)
    const carets = line.trim() === '' && number !== place.line ? '' : colours[severity]('^'.repeat(width))
    result += row(number, text) + (carets === '' ? '' : row('', ' '.repeat(start) + carets))
  }
  return result
}

/** A range that ends where a line begins does not reach into that line. */
function lastLine({ line, endLine, endColumn }: Place): number {
  return endColumn === 1 && endLine > line ? endLine - 1 : endLine
}

/** The lines from `first` to `last`; undefined stands for those left out. */
function shownLines(first: number, last: number): readonly (number | undefined)[] {
  if (last - first < mostLines) return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  return [...Array.from({ length: mostLines - 2 }, (_, index) => first + index), undefined, last]
}
