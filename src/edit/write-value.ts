import { isCollection, isScalar, type Node, type Pair, type YAMLMap } from 'yaml'

import type { Edit } from '../text/edit.js'
import { at, columnOf, lineBreak, lineEnd, type Range } from '../text/source.js'
import { isList, isObject, type Json } from '../yaml/json.js'
import { rangeOf } from '../yaml/read.js'
import { doubleQuoted, isPlainText, resolvePlain } from '../yaml/scalar.js'
import { colonEnd, commentsIn, contentEnd } from './tokens.js'
import { isVacant, pairOf, type Quote, quoteOf } from './wish.js'

/** How values are written that are new in a block mapping or a block list. */
export type BlockStyle = {
  /** How far members stand from the key of their mapping, in columns. */
  readonly indent: number
  /** How far dashes stand from the key of their list, in columns. */
  readonly dash: number
  /** The quote of keys. */
  readonly keyQuote: Quote
}

/** How values are written between brackets and braces. */
export type FlowStyle = {
  /** The quote of keys; in double ones, as JSON has them, texts stand in double quotes too. */
  readonly keyQuote: Quote
  /** What stands behind colons and behind commas on one line. */
  readonly colon: string
  readonly comma: string
  /** The line break and the indentation of the members, and one step of it, where each has a line of its own. */
  readonly lines?: { readonly line: string; readonly step: string }
}

type Scalar = string | number | boolean | null

/** A single value, in quotes where they are wanted or where a reader could take it for something else. */
export function scalarOf(value: Scalar, quote: Quote, isInFlow: boolean): string {
  if (typeof value !== 'string') return String(value)
  if (quote === "'" && /^[\u0020-\u007E]*$/.test(value)) return `'${value.replaceAll("'", "''")}'`
  return quote === '' && isPlainText(value, isInFlow) ? value : doubleQuoted(value)
}

/** The quote that texts of the key have in the siblings, or their other texts where none has the key. */
export function siblingQuote(key: string, siblings: readonly YAMLMap[]): Quote {
  const own = siblings.flatMap((map) => pairOf(map, key)?.value ?? [])
  const others = siblings.flatMap((map) => map.items.flatMap(({ value }) => (isText(value) ? [value] : [])))
  return quoteOf((own.length > 0 ? own : others)[0])
}

function isText(node: unknown): boolean {
  if (!isScalar(node)) return false
  return node.type !== 'PLAIN' || typeof resolvePlain(String(node.value)) === 'string'
}

/** A member as lines: the first without its indentation, the others with theirs. */
export function memberLines(
  key: string,
  value: Json,
  column: number,
  style: BlockStyle,
  quote: Quote = '',
): readonly string[] {
  const name = `${scalarOf(key, style.keyQuote, false)}:`
  if (isVacant(value) || (!isList(value) && !isObject(value))) return [`${name} ${single(value, quote)}`]
  return [name, ...valueLines(value, column, style)]
}

/** The lines under a key that stands at `column`, with their indentation. */
function valueLines(
  value: readonly Json[] | { readonly [key: string]: Json },
  column: number,
  style: BlockStyle,
): readonly string[] {
  if (isList(value)) {
    const deeper = column + style.dash
    return value.flatMap((item) => indented(itemLines(item, deeper, ' ', style), deeper))
  }
  const deeper = column + style.indent
  return Object.entries(value).flatMap(([key, item]) => indented(memberLines(key, item, deeper, style), deeper))
}

/** An item of a list with its dash as lines: the first without its indentation, the others with theirs. */
export function itemLines(
  value: Json,
  column: number,
  gap: string,
  style: BlockStyle,
  siblings: readonly YAMLMap[] = [],
): readonly string[] {
  if (!isObject(value) && !isList(value)) return [`-${gap}${scalarOf(value, '', false)}`]
  if (isVacant(value)) return [`-${gap}${single(value, '')}`]
  const inner = column + 1 + gap.length
  const lines = isList(value)
    ? value.flatMap((item) => indented(itemLines(item, inner, ' ', style), inner))
    : Object.entries(value).flatMap(([key, item]) => {
        return indented(memberLines(key, item, inner, style, siblingQuote(key, siblings)), inner)
      })
  return [`-${gap}${(lines[0] ?? '').trimStart()}`, ...lines.slice(1)]
}

function indented(lines: readonly string[], column: number): readonly string[] {
  return [`${' '.repeat(column)}${lines[0] ?? ''}`, ...lines.slice(1)]
}

