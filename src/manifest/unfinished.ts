import { isMap, isScalar, isSeq, type Document } from 'yaml'

/**
 * The block scalar that ends the text without a line end, if one does. kubectl adds that line end before it reads, so its
 * value has one; kustomize does not, and there the value would change with anything that an edit puts behind it.
 */
export function cutOff(text: string, documents: readonly Document[]): string | undefined {
  if (text.endsWith('\n')) return undefined
  let node: unknown = documents.at(-1)?.contents
  while (isMap(node) || isSeq(node)) {
    const last: unknown = node.items.at(-1)
    node = isMap(node) ? node.items.at(-1)?.value : last
  }
  if (!isScalar(node) || typeof node.value !== 'string' || node.range?.[1] !== text.length) return undefined
  return node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED' ? node.value : undefined
}
