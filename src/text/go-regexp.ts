import { atEnd, atStart, type Expression, type Matcher, matcherOf } from './automaton.js'

/** A set of characters, by their code points. */
export type CharacterSet = (code: number) => boolean

/** The classes that Go's patterns have by name, as JavaScript spells them inside of brackets. */
const namedClasses: ReadonlyMap<string, string> = new Map(
  Object.entries({
    alnum: '0-9A-Za-z',
    alpha: 'A-Za-z',
    ascii: String.raw`\x00-\x7F`,
    blank: String.raw`\t `,
    cntrl: String.raw`\x00-\x1F\x7F`,
    digit: '0-9',
    graph: '!-~',
    lower: 'a-z',
    print: ' -~',
    punct: String.raw`!-\/:-@\[-\x60\{-~`,
    space: String.raw`\t\n\v\f\r `,
    upper: 'A-Z',
    word: '0-9A-Za-z_',
    xdigit: '0-9A-Fa-f',
  }),
)

const perlClasses: Readonly<Record<string, string>> = { d: '0-9', s: String.raw`\t\n\f\r `, w: '0-9A-Za-z_' }

/** `[:name:]` and `[:^name:]`; undefined where there is no such class. */
export function namedSet(name: string, ignoresCase: boolean): CharacterSet | undefined {
  const source = namedClasses.get(name.replace('^', ''))
  return source === undefined ? undefined : signed(setOf(source, ignoresCase), name.startsWith('^'))
}

/** `\d`, `\s` and `\w`, and in capitals what they are not; undefined for any other letter. */
function perlSet(letter: string, ignoresCase: boolean): CharacterSet | undefined {
  const source = perlClasses[letter.toLowerCase()]
  return source === undefined ? undefined : signed(setOf(source, ignoresCase), letter < 'a')
}

/** `\p{name}`: a category or a script of Unicode; undefined where there is none of that name. */
function unicodeSet(name: string, ignoresCase: boolean): CharacterSet | undefined {
  if (name === 'Any') return () => true
  try {
    return setOf(String.raw`\p{${/^[A-Z][a-z]?$/.test(name) ? 'gc' : 'Script'}=${name}}`, ignoresCase)
  } catch {
    return undefined
  }
}

/** The characters from one to another, both included. */
export function rangeSet(first: number, last: number, ignoresCase: boolean): CharacterSet {
  const inRange: CharacterSet = (code) => first <= code && code <= last
  return ignoresCase ? setOf(`${spelled(first)}-${spelled(last)}`, true) : inRange
}

/** All but a set, if it `isNegated`. */
export function signed(set: CharacterSet, isNegated: boolean): CharacterSet {
  return isNegated ? (code) => !set(code) : set
}

function spelled(code: number): string {
  return String.raw`\u{${code.toString(16)}}`
}

/** JavaScript folds cases as Go does. One character at a time leaves it nothing to go back over. */
function setOf(source: string, ignoresCase: boolean): CharacterSet {
  const expression = new RegExp(`[${source}]`, ignoresCase ? 'iu' : 'u')
  return (code) => expression.test(String.fromCodePoint(code))
}

/** Why a text is no regular expression, in Go's words. */
class PatternError extends Error {}

function unsupported(what: string, where: string): never {
  throw new PatternError(`${what}: \`${where}\``)
}

/** A place in a pattern that is read from its start to its end. */
class Cursor {
  at = 0

  constructor(readonly text: string) {}

  get isAtEnd(): boolean {
    return this.at >= this.text.length
  }

  /** The character here, `''` at the end. */
  get letter(): string {
    return this.text.charAt(this.at)
  }

  /** Goes past a sign, if it stands here; says whether it does. */
  take(sign: string): boolean {
    const isThere = this.text.startsWith(sign, this.at)
    if (isThere) this.at += sign.length
    return isThere
  }

  /** What fits a sticky expression from here on, with its groups. */
  taken(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.at
    const match = expression.exec(this.text) ?? undefined
    this.at += match?.[0].length ?? 0
    return match
  }

  /** The next character, -1 at the end. */
  next(): number {
    const code = this.text.codePointAt(this.at) ?? -1
    this.at += code > 0xffff ? 2 : 1
    return code
  }
}

const controls: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 }

/** `\d` and `\p{…}`, behind the backslash; undefined where that stands for one character. */
function classEscape(cursor: Cursor, ignoresCase: boolean): CharacterSet | undefined {
  const { letter } = cursor
  const perl = perlSet(letter, ignoresCase)
  if (perl) cursor.at++
  if (letter !== 'p' && letter !== 'P') return perl
  const [all = '\\p', sign, caret = '', name, one] = cursor.taken(/([pP])(?:\{(\^?)(\w+)\}|([A-Za-z]))/y) ?? []
  const set = unicodeSet(name ?? one ?? '', ignoresCase) ?? unsupported('invalid character class range', `\\${all}`)
  return signed(set, (sign === 'P') !== (caret === '^'))
}

