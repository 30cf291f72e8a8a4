import { parseAllDocuments, type Document, type YAMLParseError } from 'yaml'

import type { SourceFile } from '../text/source.js'
import { markerFaults } from './document-markers.js'
import type { YamlFault } from './faults.js'
import { jsonFault } from './json-stream.js'
import { needsScan, scan, type Scan } from './scan.js'
import { templateInYaml, templateSign } from './template.js'
import { controlCharacter, withPlainBreaks } from './text-form.js'

export type YamlDocument = Document.Parsed

/** Every Knative manifest spells this; a text without it is never parsed. */
export const marker = 'serving.knative.dev/'

/** The documents of a text, or why it has none that can be trusted: a text is read whole or not at all. */
export type Parsed = { readonly documents: readonly YamlDocument[]; readonly faults: readonly YamlFault[] }

/**
 * Parses all documents of a file with their offsets. Scalars stay text: `read.ts` gives them the meaning they have for
 * Kubernetes. Never throws on what a user wrote.
 */
export function parseYaml(file: SourceFile): Parsed {
  const text = withPlainBreaks(file.text)
  const control = controlCharacter(text)
  if (control >= 0)
    return refused({
      code: 'KN101',
      message: 'must be valid YAML: "control characters are not allowed"',
      range: { start: control, end: control + 1 },
    })
  const { refused: odd, tabs } = needsScan(text) ? scan(text) : calm
  let documents: readonly YamlDocument[]
  try {
    const parsed = parseAllDocuments(withSpaces(text, tabs), {
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
  const error = documents.flatMap((document) => document.errors).find(isError)
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
  if (odd)
    return refused({
      code: 'KN101',
      message: `must be valid YAML: "${odd.phrase}"`,
      help: 'indent with spaces; put values with tabs or `?` in quotes',
      range: { start: odd.offset, end: odd.offset + 1 },
    })
  const json = jsonFault(text)
  if (json) return refused(json)
  return { documents, faults: markerFaults(text, documents) }
}

/** YAML 1.1 does not ask for a space before a comment where no text stands. */
function isError({ code, message }: YAMLParseError): boolean {
  return code !== 'MISSING_CHAR' || !message.startsWith('Comments must be separated')
}

const calm: Scan = { tabs: [] }

function withSpaces(text: string, tabs: readonly number[]): string {
  let result = ''
  let from = 0
  for (const tab of tabs) {
    result += `${text.slice(from, tab)} `
    from = tab + 1
  }
  return result + text.slice(from)
}

function refused(fault: YamlFault): Parsed {
  return { documents: [], faults: [fault] }
}

function template({ engine, range }: { engine: string; range: YamlFault['range'] }): YamlFault {
  return { code: 'KN103', message: `skipped: ${engine}, not plain YAML; render it first`, range }
}

function lowerFirst(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1).replace(/ at line \d+, column \d+:?[\s\S]*$/, '')
}
