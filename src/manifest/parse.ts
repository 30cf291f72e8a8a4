import { parseAllDocuments, type Document } from 'yaml'

import type { SourceFile } from '../text/source.js'
import type { YamlFault } from './faults.js'
import { templateInYaml, templateSign } from './template.js'

export type YamlDocument = Document.Parsed

/** Every Knative manifest spells this; a text without it is never parsed. */
export const marker = 'serving.knative.dev/'

/** The documents of a text, or why it has none that can be trusted: a text is read whole or not at all. */
export type Parsed = { readonly documents: readonly YamlDocument[]; readonly faults: readonly YamlFault[] }

/**
 * Parses all documents of a file with their offsets. Scalars stay text: `read.ts` gives them the meaning they have for
 * Kubernetes. Never throws on what a user wrote.
 */
export function parseYaml({ text }: SourceFile): Parsed {
  let documents: readonly YamlDocument[]
  try {
    const parsed = parseAllDocuments(text, {
      schema: 'failsafe',
      uniqueKeys: false,
      keepSourceTokens: true,
      prettyErrors: false,
      logLevel: 'silent',
    })
    documents = 'empty' in parsed ? [] : parsed
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return refused({
      code: 'KN110',
      message: 'must not be nested so deeply that a YAML reader runs out of stack',
      range: { start: 0, end: 0 },
    })
  }
  const error = documents.flatMap((document) => document.errors)[0]
  if (error) {
    const sign = templateSign(text)
    if (sign) return refused(template(sign))
    return refused({
      code: 'KN101',
      message: `must be valid YAML: ${lowerFirst(error.message)}`,
      range: { start: error.pos[0], end: error.pos[1] },
    })
  }
  const sign = templateInYaml(text, documents)
  if (sign) return refused(template(sign))
  return {
    documents,
    faults: documents.flatMap((document, index) =>
      directiveFaults(text, documents[index - 1]?.range[2] ?? 0, document),
    ),
  }
}

function refused(fault: YamlFault): Parsed {
  return { documents: [], faults: [fault] }
}

function template({ engine, range }: { engine: string; range: YamlFault['range'] }): YamlFault {
  return { code: 'KN103', message: `skipped: ${engine}, not plain YAML; render it first`, range }
}

/** kubectl splits documents itself and knows neither `%YAML` nor a value behind `---`. */
function directiveFaults(text: string, from: number, { range: [start, end] }: YamlDocument): readonly YamlFault[] {
  const directive = /^%(?:YAML|TAG)\b.*/m.exec(text.slice(from, start).replace(/^\uFEFF/, ' '))
  if (directive) {
    const at = from + directive.index
    return [
      {
        code: 'KN109',
        message: 'a `%YAML` or `%TAG` directive must not stand in a manifest: kubectl cannot read it',
        range: { start: at, end: at + directive[0].length },
      },
    ]
  }
  const value = /^---[ \t]+(?!#)\S.*/.exec(text.slice(start, end))
  if (!value) return []
  return [
    {
      code: 'KN109',
      message: 'nothing but a comment may follow `---` on its line: "invalid Yaml document separator"',
      range: { start, end: start + value[0].length },
    },
  ]
}

function lowerFirst(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1).replace(/ at line \d+, column \d+:?[\s\S]*$/, '')
}
