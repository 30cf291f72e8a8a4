import type { Document } from 'yaml'

import type { YamlFault } from './faults.js'
import { oddMarkers } from './text-form.js'

/**
 * kubectl cuts a file into documents itself, at lines that begin with `---`, before anything reads YAML. So it knows no
 * directives, and no document that begins with `...`.
 *
 * Source: k8s.io/apimachinery/pkg/util/yaml/decoder.go YAMLReader.
 */
export function markerFaults(
  text: string,
  documents: readonly { readonly range: Document.Parsed['range'] }[],
): readonly YamlFault[] {
  const faults = documents.flatMap(({ range: [start] }, index) => {
    const from = documents[index - 1]?.range[2] ?? 0
    return [
      ...fault(
        from,
        directive.exec(text.slice(from, start).replace(/^\uFEFF/, ' ')),
        'a directive (`%…`) must not stand in a manifest: kubectl cannot read it, "did not find expected <document start>"',
      ),
    ]
  })
  if (!text.includes('...')) return faults
  const message = '`...` must not stand where a document begins: "did not find expected node content"'
  return [...faults, ...[...text.matchAll(onlyAnEnd)].flatMap((match) => fault(0, match, message))]
}

const directive = /^%.*/m
/** Lines are those of kubectl, which know no other end than a line feed. */
const separator = /(?<![^\n])---(?![^\S\n]*(?:#|\n|(?![^])))[^\r\n]*/g
const onlyAnEnd = /^(?=\.\.\.(?:\s|$))(?<=(?:^---.*\n|(?<![^])\uFEFF?)(?:[ \t]*(?:#.*)?\r?\n)*)\.\.\./gm

/**
 * The lines that begin with three dashes and go on. kubectl does not ask what the line is to YAML: `---x`, and a line in
 * the middle of a text in quotes, too. Where nothing stands before it, YAML has to take it for a marker as well.
 *
 * Source: the same.
 */
export function separatorFaults(text: string): readonly YamlFault[] {
  if (!text.includes('---')) return []
  const message = 'nothing but a comment must follow `---` on its line: "invalid Yaml document separator"'
  return [...[...text.matchAll(separator)].flatMap((match) => fault(0, match, message)), ...closeMarkers(text)]
}

function closeMarkers(text: string): readonly YamlFault[] {
  const kept = oddMarkers(text).filter(({ isText }) => isText)
  return kept.map(({ offset, line }) => ({
    code: 'KN109',
    message: 'a space must stand behind `---` where no document ends: "mapping values are not allowed in this context"',
    help: line.startsWith('---#') ? 'write `--- #`' : 'end the line behind the dashes',
    range: { start: offset, end: offset + line.length },
  }))
}

function fault(offset: number, match: RegExpExecArray | null, message: string): readonly YamlFault[] {
  if (!match) return []
  const start = offset + match.index
  return [{ code: 'KN109', message, range: { start, end: start + match[0].length } }]
}
