import { isMap, type YAMLMap, type YAMLSeq } from 'yaml'

import type { Edit } from '../../text/edit.js'
import { at } from '../../text/range.js'
import { rangeOf } from '../read.js'
import { runsOf } from './block-lines.js'
import { quoteOf } from './fields.js'
import { removeFlowItems } from './flow-items.js'
import { colonGap, endOf, gapsOf, startOf } from './flow-text.js'
import { spread } from './insert-flow.js'
import { closingOf, commaAfter } from './tokens.js'
import type { FlowStyle } from './write-value.js'

/** A new member or item of a flow collection; `after` is undefined where it comes first. */
export type FlowAddition = { readonly after: number | undefined; readonly text: string }

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
    return [{ range: { start, end: lastEnd(text, flow) }, text: parts }]
  }
  const edits = runsOf(removed).flatMap(({ first, last }) => removeFlowItems(text, flow, first, last).edits)
  const stays = flow.items.findIndex((_, index) => !removed.has(index))
  for (const { after, text: part } of additions) {
    if (after === undefined) {
      edits.push({ range: at(startOf(flow, stays) ?? 0), text: `${part},${separator}` })
      continue
    }
    const trailing = after === flow.items.length - 1 ? commaAfter(flow, after) : undefined
    if (trailing === undefined) edits.push({ range: at(endOf(text, flow, after)), text: `,${separator}${part}` })
    else edits.push({ range: at(trailing + 1), text: `${separator}${part},` })
  }
  return edits
}

/** Behind the last part, or behind the comma that follows it. */
function lastEnd(text: string, flow: YAMLMap | YAMLSeq): number {
  const last = flow.items.length - 1
  const comma = commaAfter(flow, last)
  return comma === undefined ? endOf(text, flow, last) : comma + 1
}
