import { isMap, type Pair, type YAMLMap } from 'yaml'

import { readResourceList, type ResourceList } from '../manifest/resource-list.js'
import { applyEdits, type Edit } from '../text/edit.js'
import { at, lineBreak } from '../text/source.js'
import { emit } from '../yaml/emit.js'
import { isObject, type JsonObject, sameJson } from '../yaml/json.js'
import { rangeOf } from '../yaml/read.js'
import { insertFlowMember } from './flow.js'
import { pairEnd } from './tokens.js'

/**
 * The text of a ResourceList with these results in place of what it had. Nothing else of the text changes, which has been
 * proved by reading it again: undefined where its layout does not allow that.
 */
export function withResults(list: ResourceList, results: readonly JsonObject[]): string | undefined {
  const { text } = list.file
  const root = list.document.contents
  if (!isMap(root)) return undefined
  const pair = root.items.find(({ key }) => String(key) === 'results')
  if (!pair && results.length === 0) return text
  const edited = applyEdits(text, root.flow ? flowEdits(text, root, pair, results) : [blockEdit(text, pair, results)])
  const after = readResourceList({ ...list.file, text: edited })
  const wanted = isObject(list.value) && { ...list.value, results }
  return 'value' in after && wanted && sameJson(after.value, wanted) ? edited : undefined
}

function flowEdits(
  text: string,
  map: YAMLMap,
  pair: Pair | undefined,
  results: readonly JsonObject[],
): readonly Edit[] {
  return insertFlowMember(text, { map, key: 'results', pair }, () => JSON.stringify(results)).edits
}

function blockEdit(text: string, pair: Pair | undefined, results: readonly JsonObject[]): Edit {
  const end = lineBreak(text)
  const lines = emit({ results }).replaceAll('\n', end)
  if (pair) return { range: { start: rangeOf(pair.key).start, end: pairEnd(text, pair) }, text: lines.trimEnd() }
  return { range: at(text.length), text: text.endsWith('\n') ? lines : `${end}${lines}` }
}
