import { isMap, isSeq, type Node, type Pair, visit, type YAMLMap } from 'yaml'

import type { Manifest } from '../manifest/manifest.js'
import { columnOf, lineEnd, lineStart, nextLine, type Range } from '../text/source.js'
import { dashOf, isExplicitKey } from './tokens.js'

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
      if (isExplicitKey(pair) || !isSeq(value) || value.flow || value.items.length === 0 || parents.length >= depth)
        return undefined
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
      if (isExplicitKey(pair) || key === undefined || inner === undefined || parents.length >= depth) return undefined
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

/** What the lines around an entry or a key are: comments that belong to it, blank ones, and where they begin and end. */

function lineText(text: string, start: number): string {
  return text.slice(start, lineEnd(text, start))
}

export function isBlankLine(text: string, start: number): boolean {
  return start < text.length && /^\uFEFF?[ \t]*$/.test(lineText(text, start))
}

/** The column of the `#` of a line that is only a comment, or undefined. */
function commentColumn(text: string, start: number): number | undefined {
  const match = /^([ \t]*)#/.exec(lineText(text, start))
  return match?.[1]?.length
}

/**
 * The start of the comment lines directly above a line, those that are not indented deeper than `column`: they speak of
 * what follows. `limit` is where the search ends.
 */
export function leadStart(text: string, line: number, column: number, limit: number): number {
  let start = line
  while (start > limit) {
    const above = lineStart(text, start - 1)
    const found = commentColumn(text, above)
    if (above < limit || found === undefined || found > column) break
    start = above
  }
  return start
}

/**
 * The end (before the line break) of the comment lines directly below the line of `offset` that are indented deeper
 * than `column`: they still speak of what stands above.
 */
export function tailEnd(text: string, offset: number, column: number): number {
  let end = lineEnd(text, offset)
  for (;;) {
    const below = nextLine(text, end)
    const found = below > end && below < text.length ? commentColumn(text, below) : undefined
    if (found === undefined || found <= column) return end
    end = lineEnd(text, below)
  }
}

/** The comments below the line of `offset` that are indented deeper than `column`, with blank lines before them. */
export function deeperBelow(text: string, offset: number, column: number): readonly Range[] {
  const comments: Range[] = []
  let line = nextLine(text, offset)
  while (isBlankLine(text, line)) line = nextLine(text, line)
  for (; line < text.length; line = nextLine(text, line)) {
    const found = commentColumn(text, line)
    if (found === undefined || found <= column) break
    comments.push({ start: line + found, end: lineEnd(text, line) })
  }
  return comments
}

/** The start of the blank lines directly above a line. */
export function blankStart(text: string, line: number, limit: number): number {
  let start = line
  while (start > limit && isBlankLine(text, lineStart(text, start - 1))) start = lineStart(text, start - 1)
  return start
}
