import { type Document, isMap, isScalar, isSeq, visit } from 'yaml'

import type { Range } from '../text/source.js'

/** What shows that a text is the input of a template engine and no manifest yet. */
export type TemplateSign = {
  readonly engine: string
  readonly range: Range
  /** Set where the text is YAML, but none that Kubernetes can read. */
  readonly isBroken?: true
}

const actions: readonly (readonly [engine: string, sign: RegExp])[] = [
  ['a Helm or Go template (`{{ … }}`)', /^[^#'"\n]*\{\{/m],
  ['a Jinja template (`{% … %}`)', /^[^#'"\n]*\{%/m],
  ['an ERB or EJS template (`<% … %>`)', /^[^#'"\n]*<%/m],
  // No text can begin with either sign.
  ['a template with tokens (`@…@`, `%…%`)', /^[^#'"\n]*[:-][ \t]+(?=([@%])[A-Z][A-Z0-9_]*\1)[@%]./m],
]

/** For a text that is no YAML: whether it was meant for a template engine. Quoted and commented signs do not count. */
export function templateSign(text: string): TemplateSign | undefined {
  for (const [engine, sign] of actions) {
    const match = sign.exec(text)
    if (match) return { engine, range: twoFrom(match.index + match[0].length - 2) }
  }
  return undefined
}

const ytt = /(?:^|[ \t])#@(?:[ \t]|(?:data|overlay|schema|library|yaml|assert|template|struct|ytt)\/)/m
/** A token in the place of a value, as in `image: #{Image}`. To YAML it is a comment, and what else begins so is one. */
const token = /:[ \t]+#\{[ \t]*[\w.:-]+[ \t]*\}#?[ \t]*$/m

/**
 * For a text that parses: templates that happen to be YAML as well. `{{ .Values.x }}` is a flow mapping inside another
 * one's key, `percent: #@ data.values.x` an empty value with a comment.
 */
export function templateInYaml(text: string, documents: readonly Document[]): TemplateSign | undefined {
  if (text.includes('{{')) {
    const found = documents.map(mappingAsKey).find((range) => range !== undefined)
    if (found) return { engine: 'a Helm or Go template (`{{ … }}`)', range: found, isBroken: true }
  }
  for (const [engine, found] of [
    ['a ytt template (`#@ …`)', text.includes('#@') ? ytt.exec(text)?.index : undefined],
    ['a template with tokens (`#{…}`)', text.includes('#{') ? token.exec(text)?.index : undefined],
  ] as const) {
    const offset = text.indexOf('#', found)
    if (found !== undefined && documents.every((document) => !insideScalar(document, offset)))
      return { engine, range: twoFrom(offset) }
  }
  return undefined
}

function mappingAsKey(document: Document): Range | undefined {
  let found: Range | undefined
  visit(document, {
    Pair(_, { key }) {
      if (!isMap(key) || !key.flow) return undefined
      found = { start: key.range?.[0] ?? 0, end: key.range?.[1] ?? 0 }
      return visit.BREAK
    },
  })
  return found
}

function insideScalar(document: Document, offset: number): boolean {
  let inside = false
  visit(document, {
    Node(_, node) {
      const [start, end] = node.range ?? [0, 0]
      if (isScalar(node) && start <= offset && offset < end) inside = true
      return inside ? visit.BREAK : isSeq(node) || isMap(node) ? undefined : visit.SKIP
    },
  })
  return inside
}

/** The two characters that every sign begins with. */
function twoFrom(start: number): Range {
  return { start, end: start + 2 }
}
