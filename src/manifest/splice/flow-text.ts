import { isMap, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml'

import { keyOf } from './fields.js'
import { closingOf, colonEnd, commaAfter, contentEnd, pairEnd } from './tokens.js'

/** The white space that a flow collection has behind its bracket, its commas and before its end. */
export type FlowGaps = { readonly open: string; readonly separator: string; readonly close: string }

/** The gaps of a flow collection, for members that are written the same way. Comments in a gap are not repeated. */
export function gapsOf(text: string, collection: YAMLMap | YAMLSeq): FlowGaps {
  const [start, end] = [(collection.range?.[0] ?? 0) + 1, closingOf(collection) ?? collection.range?.[1] ?? 0]
  const [first, second] = [startOf(collection, 0), startOf(collection, 1)]
  if (first === undefined) return { open: '', separator: ' ', close: '' }
  const open = whiteSpace(text.slice(start, first))
  const comma = commaAfter(collection, 0)
  const between = second === undefined || comma === undefined ? undefined : whiteSpace(text.slice(comma + 1, second))
  const lastEnd = endOf(text, collection, collection.items.length - 1)
  const trailing = commaAfter(collection, collection.items.length - 1)
  return {
    open,
    separator: between ?? (open.includes('\n') ? open : isTight(text, collection) ? '' : ' '),
    close: whiteSpace(text.slice(trailing === undefined ? lastEnd : trailing + 1, end)),
  }
}

export function startOf(collection: YAMLMap | YAMLSeq, index: number): number | undefined {
  const item = collection.items[index] as Pair | Node | undefined
  const node = isMap(collection) ? (item as Pair | undefined)?.key : item
  return (node as Node | undefined)?.range?.[0]
}

export function endOf(text: string, collection: YAMLMap | YAMLSeq, index: number): number {
  const item = collection.items[index]
  return isMap(collection) ? pairEnd(text, item as Pair) : contentEnd(text, item as Node)
}

/** The white space behind the colons of a flow mapping. */
export function colonGap(text: string, model: YAMLMap | undefined): string {
  const pair = model?.items[0]
  const colon = pair && colonEnd(pair)
  const value = (pair?.value as Node | null | undefined)?.range?.[0]
  return colon === undefined || value === undefined ? ' ' : whiteSpace(text.slice(colon, value))
}

function isTight(text: string, collection: YAMLMap | YAMLSeq): boolean {
  const entry = isMap(collection) ? collection : collection.items[0]
  if (!isMap(entry)) return false
  return keyOf(entry.items[0] as Pair) !== '' && colonGap(text, entry) === ''
}

function whiteSpace(gap: string): string {
  if (/^\s*$/.test(gap)) return gap
  const newline = gap.lastIndexOf('\n')
  return newline < 0
    ? ' '
    : `${gap[newline - 1] === '\r' ? '\r\n' : '\n'}${/^\s*/.exec(gap.slice(newline + 1))?.[0] ?? ''}`
}
