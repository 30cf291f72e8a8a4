import { visit, type Document } from 'yaml'

import type { YamlFault } from './faults.js'

const risky = /\\(?:\/|u[dD][89A-Fa-f])/
const escapes = /\\(?:(\/)|(u[dD][89A-Fa-f][0-9A-Fa-f]{2})|[^])/g

/**
 * The escapes that JSON has and go-yaml has not: `\/`, and the halves of a pair of surrogates. They are fine in a file that
 * is read as JSON.
 *
 * Source: go-yaml v2, scannerc.go yaml_parser_scan_flow_scalar.
 */
export function escapeFaults(text: string, documents: readonly Document[]): readonly YamlFault[] {
  if (!risky.test(text)) return []
  const faults: YamlFault[] = []
  for (const document of documents) {
    visit(document, {
      Scalar: (_, { type, range }) => {
        if (type !== 'QUOTE_DOUBLE' || !range) return
        for (const { 0: found, 1: slash, 2: half, index } of text.slice(range[0], range[1]).matchAll(escapes)) {
          if (slash === undefined && half === undefined) continue
          const phrase = slash ? 'found unknown escape character' : 'found invalid Unicode character escape code'
          const start = range[0] + index
          const message = `\`${found}\` must not be used outside of JSON: "${phrase}"`
          const help = slash ? 'write `/`' : 'write the character itself, or `\\U` and eight digits'
          faults.push({ code: 'KN101', message, help, range: { start, end: start + found.length } })
        }
      },
    })
  }
  return faults
}
