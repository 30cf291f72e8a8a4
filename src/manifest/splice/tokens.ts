import { isCollection, isMap, isScalar, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml'

/** Where punctuation and contents stand in the text, which nodes alone do not tell. */

type Token = { readonly type: string; readonly offset: number; readonly source: string }
type Item = { readonly start?: readonly Token[]; readonly sep?: readonly Token[] }

/** The offset just behind the `:` of a pair, or undefined where it has none (`{a, b}`). */
export function colonEnd(pair: Pair): number | undefined {
  const token = itemOf(pair)?.sep?.find(({ type }) => type === 'map-value-ind')
  return token && token.offset + 1
}

/** Whether the pair is written with a `?` before its key. */
export function isExplicitKey(pair: Pair): boolean {
  return itemOf(pair)?.start?.some(({ type }) => type === 'explicit-key-ind') ?? false
}

/** The offset of the dash of an entry in a block list. */
export function dashOf(list: YAMLSeq, index: number): number | undefined {
  return itemsOf(list)[index]?.start?.find(({ type }) => type === 'seq-item-ind')?.offset
}

/** The offset of the comma behind an item of a flow list or flow mapping. */
export function commaAfter(collection: YAMLSeq | YAMLMap, index: number): number | undefined {
  return itemsOf(collection)[index + 1]?.start?.find(({ type }) => type === 'comma')?.offset
}

/** The offset of the bracket or brace that closes a flow collection. */
export function closingOf(collection: YAMLSeq | YAMLMap): number | undefined {
  const token = collection.srcToken
  if (token?.type !== 'flow-collection') return undefined
  return token.end.find(({ type }) => type === 'flow-seq-end' || type === 'flow-map-end')?.offset
}

/** The offset just behind the last character that a node needs: no trailing comment, line end or blank line. */
export function contentEnd(text: string, node: Node): number {
  const end = node.range?.[1] ?? 0
  if (isCollection(node)) {
    if (node.flow === true) return end
    const last = node.items.at(-1)
    return isMap(node) ? pairEnd(text, last as Pair) : contentEnd(text, last as Node)
  }
  if (!isScalar(node) || (node.type !== 'BLOCK_LITERAL' && node.type !== 'BLOCK_FOLDED')) return end
  const keepsLineEnds = /^[|>][0-9]*\+/.test(text.slice(node.range?.[0], end))
  let last = end
  while (/[\r\n]/.test(text[last - 1] ?? '')) {
    last -= text.endsWith('\r\n', last) ? 2 : 1
    if (keepsLineEnds) break
  }
  return last
}

/** The offset just behind the value of a pair, or behind its colon where the value is empty. */
export function pairEnd(text: string, pair: Pair): number {
  const value = pair.value as Node | null
  const isEmpty = !value || (isScalar(value) && value.range?.[0] === value.range?.[1])
  return isEmpty ? (colonEnd(pair) ?? (pair.key as Node).range?.[1] ?? 0) : contentEnd(text, value)
}

function itemOf(pair: Pair): Item | undefined {
  return pair.srcToken
}

function itemsOf(collection: YAMLSeq | YAMLMap): readonly Item[] {
  const token = collection.srcToken
  return token && 'items' in token ? (token.items as readonly Item[]) : []
}
