import { isMap, isScalar, isSeq, visit } from 'yaml'

import { type FileReading, findManifests } from '../manifest/find.js'
import type { Manifest } from '../manifest/manifest.js'
import { grouped } from '../text/collections.js'
import { applyEdits, type Edit } from '../text/edit.js'
import type { Path } from '../text/path.js'
import type { Range, SourceFile } from '../text/source.js'
import { isList, isObject, type Json, sameJson } from '../yaml/json.js'
import { readDocument } from '../yaml/read.js'
import { commentTokens } from './tokens.js'
import type { Obstacle } from './way.js'
import { type FieldWish, wished } from './wish.js'

/**
 * The block scalar that ends the text without a line end, if one does. kubectl adds that line end before it reads, so its
 * value has one; kustomize does not, and there the value would change with anything that an edit puts behind it.
 */
function cutOff(text: string, documents: FileReading['documents']): CutOff | undefined {
  if (text.endsWith('\n')) return undefined
  let node: unknown = documents.at(-1)?.contents
  while (isMap(node) || isSeq(node)) {
    const last: unknown = node.items.at(-1)
    node = isMap(node) ? node.items.at(-1)?.value : last
  }
  if (!isScalar(node) || typeof node.value !== 'string' || node.range?.[1] !== text.length) return undefined
  if (node.type !== 'BLOCK_LITERAL' && node.type !== 'BLOCK_FOLDED') return undefined
  // The line end of a `|-` is no part of its value.
  const [start] = node.range
  return /^[|>]\d*-/.test(text.slice(start, start + 4)) ? undefined : { start, value: node.value }
}

type CutOff = { readonly start: number; readonly value: string }

/** Whether such a scalar still ends the text after the edits, or went with what they take away; and no other one came. */
function isCutOffStill(old: CutOff | undefined, fresh: CutOff | undefined, edits: readonly Edit[]): boolean {
  if (fresh) return old?.value === fresh.value
  return old === undefined || edits.some(({ range }) => range.start <= old.start && old.start < range.end)
}

/** What is wished of each edited object. */
type Wishes = ReadonlyMap<Manifest, readonly FieldWish[]>

/**
 * Reads the edited text again and compares. The result is the new reading if, and only if, every wished field
 * is exactly there, every other value of every document is as it was, and no comment is gone but the named ones.
 */
export function proveEdits(
  file: SourceFile,
  before: FileReading,
  edits: readonly Edit[],
  wishes: Wishes,
  comments: { readonly removed: readonly string[]; readonly added?: readonly string[] },
): FileReading | undefined {
  const text = applyEdits(file.text, edits)
  const after = findManifests({ ...file, text })
  if (after.documents.length !== before.documents.length || after.manifests.length !== before.manifests.length)
    return undefined
  if (!isCutOffStill(cutOff(file.text, before.documents), cutOff(text, after.documents), edits)) return undefined
  const wishing = grouped(
    before.manifests.filter((manifest) => wishes.has(manifest)),
    ({ document }) => document,
  )
  const asWished = before.documents.every((document, index) => {
    const own = wishing.get(document) ?? []
    const [old, fresh] = [document, after.documents[index]].map((one) => readDocument(one?.contents ?? null).value)
    const wanted = own.reduce((value, manifest) => withFields(value, manifest.root, wishes.get(manifest) ?? []), old)
    return sameJson(wanted, fresh)
  })
  if (!asWished) return undefined
  const kept = [...commentsOf(text), ...comments.removed].toSorted()
  return sameJson(kept, [...commentsOf(file.text), ...(comments.added ?? [])].toSorted()) ? after : undefined
}

/** The document with the wishes made for the fields of the object at `root`. */
function withFields(value: Json | undefined, root: Path, fields: readonly FieldWish[]): Json | undefined {
  if (value === undefined) return value
  const [step, ...rest] = root
  if (step === undefined) return wished(value, fields)
  if (isList(value))
    return value.map((item, index) => (index === step ? (withFields(item, rest, fields) ?? null) : item))
  return isObject(value) ? { ...value, [step]: withFields(value[step], rest, fields) ?? null } : value
}

/** Every comment, in the order of the text. */
export function commentsOf(text: string): readonly string[] {
  return commentTokens(text).map(({ start, end }) => text.slice(start, end))
}

const odd = /\r(?!\n)|[\u0085\u2028\u2029]/
const names: Readonly<Record<string, string>> = {
  '\r': 'a lone CR',
  '\u0085': 'NEL (U+0085)',
  '\u2028': 'LS (U+2028)',
  '\u2029': 'PS (U+2029)',
}

/** Whether a text has a character that may end a line for some readers only. */
export function hasOddCharacter(text: string): boolean {
  return odd.test(text)
}

/**
 * What ends a line of a document for go-yaml and for nothing else that reads the file: no edit could say where lines begin.
 * Inside of quotes it is part of a value, and inside of a comment that goes on as one it changes nothing.
 */
export function oddLineEnd({ file: { text }, document }: Pick<Manifest, 'file' | 'document'>): Obstacle | undefined {
  if (!odd.test(text)) return undefined
  const end = document.range[2]
  const start = linesBefore(text, document.range[0])
  const harmless = [...quotedIn(document), ...commentsThatGoOn(text)]
  for (const { 0: found, index } of text.slice(start, end).matchAll(new RegExp(odd, 'g'))) {
    const at = start + index
    if (harmless.some((range) => range.start <= at && at < range.end)) continue
    return {
      code: 'KN414',
      message: `cannot edit the file: a line ends in ${names[found] ?? 'another character'}, not in LF or CRLF`,
      help:
        found === '\r' ? 'convert the file first, for example with `mac2unix`' : 'put a plain line end in its place',
      range: { start: at, end: at + 1 },
    }
  }
  return undefined
}

const breaks = '\n\r\u0085\u2028\u2029'

/** Where the comments and blank lines begin that stand before the content of a document. */
function linesBefore(text: string, content: number): number {
  let start = content
  while (start > 0) {
    let from = start - 1
    while (from > 0 && !breaks.includes(text.charAt(from - 1))) from--
    if (!/^(?:---)?[ \t]*(?:#|[\n\r\u0085\u2028\u2029]?$)/.test(text.slice(from, start))) return start
    start = from
  }
  return start
}

function quotedIn(document: Manifest['document']): readonly Range[] {
  const ranges: Range[] = []
  visit(document.contents, {
    Scalar: (_, { type, range }) => {
      if (type?.startsWith('QUOTE') && range) ranges.push({ start: range[0], end: range[1] })
    },
  })
  return ranges
}

function commentsThatGoOn(text: string): readonly Range[] {
  return commentTokens(text).filter(({ start, end }) => {
    const [, ...rest] = text.slice(start, end).split(odd)
    return rest.every((line) => /^[ \t]*(?:#|$)/.test(line))
  })
}