/** The character that an escape stands for, behind its backslash. */
function escaped(cursor: Cursor): number {
  if (cursor.isAtEnd) unsupported('trailing backslash at end of expression', '')
  const octal = cursor.taken(/0[0-7]{0,2}|[1-7][0-7]{1,2}/y)?.[0]
  if (octal !== undefined) return Number.parseInt(octal, 8)
  const [all, long, short] = cursor.taken(/x(?:\{([0-9A-Fa-f]{1,8})\}|([0-9A-Fa-f]{2}))/y) ?? []
  const code = Number.parseInt(long ?? short ?? '', 16)
  if (code <= 0x10ffff) return code
  if (all !== undefined) unsupported('invalid escape sequence', `\\${all}`)
  const { letter } = cursor
  const plain = controls[letter] ?? (/^[!-/:-@[-`{-~ \0-\x1F\x7F]$/.test(letter) ? letter.charCodeAt(0) : undefined)
  if (plain === undefined) unsupported('invalid escape sequence', `\\${letter}`)
  cursor.at++
  return plain
}

/** The characters that `[…]` means, behind the bracket. */
function brackets(cursor: Cursor, ignoresCase: boolean): CharacterSet {
  const start = cursor.at - 1
  const isNegated = cursor.take('^')
  const sets: CharacterSet[] = []
  for (let isFirst = true; isFirst || !cursor.take(']'); isFirst = false) {
    if (cursor.isAtEnd) unsupported('missing closing ]', cursor.text.slice(start))
    sets.push(member(cursor, ignoresCase))
  }
  return signed((code) => sets.some((set) => set(code)), isNegated)
}

function member(cursor: Cursor, ignoresCase: boolean): CharacterSet {
  const [named, name] = cursor.taken(/\[:([^]{0,99}?):\]/y) ?? []
  if (name !== undefined)
    return namedSet(name, ignoresCase) ?? unsupported('invalid character class range', named ?? '')
  const start = cursor.at
  const set = cursor.take('\\') ? classEscape(cursor, ignoresCase) : undefined
  if (set) return set
  cursor.at = start
  const first = character(cursor)
  if (!/^-[^\]]/.test(cursor.text.slice(cursor.at, cursor.at + 2))) return rangeSet(first, first, ignoresCase)
  cursor.at++
  const last = character(cursor)
  if (last < first) unsupported('invalid character class range', cursor.text.slice(start, cursor.at))
  return rangeSet(first, last, ignoresCase)
}

function character(cursor: Cursor): number {
  return cursor.take('\\') ? escaped(cursor) : cursor.next()
}

/**
 * Parses a regular expression as Go writes it, or says in its words why it is none.
 *
 * Source: regexp/syntax/parse.go, with the flags that `regexp.Compile` sets.
 */
function parseGoPattern(pattern: string): Expression | { readonly reason: string } {
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
    return this.cursor.isAtEnd ? expression : unsupported('unexpected )', this.cursor.text)
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
      const part = parts.pop() ?? unsupported('missing argument to repetition operator', sign)
      if (repeated !== undefined) unsupported('invalid nested repetition operator', repeated + sign)
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
      unsupported('invalid repeat count', all)
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
    if (++this.depth > deepest) unsupported('expression nests too deeply', this.cursor.text)
    if (this.cursor.take('?') && this.opening(start)) return this.leave()
    const inside = this.choice()
    if (!this.cursor.take(')')) unsupported('missing closing )', this.cursor.text)
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
        this.cursor.taken(/P?<(\w+)>/y)?.[1] ?? unsupported('invalid named capture', rest.replace(/(>)[^]*$/, '$1'))
      if (this.names.has(name)) unsupported('duplicate capture group name', name)
      this.names.add(name)
      return false
    }
    const [, on = '', off = '', close] = this.cursor.taken(/([imsU]*)((?:-[imsU]+)?)([:)])/y) ?? []
    if (close === undefined)
      unsupported('invalid or unsupported Perl syntax', this.cursor.text.slice(start, this.cursor.at + 1))
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
  if (copies > mostCopies) unsupported('invalid repeat count', sign)
  return { kind: 'repeat', part, least, most, copies }
}

/** Why Go takes a text for no regular expression, in its own words. */
export type PatternFault = { readonly reason: string }

/**
 * A regular expression as Go understands it: without references back and looks around, so that it takes time in
 * proportion to a text. It is looked for anywhere in the text.
 */
export function goPattern(pattern: string): Matcher | PatternFault {
  const expression: Expression | PatternFault = parseGoPattern(pattern)
  if ('reason' in expression) return expression
  return matcherOf(expression) ?? { reason: 'expression is too large' }
}
