import type { YAMLMap, YAMLSeq } from 'yaml'

import type { Edit } from '../../text/edit.js'
import { lineEnd, lineStart, nextLine } from '../../text/lines.js'
import { at } from '../../text/range.js'
import type { TrafficTarget } from '../traffic.js'
import type { Splice } from './block-entry.js'
import { commentsIn, note } from './comments.js'
import { fieldsOf } from './fields.js'
import { endOf, flowFields, gapsOf, startOf } from './flow-text.js'
import { commaAfter } from './tokens.js'

/** Takes items out of a flow list or mapping, together with one comma each and, where they have lines of their own, those. */
export function removeFlowItems(text: string, collection: YAMLMap | YAMLSeq, first: number, last: number): Splice {
  const start = startOf(collection, first) ?? 0
  const comma = commaAfter(collection, last)
  const end = comma === undefined ? endOf(text, collection, last) : comma + 1
  const edits: Edit[] = []
  const previous = first > 0 && last === collection.items.length - 1 ? commaAfter(collection, first - 1) : undefined
  const ownLines =
    /^[ \t]*$/.test(text.slice(lineStart(text, start), start)) &&
    /^[ \t]*(?:#.*)?$/.test(text.slice(end, lineEnd(text, end)))
  const isLast = last === collection.items.length - 1
  if (previous !== undefined && comma === undefined)
    edits.push({ range: { start: previous, end: previous + 1 }, text: '' })
  const following = startOf(collection, last + 1)
  let range = { start, end }
  if (ownLines) range = { start: lineStart(text, start), end: nextLine(text, end) }
  else if (!isLast && following !== undefined && commentsIn(text, end, following).length === 0)
    range = { start, end: following }
  else if (isLast && previous !== undefined && commentsIn(text, previous, start).length === 0)
    range = { start: previous + 1, end }
  edits.push({ range, text: '' })
  const inside = commentsIn(text, end, range.end)
  return { edits, notes: inside.map((comment) => note(text, 'removed', comment)) }
}

/** Puts new entries behind the last one of a flow list. */
export function appendFlowEntries(text: string, list: YAMLSeq, targets: readonly TrafficTarget[]): Edit {
  const entries = list.items as readonly YAMLMap[]
  const { separator } = gapsOf(text, list)
  const last = list.items.length - 1
  const added = targets.map((target) => flowFields(text, fieldsOf(target, entries), entries))
  const trailing = commaAfter(list, last)
  if (trailing !== undefined)
    return { range: at(trailing + 1), text: added.map((entry) => `${separator}${entry},`).join('') }
  return { range: at(endOf(text, list, last)), text: added.map((entry) => `,${separator}${entry}`).join('') }
}
