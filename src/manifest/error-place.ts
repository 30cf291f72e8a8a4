import { visit, type Document, type YAMLParseError } from 'yaml'

import type { Range } from '../text/range.js'

/**
 * Where an error of the parser is shown: at a character that is to blame and can be seen. A quote that is never closed is
 * shown where it opens, what is indented wrongly at its first character, and what stops at the end at the last one.
 */
export function errorPlace(text: string, documents: readonly Document[], { message, pos }: YAMLParseError): Range {
  const [start, end] = pos
  const opening = message.startsWith('Missing closing') ? openingQuote(documents, start) : undefined
  if (opening !== undefined) return { start: opening, end: opening + 1 }
  const seen = firstSeen(text, start)
  return { start: seen, end: Math.max(seen + 1, Math.min(end, text.trimEnd().length)) }
}

/**
 * The first offset from here on that is no white space and no comment, or that of the last character where nothing
 * follows; a tab is to blame itself.
 */
export function firstSeen(text: string, start: number): number {
  const gap = /(?:[ \r\n]+|(?<!\S)#.*)*/y
  gap.lastIndex = start
  const next = start + (gap.exec(text)?.[0].length ?? 0)
  return Math.max(0, Math.min(next, text.trimEnd().length - 1))
}

/** Where the quoted text begins that ends here. */
function openingQuote(documents: readonly Document[], end: number): number | undefined {
  let found: number | undefined
  for (const document of documents) {
    visit(document, {
      Scalar: (_, { type, range }) => {
        if (type?.startsWith('QUOTE') && range?.[1] === end) [found] = range
      },
    })
  }
  return found
}
