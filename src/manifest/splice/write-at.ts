import { isCollection, isScalar, type Node, type Pair, type YAMLMap } from 'yaml'

import type { Edit } from '../../text/edit.js'
import { columnOf, lineBreak, lineEnd } from '../../text/lines.js'
import { at, type Range } from '../../text/range.js'
import { isList, isObject, type Json } from '../json.js'
import { rangeOf } from '../read.js'
import { commentsIn } from './comments.js'
import { isVacant } from './field-wish.js'
import { quoteOf } from './fields.js'
import { colonEnd, contentEnd } from './tokens.js'
import { flowValue, itemLines, single, valueLines, type BlockStyle, type FlowStyle } from './write-value.js'

/** The place of a value: behind the colon of a member, or behind the dash (or a comma) of an item. */
export type Slot =
  | { readonly kind: 'member'; readonly node: Node | null; readonly pair: Pair }
  | { readonly kind: 'item'; readonly node: Node | null; readonly dash: number; readonly siblings: readonly YAMLMap[] }

/** The offset behind the colon or the dash of a slot. */
export function markOf(slot: Slot): number {
  if (slot.kind === 'item') return slot.dash + 1
  return colonEnd(slot.pair) ?? rangeOf(slot.pair.key).end
}

/** Writes a value in the place of a single value, or where there is none yet. */
export function writeAt(text: string, slot: Slot, value: Json, block: BlockStyle, flow?: FlowStyle): readonly Edit[] {
  const { node } = slot
  const mark = markOf(slot)
  const isEmpty = !node || (isScalar(node) && node.range?.[0] === node.range?.[1])
  const [start, end] = isEmpty ? [mark, mark] : [rangeOf(node).start, contentEnd(text, node)]
  const colon = slot.kind === 'member' && colonEnd(slot.pair) === undefined ? ': ' : ' '
  if (flow || isVacant(value) || (!isObject(value) && !isList(value))) {
    const quote = flow?.keyQuote === '"' || !isScalar(node) ? (flow?.keyQuote ?? '') : quoteOf(node)
    const written = flow ? flowValue(value, flow, quote) : single(value, quote)
    return [isEmpty ? { range: at(mark), text: colon + written } : { range: { start, end }, text: written }]
  }
  const cut = isEmpty ? [] : [{ range: { start: mark, end }, text: '' }]
  const breaks = lineBreak(text, mark)
  if (slot.kind === 'item') {
    const lines = itemLines(value, columnOf(text, slot.dash), ' ', block, slot.siblings)
    return [...cut, { range: at(mark), text: lines.join(breaks).slice(1) }]
  }
  const lines = valueLines(value, columnOf(text, rangeOf(slot.pair.key).start), block)
  return [
    ...withoutBrackets(text, { start: mark, end }, node),
    { range: at(lineEnd(text, end)), text: lines.map((line) => breaks + line).join('') },
  ]
}

/** Takes an empty list or mapping away from behind its key; the comments between its brackets stay. */
function withoutBrackets(text: string, { start, end }: Range, node: Node | null): readonly Edit[] {
  if (start === end) return []
  const last = isCollection(node) ? commentsIn(text, rangeOf(node).start, end).at(-1) : undefined
  if (!last) return [{ range: { start, end }, text: '' }]
  // The line of the closing bracket stays where something else stands on it.
  const isBare = lineEnd(text, end) === end
  const brackets = [
    { start, end: rangeOf(node).start + 1 },
    { start: isBare ? last.end : end - 1, end },
  ]
  return brackets.map((range) => ({ range, text: '' }))
}
