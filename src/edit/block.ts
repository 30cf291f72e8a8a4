import { isCollection, isMap, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml'

import type { Edit } from '../text/edit.js'
import { at, columnOf, lineBreak, lineEnd, lineStart, nextLine } from '../text/source.js'
import { rangeOf } from '../yaml/read.js'
import {
  blankStart,
  colonEnd,
  commentsIn,
  contentEnd,
  dashOf,
  endsInLineEnd,
  endsUnfinished,
  isBlankLine,
  leadStart,
  pairEnd,
  type Splice,
  tailEnd,
  trailingComment,
} from './tokens.js'

/** One entry as whole lines: its own comments above, the dash, everything up to the end of its last line. */
export type EntryLines = {
  readonly lead: number
  readonly dash: number
  readonly content: number
  readonly end: number
}

/** Where each entry of a block list begins and ends. The lines above the first entry stay with the list. */
export function entryLines(text: string, list: YAMLSeq): readonly EntryLines[] {
  const lines: EntryLines[] = []
  for (const [index, item] of list.items.entries()) {
    const dash = dashOf(list, index) ?? 0
    const content = contentEnd(text, item as Node)
    const line = lineStart(text, dash)
    const above = lines.at(-1)?.end
    const lead = above === undefined ? line : leadStart(text, line, columnOf(text, dash), nextLine(text, above))
    lines.push({ lead, dash, content, end: tailEnd(text, content, columnOf(text, dash)) })
  }
  return lines
}

/** The edit that takes out the entries from `first` to `last`, which follow each other, with the blank lines they leave. */
function removeEntries(text: string, lines: readonly EntryLines[], first: number, last: number): Edit {
  const [from, to, below] = [lines[first], lines[last], lines[last + 1]]
  if (!from || !to) return { range: at(0), text: '' }
  if (!below) {
    const above = lines[first - 1]
    const floor = above ? nextLine(text, above.end) : 0
    const start = above ? blankStart(text, from.lead, floor) : from.lead
    return { range: { start: start === 0 ? 0 : lineEnd(text, start - 1), end: to.end }, text: '' }
  }
  let end = nextLine(text, to.end)
  if (gapIsBlank(text, end, below.lead)) end = below.lead
  return { range: { start: from.lead, end }, text: '' }
}

function gapIsBlank(text: string, start: number, end: number): boolean {
  for (let line = start; line < end; line = nextLine(text, line)) if (!isBlankLine(text, line)) return false
  return true
}

/** The edit that puts new items, each given as its lines, behind the last one of a list that has some. */
export function appendItems(text: string, list: YAMLSeq, items: readonly (readonly string[])[]): Edit {
  const lines = entryLines(text, list)
  const [last, before] = [lines.at(-1), lines.at(-2)]
  if (!last) return { range: at(0), text: '' }
  const lineEnds = lineBreak(text, last.end)
  const spaced = before !== undefined && isBlankLine(text, nextLine(text, before.end))
  const dash = text.slice(lineStart(text, last.dash), last.dash).replace('\uFEFF', '')
  const gap = dashGap(text, last.dash)
  const added = items.map((item) => {
    const entry = item.join(`${lineEnds}${' '.repeat(dash.length + 1 + gap.length)}`)
    return `${lineEnds}${spaced ? lineEnds : ''}${dash}-${gap}${entry}`
  })
  return { range: at(last.end), text: added.join('') }
}

export function dashGap(text: string, dash: number): string {
  const gap = /^-( +)\S/.exec(text.slice(dash, dash + 20))?.[1]
  return gap ?? ' '
}

/** A new member or item at its place in a block collection: its lines, the first of them without indentation. */
export type Addition = {
  /** The part that it follows, by position; undefined where it comes first. */
  readonly after: number | undefined
  readonly lines: readonly string[]
  /** Whether a blank line stands before it. */
  readonly isSpaced?: boolean
}

type Block = YAMLMap | YAMLSeq

/**
 * Takes parts out of a block collection and puts others in. At least one part must stay.
 *
 * @returns undefined where a line behind the last part would change its value: the text ends inside of it.
 */
export function spliceLines(
  text: string,
  block: Block,
  removed: ReadonlySet<number>,
  additions: readonly Addition[],
): readonly Edit[] | undefined {
  const lines = isMap(block) ? memberLinesOf(text, block) : entryLines(text, block)
  const edits: Edit[] = []
  for (const { first, last } of runsOf(removed)) edits.push(takeOut(text, block, lines, first, last))
  const stays = lines.findIndex((_, index) => !removed.has(index))
  for (const { after, lines: own, isSpaced } of additions) {
    const line = lines[after ?? stays]
    if (!line) continue
    const column = columnOf(text, line.dash)
    const isLast = after !== undefined && endsUnfinished(text, valueOf(block, after))
    if (isLast && !isMap(block)) return undefined
    if (after === undefined || isLast) {
      const place = isLast && startsLine(text, line.dash) ? line.lead : line.dash
      const breaks = lineBreak(text, place)
      const [before, behind] = place === line.dash ? ['', ' '.repeat(column)] : [' '.repeat(column), '']
      edits.push({ range: at(place), text: `${before}${own.join(breaks)}${breaks}${behind}` })
      continue
    }
    const breaks = lineBreak(text, line.end)
    const gap = isSpaced ? breaks + breaks : breaks
    edits.push({ range: at(line.end), text: `${gap}${' '.repeat(column)}${own.join(breaks)}` })
  }
  return edits
}

/** Writes other parts in the place of all there are. */
export function replaceLines(text: string, block: Block, parts: readonly (readonly string[])[]): Edit {
  const lines = isMap(block) ? memberLinesOf(text, block) : entryLines(text, block)
  const [start, end] = [lines[0]?.dash ?? 0, lines.at(-1)?.end ?? 0]
  const [breaks, indent] = [lineBreak(text, start), ' '.repeat(columnOf(text, start))]
  return { range: { start, end }, text: parts.map((own) => own.join(breaks)).join(breaks + indent) }
}

/** Writes `{}` or `[]` for a block collection that loses all it has, behind the colon or the dash before it. */
export function emptyLines(text: string, block: Block, mark: number): readonly Edit[] {
  const lines = isMap(block) ? memberLinesOf(text, block) : entryLines(text, block)
  const [start, end] = [lines[0]?.dash ?? 0, lines.at(-1)?.end ?? 0]
  const empty = isMap(block) ? '{}' : '[]'
  if (lineEnd(text, mark) >= start) return [{ range: { start, end }, text: empty }]
  return [
    { range: at(mark), text: ` ${empty}` },
    { range: { start: lineEnd(text, mark), end }, text: '' },
  ]
}

/** Where each member of a block mapping begins and ends. The lines above the first one stay with the mapping. */
export function memberLinesOf(text: string, map: YAMLMap): readonly EntryLines[] {
  const lines: EntryLines[] = []
  for (const pair of map.items) {
    const dash = rangeOf(pair.key).start
    const content = pairEnd(text, pair)
    const [line, column, above] = [lineStart(text, dash), columnOf(text, dash), lines.at(-1)?.end]
    const lead = above === undefined ? line : leadStart(text, line, column, nextLine(text, above))
    lines.push({ lead, dash, content, end: tailEnd(text, content, column) })
  }
  return lines
}

function takeOut(text: string, block: Block, lines: readonly EntryLines[], first: number, last: number): Edit {
  const [from, to, above, below] = [lines[first], lines[last], lines[first - 1], lines[last + 1]]
  if (!from || !to) return { range: at(0), text: '' }
  if (!above && below && isMap(block) && !startsLine(text, from.dash)) {
    const end = trailingComment(text, to.content)?.end ?? to.content
    const isClean = commentsIn(text, end, below.dash).length === 0 && to.end === lineEnd(text, to.content)
    // No blank stays behind a dash that nothing follows on its line.
    const blanks = isClean ? 0 : (/[ \t]*$/.exec(text.slice(lineStart(text, from.dash), from.dash))?.[0].length ?? 0)
    return { range: { start: from.dash - blanks, end: isClean ? below.dash : to.end }, text: '' }
  }
  if (above && !below && to.end === text.length && endsInLineEnd(text, valueOf(block, first - 1)))
    return { range: { start: blankStart(text, from.lead, nextLine(text, above.end)), end: to.end }, text: '' }
  const edit = removeEntries(text, lines, first, last)
  const start = edit.range.start === 0 && text.startsWith('\uFEFF') ? 1 : edit.range.start
  return { ...edit, range: { start, end: edit.range.end } }
}

/** Whether nothing but white space stands before `offset` on its line. */
export function startsLine(text: string, offset: number): boolean {
  return text.slice(lineStart(text, offset), offset).trim() === ''
}

function valueOf(block: Block, index: number): Node | null {
  const part = block.items[index]
  return (isMap(block) ? (part as Pair | undefined)?.value : part) as Node | null
}

/** The stretches of neighbours that are removed together. */
export function runsOf(removed: ReadonlySet<number>): readonly { readonly first: number; readonly last: number }[] {
  return [...removed].flatMap((first) => {
    if (removed.has(first - 1)) return []
    let last = first
    while (removed.has(last + 1)) last++
    return [{ first, last }]
  })
}

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
