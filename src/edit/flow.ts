import { isMap, isPair, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml'

import { append } from '../text/collections.js'
import type { Edit } from '../text/edit.js'
import { at, columnOf, lineEnd, lineStart, nextLine, type Range } from '../text/source.js'
import { rangeOf } from '../yaml/read.js'
import { type Place, runsOf } from './block.js'
import { keyOfPair, type Quote, quoteOf } from './wish.js'
import {
  closingOf,
  colonEnd,
  commaAfter,
  commentsIn,
  contentEnd,
  leadStart,
  note,
  pairEnd,
  type Splice,
} from './tokens.js'
import type { FlowStyle } from './write-value.js'

/** The white space that a flow collection has behind its bracket, its commas and before its end. */
type FlowGaps = { readonly open: string; readonly separator: string; readonly close: string }

/** The gaps of a flow collection, for members that are written the same way. Comments in a gap are not repeated. */
function gapsOf(text: string, collection: YAMLMap | YAMLSeq): FlowGaps {
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
    separator: between ?? (open.includes('\n') ? open : isTightIn(text, collection) ? '' : ' '),
    close: whiteSpace(text.slice(trailing === undefined ? lastEnd : trailing + 1, end)),
  }
}

export function startOf(collection: YAMLMap | YAMLSeq, index: number): number | undefined {
  const item = collection.items[index] as Pair | Node | undefined
  const node = isMap(collection) ? (item as Pair | undefined)?.key : item
  return (node as Node | undefined)?.range?.[0]
}

function endOf(text: string, collection: YAMLMap | YAMLSeq, index: number): number {
  const item = collection.items[index]
  return isMap(collection) ? pairEnd(text, item as Pair) : contentEnd(text, item as Node)
}

/** The white space behind the colons of a flow mapping. */
function colonGap(text: string, model: YAMLMap | undefined): string {
  const pair = model?.items[0]
  const colon = pair && colonEnd(pair)
  const value = (pair?.value as Node | null | undefined)?.range?.[0]
  return colon === undefined || value === undefined ? ' ' : whiteSpace(text.slice(colon, value))
}

function isTightIn(text: string, collection: YAMLMap | YAMLSeq): boolean {
  const entry = isMap(collection) ? collection : collection.items[0]
  if (!isMap(entry)) return false
  return keyOfPair(entry.items[0] as Pair) !== '' && colonGap(text, entry) === ''
}

function whiteSpace(gap: string): string {
  if (/^\s*$/.test(gap)) return gap
  const newline = gap.lastIndexOf('\n')
  return newline < 0
    ? ' '
    : `${gap[newline - 1] === '\r' ? '\r\n' : '\n'}${/^\s*/.exec(gap.slice(newline + 1))?.[0] ?? ''}`
}

/** Takes items out of a flow list or mapping, with their commas and inline comments, and their lines where they have some. */
function removeFlowItems(text: string, collection: YAMLMap | YAMLSeq, first: number, last: number): Splice {
  const start = startOf(collection, first) ?? 0
  const comma = commaAfter(collection, last)
  if (comma !== undefined && commentsIn(text, endOf(text, collection, last), comma).length > 0) {
    return removeAroundComments(text, collection, first, last, comma)
  }
  const itemEnd = comma === undefined ? endOf(text, collection, last) : comma + 1
  const inline = /^[ \t]*#[^\r\n]*/.exec(text.slice(itemEnd, lineEnd(text, itemEnd)))?.[0] ?? ''
  const end = itemEnd + inline.length
  const isLast = last === collection.items.length - 1
  const previous = isLast && comma === undefined ? commaAfter(collection, first - 1) : undefined
  const edits = previous === undefined ? [] : [{ range: { start: previous, end: previous + 1 }, text: '' }]
  const ownLine = lineStart(text, start)
  const [startsLine, endsLine] = [text.slice(ownLine, start).trim() === '', end === lineEnd(text, end)]
  const floor = first > 0 ? nextLine(text, commaAfter(collection, first - 1) ?? start) : ownLine
  const lead =
    startsLine && endsLine ? leadStart(text, ownLine, columnOf(text, start), Math.min(floor, ownLine)) : start
  let range = { start, end }
  if (startsLine && endsLine) range = { start: lead, end: nextLine(text, end) }
  else if (endsLine || isLast) range = { start: ownLine + text.slice(ownLine, start).trimEnd().length, end }
  else range = { start, end: end + (/^[ \t]*/.exec(text.slice(end))?.[0].length ?? 0) }
  // Where commas begin lines, the comma's line goes with the item.
  const commaLine = previous === undefined ? 0 : lineStart(text, previous)
  const isCommaFirst = previous !== undefined && commaLine > 0 && text.slice(commaLine, previous).trim() === ''
  if (isCommaFirst && commentsIn(text, previous, start).length === 0) {
    const whole = { start: lineEnd(text, commaLine - 1), end }
    const own = collectComments(text, collection, first, last, end)
    return { edits: [{ range: whole, text: '' }], notes: own.map((comment) => note(text, 'removed', comment)) }
  }
  const isClosedThere = previous !== undefined && startsLine && !endsLine
  if (isClosedThere && commentsIn(text, previous, start).length === 0) {
    const own = collectComments(text, collection, first, last, end)
    const notes = own.map((comment) => note(text, 'removed', comment))
    return { edits: [{ range: { start: previous, end }, text: '' }], notes }
  }
  const kept = previous === undefined ? range.start : Math.max(range.start, previous + 1)
  const comments = [...commentsIn(text, lead, start), ...collectComments(text, collection, first, last, end)]
  return {
    edits: [...edits, { range: { start: kept, end: range.end }, text: '' }],
    notes: comments.map((comment) => note(text, 'removed', comment)),
  }
}

