import { Lexer } from 'yaml'

const [most, longest] = [2, 65_536]
const recent = new Map<string, readonly string[]>()

/**
 * The pieces that YAML's lexer cuts a text into. An edit is proved by the comments of two texts that were parsed a moment
 * before, so the last short ones are remembered.
 */
export function lexemesOf(text: string): Iterable<string> {
  if (text.length > longest) return new Lexer().lex(text)
  const lexemes = recent.get(text) ?? [...new Lexer().lex(text)]
  recent.delete(text)
  recent.set(text, lexemes)
  for (const oldest of recent.keys()) if (recent.size > most) recent.delete(oldest)
  return lexemes
}
