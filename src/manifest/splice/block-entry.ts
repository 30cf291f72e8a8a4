import type { Pair, YAMLMap } from 'yaml'

import type { Edit } from '../../text/edit.js'
import { columnOf, lineBreak, lineEnd, lineStart } from '../../text/lines.js'
import { at } from '../../text/range.js'
import { commentsIn, note, trailingComment, type CommentNote } from './comments.js'
import { blockMember, keyOf, keyOrder, pairOf, type Field, type FieldChange } from './fields.js'
import { pairEnd } from './tokens.js'
import { replaceKey, setValue } from './value.js'
import { rangeOf } from '../read.js'

/** Edits and what they do to comments. */
export type Splice = { readonly edits: readonly Edit[]; readonly notes: readonly CommentNote[] }

/** Changes the members of one entry that is written as a block mapping, each on its own line. */
export function spliceBlockEntry(
  text: string,
  entry: YAMLMap,
  changes: readonly FieldChange[],
  siblings: readonly YAMLMap[],
): Splice {
  const edits: Edit[] = []
  const notes: CommentNote[] = []
  for (const change of changes) {
    if (change.kind === 'add') {
      edits.push(addMember(text, entry, change.field, siblings))
      continue
    }
    const pair = pairOf(entry, change.key)
    if (!pair) continue
    if (change.kind === 'remove') {
      const removal = removeMember(text, entry, pair)
      edits.push(removal.edit)
      notes.push(...removal.notes)
      continue
    }
    edits.push(...(change.kind === 'set' ? [setValue(text, pair, change.value)] : replaceKey(text, pair, change.by)))
    const beside = trailingComment(text, pairEnd(text, pair))
    if (beside) notes.push(note(text, 'beside', beside))
  }
  return { edits, notes }
}

function addMember(text: string, entry: YAMLMap, field: Field, siblings: readonly YAMLMap[]): Edit {
  const order = keyOrder(siblings)
  const line = blockMember(field, siblings)
  const first = entry.items[0]
  const start = first ? startOf(first) : 0
  const indent = ' '.repeat(columnOf(text, start))
  const before = entry.items.findLast((pair) => order.indexOf(keyOf(pair)) < order.indexOf(field.key))
  if (!before) return { range: at(start), text: line + lineBreak(text, start) + indent }
  const end = lineEnd(text, pairEnd(text, before))
  return { range: at(end), text: lineBreak(text, end) + indent + line }
}

function removeMember(text: string, entry: YAMLMap, pair: Pair): { edit: Edit; notes: readonly CommentNote[] } {
  const end = pairEnd(text, pair)
  const inline = trailingComment(text, end)
  const notes = inline ? [note(text, 'removed', inline)] : []
  const start = startOf(pair)
  if (entry.items[0] !== pair) {
    // With the line end above it: the one below may be where an entry is appended.
    return {
      notes,
      edit: { range: { start: lineEnd(text, lineStart(text, start) - 1), end: lineEnd(text, end) }, text: '' },
    }
  }
  const second = entry.items[1]
  const stop = second ? startOf(second) : end
  const between = commentsIn(text, inline?.end ?? end, stop)
  return { notes, edit: { range: { start, end: between[0] ? (inline?.end ?? end) : stop }, text: '' } }
}

function startOf(pair: Pair): number {
  return rangeOf(pair.key).start
}
