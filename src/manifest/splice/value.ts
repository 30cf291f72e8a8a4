import { isScalar, type Node, type Pair } from 'yaml'

import type { Edit } from '../../text/edit.js'
import { at } from '../../text/range.js'
import { quoteOf, scalarText, type Field, type Quote } from './fields.js'
import { colonEnd, contentEnd } from './tokens.js'
import { rangeOf } from '../read.js'

/** Writes another value where the old one stands, in the same quotes; an empty value gets its place behind the colon. */
export function setValue(text: string, pair: Pair, value: Field['value'], quote: Quote = quoteOf(pair.value)): Edit {
  const written = scalarText(value, quote)
  const node = pair.value as Node | null
  const [start, end] = [node?.range?.[0] ?? 0, node ? contentEnd(text, node) : 0]
  const isEmpty = !node || (isScalar(node) && node.range?.[0] === node.range?.[1])
  if (!isEmpty) return { range: { start, end }, text: written }
  return { range: at(colonEnd(pair) ?? end), text: ` ${written}` }
}

/** Turns a member into another one in its place: `latestRevision: true` into `revisionName: …`, and back. */
export function replaceKey(text: string, pair: Pair, by: Field, valueQuote?: Quote): readonly Edit[] {
  const keyQuote = quoteOf(pair.key)
  return [
    { range: rangeOf(pair.key), text: keyQuote === '' ? by.key : `${keyQuote}${by.key}${keyQuote}` },
    setValue(text, pair, by.value, valueQuote ?? (keyQuote === '"' ? '"' : '')),
  ]
}
