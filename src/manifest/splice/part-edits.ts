import { isMap, isSeq, type Node, type YAMLMap, type YAMLSeq } from 'yaml'

import type { Edit } from '../../text/edit.js'
import { columnOf, nextLine } from '../../text/lines.js'
import type { Json } from '../json.js'
import type { Manifest } from '../manifest.js'
import { isMergeKey, rangeOf } from '../read.js'
import { dashGap, entryLines } from './block-list.js'
import { emptyLines, replaceLines, spliceLines, type Addition } from './block-lines.js'
import { keyOf, quoteOf } from './fields.js'
import { flowStyle, spliceFlow } from './flow-parts.js'
import { placeOf } from './key-place.js'
import { dashIndent, memberIndent } from './layout.js'
import { isBlankLine } from './lead.js'
import { flowPair, flowValue, itemLines, memberLines, siblingQuote } from './write-value.js'
import type { BlockStyle, FlowStyle } from './write-value.js'

/** What stands around a collection. */
export type Around = {
  readonly manifest: Manifest
  /** The offset behind the colon or the dash that the collection follows. */
  readonly mark: number
  /** How the flow collection is written that it is in. */
  readonly flow?: FlowStyle
  /** The mappings beside it in its list. */
  readonly siblings: readonly YAMLMap[]
}

/** How new block lines are written at a node, or where it is missing. */
export function blockStyle(manifest: Manifest, object: Node | undefined, node: Node | null | undefined): BlockStyle {
  const { text } = manifest.file
  const near = [node, object, manifest.document.contents].flatMap((one) => one ?? [])
  const model = isSeq(near[0]) ? near[0].items.findLast((item) => isMap(item)) : near[0]
  const keyQuote = isMap(model) ? quoteOf(model.items[0]?.key) : ''
  const indent = memberIndent(text, near)
  const dash = near[0] ? dashIndent(manifest, object ?? near[0]) : 2
  return { indent, dash, keyQuote }
}

/** Takes members out of a mapping and puts others in. Undefined where the layout has no exact place for them. */
export function memberEdits(
  map: YAMLMap,
  removed: ReadonlySet<number>,
  added: ReadonlyMap<string, Json>,
  style: BlockStyle,
  around: Around,
): readonly Edit[] | undefined {
  const { text } = around.manifest.file
  const keys = map.items.map((pair, index) => (removed.has(index) || isMergeKey(pair) ? undefined : keyOf(pair)))
  const siblings = around.siblings.filter((one) => one !== map)
  const flow = map.flow ? flowStyle(text, map, around.flow) : undefined
  const after = (key: string): number | undefined => {
    const place = placeOf(key, keys, siblings)
    return place === -1 ? map.items.length - 1 : place
  }
  if (flow) {
    const additions = [...added].map(([key, value]) => {
      const quote = flow.keyQuote === '"' ? flow.keyQuote : siblingQuote(key, siblings)
      return { after: after(key), text: flowPair(key, value, flow, quote) }
    })
    return spliceFlow(text, map, removed, additions)
  }
  const column = columnOf(text, rangeOf(map.items[0]?.key).start)
  const additions = [...added].map(([key, value]) => {
    return { after: after(key), lines: memberLines(key, value, column, style, siblingQuote(key, siblings)) }
  })
  return lineEdits(text, map, removed, additions, around.mark)
}

/** Takes items out of a list and puts others behind them. Undefined where the layout has no exact place for them. */
export function itemEdits(
  list: YAMLSeq,
  removed: ReadonlySet<number>,
  added: readonly Json[],
  style: BlockStyle,
  around: Around,
): readonly Edit[] | undefined {
  const { text } = around.manifest.file
  const after = list.items.findLastIndex((_, index) => !removed.has(index))
  if (list.flow) {
    const flow = flowStyle(text, list, around.flow)
    return spliceFlow(
      text,
      list,
      removed,
      added.map((value) => ({ after, text: flowValue(value, flow) })),
    )
  }
  const [model, siblings] = [list.items.at(-1), list.items.filter((item) => isMap(item))]
  const entries = entryLines(text, list)
  const [last, before] = [entries.at(-1)?.dash ?? 0, entries.at(-2)]
  const isSpaced = before !== undefined && removed.size === 0 && isBlankLine(text, nextLine(text, before.end))
  const gap = dashGap(text, last)
  const additions = added.map((value) => {
    const lines =
      isMap(model) && model.flow
        ? [`-${gap}${flowValue(value, flowStyle(text, model, undefined))}`]
        : itemLines(value, columnOf(text, last), gap, style, siblings)
    return { after, lines, isSpaced }
  })
  return lineEdits(text, list, removed, additions, around.mark)
}

function lineEdits(
  text: string,
  block: YAMLMap | YAMLSeq,
  removed: ReadonlySet<number>,
  additions: readonly Addition[],
  mark: number,
): readonly Edit[] | undefined {
  if (removed.size < block.items.length) return spliceLines(text, block, removed, additions)
  if (additions.length === 0) return emptyLines(text, block, mark)
  const parts = additions.map(({ lines }) => lines)
  return [replaceLines(text, block, parts)]
}
