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
export function perlSet(letter: string, ignoresCase: boolean): CharacterSet | undefined {
  const source = perlClasses[letter.toLowerCase()]
  return source === undefined ? undefined : signed(setOf(source, ignoresCase), letter < 'a')
}

/** `\p{name}`: a category or a script of Unicode; undefined where there is none of that name. */
export function unicodeSet(name: string, ignoresCase: boolean): CharacterSet | undefined {
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
