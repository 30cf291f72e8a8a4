import { lineEnd, lineStart, nextLine } from '../../text/lines.js'

/** What the lines around an entry or a key are: comments that belong to it, blank ones, and where they begin and end. */

export function lineText(text: string, start: number): string {
  return text.slice(start, lineEnd(text, start))
}

export function isBlankLine(text: string, start: number): boolean {
  return start < text.length && /^\uFEFF?[ \t]*$/.test(lineText(text, start))
}

/** The column of the `#` of a line that is only a comment, or undefined. */
export function commentColumn(text: string, start: number): number | undefined {
  const match = /^([ \t]*)#/.exec(lineText(text, start))
  return match?.[1]?.length
}

/**
 * The start of the comment lines directly above a line, those that are not indented deeper than `column`: they speak of
 * what follows. `limit` is where the search ends.
 */
export function leadStart(text: string, line: number, column: number, limit: number): number {
  let start = line
  while (start > limit) {
    const above = lineStart(text, start - 1)
    const found = commentColumn(text, above)
    if (above < limit || found === undefined || found > column) break
    start = above
  }
  return start
}

/**
 * The end (before the line break) of the comment lines directly below the line of `offset` that are indented deeper
 * than `column`: they still speak of what stands above.
 */
export function tailEnd(text: string, offset: number, column: number): number {
  let end = lineEnd(text, offset)
  for (;;) {
    const below = nextLine(text, end)
    const found = below > end && below < text.length ? commentColumn(text, below) : undefined
    if (found === undefined || found <= column) return end
    end = lineEnd(text, below)
  }
}

/** The start of the blank lines directly above a line. */
export function blankStart(text: string, line: number, limit: number): number {
  let start = line
  while (start > limit && isBlankLine(text, lineStart(text, start - 1))) start = lineStart(text, start - 1)
  return start
}
