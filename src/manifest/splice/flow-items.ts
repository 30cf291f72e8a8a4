import { isMap, type YAMLMap, type YAMLSeq } from 'yaml'

import type { Edit } from '../../text/edit.js'
import { columnOf, lineEnd, lineStart, nextLine } from '../../text/lines.js'
import { at, type Range } from '../../text/range.js'
import { rangeOf } from '../read.js'

import type { Splice } from './comments.js'
import { commentsIn, note } from './comments.js'

import { endOf, gapsOf, startOf } from './flow-text.js'
import { leadStart } from './lead.js'
import { commaAfter } from './tokens.js'

/** Takes items out of a flow list or mapping, with their commas and inline comments, and their lines where they have some. */
export function removeFlowItems(text: string, collection: YAMLMap | YAMLSeq, first: number, last: number): Splice {
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
    if (isMap(item)) for (const gap of gapsInside(text, item)) comments.push(...commentsIn(text, gap.start, gap.end))
    const stop = index < last ? (startOf(collection, index + 1) ?? end) : end
    comments.push(...commentsIn(text, endOf(text, collection, index), stop))
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
