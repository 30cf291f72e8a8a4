import type { Compared, NamedCommit, Outcome, ServiceRow } from '../pipeline/request.js'
import { equivalentTraffic } from '../manifest/traffic.js'
import { printable } from '../text/printable.js'
import { code } from './markdown-text.js'
import type { ComparedJson } from './public-json.js'
import { summaryText } from './text.js'
import { trafficLine, trafficNow } from './traffic-line.js'

/** The sides of a change as programs get them, of the shape that `schemas/report.json` promises. */
export function comparedJson({ base, head }: Compared): ComparedJson {
  return { base: commitJson(base), head: head ? commitJson(head) : { workingTree: true } }
}

function commitJson({ ref, commit }: NamedCommit): ComparedJson['base'] {
  return { ref, commit }
}

/** The sides of a change in a few words: `7551c51..working tree`. */
export function comparedText({ base, head }: Compared): string {
  return `${short(base.commit)}..${head ? short(head.commit) : 'working tree'}`
}

/** The sides of a change as a sentence of Markdown: the commits, and what they were asked for as. */
export function comparedMarkdown({ base, head }: Compared): string {
  const from = `Base: ${code(short(base.commit))}${base.commit === base.ref ? '' : `, the merge base with ${code(base.ref)}`}`
  const named = head && head.commit !== head.ref ? ` (${code(head.ref)})` : ''
  return `${from}. Head: ${head ? code(short(head.commit)) : 'the working tree'}${named}.`
}

function short(commit: string): string {
  return commit.slice(0, 7)
}

/** At most this many Services get a line of their own. */
const mostLines = 40

/**
 * What `check` looked at: a line for each Service and root with its traffic from the base to the head, then what was found.
 */
export function checkedText(outcome: Outcome & { readonly compared: Compared }): string {
  const { services, routes = 0, diagnostics, compared } = outcome
  if (services.length + routes + diagnostics.length === 0) {
    const { base, head } = compared
    const sides = `${short(base.commit)} and ${head ? short(head.commit) : 'the working tree'}`
    return `nothing checked: no Knative Service differs between ${sides}\n`
  }
  const lines = services.slice(0, mostLines).map((row) => `${wayText(row)}\n`)
  const left = services.length - lines.length
  const more = left > 0 ? `and ${left} more\n` : ''
  return `${lines.join('')}${more}${comparedText(compared)}: ${summaryText(outcome)}`
}

function wayText({ name, namespace, root, way }: ServiceRow): string {
  const label = printable(namespace === undefined ? name : `${namespace}/${name}`)
  const where = root === undefined || root === '.' ? '' : ` (${printable(root)})`
  return `${label}${where}: ${way?.to ? movedText(way, way.to) : 'traffic cannot be read'}`
}

type Way = NonNullable<ServiceRow['way']>

function movedText({ from, isUnknown }: Way, to: NonNullable<Way['to']>): string {
  if (!from) return `${isUnknown ? 'now' : 'new'}: ${trafficNow(to)}`
  return `${equivalentTraffic(from, to) ? 'traffic unchanged: ' : ''}${trafficLine(from, to)}`
}