/** Where comments stand between an item and its comma, they speak of what follows: item and comma go, and they stay. */
function removeAroundComments(
  text: string,
  collection: YAMLMap | YAMLSeq,
  first: number,
  last: number,
  comma: number,
): Splice {
  const start = startOf(collection, first) ?? 0
  const itemEnd = endOf(text, collection, last)
  const end = itemEnd + (/^[ \t]*#[^\r\n]*/.exec(text.slice(itemEnd, comma))?.[0].length ?? 0)
  const padding = end === lineEnd(text, end) ? blanksBefore(text, start) : 0
  const behind = /^[ \t]*/.exec(text.slice(comma + 1))?.[0].length ?? 0
  const edits = [
    { range: { start: start - padding, end }, text: '' },
    { range: { start: comma, end: comma + 1 + behind }, text: '' },
  ]
  const own = collectComments(text, collection, first, last, end)
  return { edits, notes: own.map((comment) => note(text, 'removed', comment)) }
}

function blanksBefore(text: string, offset: number): number {
  let start = offset
  while (text[start - 1] === ' ' || text[start - 1] === '\t') start--
  return offset - start
}

/** The comments between the items that go, inside of them, and behind them on their line. */
function collectComments(
  text: string,
  collection: YAMLMap | YAMLSeq,
  first: number,
  last: number,
  end: number,
): readonly Range[] {
  const comments: Range[] = []
  for (let index = first; index <= last; index++) {
    const item = collection.items[index]
    if (isMap(item)) for (const gap of gapsInside(text, item)) append(comments, commentsIn(text, gap.start, gap.end))
    const stop = index < last ? (startOf(collection, index + 1) ?? end) : end
    append(comments, commentsIn(text, endOf(text, collection, index), stop))
  }
  return comments
}

/** What stands between the members of a flow mapping, and before and behind them. */
function gapsInside(text: string, map: YAMLMap): readonly Range[] {
  const { start, end } = rangeOf(map)
  const starts = [...map.items.map((_, index) => startOf(map, index) ?? end), end]
  return starts.map((stop, index) => ({ start: index === 0 ? start : endOf(text, map, index - 1), end: stop }))
}

/** Puts new items behind the last one of a flow list that has some. */
export function appendFlowItems(text: string, list: YAMLSeq, added: readonly string[]): Edit {
  const { separator } = gapsOf(text, list)
  const last = list.items.length - 1
  const trailing = commaAfter(list, last)
  if (trailing !== undefined)
    return { range: at(trailing + 1), text: added.map((entry) => `${separator}${entry},`).join('') }
  return { range: at(endOf(text, list, last)), text: added.map((entry) => `,${separator}${entry}`).join('') }
}

/** How a mapping in braces is written. */
type MemberStyle = { readonly quote: Quote; readonly isTight: boolean; readonly lines: Spread | undefined }

/** Writes a member into a mapping in braces, or the value of one that is there, as `value` makes it in the mapping's style. */
export function insertFlowMember(
  text: string,
  { map, key, pair }: Place,
  value: (style: MemberStyle) => string,
): Splice {
  const { open, separator } = gapsOf(text, map)
  const quote = quoteOf(map.items[0]?.key)
  const gap = colonGap(text, map)
  const behindColon = gap.includes('\n') ? ' ' : gap
  const written = value({ quote, isTight: separator === '', lines: spread(text, map, open) })
  if (pair) {
    const colon = colonEnd(pair) ?? 0
    const end = pairEnd(text, pair)
    const notes = commentsIn(text, colon, end).map((comment) => note(text, 'removed', comment))
    return { edits: [{ range: { start: colon, end }, text: `${behindColon}${written}` }], notes }
  }
  const member = `${quote}${key}${quote}:${behindColon}${written}`
  const last = map.items.length - 1
  const trailing = commaAfter(map, last)
  const place = trailing === undefined ? endOf(text, map, last) : trailing + 1
  return {
    edits: [
      {
        range: at(place),
        text: trailing === undefined ? `${commaAt(text, map, last)}${separator}${member}` : `${separator}${member},`,
      },
    ],
    notes: [],
  }
}

/** The line break and indentation of a mapping's members, and one step of it, where they stand on lines of their own. */
type Spread = { readonly line: string; readonly step: string }

function spread(text: string, map: YAMLMap | YAMLSeq, open: string): Spread | undefined {
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
export function flowSequence(items: readonly string[], { isTight, lines }: MemberStyle): string {
  if (!lines) return `[${items.join(isTight ? ',' : ', ')}]`
  const deep = lines.line + lines.step
  return `[${deep}${items.join(`,${deep}`)}${lines.line}]`
}

/** A new member or item of a flow collection; `after` is undefined where it comes first. */
type FlowAddition = { readonly after: number | undefined; readonly text: string }

/** How new parts of a flow collection are written: as the ones there are. */
export function flowStyle(text: string, flow: YAMLMap | YAMLSeq, around: FlowStyle | undefined): FlowStyle {
  const { open, separator } = gapsOf(text, flow)
  const model = isMap(flow) ? flow : flow.items.find((item) => isMap(item))
  const keyQuote = model ? quoteOf(model.items[0]?.key) : (around?.keyQuote ?? '')
  const colon = model && model.items.length > 0 ? colonGap(text, model) : (around?.colon ?? ' ')
  const lines = spread(text, flow, open)
  const comma = separator === '' ? '' : ' '
  return { keyQuote, colon: /\n/.test(colon) ? ' ' : colon, comma, ...(lines && { lines }) }
}

/** Takes parts out of a flow collection and puts others in. */
export function spliceFlow(
  text: string,
  flow: YAMLMap | YAMLSeq,
  removed: ReadonlySet<number>,
  additions: readonly FlowAddition[],
): readonly Edit[] {
  const { separator } = gapsOf(text, flow)
  if (removed.size === flow.items.length) {
    const [start, end] = [startOf(flow, 0) ?? rangeOf(flow).start + 1, closingOf(flow) ?? rangeOf(flow).end - 1]
    const parts = additions.map((addition) => addition.text).join(`,${separator}`)
    if (parts === '') return [{ range: { start: rangeOf(flow).start + 1, end }, text: '' }]
    return [{ range: { start, end: behindLast(text, flow) }, text: parts }]
  }
  const edits = runsOf(removed).flatMap(({ first, last }) => removeFlowItems(text, flow, first, last).edits)
  const stays = flow.items.findIndex((_, index) => !removed.has(index))
  for (const { after, text: part } of additions) {
    if (after === undefined) {
      edits.push({ range: at(startOf(flow, stays) ?? 0), text: `${part},${separator}` })
      continue
    }
    const trailing = after === flow.items.length - 1 ? commaAfter(flow, after) : undefined
    const end = endOf(text, flow, after)
    if (trailing === undefined) edits.push({ range: at(end), text: `${commaAt(text, flow, after)}${separator}${part}` })
    else edits.push({ range: at(trailing + 1), text: `${separator}${part},` })
  }
  return edits
}

/**
 * A comma that comes behind a part. Right behind the colon of an empty value, it makes go-yaml take that for a part of the
 * key; a colon that is one already has to stay so.
 */
function commaAt(text: string, flow: YAMLMap | YAMLSeq, index: number): string {
  const place = endOf(text, flow, index)
  const item = flow.items[index]
  const isOfKey = isPair(item) && rangeOf(item.key).end === place
  return text[place - 1] === ':' && !isOfKey ? ' ,' : ','
}

/** Behind the last part, or behind the comma that follows it. */
function behindLast(text: string, flow: YAMLMap | YAMLSeq): number {
  const last = flow.items.length - 1
  const comma = commaAfter(flow, last)
  return comma === undefined ? endOf(text, flow, last) : comma + 1
}
