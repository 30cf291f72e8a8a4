import { isScalar, type Pair, type YAMLMap } from 'yaml'

import { doubleQuoted, needsQuotes } from '../yaml/scalar.js'

export function keyOfPair(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : ''
}

export function pairOf(entry: YAMLMap, key: string): Pair | undefined {
  return entry.items.find((pair) => keyOfPair(pair) === key)
}

/** How a value is quoted: as its siblings are, and always where a reader could take it for something else. */
export type Quote = '' | "'" | '"'

export function writtenScalar(value: string | number | boolean, quote: Quote): string {
  if (typeof value !== 'string') return String(value)
  if (quote === "'" && /^[\u0020-\u007E]*$/.test(value)) return `'${value.replaceAll("'", "''")}'`
  return quote === '"' || needsQuotes(value) ? doubleQuoted(value) : value
}

/** The quote that a scalar is written with. */
export function quoteOf(node: unknown): Quote {
  if (!isScalar(node)) return ''
  return node.type === 'QUOTE_DOUBLE' ? '"' : node.type === 'QUOTE_SINGLE' ? "'" : ''
}
