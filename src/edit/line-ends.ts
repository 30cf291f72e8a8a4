import { visit } from 'yaml'

import type { Manifest } from '../manifest/manifest.js'
import type { Range } from '../text/source.js'
import { commentTokens } from './tokens.js'
import type { Obstacle } from './way.js'

const odd = /\r(?!\n)|[\u0085\u2028\u2029]/
const names: Readonly<Record<string, string>> = {
  '\r': 'a lone CR',
  '\u0085': 'NEL (U+0085)',
  '\u2028': 'LS (U+2028)',
  '\u2029': 'PS (U+2029)',
}

/** Whether a text has a character that may end a line for some readers only. */
export function hasOddCharacter(text: string): boolean {
  return odd.test(text)
}

/**
 * What ends a line of a document for go-yaml and for nothing else that reads the file: no edit could say where lines begin.
 * Inside of quotes it is part of a value, and inside of a comment that goes on as one it changes nothing.
 */
export function oddLineEnd({ file: { text }, document }: Pick<Manifest, 'file' | 'document'>): Obstacle | undefined {
  if (!odd.test(text)) return undefined
  const end = document.range[2]
  const start = linesBefore(text, document.range[0])
  const harmless = [...quotedIn(document), ...commentsThatGoOn(text)]
  for (const { 0: found, index } of text.slice(start, end).matchAll(new RegExp(odd, 'g'))) {
    const at = start + index
    if (harmless.some((range) => range.start <= at && at < range.end)) continue
    return {
      code: 'KN414',
      message: `cannot edit the file: a line ends in ${names[found] ?? 'another character'}, not in LF or CRLF`,
      help:
        found === '\r' ? 'convert the file first, for example with `mac2unix`' : 'put a plain line end in its place',
      range: { start: at, end: at + 1 },
    }
  }
  return undefined
}

const breaks = '\n\r\u0085\u2028\u2029'

/** Where the comments and blank lines begin that stand before the content of a document. */
function linesBefore(text: string, content: number): number {
  let start = content
  while (start > 0) {
    let from = start - 1
    while (from > 0 && !breaks.includes(text.charAt(from - 1))) from--
    if (!/^(?:---)?[ \t]*(?:#|[\n\r\u0085\u2028\u2029]?$)/.test(text.slice(from, start))) return start
    start = from
  }
  return start
}

function quotedIn(document: Manifest['document']): readonly Range[] {
  const ranges: Range[] = []
  visit(document.contents, {
    Scalar: (_, { type, range }) => {
      if (type?.startsWith('QUOTE') && range) ranges.push({ start: range[0], end: range[1] })
    },
  })
  return ranges
}

function commentsThatGoOn(text: string): readonly Range[] {
  return commentTokens(text).filter(({ start, end }) => {
    const [, ...rest] = text.slice(start, end).split(odd)
    return rest.every((line) => /^[ \t]*(?:#|$)/.test(line))
  })
}
