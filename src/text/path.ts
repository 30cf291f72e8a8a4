import { atEnd, atStart, type Expression, type Matcher, matcherOf } from './automaton.js'
import { type CharacterSet, namedSet, rangeSet, signed } from './go-regexp.js'

/** Where a value stands in a document: keys and 0-based list positions from its root. */
export type Path = readonly (string | number)[]

const plainKey = /^[A-Za-z_][\w-]*$/

/** The path as people write it: `spec.traffic[0].percent`, `metadata.annotations["a.b/c"]`. */
export function formatPath(path: Path): string {
  // In one piece: what is put together step by step keeps all its steps.
  return path
    .map((step, at) => {
      if (typeof step === 'number') return `[${step}]`
      if (!plainKey.test(step)) return `[${JSON.stringify(step)}]`
      return at === 0 ? step : `.${step}`
    })
    .join('')
}

/**
 * Where `reference` leads from `folder`; both, and the result, have `/` between their parts and no `.` among them. What
 * leads out of everything known keeps its `..`.
 */
export function resolvePath(folder: string, reference: string): string {
  const parts = folder === '' ? [] : folder.split('/')
  for (const part of reference.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else parts.push(part)
  }
  return parts.join('/')
}

/** The folder that a path with `/` between its parts stands in; `''` where it has none. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

/** A pattern may be as long as a path; what is longer fits no name that there is. */
const longest = 4096

/**
 * What a pattern means: `*` stands for any run of characters but `/`, `?` for one of them, and `**` for any run at all; a
 * `**` that is a whole folder may stand for none. It takes time in proportion to a text, whatever the pattern.
 */
export function globMatcher(pattern: string): Matcher {
  if (!/[*?]/.test(pattern)) return { test: (text) => text === pattern }
  const parts =
    pattern.length > longest ? [] : Array.from(pattern.matchAll(/\*\*\/|\*\*|\*+|[^]/gu), ([part]) => partOf(part))
  const nothing = { test: () => false }
  return parts.length === 0 ? nothing : (matcherOf({ kind: 'sequence', parts: [atStart, ...parts, atEnd] }) ?? nothing)
}

function partOf(part: string): Expression {
  return wildcards[part] ?? { kind: 'character', code: part.codePointAt(0) ?? 0 }
}

const slash = 47
const anyRun = run(() => true)
const wildcards: Readonly<Record<string, Expression>> = {
  '**/': {
    kind: 'repeat',
    part: { kind: 'sequence', parts: [anyRun, { kind: 'character', code: slash }] },
    least: 0,
    most: 1,
  },
  '**': anyRun,
  '*': run((code) => code !== slash),
  '?': { kind: 'class', has: (code) => code !== slash },
}

function run(has: (code: number) => boolean): Expression {
  return { kind: 'repeat', part: { kind: 'class', has }, least: 0, most: Infinity }
}

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

const separator: Expression = { kind: 'character', code: slash }
const one: Expression = { kind: 'class', has: (code) => code !== slash }
const anyText: Expression = { kind: 'repeat', part: one, least: 0, most: Infinity }
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
    else if (part.startsWith('*')) parts.push(...(part === '**' && parts.at(-1) === separator ? rest : [anyText]))
    else if (part === '?') parts.push(one)
    else if (part === '/') parts.push(separator)
    else if (part.startsWith('[')) parts.push({ kind: 'class', has: bracketSet(part.slice(1, -1)) })
    else parts.push({ kind: 'character', code: (quoted ?? part).codePointAt(0) ?? 0 })
  }
  return parts
}

/**
 * A pattern as Go's `path.Match` reads it: `*`, `?`, brackets, and `\\` in front of what stands for itself. With `isGreedy` a
 * `*` goes over slashes, as in the patterns of `git ls-files`. One that is wrong fits nothing.
 */
export function pathMatcher(pattern: string, isGreedy = false): Matcher {
  const plain = pattern.replace(/^\/+/, '').replaceAll(/\*+/g, '*')
  const parts = plain.length > longest ? undefined : partsOf(plain)
  const whole = parts?.map((part) => (isGreedy && part === anyText ? anyRun : part))
  return (whole && matcherOf({ kind: 'sequence', parts: [atStart, ...whole, atEnd] })) ?? { test: () => false }
}

/** Whether one of the patterns fits. */
export function isTextMatched(text: string, matchers: readonly Matcher[]): boolean {
  return matchers.some((matcher) => matcher.test(text))
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

/** Every folder that some files stand in, however deep. */
export function foldersOf(names: readonly string[]): ReadonlySet<string> {
  const folders = new Set<string>()
  for (const name of names)
    for (let end = name.lastIndexOf('/'); end > 0; end = name.lastIndexOf('/', end - 1)) {
      const folder = name.slice(0, end)
      if (folders.has(folder)) break
      folders.add(folder)
    }
  return folders
}