/** A value on one line: a single one, or nothing. */
function single(value: Json, quote: Quote): string {
  if (isList(value)) return '[]'
  return isObject(value) ? '{}' : scalarOf(value, quote, false)
}

/** A value between brackets and braces, over lines where its surroundings are. */
export function flowValue(value: Json, style: FlowStyle, quote: Quote = style.keyQuote): string {
  if (!isObject(value) && !isList(value)) return scalarOf(value, quote, true)
  const { lines } = style
  const inner: FlowStyle = lines ? { ...style, lines: { ...lines, line: lines.line + lines.step } } : style
  const parts = isList(value)
    ? value.map((item) => flowValue(item, inner))
    : Object.entries(value).map(([key, item]) => flowPair(key, item, inner))
  const [open, close] = isList(value) ? ['[', ']'] : ['{', '}']
  if (parts.length === 0) return open + close
  const separator = inner.lines?.line ?? style.comma
  return `${open}${inner.lines?.line ?? ''}${parts.join(`,${separator}`)}${lines?.line ?? ''}${close}`
}

/** A member between braces. */
export function flowPair(key: string, value: Json, style: FlowStyle, quote?: Quote): string {
  return `${scalarOf(key, style.keyQuote, true)}:${style.colon}${flowValue(value, style, quote)}`
}

/** The place of a value: behind the colon of a member, or behind the dash (or a comma) of an item. */
export type Slot =
  | { readonly kind: 'member'; readonly node: Node | null; readonly pair: Pair }
  | { readonly kind: 'item'; readonly node: Node | null; readonly dash: number; readonly siblings: readonly YAMLMap[] }

/** The offset behind the colon or the dash of a slot. */
export function markOf(slot: Slot): number {
  if (slot.kind === 'item') return slot.dash + 1
  return colonEnd(slot.pair) ?? rangeOf(slot.pair.key).end
}

/** Writes a value in the place of a single value, or where there is none yet. */
export function writeAt(text: string, slot: Slot, value: Json, block: BlockStyle, flow?: FlowStyle): readonly Edit[] {
  const { node } = slot
  const mark = markOf(slot)
  const isEmpty = !node || (isScalar(node) && node.range?.[0] === node.range?.[1])
  const [start, end] = isEmpty ? [mark, mark] : [rangeOf(node).start, contentEnd(text, node)]
  const colon = slot.kind === 'member' && colonEnd(slot.pair) === undefined ? ': ' : ' '
  if (flow || isVacant(value) || (!isObject(value) && !isList(value))) {
    const quote = flow?.keyQuote === '"' || !isScalar(node) ? (flow?.keyQuote ?? '') : quoteOf(node)
    const written = flow ? flowValue(value, flow, quote) : single(value, quote)
    return [isEmpty ? { range: at(mark), text: colon + written } : { range: { start, end }, text: written }]
  }
  const cut = isEmpty ? [] : [{ range: { start: mark, end }, text: '' }]
  const breaks = lineBreak(text, mark)
  if (slot.kind === 'item') {
    const lines = itemLines(value, columnOf(text, slot.dash), ' ', block, slot.siblings)
    return [...cut, { range: at(mark), text: lines.join(breaks).slice(1) }]
  }
  const lines = valueLines(value, columnOf(text, rangeOf(slot.pair.key).start), block)
  return [
    ...withoutBrackets(text, { start: mark, end }, node),
    { range: at(lineEnd(text, end)), text: lines.map((line) => breaks + line).join('') },
  ]
}

/** Takes an empty list or mapping away from behind its key; the comments before it and between its brackets stay. */
function withoutBrackets(text: string, { start, end }: Range, node: Node | null): readonly Edit[] {
  if (start === end) return []
  const opening = rangeOf(node).start
  const above = commentsIn(text, start, opening).at(-1)
  // What stands behind the value would join the comment before it.
  const isBare = lineEnd(text, end) === end
  const cut = above ? (isBare ? above.end : opening) : start
  const last = isCollection(node) ? commentsIn(text, opening, end).at(-1) : undefined
  if (!last) return [{ range: { start: cut, end }, text: '' }]
  // The line of the closing bracket stays where something else stands on it.
  const brackets = [
    { start: above ? opening : start, end: opening + 1 },
    { start: isBare ? last.end : end - 1, end },
  ]
  return brackets.map((range) => ({ range, text: '' }))
}
