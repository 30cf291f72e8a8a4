import { namedSet, perlSet, rangeSet, signed, unicodeSet, type CharacterSet } from './go-class.js'
import { refuse, type Cursor } from './go-cursor.js'

const controls: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 }

/** `\d` and `\p{…}`, behind the backslash; undefined where that stands for one character. */
export function classEscape(cursor: Cursor, ignoresCase: boolean): CharacterSet | undefined {
  const { letter } = cursor
  const perl = perlSet(letter, ignoresCase)
  if (perl) cursor.at++
  if (letter !== 'p' && letter !== 'P') return perl
  const [all = '\\p', sign, caret = '', name, one] = cursor.taken(/([pP])(?:\{(\^?)(\w+)\}|([A-Za-z]))/y) ?? []
  const set = unicodeSet(name ?? one ?? '', ignoresCase) ?? refuse('invalid character class range', `\\${all}`)
  return signed(set, (sign === 'P') !== (caret === '^'))
}

/** The character that an escape stands for, behind its backslash. */
export function escaped(cursor: Cursor): number {
  if (cursor.isAtEnd) refuse('trailing backslash at end of expression', '')
  const octal = cursor.taken(/0[0-7]{0,2}|[1-7][0-7]{1,2}/y)?.[0]
  if (octal !== undefined) return Number.parseInt(octal, 8)
  const [all, long, short] = cursor.taken(/x(?:\{([0-9A-Fa-f]{1,8})\}|([0-9A-Fa-f]{2}))/y) ?? []
  const code = Number.parseInt(long ?? short ?? '', 16)
  if (code <= 0x10ffff) return code
  if (all !== undefined) refuse('invalid escape sequence', `\\${all}`)
  const { letter } = cursor
  const plain = controls[letter] ?? (/^[!-/:-@[-`{-~ \0-\x1F\x7F]$/.test(letter) ? letter.charCodeAt(0) : undefined)
  if (plain === undefined) refuse('invalid escape sequence', `\\${letter}`)
  cursor.at++
  return plain
}

/** The characters that `[…]` means, behind the bracket. */
export function brackets(cursor: Cursor, ignoresCase: boolean): CharacterSet {
  const start = cursor.at - 1
  const isNegated = cursor.take('^')
  const sets: CharacterSet[] = []
  for (let isFirst = true; isFirst || !cursor.take(']'); isFirst = false) {
    if (cursor.isAtEnd) refuse('missing closing ]', cursor.text.slice(start))
    sets.push(member(cursor, ignoresCase))
  }
  return signed((code) => sets.some((set) => set(code)), isNegated)
}

function member(cursor: Cursor, ignoresCase: boolean): CharacterSet {
  const [named, name] = cursor.taken(/\[:([^]{0,99}?):\]/y) ?? []
  if (name !== undefined) return namedSet(name, ignoresCase) ?? refuse('invalid character class range', named ?? '')
  const start = cursor.at
  const set = cursor.take('\\') ? classEscape(cursor, ignoresCase) : undefined
  if (set) return set
  cursor.at = start
  const first = character(cursor)
  if (!/^-[^\]]/.test(cursor.text.slice(cursor.at, cursor.at + 2))) return rangeSet(first, first, ignoresCase)
  cursor.at++
  const last = character(cursor)
  if (last < first) refuse('invalid character class range', cursor.text.slice(start, cursor.at))
  return rangeSet(first, last, ignoresCase)
}

function character(cursor: Cursor): number {
  return cursor.take('\\') ? escaped(cursor) : cursor.next()
}
