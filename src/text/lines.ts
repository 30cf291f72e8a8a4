/** The offset where the line that holds `offset` begins. */
export function lineStart(text: string, offset: number): number {
  return offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1
}

/** The offset just past the last character of the line that holds `offset`: before its line end, or the end of the text. */
export function lineEnd(text: string, offset: number): number {
  const newline = text.indexOf('\n', offset)
  if (newline < 0) return text.length
  return text[newline - 1] === '\r' ? newline - 1 : newline
}

/** The offset where the next line begins, or the end of the text. */
export function nextLine(text: string, offset: number): number {
  const newline = text.indexOf('\n', offset)
  return newline < 0 ? text.length : newline + 1
}

/** How many characters stand before `offset` on its line. A byte order mark takes no column. */
export function columnOf(text: string, offset: number): number {
  const start = lineStart(text, offset)
  return offset - start - (start === 0 && text.startsWith('\uFEFF') ? 1 : 0)
}

/** The line that holds `offset`, counted from 1. */
export function lineNumber(text: string, offset: number): number {
  return text.slice(0, offset).split(/\r\n?|\n/).length
}

/** The line end that a file uses around `offset`: that of the line there, or of the first one where the last has none. */
export function lineBreak(text: string, offset = 0): '\n' | '\r\n' {
  const below = text.indexOf('\n', offset)
  const newline = below < 0 ? text.indexOf('\n') : below
  return newline > 0 && text[newline - 1] === '\r' ? '\r\n' : '\n'
}
