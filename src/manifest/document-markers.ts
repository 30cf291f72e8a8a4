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
  const faults = documents.flatMap(({ range: [start, , end] }, index) => {
    const from = documents[index - 1]?.range[2] ?? 0
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
    ]
  })
  if (!text.includes('...')) return faults
  const message = '`...` must not stand where a document begins: "did not find expected node content"'
  return [...faults, ...[...text.matchAll(onlyAnEnd)].flatMap((match) => fault(0, match, message))]
}

const directive = /^%.*/m
const separator = /^---[ \t]+(?!#)\S.*/
const onlyAnEnd = /(?<=(?:^---.*\n|(?<![^])\uFEFF?)(?:[ \t]*(?:#.*)?\r?\n)*)^\.\.\.(?=\s|$)/gm

function fault(offset: number, match: RegExpExecArray | null, message: string): readonly YamlFault[] {
  if (!match) return []
  const start = offset + match.index
  return [{ code: 'KN109', message, range: { start, end: start + match[0].length } }]
}
