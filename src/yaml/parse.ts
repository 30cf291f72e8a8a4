import { Composer, type CST, type Document, isMap, isScalar, isSeq, Lexer, Parser, visit, YAMLParseError } from 'yaml'

import { Recent } from '../text/collections.js'
import type { Range, SourceFile } from '../text/source.js'
import { blockDocuments } from './block-documents.js'
import { errorPlace, type YamlFault } from './faults.js'
import { dropStandIns, restoreFolds, scan, withStandIns } from './go-yaml-scan.js'
import {
  controlCharacter,
  escapeFaults,
  isAllJson,
  jsonFault,
  jsonObjects,
  markerFaults,
  needsScan,
  separatorFaults,
  withoutTails,
  withPlainBreaks,
  withPlainMarkers,
  withSpaces,
} from './kubectl-text.js'

const longest = 65_536
const recent = new Recent<string, readonly string[]>(2)

/**
 * The pieces that YAML's lexer cuts a text into. An edit is proved by the comments of two texts that were parsed a moment
 * before, so the last short ones are remembered.
 */
export function lexemesOf(text: string): Iterable<string> {
  if (text.length > longest) return new Lexer().lex(text)
  return recent.get(text, () => [...new Lexer().lex(text)])
}

const risky = /\\"[ \t]*\r?$/m
const escapedAtEnd = /[^\\](?:\\\\)*\\"$/

/**
 * Says of a text in double quotes that ends with a `\"` that it is not closed: where the next line is indented too little,
 * the parser takes that one for its end.
 */
function markUnclosed(text: string, documents: readonly Document[]): void {
  if (!risky.test(text)) return
  for (const document of documents) {
    visit(document, {
      Scalar: (_, { type, range }) => {
        if (type !== 'QUOTE_DOUBLE' || !range || !escapedAtEnd.test(text.slice(range[0], range[1]))) return
        document.errors.push(new YAMLParseError([range[1], range[1] + 1], 'MISSING_CHAR', 'Missing closing "quote'))
      },
    })
  }
}

/** A parsed document; its offsets are into the text of the file. */
export type YamlDocument = Document.Parsed

/** The documents of a text, or why it has none that can be trusted: a text is read whole or not at all. */
type Parsed = { readonly documents: readonly YamlDocument[]; readonly faults: readonly YamlFault[] }

/**
 * Parses all documents of a file with their offsets. Scalars stay text: `read.ts` gives them the meaning they have for
 * Kubernetes. Never throws on what a user wrote.
 */
export function parseYaml(file: SourceFile, isForEditing = false): Parsed {
  if (isForEditing || file.text.length > shortFile) return freshlyParsed(file, isForEditing)
  return lately.get(file, () => freshlyParsed(file, false))
}

/** A file is read for its Services, and once more for what kustomize makes of it. */
const lately = new Recent<SourceFile, Parsed>(256)
const shortFile = 8192

function freshlyParsed(file: SourceFile, isForEditing: boolean): Parsed {
  const text = withPlainMarkers(withoutTails(withPlainBreaks(file.text)))
  const control = controlCharacter(text)
  if (control >= 0) return refused(invalid(text, 'control characters are not allowed', control, control + 1))
  const objects = jsonObjects(text)
  if (objects.length > 1) return parseObjects(text, objects, isForEditing)
  let documents = parseAll(text, isForEditing)
  if (!documents) return refused(tooDeep)
  const separators = separatorFaults(file.text)
  if (firstError(documents) || (needsScan(text) && !isAllJson(text, objects))) {
    const { refused: odd, loose, plain } = scan(text)
    const stoodIn = withStandIns(text, plain)
    if (stoodIn !== text) documents = parseAll(stoodIn, isForEditing) ?? documents
    if (firstError(documents) && loose.length > 0) {
      const spaced = withSpaces(stoodIn, loose)
      documents = parseAll(spaced, isForEditing) ?? documents
      restoreFolds(documents, spaced, stoodIn, (part) => parseAll(part, false))
    }
    if (stoodIn !== text) dropStandIns(documents)
    if (odd && !firstError(documents)) return refused(invalid(text, odd.phrase, odd.offset, odd.offset + 1))
  }
  const error = firstError(documents)
  if (error) {
    if (error.message.includes('call stack')) return refused(tooDeep)
    const sign = templateSign(text)
    if (sign) return refused(template(sign))
    if (separators.length > 0) return { documents: [], faults: separators }
    const { start, end } = errorPlace(text, documents, error)
    return refused(invalid(text, lowerFirst(error.message), start, end))
  }
  const sign = templateInYaml(text, documents)
  if (sign) return refused(sign.isBroken && !isKeptWithTemplates(file.path) ? unrendered(sign) : template(sign))
  const escapes = objects.length > 0 ? [] : escapeFaults(text, documents)
  if (escapes.length > 0) return { documents: [], faults: escapes }
  const json = jsonFault(text, objects)
  return { documents, faults: [...separators, ...markerFaults(text, documents), ...(json ? [json] : [])] }
}

