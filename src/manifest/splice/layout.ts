import { isMap, isSeq, visit, type Node, type Pair, type YAMLMap } from 'yaml'

import { columnOf, lineEnd } from '../../text/lines.js'
import type { Manifest } from '../manifest.js'
import { dashOf } from './tokens.js'

/** How a file is laid out: how far things are indented, and how it ends. */

/** How far dashes stand from their key: as in the nearest list of the Service, else of its document, else not at all. */
export function dashIndent(manifest: Manifest, near: Node): number {
  return listIndent(manifest.file.text, near) ?? listIndent(manifest.file.text, manifest.document.contents as Node) ?? 2
}

/** What was found out of a node of a text, which no edit ever changes: many edits of one text ask for the same. */
function remembered<Key extends object, Found>(find: (text: string, key: Key) => Found): typeof find {
  const known = new WeakMap<Key, { readonly found: Found }>()
  return (text, key) => {
    const result = known.get(key) ?? { found: find(text, key) }
    known.set(key, result)
    return result.found
  }
}

/** How far the dashes of the outermost block list stand from their key, if there is one. */
export const listIndent = remembered((text: string, node: Node): number | undefined => {
  let found: number | undefined
  let depth = Infinity
  visit(node, {
    Pair(_, pair, parents) {
      const { value } = pair
      if (!isSeq(value) || value.flow || value.items.length === 0 || parents.length >= depth) return undefined
      const dash = dashOf(value, 0)
      const key = (pair.key as Node | null)?.range?.[0]
      if (dash === undefined || key === undefined) return undefined
      found = columnOf(text, dash) - columnOf(text, key)
      depth = parents.length
      return undefined
    },
  })
  return found
})

/** How far members stand from the key of their mapping: as in the nearest mapping of the Service, else two columns. */
export function memberIndent(text: string, near: readonly Node[]): number {
  for (const node of near) {
    const found = mappingIndent(text, node)
    if (found !== undefined) return found
  }
  return 2
}

const mappingIndent = remembered((text: string, node: Node): number | undefined => {
  let found: number | undefined
  let depth = Infinity
  visit(node, {
    Pair(_, pair, parents) {
      const [key, inner] = [startOfPair(pair), isMap(pair.value) ? firstStart(pair.value) : undefined]
      if (key === undefined || inner === undefined || parents.length >= depth) return undefined
      found = columnOf(text, inner) - columnOf(text, key)
      depth = parents.length
      return undefined
    },
  })
  return found
})

function firstStart(map: YAMLMap): number | undefined {
  const [first] = map.items
  return map.flow || !first ? undefined : startOfPair(first)
}

function startOfPair(pair: Pair): number | undefined {
  return (pair.key as Node | null)?.range?.[0]
}

/**
 * Whether the text ends inside a block scalar, without a line end. A line behind it would add the missing line end to
 * its value, so nothing may be written there.
 */
export function endsUnfinished(text: string, last: unknown): boolean {
  if (text.endsWith('\n')) return false
  const node = lastScalar(last)
  return node?.range?.[1] === text.length && keepsLineEnd(text, node)
}

/** Whether the last line of a value has a line end that belongs to it. */
export function endsInLineEnd(text: string, value: unknown): boolean {
  const node = lastScalar(value)
  return node !== undefined && keepsLineEnd(text, node)
}

function keepsLineEnd(text: string, node: Node): boolean {
  const start = node.range?.[0] ?? 0
  return /^[|>](?!.*-)/.test(text.slice(start, lineEnd(text, start)))
}

function lastScalar(value: unknown): Node | undefined {
  let node = value
  while (isMap(node) || isSeq(node)) {
    if (node.flow) return undefined
    const item: unknown = node.items.at(-1)
    node = isMap(node) ? (item as Pair | undefined)?.value : item
  }
  return (node ?? undefined) as Node | undefined
}
