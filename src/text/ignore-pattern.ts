import { atEnd, atStart, matcherOf, type Expression, type Matcher } from './automaton.js'
import { namedSet, rangeSet, signed, type CharacterSet } from './go-class.js'

/** One line of a `.gitignore`. */
export type IgnorePattern = {
  /** Whether it takes in again what an earlier line leaves out. */
  readonly isNegated: boolean
  /** Whether it is about folders alone. */
  readonly isForFolders: boolean
  /** Whether it is about paths from the folder of the file, with `/`; else about names, at any depth. */
  readonly isPath: boolean
  readonly matcher: Matcher
}

/** The lines of a `.gitignore` that say something. They take time in proportion to a path, however they are written. */
export function ignorePatterns(text: string): readonly IgnorePattern[] {
  return text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .flatMap((line) => ignorePattern(line) ?? [])
}

/** Source: gitignore(5); Git's dir.c parse_path_pattern and wildmatch.c with WM_PATHNAME. */
function ignorePattern(line: string): IgnorePattern | undefined {
  const plain = withoutTrailingBlanks(line.endsWith('\r') ? line.slice(0, -1) : line)
  if (plain === '' || plain.startsWith('#')) return undefined
  const isNegated = plain.startsWith('!')
  const whole = isNegated ? plain.slice(1) : plain
  const isForFolders = whole.endsWith('/')
  const pattern = isForFolders ? whole.slice(0, -1) : whole
  const isPath = pattern.includes('/')
  const parts = partsOf(pattern.startsWith('/') ? pattern.slice(1) : pattern)
  const matcher = parts && matcherOf({ kind: 'sequence', parts: [atStart, ...parts, atEnd] })
  return matcher && { isNegated, isForFolders, isPath, matcher }
}

/** A blank at the end counts only behind a backslash. */
function withoutTrailingBlanks(line: string): string {
  let end = line.length
  while (line[end - 1] === ' ' && line[end - 2] !== '\\') end--
  return line.slice(0, end)
}

const slash = 47
const separator: Expression = { kind: 'character', code: slash }
const one: Expression = { kind: 'class', has: (code) => code !== slash }
const anyRun: Expression = { kind: 'repeat', part: one, least: 0, most: Infinity }
const everything: Expression = { kind: 'class', has: () => true }
const anyFolders: Expression = {
  kind: 'repeat',
  part: { kind: 'sequence', parts: [{ kind: 'repeat', part: everything, least: 0, most: Infinity }, separator] },
  least: 0,
  most: 1,
}

const token =
  /(?<=^|\/)\*\*\/|(?<=\/)\*\*$|\*+|\?|\\([^])|\[[!^]?(?:\]|\[:\w+:\]|\\[^]|[^\]\\])(?:\[:\w+:\]|\\[^]|[^\]\\])*\]|[^]/gu

/** Undefined where a bracket or a backslash has no end: such a pattern fits nothing. */
function partsOf(pattern: string): readonly Expression[] | undefined {
  const parts: Expression[] = []
  for (const [part, quoted] of pattern.matchAll(token)) {
    if (part === '[' || part === '\\') return undefined
    if (part === '**/') parts.push(anyFolders)
    else if (part.startsWith('*')) parts.push(...(part === '**' && parts.at(-1) === separator ? rest : [anyRun]))
    else if (part === '?') parts.push(one)
    else if (part === '/') parts.push(separator)
    else if (part.startsWith('[')) parts.push({ kind: 'class', has: bracketSet(part.slice(1, -1)) })
    else parts.push({ kind: 'character', code: (quoted ?? part).codePointAt(0) ?? 0 })
  }
  return parts
}

/** All that stands in a folder. */
const rest: readonly Expression[] = [{ kind: 'repeat', part: everything, least: 1, most: Infinity }]

const member = /\[:(\w+):\]|(\\[^]|[^])-(\\[^]|[^])|\\([^])|([^])/gu

function bracketSet(inside: string): CharacterSet {
  const isNegated = /^[!^]/.test(inside)
  const sets = Array.from(
    (isNegated ? inside.slice(1) : inside).matchAll(member),
    ([, name, from, to, quoted, plain]) => {
      if (name !== undefined) return namedSet(name, false) ?? (() => false)
      if (from !== undefined && to !== undefined) return rangeSet(codeOf(from), codeOf(to), false)
      const code = codeOf(quoted ?? plain ?? '')
      return rangeSet(code, code, false)
    },
  )
  const has = signed((code) => sets.some((set) => set(code)), isNegated)
  return (code) => code !== slash && has(code)
}

function codeOf(character: string): number {
  return (character.length > 1 && character.startsWith('\\') ? character.slice(1) : character).codePointAt(0) ?? 0
}
