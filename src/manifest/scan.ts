import {
  blankAt,
  blockEnd,
  lineEndFrom,
  lineEnds,
  markerAt,
  plainEnd,
  propertyEnd,
  quotedEnd,
  type ScalarEnd,
} from './scan-scalars.js'
import { Indents } from './scan-indents.js'
import { longestKey, type Key, type Scan } from './scan-types.js'

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
