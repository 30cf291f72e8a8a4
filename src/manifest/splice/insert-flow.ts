import type { YAMLMap, YAMLSeq } from 'yaml'

import { columnOf, lineStart } from '../../text/lines.js'
import { at } from '../../text/range.js'
import { rangeOf } from '../read.js'

import type { Splice } from './comments.js'
import { commentsIn, note } from './comments.js'
import { quoteOf, type Quote } from './fields.js'
import { endOf, gapsOf } from './flow-text.js'
import type { Place } from './insert.js'
import { colonEnd, commaAfter, pairEnd } from './tokens.js'

/** How a mapping in braces is written. */
export type FlowStyle = { readonly quote: Quote; readonly isTight: boolean; readonly lines: Spread | undefined }

/** Writes a member into a mapping in braces, or the value of one that is there, as `value` makes it in the mapping's style. */
export function insertFlowMember(text: string, { map, key, pair }: Place, value: (style: FlowStyle) => string): Splice {
  const { open, separator } = gapsOf(text, map)
  const quote = quoteOf(map.items[0]?.key)
  const isTight = separator === ''
  const written = value({ quote, isTight, lines: spread(text, map, open) })
  if (pair) {
    const colon = colonEnd(pair) ?? 0
    const end = pairEnd(text, pair)
    const notes = commentsIn(text, colon, end).map((comment) => note(text, 'removed', comment))
    return { edits: [{ range: { start: colon, end }, text: `${isTight ? '' : ' '}${written}` }], notes }
  }
  const member = `${quote}${key}${quote}:${isTight ? '' : ' '}${written}`
  const last = map.items.length - 1
  const trailing = commaAfter(map, last)
  const place = trailing === undefined ? endOf(text, map, last) : trailing + 1
  return {
    edits: [{ range: at(place), text: trailing === undefined ? `,${separator}${member}` : `${separator}${member},` }],
    notes: [],
  }
}

/** The line break and indentation of a mapping's members, and one step of it, where they stand on lines of their own. */
export type Spread = { readonly line: string; readonly step: string }

export function spread(text: string, map: YAMLMap | YAMLSeq, open: string): Spread | undefined {
  const newline = open.lastIndexOf('\n')
  if (newline < 0) return undefined
  const indent = open.slice(newline + 1)
  const own =
    columnOf(text, rangeOf(map).start) === 0
      ? ''
      : (/^[ \t]*/.exec(text.slice(lineStart(text, rangeOf(map).start)))?.[0] ?? '')
  return { line: open, step: indent.startsWith(own) ? indent.slice(own.length) : '  ' }
}

/** Finished items in brackets, on lines of their own where the members of the mapping are. */
export function flowSequence(items: readonly string[], { isTight, lines }: FlowStyle): string {
  if (!lines) return `[${items.join(isTight ? ',' : ', ')}]`
  const deep = lines.line + lines.step
  return `[${deep}${items.join(`,${deep}`)}${lines.line}]`
}
