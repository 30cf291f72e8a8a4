import { type Document, isScalar, isSeq, visit } from 'yaml'

/** How far a scalar reaches in a text, or why go-yaml v2 does not read it. */
type ScalarEnd = {
  /** The offset just past the scalar and the white space that it takes along. */
  readonly end: number
  /** What go-yaml says of the character at `end`, if it stops there. */
  readonly phrase?: string
}

/** Whether a blank, a line end or the end of the text is at the offset. */
function blankAt(text: string, offset: number): boolean {
  const character = text[offset]
  return character === undefined || character === ' ' || character === '\t' || character === '\n' || character === '\r'
}

/** The offset of the next line end, or the end of the text. */
function lineEndFrom(text: string, offset: number): number {
  const newline = text.indexOf('\n', offset)
  const end = newline < 0 ? text.length : newline
  return text[end - 1] === '\r' && end > offset ? end - 1 : end
}

/** The offsets of the characters that end lines between these two. */
function lineEnds(text: string, start: number, end: number): readonly number[] {
  const found: number[] = []
  for (let at = text.indexOf('\n', start); at >= 0 && at < end; at = text.indexOf('\n', at + 1))
    found.push(...(text[at - 1] === '\r' ? [at - 1] : []), at)
  return found
}

/** Whether `---` or `...` stands at the offset, the start of a line. */
function markerAt(text: string, offset: number): boolean {
  return (text.startsWith('---', offset) || text.startsWith('...', offset)) && blankAt(text, offset + 3)
}

/** An anchor, an alias or a tag, from its indicator. */
function propertyEnd(text: string, start: number, inFlow: boolean): ScalarEnd {
  let end = start + 1
  const stops = inFlow ? ',[]{}' : ''
  while (!blankAt(text, end) && !stops.includes(text.charAt(end))) end++
  return { end }
}

