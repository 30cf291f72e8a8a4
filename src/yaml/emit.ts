import { Document, Scalar, visit } from 'yaml'

import type { JsonObject } from './json.js'
import { isAmbiguous } from './scalar.js'

const lines = /^\S(?:.*\S)?(?:\n(?:.*\S)?)*$/

/**
 * A new document as people write one: two spaces a level, lists indented below their key, quotes only where a reader of
 * YAML 1.1 or 1.2 would take the plain text for something else, and `|` for several lines. Members keep their order.
 */
export function emit(value: JsonObject): string {
  const document = new Document(value, { version: '1.2', compat: 'yaml-1.1', aliasDuplicateObjects: false })
  visit(document, {
    Scalar(position, node) {
      if (typeof node.value === 'string') node.type = styleOf(node.value, position === 'key')
    },
    Seq(_, node) {
      node.flow = node.items.length === 0
    },
    Map(_, node) {
      node.flow = node.items.length === 0
    },
  })
  return document
    .toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER })
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{P}\p{S} \n]/gu, escaped)
}

/** What can stand in a text without quotes or escapes: what can be seen, and spaces between it. */
function isVisible(text: string): boolean {
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]+$/u.test(text)
}

function styleOf(text: string, isKey: boolean): Scalar.Type {
  if (text.includes('\n')) {
    const isBlock = !isKey && lines.test(text) && text.split('\n').every((line) => line === '' || isVisible(line))
    return isBlock ? Scalar.BLOCK_LITERAL : Scalar.QUOTE_DOUBLE
  }
  return isAmbiguous(text) || !isVisible(text) || /^(?:---|\.\.\.)/.test(text) ? Scalar.QUOTE_DOUBLE : Scalar.PLAIN
}

/** Only text in double quotes holds such characters. */
function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0
  const hex = code.toString(16).toUpperCase()
  return code > 0xffff ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`
}