/** Each object becomes a document of its own, which YAML would ask a separator for. */
function parseObjects(text: string, objects: readonly Range[], isForEditing: boolean): Parsed {
  const json = jsonFault(text, objects)
  if (json) return refused(json)
  const documents = objects.flatMap(({ start, end }) => {
    const own = parsePart(text, { start, end }, isForEditing) ?? []
    for (const { range } of own) [range[0], range[1], range[2]] = [start, end, end]
    return own
  })
  return documents.length === objects.length && !firstError(documents) ? { documents, faults: [] } : refused(tooDeep)
}

const options = { schema: 'failsafe', uniqueKeys: false, prettyErrors: false, logLevel: 'silent' } as const

/** Undefined where the text is nested so deeply that the parser runs out of stack. */
function parseAll(text: string, keepSourceTokens: boolean): readonly YamlDocument[] | undefined {
  const parsed = parsePart(text, { start: 0, end: text.length }, keepSourceTokens)
  if (parsed) markUnclosed(text, parsed)
  return parsed
}

/** Parses a part of a text by itself, with offsets into the whole. */
function parsePart(
  text: string,
  { start, end }: Range,
  keepSourceTokens: boolean,
): readonly YamlDocument[] | undefined {
  const own = text.slice(start, end)
  const plain = keepSourceTokens ? undefined : blockDocuments(own, start)
  if (plain) return plain
  const parser = new Parser()
  parser.offset = start
  const composer = new Composer({ ...options, keepSourceTokens })
  try {
    return [...composer.compose(tokensOf(own, parser))]
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/**
 * More levels than any manifest has, and few enough for every function that calls itself for the parts of a value: the
 * V8 of some Nodes ends the whole process where it is to compile an expression on the last bit of a stack.
 */
const deepest = 500

/** @throws RangeError where the text is nested more deeply than that. */
function* tokensOf(text: string, parser: Parser): Generator<CST.Token> {
  for (const lexeme of lexemesOf(text)) {
    yield* parser.next(lexeme)
    if (parser.stack.length > deepest) throw new RangeError('nested too deeply')
  }
  yield* parser.end()
}

const tooDeep: YamlFault = {
  code: 'KN110',
  message: 'YAML is nested too deeply to be read',
  range: { start: 0, end: 0 },
}

/** Whether the path says that the file waits for a template engine: a chart's folder, a name that speaks of templates. */
function isKeptWithTemplates(path: string): boolean {
  return /(?:^|[^a-z])(?:helm|charts?|templates?|tmpl|tpl)(?:[^a-z]|$)/i.test(path)
}

/** `{{ x }}` where a value should be: kubectl reads a mapping as a key, and refuses the file. */
function unrendered({ engine, range }: TemplateSign): YamlFault {
  return {
    code: 'KN106',
    message: `mapping key is a mapping, as in ${engine} that was not rendered`,
    says: { by: 'kubectl', text: 'invalid map key' },
    help: 'render the template before you commit it, or move it to a directory named `templates`',
    range,
  }
}

function firstError(documents: readonly YamlDocument[]): YAMLParseError | undefined {
  for (const { errors } of documents) {
    const error = errors.find(isError)
    if (error) return error
  }
  return undefined
}

/** go-yaml does not ask for a space before a comment where no plain text stands. */
function isError({ code, message }: YAMLParseError): boolean {
  return code !== 'MISSING_CHAR' || !message.startsWith('Comments must be separated')
}

function invalid(text: string, reason: string, start: number, end: number): YamlFault {
  const help = text[start] === '\t' ? { help: 'use spaces in place of the tab' } : {}
  return { code: 'KN101', message: `file is not valid YAML: ${reason}`, ...help, range: { start, end } }
}

function refused(fault: YamlFault): Parsed {
  return { documents: [], faults: [fault] }
}

function template({ engine, range }: { engine: string; range: YamlFault['range'] }): YamlFault {
  return {
    code: 'KN103',
    message: `not checked: this file (it is ${engine})`,
    help: 'render it, and pass the result to `kn-rollout validate -`',
    range,
  }
}

function lowerFirst(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1).replace(/ at line \d+, column \d+:?[\s\S]*$/, '')
}

/** What shows that a text is the input of a template engine and no manifest yet. */
type TemplateSign = {
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
function templateSign(text: string): TemplateSign | undefined {
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
function templateInYaml(text: string, documents: readonly Document[]): TemplateSign | undefined {
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
