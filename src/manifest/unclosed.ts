import { visit, YAMLParseError, type Document } from 'yaml'

const risky = /\\"[ \t]*\r?$/m
const escapedAtEnd = /[^\\](?:\\\\)*\\"$/

/**
 * Says of a text in double quotes that ends with a `\"` that it is not closed: where the next line is indented too little,
 * the parser takes that one for its end.
 */
export function markUnclosed(text: string, documents: readonly Document[]): void {
  if (!risky.test(text)) return
  for (const document of documents) {
    visit(document, {
      Scalar: (_, { type, range }) => {
        if (type !== 'QUOTE_DOUBLE' || !range || !escapedAtEnd.test(text.slice(range[0], range[1]))) return
        document.errors.push(new YAMLParseError([range[1], range[1] + 1], 'MISSING_CHAR', 'Missing closing "quote'))
      },
    })
  }
}
