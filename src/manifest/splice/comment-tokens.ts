import type { Range } from '../../text/range.js'
import { lexemesOf } from '../lexemes.js'

/** The signs that the lexer puts between the pieces of the text: a new document, the end of a broken flow, a scalar. */
const [newDocument, brokenFlow, scalarNext] = ['\u0002', '\u0018', '\u001F']

/** Every comment of a text, in order, wherever it stands. */
export function commentTokens(text: string): readonly Range[] {
  const comments: Range[] = []
  let [start, previous] = [0, '']
  for (const token of lexemesOf(text)) {
    const isSign = previous !== scalarNext && [newDocument, brokenFlow, scalarNext].includes(token)
    if (token.startsWith('#') && previous !== scalarNext) comments.push({ start, end: start + token.trimEnd().length })
    if (!isSign) start += token.length
    previous = token
  }
  return comments
}
