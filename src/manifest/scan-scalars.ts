/** How far a scalar reaches in a text, or why go-yaml v2 does not read it. */
export type ScalarEnd = {
  /** The offset just past the scalar and the white space that it takes along. */
  readonly end: number
  /** What go-yaml says of the character at `end`, if it stops there. */
  readonly phrase?: string
}

/** Whether a blank, a line end or the end of the text is at the offset. */
export function blankAt(text: string, offset: number): boolean {
  const character = text[offset]
  return character === undefined || character === ' ' || character === '\t' || character === '\n' || character === '\r'
}

/** The offset of the next line end, or the end of the text. */
export function lineEndFrom(text: string, offset: number): number {
  const newline = text.indexOf('\n', offset)
  const end = newline < 0 ? text.length : newline
  return text[end - 1] === '\r' && end > offset ? end - 1 : end
}

/** The offsets of the characters that end lines between these two. */
export function lineEnds(text: string, start: number, end: number): readonly number[] {
  const found: number[] = []
  for (let at = text.indexOf('\n', start); at >= 0 && at < end; at = text.indexOf('\n', at + 1))
    found.push(...(text[at - 1] === '\r' ? [at - 1] : []), at)
  return found
}

/** Whether `---` or `...` stands at the offset, the start of a line. */
export function markerAt(text: string, offset: number): boolean {
  return (text.startsWith('---', offset) || text.startsWith('...', offset)) && blankAt(text, offset + 3)
}

/** An anchor, an alias or a tag, from its indicator. */
export function propertyEnd(text: string, start: number, inFlow: boolean): ScalarEnd {
  let end = start + 1
  const stops = inFlow ? ',[]{}' : ''
  while (!blankAt(text, end) && !stops.includes(text.charAt(end))) end++
  return { end }
}

/** A quoted scalar, from its opening quote. */
export function quotedEnd(text: string, start: number): ScalarEnd {
  const quote = text[start]
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at]
    if (character === '\\' && quote === '"') at++
    else if (character === '\n' && markerAt(text, at + 1))
      return { end: at + 1, phrase: 'found unexpected document indicator' }
    else if (character === quote && quote === "'" && text[at + 1] === quote) at++
    else if (character === quote) return { end: at + 1 }
  }
  return { end: text.length }
}

/**
 * A plain scalar, which may go on over several lines: those that are indented by `indent` characters, or all of them
 * inside `[…]` and `{…}`.
 */
export function plainEnd(text: string, start: number, indent: number, inFlow: boolean): ScalarEnd {
  let at = start
  for (;;) {
    const word = at
    while (!endsPlain(text, at, inFlow)) at++
    if (inFlow && text[at] === '?' && at > start) return { end: at, phrase: "did not find expected ',' or ']'" }
    if (at === word || text[word] === '#') return { end: word }
    if (!blankAt(text, at)) return { end: at }
    let lineStart: number | undefined
    for (; at < text.length && blankAt(text, at); at++) {
      if (text[at] === '\n') lineStart = at + 1
      else if (text[at] === '\t' && lineStart !== undefined && at - lineStart < indent)
        return { end: at, phrase: 'found a tab character that violates indentation' }
    }
    if (at === text.length || text[at] === '#') return { end: at }
    if (lineStart !== undefined && (markerAt(text, lineStart) || (!inFlow && at - lineStart < indent)))
      return { end: at }
  }
}

function endsPlain(text: string, at: number, inFlow: boolean): boolean {
  const character = text[at]
  if (character === undefined || blankAt(text, at) || (character === ':' && blankAt(text, at + 1))) return true
  return inFlow && (character === ',' || character === '?' || '[]{}'.includes(character))
}

/** A literal or folded scalar, from its indicator, in a collection that is indented by `parent` (-1 for none). */
export function blockEnd(text: string, start: number, parent: number): ScalarEnd {
  const given = Number(/[1-9]/.exec(text.slice(start + 1, start + 3))?.[0] ?? 0)
  let indent = given === 0 ? 0 : Math.max(parent, 0) + given
  let widest = 0
  let at = lineEndFrom(text, start)
  while (at < text.length) {
    const lineStart = text.indexOf('\n', at) + 1
    if (lineStart === 0) return { end: text.length }
    const most = indent === 0 ? Infinity : lineStart + indent
    for (at = lineStart; text[at] === ' ' && at < most;) at++
    widest = Math.max(widest, at - lineStart)
    if (text[at] === '\t' && (indent === 0 || at - lineStart < indent))
      return { end: at, phrase: 'found a tab character where an indentation space is expected' }
    if (text[at] === '\n' || text[at] === '\r') continue
    if (indent === 0) indent = Math.max(widest, parent + 1, 1)
    if (at - lineStart < indent) return { end: at }
    at = lineEndFrom(text, at)
  }
  return { end: at }
}
