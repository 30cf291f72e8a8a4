import { isCollection, type Node, type Pair, type YAMLMap } from 'yaml'

import { columnOf, lineBreak, lineEnd, lineStart } from '../../text/lines.js'
import { at } from '../../text/range.js'
import { rangeOf } from '../read.js'

import type { Splice } from './comments.js'
import { commentsIn } from './comments.js'

import { endsUnfinished } from './layout.js'
import { leadStart, tailEnd } from './lead.js'

import { colonEnd, pairEnd } from './tokens.js'

/** A member to write: the block mapping that takes it, its key, and the pair that is there where that is empty. */
export type Place = { readonly map: YAMLMap; readonly key: string; readonly pair: Pair | undefined }

/** Writes a list of items, each given as its lines, with its dashes `indent` columns deeper than its key. */
export function insertList(
  text: string,
  { map, key, pair }: Place,
  items: readonly (readonly string[])[],
  indent: number,
): Splice {
  const column = columnOf(text, rangeOf(map.items[0]?.key).start)
  const linesAt = (offset: number): string => listLines(items, column + indent, lineBreak(text, offset))
  if (pair) return fill(text, pair, linesAt(pairEnd(text, pair)))
  const memberAt = (offset: number): string => `${' '.repeat(column)}${key}:${linesAt(offset)}`
  const last = map.items.at(-1)
  if (!last) return { edits: [], notes: [] }
  if (endsUnfinished(text, last.value)) {
    const start = lineStart(text, rangeOf(last.key).start)
    const line = map.items.length > 1 ? leadStart(text, start, column, 0) : start
    return { edits: [{ range: at(line), text: `${memberAt(line)}${lineBreak(text, line)}` }], notes: [] }
  }
  const place = tailEnd(text, pairEnd(text, last), column)
  return { edits: [{ range: at(place), text: `${lineBreak(text, place)}${memberAt(place)}` }], notes: [] }
}

/** Puts the list under a key that is empty, keeping a comment behind it, and those between its brackets. */
function fill(text: string, pair: Pair, lines: string): Splice {
  const colon = colonEnd(pair) ?? 0
  const value = pair.value as Node | null
  const end = pairEnd(text, pair)
  const insertion = { range: at(lineEnd(text, end)), text: lines }
  const last = isCollection(value) ? commentsIn(text, rangeOf(value).start, end).at(-1) : undefined
  if (!last)
    return { edits: end > colon ? [{ range: { start: colon, end }, text: '' }, insertion] : [insertion], notes: [] }
  // The line of the closing bracket stays where something else stands on it.
  const isBare = lineEnd(text, end) === end
  const brackets = [
    { start: colon, end: rangeOf(value).start + 1 },
    { start: isBare ? last.end : end - 1, end },
  ]
  return { edits: [...brackets.map((range) => ({ range, text: '' })), insertion], notes: [] }
}

function listLines(items: readonly (readonly string[])[], column: number, lineEnds: string): string {
  const indent = ' '.repeat(column)
  return items
    .flatMap((lines) => lines.map((line, index) => `${lineEnds}${indent}${index === 0 ? '- ' : '  '}${line}`))
    .join('')
}
