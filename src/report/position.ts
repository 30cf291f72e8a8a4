import type { Range } from '../text/range.js'
import type { SourceFile } from '../text/source.js'

/** A place as editors show it: lines and columns count from 1, columns in UTF-16 units, a byte order mark in none. */
export type Place = {
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
}

const start: Place = { line: 1, column: 1, endLine: 1, endColumn: 1 }

/** Turns offsets into places, for all files of a run. Line starts are counted once a file. */
export class Places {
  private readonly texts: ReadonlyMap<string, string>
  private readonly lineStarts = new Map<string, readonly number[]>()

  constructor(files: readonly SourceFile[]) {
    this.texts = new Map(files.map(({ path, text }) => [path, text]))
  }

  of(file: string, range: Range | undefined): Place {
    const text = this.texts.get(file)
    if (text === undefined || !range) return start
    const starts = this.startsOf(file, text)
    const from = pointAt(text, starts, range.start)
    const to = pointAt(text, starts, range.end)
    return { line: from.line, column: from.column, endLine: to.line, endColumn: to.column }
  }

  /**
   * The text of a line (counted from 1) without its end and without a byte order mark, so that a column of a place is an
   * index plus one. Undefined where the file or the line is not there.
   */
  line(file: string, number: number): string | undefined {
    const text = this.texts.get(file)
    if (text === undefined) return undefined
    const starts = this.startsOf(file, text)
    const from = starts[number - 1]
    if (from === undefined) return undefined
    let end = starts[number] ?? text.length
    while (end > from && '\r\n'.includes(text.charAt(end - 1))) end--
    const whole = text.slice(from, end)
    return number === 1 && whole.startsWith('\uFEFF') ? whole.slice(1) : whole
  }

  private startsOf(file: string, text: string): readonly number[] {
    const known = this.lineStarts.get(file)
    if (known) return known
    const starts = [0]
    if (text.includes('\r'))
      for (const match of text.matchAll(/\r\n|\n|\r/g)) starts.push(match.index + match[0].length)
    else for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
    this.lineStarts.set(file, starts)
    return starts
  }
}

function pointAt(text: string, starts: readonly number[], offset: number): { line: number; column: number } {
  let [low, high] = [0, starts.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  const mark = low === 0 && offset > 0 && text.startsWith('\uFEFF') ? 1 : 0
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 - mark }
}