/** A quoted scalar, from its opening quote. */
function quotedEnd(text: string, start: number): ScalarEnd {
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
function plainEnd(text: string, start: number, indent: number, inFlow: boolean): ScalarEnd {
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
function blockEnd(text: string, start: number, parent: number): ScalarEnd {
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

/** The columns of the block collections around a place, outermost first. */
class Indents {
  private readonly columns: number[] = []

  /** The column of the innermost one, -1 outside of all. */
  get last(): number {
    return this.columns.at(-1) ?? -1
  }

  /** An indicator at a column opens a collection there, if that is deeper than the present one. */
  enter(column: number): void {
    if (this.last < column) this.columns.push(column)
  }

  /** What begins at a column ends all collections that are deeper; false where none is. */
  leave(column: number): boolean {
    const before = this.columns.length
    while (this.last > column) this.columns.pop()
    return this.columns.length < before
  }
}

/** Where go-yaml v2 refuses what YAML 1.2 allows, and where it is the other way round. */
export type Scan = {
  /** The character that ends the reading, and what go-yaml says of it. */
  readonly refused?: { readonly offset: number; readonly phrase: string }
  /**
   * Characters inside `[…]`, `{…}` and quotes that separate and nothing more: there, go-yaml minds no indentation. Those
   * before a block scalar that begins where its parent does, and comments between a key and its value, too.
   */
  readonly loose: readonly number[]
  /** Dashes and colons inside `[…]` and `{…}` that are text to go-yaml, and indicators to others: `[-]`, `[a:]`. */
  readonly plain: readonly number[]
}

/** Where a node begins that a `:` behind it makes a key. */
type Key = { readonly offset: number; readonly lineStart: number }

/** How far behind its beginning the `:` of a key may stand. */
const longestKey = 1024

/**
 * Follows the tokens of a text as far as tabs, question marks and colons make a difference: a tab is white space only
 * where no key could begin, and inside `[…]` and `{…}` a `?` ends a plain scalar, and no value may begin with `:`. Line
 * ends are `\n` or `\r\n`.
 *
 * Source: go-yaml v2, scannerc.go yaml_parser_scan_to_next_token, yaml_parser_scan_plain_scalar,
 * yaml_parser_fetch_value.
 */
export function scan(text: string): Scan {
  const scanner = new Scanner(text)
  while (scanner.next());
  const { refused, loose, plain } = scanner
  return refused === undefined ? { loose, plain } : { refused, loose, plain }
}

class Scanner {
  refused: Scan['refused']
  readonly loose: number[] = []
  readonly plain: number[] = []
  private at: number
  private lineStart: number
  /** Whether a key could begin here: at the start of a line, and behind `- `, `? `, `[`, `{` and `,`. */
  private keyAllowed = true
  /** The node before this place, if it could be a key. */
  private key: Key | undefined
  /** Whether a `?` has begun the entry of this `[…]` or `{…}`. */
  private isExplicit = false
  /** What the same was in front of each `[` and `{` around this place. */
  private readonly outer: { readonly key: Key | undefined; readonly isExplicit: boolean }[] = []
  /** The columns of the block collections around this place. */
  private readonly indents = new Indents()
  /** Where the indicator ended that a value is to follow, if one is. */
  private awaited: number | undefined
  /** Whether a comment has ended the plain text before this place, inside of `[…]` and `{…}`. */
  private isCutOff = false

  constructor(private readonly text: string) {
    this.at = this.lineStart = text.startsWith('\uFEFF') ? 1 : 0
  }

  /** Reads one token; false at the end of the text, or of its readable part. */
  next(): boolean {
    this.skipSpace()
    const character = this.text[this.at]
    if (character === undefined || this.refused) return false
    const column = this.at - this.lineStart
    if (this.depth === 0 && this.indents.leave(column)) this.awaited = undefined
    const inFlow = this.depth > 0
    const apart = inFlow || blankAt(this.text, this.at + 1)
    if (column === 0 && markerAt(this.text, this.at)) this.documentMarker(inFlow)
    else if (column === 0 && character === '%') this.at = lineEndFrom(this.text, this.at)
    else if (character === '[' || character === '{') this.open()
    else if (character === ']' || character === '}') this.close()
    else if (character === ',') this.step(1, true)
    else if (character === '-' && blankAt(this.text, this.at + 1)) this.begin(column, true)
    else if (character === '?' && apart) this.explicitKey(column)
    else if (character === ':' && apart) this.value(column)
    else this.node(character)
    return !this.refused
  }

  private get depth(): number {
    return this.outer.length
  }

  private skipSpace(): void {
    for (; ; this.at++) {
      const character = this.text[this.at]
      if (character === '#') {
        const end = lineEndFrom(this.text, this.at)
        this.loosen(this.at, end)
        if (this.depth === 0 && this.awaited !== undefined)
          for (let offset = this.at; offset < end; offset++) this.loose.push(offset)
        this.at = end - 1
      } else if (character === '\n') {
        this.loosen(this.at, this.at + 1)
        this.newLine(this.at + 1)
      } else if (character === '\t') {
        if (this.depth === 0 && this.keyAllowed) return this.refuse('found character that cannot start any token')
        this.loosen(this.at, this.at + 1)
      } else if (character === '\r') this.loosen(this.at, this.at + 1)
      else if (character !== ' ') return
    }
  }

  private loosen(start: number, end: number): void {
    if (this.depth > 0) for (let offset = start; offset < end; offset++) this.loose.push(offset)
  }

  private newLine(start: number): void {
    this.lineStart = start
    if (this.depth > 0) return
    this.keyAllowed = true
    this.key = undefined
  }

  private step(length: number, keyAllowed: boolean): void {
    this.at += length
    this.isCutOff = false
    this.keyAllowed = keyAllowed
    this.key = undefined
    this.isExplicit = false
    this.awaited = undefined
  }

  private documentMarker(inFlow: boolean): void {
    if (inFlow) this.refuse("did not find expected ',' or a closing bracket")
    this.step(3, false)
  }

  private get here(): Key {
    return { offset: this.at, lineStart: this.lineStart }
  }

  private open(): void {
    this.outer.push({ key: this.keyAllowed ? this.here : this.key, isExplicit: this.isExplicit })
    this.step(1, true)
  }

  private close(): void {
    const outer = this.outer.pop()
    this.step(1, false)
    this.key = outer?.key
    this.isExplicit = outer?.isExplicit ?? false
  }

  private explicitKey(column: number): void {
    this.begin(column, this.depth === 0)
    this.isExplicit = this.depth > 0
  }

  private value(column: number): void {
    const { key } = this
    const isKey = key?.lineStart === this.lineStart && this.at - key.offset <= longestKey
    if (this.depth > 0 && !isKey && !this.isExplicit)
      return this.refuse(`did not find expected ${key ? "',' or a closing bracket" : 'node content'}`)
    if (this.depth === 0 && !isKey && !this.keyAllowed)
      return this.refuse('mapping values are not allowed in this context')
    if (this.depth === 0 && !isKey && column > this.indents.last) return this.refuse('did not find expected key')
    this.begin(isKey ? key.offset - key.lineStart : column, !isKey && this.depth === 0)
  }

  /** An indicator that opens a block collection at the column, if that is deeper than the present one. */
  private begin(column: number, keyAllowed: boolean): void {
    if (this.depth === 0) this.indents.enter(column)
    this.step(1, keyAllowed)
    this.awaited = this.at
  }

  private node(first: string): void {
    if (this.isCutOff) return this.refuse("did not find expected ',' or a closing bracket")
    const key = this.keyAllowed ? this.here : this.key
    const from = this.lineStart
    const block = (first === '|' || first === '>') && this.depth === 0
    const property = first === '&' || first === '*' || first === '!'
    if (block && this.awaited !== undefined && this.at - from === this.indents.last)
      for (let offset = this.awaited; offset < from; offset++) this.loose.push(offset)
    const isAwaited = property && this.awaited !== undefined
    if (block) this.reach(blockEnd(this.text, this.at, this.indents.last))
    else if (first === '"' || first === "'") this.reach(quotedEnd(this.text, this.at))
    else if (property) this.reach(propertyEnd(this.text, this.at, this.depth > 0))
    else this.plainScalar()
    this.awaited = isAwaited ? this.at : undefined
    const sameLine = this.lineStart === from
    this.key = sameLine || this.depth > 0 ? key : undefined
    this.keyAllowed = block || (!sameLine && first !== '"' && first !== "'")
  }

  private plainScalar(): void {
    const scalar = plainEnd(this.text, this.at, this.indents.last + 1, this.depth > 0)
    const found = this.text.slice(this.at, scalar.end).trimEnd()
    if (this.depth > 0 && /^-$|:$/.test(found)) this.plain.push(this.at + found.length - 1)
    this.reach(scalar)
    this.isCutOff = this.depth > 0 && this.text[this.at] === '#' && found !== ''
  }

  private reach({ end, phrase }: ScalarEnd): void {
    const isLoose = this.depth > 0 || this.text[this.at] === '"' || this.text[this.at] === "'"
    for (const lineEnd of lineEnds(this.text, this.at, end)) {
      if (isLoose) this.loose.push(lineEnd)
      if (this.text[lineEnd] === '\n') this.lineStart = lineEnd + 1
    }
    this.at = Math.max(end, this.at + 1)
    if (phrase !== undefined) this.refuse(phrase)
  }

  private refuse(phrase: string): void {
    this.refused = { offset: this.at, phrase }
  }
}

/**
 * Gives the scalars that go on over several lines the values they have there, in documents that were parsed from a text
 * with spaces in place of some line ends: an empty line is a line end of the value, and a backslash takes one away.
 *
 * @param parse Parses a text on its own.
 */
export function restoreFolds(
  documents: readonly Document[],
  spaced: string,
  text: string,
  parse: (text: string) => readonly Document[] | undefined,
): void {
  for (const document of documents) {
    visit(document, {
      Scalar: (_, node) => {
        const [start, end] = node.range ?? [0, 0]
        const lines = text.slice(start, end)
        if (spaced.slice(start, end) === lines) return
        const list = parse(`[${lines}]`)?.[0]?.contents
        const alone = isSeq(list) ? list.items[0] : undefined
        if (isScalar(alone)) node.value = alone.value
      },
    })
  }
}

/** Characters that no text has and no reader of YAML minds, in place of those that one would take for indicators. */
const standIns: Readonly<Record<string, string>> = { '-': '\uE02D', ':': '\uE03A' }

/** The text with stand-ins for the dashes and colons at these offsets; as it is where it has such characters already. */
export function withStandIns(text: string, offsets: readonly number[]): string {
  if (offsets.length === 0 || /[\uE02D\uE03A]/.test(text)) return text
  let result = ''
  let from = 0
  for (const offset of offsets) {
    result += text.slice(from, offset) + (standIns[text.charAt(offset)] ?? text.charAt(offset))
    from = offset + 1
  }
  return result + text.slice(from)
}

/** Gives the scalars back what the stand-ins stand for. */
export function dropStandIns(documents: readonly Document[]): void {
  for (const document of documents) {
    visit(document, {
      Scalar: (_, node) => {
        if (typeof node.value === 'string') node.value = original(node.value)
        if (node.source !== undefined) node.source = original(node.source)
      },
    })
  }
}

function original(text: string): string {
  return text.replaceAll('\uE02D', '-').replaceAll('\uE03A', ':')
}
