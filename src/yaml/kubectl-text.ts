import { isJsonText } from './json.js'
import { type Document, visit } from 'yaml'

import { lineStart, nextLine, type Range } from '../text/source.js'
import type { YamlFault } from './faults.js'

/**
 * The text as a YAML 1.1 reader sees its lines: a lone carriage return and the line separators of Unicode end a line,
 * too. Every offset stays what it was.
 *
 * Source: go-yaml v2, yamlprivateh.go is_break.
 */
export function withPlainBreaks(text: string): string {
  return /\r(?!\n)|[\u0085\u2028\u2029]/.test(text) ? text.replaceAll(/\r(?!\n)|[\u0085\u2028\u2029]/g, '\n') : text
}

/** The offset of the first character that no YAML may hold (readerc.go: "control characters are not allowed"), or -1. */
export function controlCharacter(text: string): number {
  return text.search(/[\0-\x08\x0B\x0C\x0E-\x1F\x7F-\x84\x86-\x9F\uFFFE\uFFFF]/)
}

/**
 * The text without what stands between a line `...` and the next `---`: kubectl reads one document from each part of a
 * file, and never sees the rest. Line ends stay, so that every offset does.
 */
export function withoutTails(text: string): string {
  return text.includes('...') && /^\.\.\.(?=\s|$)/m.test(text)
    ? text.replaceAll(tail, (_, end: string, rest: string) => end + blank(rest))
    : text
}

const tail = /^(\.\.\.(?=\s|$))([\s\S]*?)(?=^---|(?![\s\S]))/gm

function blank(text: string): string {
  return text.replaceAll(/[^\r\n]/g, ' ')
}

/** A line of three dashes and at most a comment, which stands close behind them or behind a blank of Unicode. */
type OddMarker = {
  readonly offset: number
  readonly line: string
  /** Whether kubectl leaves it in the text, as it does where it separates nothing: at the start, and behind another one. */
  readonly isText: boolean
}

/**
 * To kubectl such lines are separators as `---` is, to YAML they are text.
 *
 * Source: k8s.io/apimachinery/pkg/util/yaml/decoder.go YAMLReader.
 */
function oddMarkers(text: string): readonly OddMarker[] {
  if (!odd.test(text)) return []
  const markers: OddMarker[] = []
  let empty = 0
  for (const { 0: whole, index: offset } of text.matchAll(/^---[^\S\n]*(?:#.*)?(?:\n|$(?!\n))/gm)) {
    const isText = offset === empty
    empty = isText ? -1 : offset + whole.length
    const line = whole.trimEnd()
    if (odd.test(whole)) markers.push({ offset, line, isText })
  }
  return markers
}

const odd = /^---(?:#|[^\S \t\r\n])/m

/** The text with blanks in place of what such a line has behind its dashes, where it separates. */
export function withPlainMarkers(text: string): string {
  let result = ''
  let from = 0
  for (const { offset, line, isText } of oddMarkers(text)) {
    if (isText) continue
    result += `${text.slice(from, offset)}---${blank(line.slice(3))}`
    from = offset + line.length
  }
  return result + text.slice(from)
}

/** The text with spaces at these offsets, which are in order. */
export function withSpaces(text: string, offsets: readonly number[]): string {
  let result = ''
  let from = 0
  for (const offset of offsets) {
    result += `${text.slice(from, offset)} `
    from = offset + 1
  }
  return result + text.slice(from)
}

/** Whether a text that is fine as YAML 1.2 has anything that go-yaml could refuse. */
export function needsScan(text: string): boolean {
  // What is looked for has one of these in it, which is quick to see.
  if (!/[\t?[\]{},]|:\s*:/.test(text)) return false
  return /[\t?]|[[{,:]\s*:|[[{,][^[\]{},\n]*\n|-[\]},]|[^"'\s]:[\]},{[]/.test(text) || hasCommentBehindBracket(text)
}

/** Whether a line has a comment, or what looks like one, behind a bracket, a brace or a comma. */
function hasCommentBehindBracket(text: string): boolean {
  for (let at = text.indexOf(' #'); at >= 0; at = text.indexOf(' #', nextLine(text, at)))
    if (/[[{,]/.test(text.slice(lineStart(text, at), at))) return true
  return false
}

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
        'kubectl cannot read a directive (`%…`) in a manifest',
        'did not find expected <document start>',
      ),
    ]
  })
  if (!text.includes('...')) return faults
  const found = [...text.matchAll(onlyAnEnd)]
  const message = 'kubectl cannot read `...` where a document starts'
  return [...faults, ...found.flatMap((match) => fault(0, match, message, 'did not find expected node content'))]
}

const directive = /^%.*/m
/** Lines are those of kubectl, which know no other end than a line feed. */
const separator = /(?<![^\n])---(?![^\S\n]*(?:#|\n|(?![^])))[^\r\n]*/g
const onlyAnEnd = /^(?=\.\.\.(?:\s|$))(?<=(?:^---[^\n]*\n|(?<![^])\uFEFF?)(?:[ \t]*(?:#.*)?\r?\n)*)\.\.\./gm

/**
 * The lines that begin with three dashes and go on. kubectl does not ask what the line is to YAML: `---x`, and a line in
 * the middle of a text in quotes, too. Where nothing stands before it, YAML has to take it for a marker as well.
 *
 * Source: the same.
 */
export function separatorFaults(text: string): readonly YamlFault[] {
  if (!text.includes('---')) return []
  const [message, said] = ['kubectl cannot read text after `---` on its line', 'invalid Yaml document separator']
  return [...[...text.matchAll(separator)].flatMap((match) => fault(0, match, message, said)), ...closeMarkers(text)]
}

function closeMarkers(text: string): readonly YamlFault[] {
  const kept = oddMarkers(text).filter(({ isText }) => isText)
  return kept.map(({ offset, line }) => ({
    code: 'KN109',
    message: 'kubectl cannot read this `---`: it has no space after it',
    says: { by: 'kubectl', text: 'mapping values are not allowed in this context' },
    help: line.startsWith('---#') ? 'write `--- #`' : 'end the line after the dashes',
    range: { start: offset, end: offset + line.length },
  }))
}

function fault(offset: number, match: RegExpExecArray | null, message: string, said: string): readonly YamlFault[] {
  if (!match) return []
  const start = offset + match.index
  return [
    { code: 'KN109', message, says: { by: 'kubectl', text: said }, range: { start, end: start + match[0].length } },
  ]
}

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
    if (end !== undefined && isJsonText(text.slice(start, end))) objects.push({ start, end })
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

/** Whether nothing but white space stands behind these objects, the first ones of a text: all of it is read as JSON. */
export function isAllJson(text: string, objects: readonly Range[]): boolean {
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
      message: 'file has several JSON objects, but is not JSON throughout',
      says: { by: 'kubectl', text: 'invalid character' },
      help: 'add a line `---` before each object, the first one included',
      range: { start: next, end: next + 1 },
    }
  }
  return {
    code: 'KN113',
    message: 'file starts with `{` but is not JSON throughout: kubectl 1.32 and older will reject it',
    help: 'start the file with a line `---`, or make it JSON: quote all keys and strings, remove trailing commas and comments',
    range: { start, end: start + 1 },
  }
}

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
          const message = `the escape \`${found}\` is not valid outside of JSON`
          const help = slash ? 'write `/`' : 'write the character itself, or `\\U` and eight digits'
          const says = { by: 'kubectl', text: phrase } as const
          faults.push({ code: 'KN101', message, help, says, range: { start, end: start + found.length } })
        }
      },
    })
  }
  return faults
}
