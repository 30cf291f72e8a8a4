import { Lexer } from 'yaml'

import { lineEnd, lineStart, nextLine, type Range } from '../text/source.js'
import { nearest } from '../text/words.js'
import { withoutTails, withPlainBreaks } from './kubectl-text.js'

/** A comment `# kn-rollout: ignore KN312, KN313 -- reason`. */
export type Ignore = {
  /** The comment from its `#`. */
  readonly range: Range
  /** The line it is about: its own, or, where it has that for itself, the first one below that is no comment. */
  readonly line: Range
  /** What stands where codes should, each with its place. */
  readonly codes: readonly { readonly text: string; readonly range: Range }[]
  readonly hasReason: boolean
  /** The first word, where that is not `ignore` but near it. */
  readonly misspelt?: string
}

const address = 'kn-rollout:'

/** The ignores of a text. Only real comments count: what stands inside a scalar is data. */
export function readIgnores(text: string): readonly Ignore[] {
  if (!text.includes(address)) return []
  const plain = withoutTails(withPlainBreaks(text))
  const below = new Map<number, number>()
  return commentsOf(plain).flatMap((range) => readIgnore(plain, range, below) ?? [])
}

function commentsOf(text: string): readonly Range[] {
  const comments: Range[] = []
  let offset = 0
  let isScalar = false
  for (const token of new Lexer().lex(text)) {
    const isSign = token === '\u0002' || token === '\u0018' || token === '\u001F'
    if (!isSign) {
      if (!isScalar && token.startsWith('#')) comments.push({ start: offset, end: offset + token.length })
      offset += token.length
    }
    // The sign of a scalar stands before its text, which can begin with `#` in a block.
    isScalar = token === '\u001F'
  }
  return comments
}

function readIgnore(text: string, range: Range, below: Map<number, number>): Ignore | undefined {
  const match = /^(#+[ \t]*kn-rollout:[ \t]*)([^\s,]+)/.exec(text.slice(range.start, range.end))
  const [all = '', , word = ''] = match ?? []
  if (!match || nearest(word, ['ignore']) === undefined) return undefined
  const from = range.start + all.length
  const rest = text.slice(from, range.end)
  const reason = /(?:^|\s)--(?:\s|$)/.exec(rest)
  const codes = rest.slice(0, reason?.index).matchAll(/[^\s,]+/g)
  return {
    range,
    line: lineFor(text, range.start, below),
    codes: [...codes].map((code) => {
      const start = from + code.index
      return { text: code[0], range: { start, end: start + code[0].length } }
    }),
    hasReason: reason !== null && rest.slice(reason.index + reason[0].length).trim() !== '',
    ...(word === 'ignore' ? {} : { misspelt: word }),
  }
}

/** `below` keeps for each line of comments which line those are about: they are gone through once. */
function lineFor(text: string, comment: number, below: Map<number, number>): Range {
  let start = lineStart(text, comment)
  const isAlone = /^\uFEFF?[ \t]*$/.test(text.slice(start, comment))
  if (isAlone) {
    const lines: number[] = []
    while (/^\uFEFF?[ \t]*#/.test(text.slice(start, lineEnd(text, start)))) {
      lines.push(start)
      start = below.get(start) ?? nextLine(text, start)
    }
    for (const line of lines) below.set(line, start)
  }
  return { start, end: Math.max(start, lineEnd(text, start)) }
}
