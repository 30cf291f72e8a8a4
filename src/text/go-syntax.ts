import { atEnd, atStart, type Expression } from './automaton.js'
import { brackets, classEscape, escaped } from './go-brackets.js'
import { rangeSet } from './go-class.js'
import { Cursor, PatternError, refuse } from './go-cursor.js'

/**
 * Parses a regular expression as Go writes it, or says in its words why it is none.
 *
 * Source: regexp/syntax/parse.go, with the flags that `regexp.Compile` sets.
 */
export function parseGoPattern(pattern: string): Expression | { readonly reason: string } {
  try {
    return new Parser(pattern).whole()
  } catch (error) {
    if (error instanceof PatternError) return { reason: error.message }
    throw error
  }
}

type Flags = { readonly i: boolean; readonly m: boolean; readonly s: boolean }

const deepest = 1000
const mostCopies = 1000
const newline = 10
const end = -1

const lineStart: Expression = { kind: 'place', isThere: (before) => before === end || before === newline }
const lineEnd: Expression = { kind: 'place', isThere: (_, behind) => behind === end || behind === newline }
const boundary = (isOne: boolean): Expression => {
  return { kind: 'place', isThere: (before, behind) => (isWord(before) !== isWord(behind)) === isOne }
}
const places: Readonly<Record<string, Expression>> = { A: atStart, z: atEnd, b: boundary(true), B: boundary(false) }

function isWord(code: number): boolean {
  return code >= 0 && /\w/.test(String.fromCodePoint(code))
}

class Parser {
  private readonly cursor: Cursor
  private depth = 0
  private flags: Flags = { i: false, m: false, s: false }
  private readonly names = new Set<string>()

  constructor(text: string) {
    this.cursor = new Cursor(text)
  }

  whole(): Expression {
    const expression = this.choice()
    return this.cursor.isAtEnd ? expression : refuse('unexpected )', this.cursor.text)
  }

  private choice(): Expression {
    const parts = [this.sequence()]
    while (this.cursor.take('|')) parts.push(this.sequence())
    return parts.length === 1 && parts[0] ? parts[0] : joined('choice', parts)
  }

  private sequence(): Expression {
    const parts: Expression[] = []
    let repeated: string | undefined
    while (!this.cursor.isAtEnd && !'|)'.includes(this.cursor.letter)) {
      const start = this.cursor.at
      const times = this.times()
      const sign = this.cursor.text.slice(start, this.cursor.at)
      if (!times) {
        repeated = undefined
        parts.push(...this.part())
        continue
      }
      const part = parts.pop() ?? refuse('missing argument to repetition operator', sign)
      if (repeated !== undefined) refuse('invalid nested repetition operator', repeated + sign)
      repeated = sign
      parts.push(repeatOf(part, times, sign))
    }
    return parts.length === 1 && parts[0] ? parts[0] : joined('sequence', parts)
  }

  /** How often what stands before is to be there, if this is where that is said. */
  private times(): Times | undefined {
    const [all, sign, from, comma, to] = this.cursor.taken(/(?:([*+?])|\{(\d+)(,)?(\d+)?\})\??/y) ?? []
    if (all === undefined) return undefined
    if (sign !== undefined) return { least: sign === '+' ? 1 : 0, most: sign === '?' ? 1 : Infinity }
    if (comma === undefined && to !== undefined) {
      this.cursor.at -= all.length
      return undefined
    }
    const least = Number(from)
    const most = to === undefined ? (comma === undefined ? least : Infinity) : Number(to)
    if (least > mostCopies || (most < Infinity && most > mostCopies) || most < least)
      refuse('invalid repeat count', all)
    return { least, most, isCounted: true }
  }

  private part(): readonly Expression[] {
    const { flags } = this
    if (this.cursor.take('(')) return this.group()
    if (this.cursor.take('^')) return [flags.m ? lineStart : atStart]
    if (this.cursor.take('$')) return [flags.m ? lineEnd : atEnd]
    if (this.cursor.take('.')) return [{ kind: 'class', has: (code) => flags.s || code !== newline }]
    if (this.cursor.take('[')) return [{ kind: 'class', has: brackets(this.cursor, flags.i) }]
    if (this.cursor.take('\\Q')) return this.literal()
    if (this.cursor.take('\\')) return [this.escape()]
    return [this.character(this.cursor.next())]
  }

  private character(code: number): Expression {
    return this.flags.i ? { kind: 'class', has: rangeSet(code, code, true) } : { kind: 'character', code }
  }

  private literal(): readonly Expression[] {
    const parts: Expression[] = []
    while (!this.cursor.isAtEnd && !this.cursor.take('\\E')) parts.push(this.character(this.cursor.next()))
    return parts
  }

  private group(): readonly Expression[] {
    const start = this.cursor.at - 1
    const before = this.flags
    if (++this.depth > deepest) refuse('expression nests too deeply', this.cursor.text)
    if (this.cursor.take('?') && this.opening(start)) return this.leave()
    const inside = this.choice()
    if (!this.cursor.take(')')) refuse('missing closing )', this.cursor.text)
    this.flags = before
    this.leave()
    return [inside]
  }

  private leave(): readonly [] {
    this.depth--
    return []
  }

  /** Reads what stands behind `(?`; true where that is all of the group, which sets flags for what follows. */
  private opening(start: number): boolean {
    if (this.cursor.text.startsWith('P<', this.cursor.at) || this.cursor.text.startsWith('<', this.cursor.at)) {
      const rest = this.cursor.text.slice(start)
      const name =
        this.cursor.taken(/P?<(\w+)>/y)?.[1] ?? refuse('invalid named capture', rest.replace(/(>)[^]*$/, '$1'))
      if (this.names.has(name)) refuse('duplicate capture group name', name)
      this.names.add(name)
      return false
    }
    const [, on = '', off = '', close] = this.cursor.taken(/([imsU]*)((?:-[imsU]+)?)([:)])/y) ?? []
    if (close === undefined)
      refuse('invalid or unsupported Perl syntax', this.cursor.text.slice(start, this.cursor.at + 1))
    const set = (flag: keyof Flags): boolean => !off.includes(flag) && (on.includes(flag) || this.flags[flag])
    this.flags = { i: set('i'), m: set('m'), s: set('s') }
    return close === ')'
  }

  private escape(): Expression {
    const place = places[this.cursor.letter]
    if (place) {
      this.cursor.at++
      return place
    }
    const has = classEscape(this.cursor, this.flags.i)
    return has ? { kind: 'class', has } : this.character(escaped(this.cursor))
  }
}

type Times = { readonly least: number; readonly most: number; readonly isCounted?: true }

function joined(kind: 'sequence' | 'choice', parts: readonly Expression[]): Expression {
  return { kind, parts, copies: parts.reduce((most, { copies = 1 }) => Math.max(most, copies), 1) }
}

function repeatOf(part: Expression, { least, most, isCounted }: Times, sign: string): Expression {
  const own = isCounted ? (most === Infinity ? least : most) : 1
  const copies = Math.max(own, 1) * (own === 0 ? 1 : (part.copies ?? 1))
  if (copies > mostCopies) refuse('invalid repeat count', sign)
  return { kind: 'repeat', part, least, most, copies }
}
