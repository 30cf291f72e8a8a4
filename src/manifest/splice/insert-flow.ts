import type { Pair, YAMLMap, YAMLSeq } from 'yaml'

import { columnOf, lineStart } from '../../text/lines.js'
import { at } from '../../text/range.js'
import { rangeOf } from '../read.js'
import type { TrafficTarget } from '../traffic.js'
import type { Splice } from './block-entry.js'
import { commentsIn, note } from './comments.js'
import { fieldsOf, quoteOf, scalarText, type Quote } from './fields.js'
import { endOf, gapsOf } from './flow-text.js'
import { colonEnd, commaAfter, pairEnd } from './tokens.js'

/** Writes a whole list into a `spec` in braces, spread over lines where the braces are: JSON above all. */
export function insertFlowTraffic(
  text: string,
  spec: YAMLMap,
  pair: Pair | undefined,
  targets: readonly TrafficTarget[],
): Splice {
  const { open, separator } = gapsOf(text, spec)
  const keyQuote = quoteOf(spec.items[0]?.key)
  const isTight = separator === ''
  const list = flowList(targets, keyQuote, isTight, spread(text, spec, open))
  if (pair) {
    const colon = colonEnd(pair) ?? 0
    const end = pairEnd(text, pair)
    const notes = commentsIn(text, colon, end).map((comment) => note(text, 'removed', comment))
    return { edits: [{ range: { start: colon, end }, text: `${isTight ? '' : ' '}${list}` }], notes }
  }
  const member = `${keyQuote}traffic${keyQuote}:${isTight ? '' : ' '}${list}`
  const last = spec.items.length - 1
  const trailing = commaAfter(spec, last)
  const place = trailing === undefined ? endOf(text, spec, last) : trailing + 1
  return {
    edits: [{ range: at(place), text: trailing === undefined ? `,${separator}${member}` : `${separator}${member},` }],
    notes: [],
  }
}

/** The line break and indentation of a mapping's members, and one step of it, where they stand on lines of their own. */
export type Spread = { readonly line: string; readonly step: string }

export function spread(text: string, spec: YAMLMap | YAMLSeq, open: string): Spread | undefined {
  const newline = open.lastIndexOf('\n')
  if (newline < 0) return undefined
  const indent = open.slice(newline + 1)
  const own =
    columnOf(text, rangeOf(spec).start) === 0
      ? ''
      : (/^[ \t]*/.exec(text.slice(lineStart(text, rangeOf(spec).start)))?.[0] ?? '')
  return { line: open, step: indent.startsWith(own) ? indent.slice(own.length) : '  ' }
}

function flowList(
  targets: readonly TrafficTarget[],
  quote: Quote,
  isTight: boolean,
  lines: Spread | undefined,
): string {
  const entries = targets.map((target) => {
    const members = fieldsOf(target, []).map(
      ({ key, value }) => `${quote}${key}${quote}:${isTight ? '' : ' '}${scalarText(value, quote)}`,
    )
    if (!lines) return `{${members.join(isTight ? ',' : ', ')}}`
    const deeper = lines.line + lines.step.repeat(2)
    return `{${deeper}${members.join(`,${deeper}`)}${lines.line}${lines.step}}`
  })
  if (!lines) return `[${entries.join(isTight ? ',' : ', ')}]`
  const deep = lines.line + lines.step
  return `[${deep}${entries.join(`,${deep}`)}${lines.line}]`
}
