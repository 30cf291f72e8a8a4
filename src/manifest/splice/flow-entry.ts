import type { YAMLMap } from 'yaml'

import type { Edit } from '../../text/edit.js'
import { lineEnd } from '../../text/lines.js'
import { at, type Range } from '../../text/range.js'
import type { Splice } from './block-entry.js'
import { note, trailingComment } from './comments.js'
import { keyOf, keyOrder, pairOf, quoteOf, type Field, type FieldChange } from './fields.js'
import { endOf, flowMember, gapsOf, startOf, valueQuote } from './flow-text.js'
import { removeFlowItems } from './flow-items.js'
import { replaceKey, setValue } from './value.js'
import { rangeOf } from '../read.js'

/** Changes the members of one entry that is written as a flow mapping, `{revisionName: a, percent: 100}` or JSON. */
export function spliceFlowEntry(
  text: string,
  entry: YAMLMap,
  changes: readonly FieldChange[],
  siblings: readonly YAMLMap[],
): Splice {
  const splices = changes.map((change): Splice => {
    if (change.kind === 'add') return { edits: [addMember(text, entry, change.field, siblings)], notes: [] }
    const index = entry.items.findIndex((pair) => pair === pairOf(entry, change.key))
    const pair = entry.items[index]
    if (!pair) return { edits: [], notes: [] }
    if (change.kind === 'remove') return removeFlowItems(text, entry, index, index)
    const keyQuote = quoteOf(pair.key)
    const quote = change.kind === 'replace' ? valueQuote(change.by.key, siblings, keyQuote) : undefined
    const edits =
      change.kind === 'set' ? [setValue(text, pair, change.value, quote)] : replaceKey(text, pair, change.by, quote)
    const beside = commentBeside(text, entry, endOf(text, entry, index))
    return { edits, notes: beside ? [note(text, 'beside', beside)] : [] }
  })
  return { edits: splices.flatMap(({ edits }) => edits), notes: splices.flatMap(({ notes }) => notes) }
}

/** The comment behind a value, or behind the whole entry where that ends on the same line. */
function commentBeside(text: string, entry: YAMLMap, end: number): Range | undefined {
  const entryEnd = rangeOf(entry).end
  return trailingComment(text, lineEnd(text, end) < entryEnd ? end : entryEnd)
}

function addMember(text: string, entry: YAMLMap, field: Field, siblings: readonly YAMLMap[]): Edit {
  const member = flowMember(text, field, siblings, entry)
  const { separator } = gapsOf(text, entry)
  const order = keyOrder(siblings)
  const before = entry.items.findLastIndex((pair) => order.indexOf(keyOf(pair)) < order.indexOf(field.key))
  if (before >= 0) return { range: at(endOf(text, entry, before)), text: `,${separator}${member}` }
  const first = startOf(entry, 0)
  if (first === undefined) return { range: at(rangeOf(entry).start + 1), text: member }
  return { range: at(first), text: `${member},${separator}` }
}
