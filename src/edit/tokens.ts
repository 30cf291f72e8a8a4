import { isCollection, isMap, isScalar, isSeq, type Node, type Pair, visit, type YAMLMap, type YAMLSeq } from 'yaml'

import type { Manifest } from '../manifest/manifest.js'
import { Recent } from '../text/collections.js'
import type { Edit } from '../text/edit.js'
import { columnOf, lineEnd, lineStart, nextLine, type Range } from '../text/source.js'
import { lexemesOf } from '../yaml/parse.js'

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

/** A comment that an edit takes away, or that stands beside a value which is no longer the same. */
export type CommentNote = {
  readonly kind: 'removed' | 'beside'
  /** The comment with its `#`. */
  readonly text: string
  readonly range: Range
}

/**
 * The comments in a stretch of text that holds nothing but white space, punctuation and comments: what stands between
 * two nodes.
 */
export function commentsIn(text: string, start: number, end: number): readonly Range[] {
  const comments: Range[] = []
  for (let at = text.indexOf('#', start); at >= 0 && at < end; at = text.indexOf('#', at)) {
    const rest = /[\r\n]/.exec(text.slice(at, end))
    const stop = rest ? at + rest.index : end
    comments.push({ start: at, end: stop })
    at = stop
  }
  return comments
}

/** Every `# …` comment behind `offset` on its line; `offset` must stand behind a value, not inside one. */
export function trailingComment(text: string, offset: number): Range | undefined {
  const match = /^[ \t,}\]]*[ \t,}\]](#[^\r\n]*)/.exec(text.slice(offset, offset + 2000))
  const comment = match?.[1]
  if (!match || comment === undefined) return undefined
  const start = offset + match[0].length - comment.length
  return { start, end: start + comment.length }
}

export function note(text: string, kind: CommentNote['kind'], range: Range): CommentNote {
  return { kind, text: text.slice(range.start, range.end), range }
}

/** Who sets the value beside a comment, as the comment says, and will set it back; undefined where it says nothing of it. */
export function setterOf(comment: string): string | undefined {
  if (comment.includes('"$imagepolicy"')) return 'Flux image automation'
  return /^#\s*(?:kpt-set:|\{\s*"\$(?:kpt-set|openapi)")/.test(comment) ? 'kpt' : undefined
}

/** Edits and what they do to comments. */
export type Splice = { readonly edits: readonly Edit[]; readonly notes: readonly CommentNote[] }

/** The signs that the lexer puts between the pieces of the text: a new document, the end of a broken flow, a scalar. */
const [newDocument, brokenFlow, scalarNext] = ['\u0002', '\u0018', '\u001F']

/** The Services of a file are edited one after the other, and each asks for the comments of the whole. */
const recent = new Recent<string, readonly Range[]>(1)

/** Every comment of a text, in order, wherever it stands. */
export function commentTokens(text: string): readonly Range[] {
  return recent.get(text, () => commentsOf(text))
}

function commentsOf(text: string): readonly Range[] {
  const comments: Range[] = []
  let [start, previous] = [0, '']
  for (const token of lexemesOf(text)) {
    const isSign = previous !== scalarNext && [newDocument, brokenFlow, scalarNext].includes(token)
    if (token.startsWith('#') && previous !== scalarNext) comments.push({ start, end: start + token.trimEnd().length })
    if (!isSign) start += token.length
    previous = token
  }
  return comments
}

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
