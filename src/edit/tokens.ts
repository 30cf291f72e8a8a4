import { isCollection, isMap, isScalar, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml'

import type { Edit } from '../text/edit.js'
import type { Range } from '../text/source.js'
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

/** Every comment of a text, in order, wherever it stands. */
export function commentTokens(text: string): readonly Range[] {
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
