import type { Document } from 'yaml'

import type { YamlFault } from './faults.js'

/**
 * kubectl cuts a file into documents itself, at lines that begin with `---`, before anything reads YAML. So it knows no
 * directives, nothing behind the dashes but a comment, and no document that begins with `...`.
 *
 * Source: k8s.io/apimachinery/pkg/util/yaml/decoder.go YAMLReader.
 */
export function markerFaults(
  text: string,
  documents: readonly { readonly range: Document.Parsed['range'] }[],
): readonly YamlFault[] {
  return documents.flatMap(({ range }, index) => {
    const from = documents[index - 1]?.range[2] ?? 0
    const [start, , end] = range
    return [
      ...fault(
        from,
        directive.exec(text.slice(from, start).replace(/^\uFEFF/, ' ')),
        'a directive (`%…`) must not stand in a manifest: kubectl cannot read it, "did not find expected <document start>"',
      ),
      ...fault(
        start,
        separator.exec(text.slice(start, end)),
        'nothing but a comment must follow `---` on its line: "invalid Yaml document separator"',
      ),
      ...fault(
        start,
        onlyAnEnd.exec(text.slice(start, end)),
        '`...` must not be all there is of a document: "did not find expected node content"',
      ),
    ]
  })
}

const directive = /^%.*/m
const separator = /^---[ \t]+(?!#)\S.*/
const onlyAnEnd = /(?<=^---[ \t]*(?:#.*)?\r?\n(?:[ \t]*(?:#.*)?\r?\n)*)\.\.\.(?=\s|$)/

function fault(offset: number, match: RegExpExecArray | null, message: string): readonly YamlFault[] {
  if (!match) return []
  const start = offset + match.index
  return [{ code: 'KN109', message, range: { start, end: start + match[0].length } }]
}
