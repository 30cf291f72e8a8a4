import { isMap, isScalar, isSeq, type Document } from 'yaml'

/**
 * Takes the line end from a block scalar that ends the text without one: the parser adds it, go-yaml does not. Nothing is
 * done where the text ends with a line end.
 */
export function cutAddedLineEnd(text: string, documents: readonly Document[]): void {
  if (text.endsWith('\n')) return
  let node: unknown = documents.at(-1)?.contents
  while (isMap(node) || isSeq(node)) {
    const last: unknown = node.items.at(-1)
    node = isMap(node) ? node.items.at(-1)?.value : last
  }
  if (!isScalar(node) || typeof node.value !== 'string' || node.range?.[1] !== text.length) return
  if (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED') node.value = node.value.replace(/\n$/, '')
}
