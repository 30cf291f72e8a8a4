import { isCollection, type Node, type Pair } from 'yaml'

import { columnOf, lineBreak, lineEnd, lineStart } from '../../text/lines.js'
import { at } from '../../text/range.js'
import { rangeOf } from '../read.js'
import type { Manifest } from '../manifest.js'
import type { TrafficTarget } from '../traffic.js'
import type { Splice } from './block-entry.js'
import { commentsIn, note } from './comments.js'
import { fieldsOf, scalarText } from './fields.js'
import { insertFlowTraffic } from './insert-flow.js'
import { dashIndent, endsUnfinished } from './layout.js'
import { leadStart, tailEnd } from './lead.js'
import type { Reach } from './reach.js'
import { colonEnd, pairEnd } from './tokens.js'

/** Writes a whole list: into `spec` where there is none, or where `traffic:` and `traffic: []` leave the place. */
export function insertTraffic(manifest: Manifest, reach: Reach, targets: readonly TrafficTarget[]): Splice {
  const { text } = manifest.file
  const { spec, pair } = reach
  if (spec.flow) return insertFlowTraffic(text, spec, pair, targets)
  const column = columnOf(text, rangeOf(spec.items[0]?.key).start)
  const lines = listLines(targets, column + dashIndent(manifest, spec), lineBreak(text))
  if (pair) return fill(text, pair, lines)
  const traffic = `${' '.repeat(column)}traffic:${lines}`
  const last = spec.items.at(-1)
  if (!last) return { edits: [], notes: [] }
  if (endsUnfinished(text, last.value)) {
    const start = lineStart(text, rangeOf(last.key).start)
    const line = spec.items.length > 1 ? leadStart(text, start, column, 0) : start
    return { edits: [{ range: at(line), text: `${traffic}${lineBreak(text)}` }], notes: [] }
  }
  const place = tailEnd(text, pairEnd(text, last), column)
  return { edits: [{ range: at(place), text: `${lineBreak(text)}${traffic}` }], notes: [] }
}

/** Puts the list under a `traffic:` that is empty, keeping a comment behind it. */
function fill(text: string, pair: Pair, lines: string): Splice {
  const colon = colonEnd(pair) ?? 0
  const value = pair.value as Node | null
  const end = pairEnd(text, pair)
  const notes = isCollection(value) ? commentsIn(text, colon, end).map((comment) => note(text, 'removed', comment)) : []
  const insertion = { range: at(lineEnd(text, end)), text: lines }
  return { edits: end > colon ? [{ range: { start: colon, end }, text: '' }, insertion] : [insertion], notes }
}

function listLines(targets: readonly TrafficTarget[], column: number, lineEnds: string): string {
  const indent = ' '.repeat(column)
  return targets
    .flatMap((target) => {
      return fieldsOf(target, []).map(({ key, value }, index) => {
        return `${lineEnds}${indent}${index === 0 ? '- ' : '  '}${key}: ${scalarText(value, '')}`
      })
    })
    .join('')
}
