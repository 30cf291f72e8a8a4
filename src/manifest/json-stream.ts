import type { Range } from '../text/range.js'
import type { YamlFault } from './faults.js'

/**
 * Where a JSON text could be cut: brackets, and strings, whose brackets do not count. A string that is not closed takes
 * its line along: each quote in it would begin another look through the same text.
 */
const token = /"(?:[^"\\\n]|\\.)*"?|[{}[\]]/g

/**
 * The objects that a text begins with, if it is read as JSON: one behind the other, with nothing but white space between
 * them, as `jq` writes them. Empty where the text does not begin with `{`, white space aside.
 *
 * Source: k8s.io/apimachinery/pkg/util/yaml/decoder.go YAMLOrJSONDecoder.
 */
export function jsonObjects(text: string): readonly Range[] {
  const objects: Range[] = []
  for (let end: number | undefined = 0; end !== undefined;) {
    const start: number = end + (/^[ \t\r\n]*/.exec(text.slice(end))?.[0].length ?? 0)
    end = text[start] === '{' ? objectEnd(text, start) : undefined
    if (end !== undefined && isJson(text.slice(start, end))) objects.push({ start, end })
    else break
  }
  return objects
}

function objectEnd(text: string, start: number): number | undefined {
  let depth = 0
  token.lastIndex = start
  for (let match = token.exec(text); match; match = token.exec(text)) {
    const [found] = match
    if (found === '{' || found === '[') depth++
    else if (found === '}' || found === ']') depth--
    if (depth === 0) return token.lastIndex
  }
  return undefined
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Whether nothing but white space stands behind these objects, the first ones of a text: all of it is read as JSON. */
export function isWhole(text: string, objects: readonly Range[]): boolean {
  const last = objects.at(-1)
  return last !== undefined && text.slice(last.end).trim() === ''
}

/**
 * What kubectl says of a text that begins with `{` and is not JSON to its end: older ones take it for JSON and for
 * nothing else, those of today only behind a second object. Undefined for any other text.
 */
export function jsonFault(text: string, objects: readonly Range[]): YamlFault | undefined {
  const start = text.search(/[\S\uFEFF]/)
  const last = objects.at(-1)?.end ?? start
  if (text[start] !== '{' || text.slice(last).trim() === '') return undefined
  if (objects.length > 1) {
    const next = last + text.slice(last).search(/\S/)
    return {
      code: 'KN101',
      message: 'a file of several JSON objects must be JSON throughout: "invalid character"',
      help: 'separate the objects by lines `---`, and begin the file with such a line, too',
      range: { start: next, end: next + 1 },
    }
  }
  return {
    code: 'KN113',
    message:
      'a file that begins with `{` must be JSON throughout for older kubectl, 1.32 among them, which refuse this one',
    help: 'begin the file with a line `---`, or make it JSON: quote all keys and texts, drop trailing commas and comments',
    range: { start, end: start + 1 },
  }
}
