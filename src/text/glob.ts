import { atEnd, atStart, matcherOf, type Expression, type Matcher } from './automaton.js'

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
