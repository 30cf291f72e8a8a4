import { isMap, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml'

import type { Edit } from '../../text/edit.js'
import { columnOf, lineBreak, lineEnd, lineStart, nextLine } from '../../text/lines.js'
import { at } from '../../text/range.js'
import { rangeOf } from '../read.js'
import { entryLines, removeEntries, type EntryLines } from './block-list.js'
import { commentsIn, trailingComment } from './comments.js'
import { endsInLineEnd, endsUnfinished } from './layout.js'
import { blankStart, leadStart, tailEnd } from './lead.js'
import { pairEnd } from './tokens.js'

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
function memberLinesOf(text: string, map: YAMLMap): readonly EntryLines[] {
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
    return { range: { start: from.dash, end: isClean ? below.dash : to.end }, text: '' }
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
