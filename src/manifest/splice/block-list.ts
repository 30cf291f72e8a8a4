import type { Node, YAMLSeq } from 'yaml'

import type { Edit } from '../../text/edit.js'
import { columnOf, lineBreak, lineEnd, lineStart, nextLine } from '../../text/lines.js'
import { at } from '../../text/range.js'

import { blankStart, isBlankLine, leadStart, tailEnd } from './lead.js'
import { contentEnd, dashOf } from './tokens.js'

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
export function removeEntries(text: string, lines: readonly EntryLines[], first: number, last: number): Edit {
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
