import { isScalar, type YAMLMap } from 'yaml'

import { isList, isObject, type Json } from '../json.js'
import { isPlainText, quoted, resolvePlain } from '../scalar.js'
import { isVacant } from './field-wish.js'
import { pairOf, quoteOf, type Quote } from './fields.js'

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
  return quote === '' && isPlainText(value, isInFlow) ? value : quoted(value)
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
export function valueLines(
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
export function single(value: Json, quote: Quote): string {
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
