import { isMap, isNode, isScalar, isSeq, visit } from 'yaml'

import type { Bytes } from '../text/words.js'
import type { Path } from '../text/path.js'
import type { SourceFile } from '../text/source.js'
import { lastUpTo, onlyOnce } from '../text/collections.js'
import type { DocumentInFile, ScalarAt } from '../yaml/apart.js'
import { isList, isObject, type Json, type JsonObject } from '../yaml/json.js'
import { parseYaml } from '../yaml/parse.js'
import { plainDocuments } from '../yaml/plain-documents.js'
import { keyText, readDocument } from '../yaml/read.js'
import { resolvePlain } from '../yaml/scalar.js'
import type { Manifest } from './manifest.js'

/** One document of a text that is cut at its separators. */
export type Part = {
  readonly text: string
  readonly services: readonly PartService[]
  /**
   * Its plain values, found when they are first asked for: most parts never change. Undefined where it cannot be told what a
   * changed value would make of the whole.
   */
  readonly outline: () => Outline | undefined
}

/** A Service in such a document. */
export type PartService = Pick<Manifest, 'name' | 'namespace' | 'value'> & {
  readonly root: Path
  readonly isSound: boolean
}

/** A text, its documents, and where each begins: in it, and in its bytes. */
export type PartedText = {
  readonly order: readonly Part[]
  readonly starts: readonly number[]
  readonly bytes: Uint8Array
  readonly places: readonly number[]
  /** Whether each letter is a byte. */
  readonly isAscii: boolean
}

/** A value on one line, and where it is in its part. */
type Entry = { readonly start: number; readonly end: number; readonly path: Path }

/** Tells of such values which one stands at an offset; undefined where none does. */
type Outline = (offset: number) => Entry | undefined

/** Another value in the place of one. */
export type Change = Entry & {
  /** Of the part. */
  readonly index: number
  /** Where the value begins in the bytes of the text that was read. */
  readonly place: number
  readonly source: string
  readonly value: Json
}

/** Values that mean themselves, whatever stands around them: on one line, without a sign of YAML. */
const plain = String.raw`[A-Za-z0-9](?:[\w./@+-]|:(?=[A-Za-z0-9]))*`
const quoted = String.raw`"[\w./@+:, -]*"|'[\w./@+:, -]*'`
const simple = new RegExp(`(?:${quoted}|${plain})`, 'y')

/** The simple value that begins there, as it is written; undefined for any other. */
function sourceAt(text: string, offset: number): string | undefined {
  simple.lastIndex = offset
  return simple.exec(text)?.[0]
}

/** What such a value is; undefined for a number that JSON has not. */
function valueOf(source: string): Json | undefined {
  if (source.startsWith('"') || source.startsWith("'")) return source.slice(1, -1)
  const value = resolvePlain(source)
  return typeof value === 'number' && !Number.isFinite(value) ? undefined : value
}

/**
 * The plain values of a document; undefined where one of them may mean something else beside other ones.
 *
 * @param from Where the part begins in the text that was parsed.
 */
export function outlineOf(documents: readonly DocumentInFile[], text: string, from = 0): Outline | undefined {
  const [document, second] = documents
  if (!document || second || !(document.scalarAt || isSimple(document, text))) return undefined
  const known = new Map<number, Entry | undefined>()
  const find = (offset: number): Entry | undefined => {
    const scalar = document.scalarAt ? document.scalarAt(from + offset) : scalarIn(document.contents, from + offset)
    if (!scalar) return undefined
    const { start, end, path } = scalar
    const isIts = start <= from + offset && from + offset <= end && sourceAt(text, start)?.length === end - start
    return isIts ? { start: start - from, end: end - from, path } : undefined
  }
  // Robots change the same value again and again.
  return (offset) => {
    if (known.has(offset)) return known.get(offset)
    const found = find(offset)
    known.set(offset, found)
    return found
  }
}

/** The documents of a text that was read without a fault. */
export function documentsIn(file: SourceFile): readonly DocumentInFile[] {
  return plainDocuments(file.text)?.map(({ document }) => document) ?? parseYaml(file).documents
}

/** Whether nothing in a document stands for something else in it. */
function isSimple({ contents }: DocumentInFile, text: string): boolean {
  if (readDocument(contents, text).faults.length > 0) return false
  if (!/[&*!]/.test(text)) return true
  let isPlain = true
  visit(contents, {
    Alias: () => {
      isPlain = false
      return visit.BREAK
    },
    Node: (_, node) => {
      isPlain &&= !('anchor' in node && node.anchor !== undefined) && node.tag === undefined
      return isPlain ? undefined : visit.BREAK
    },
  })
  return isPlain
}

function scalarIn(contents: unknown, offset: number): ScalarAt | undefined {
  const path: (string | number)[] = []
  const node = lastNode(contents, offset, path)
  return isScalar(node) && node.range ? { start: node.range[0], end: node.range[1], path } : undefined
}

/** The last value that begins up to an offset, or the one whose key does, and the path that leads there. */
function lastNode(within: unknown, offset: number, path: (string | number)[]): unknown {
  if (isSeq(within)) {
    const index = lastUpTo(within.items, offset, startOf)
    path.push(index)
    return lastNode(within.items[index], offset, path)
  }
  if (!isMap(within)) return within
  const pair = within.items[lastUpTo(within.items, offset, (one) => startOf(one.key))]
  const key = pair && keyText(pair.key, () => undefined)
  if (key === undefined || key === '<<') return undefined
  path.push(key)
  return lastNode(pair?.value, offset, path)
}

function startOf(node: unknown): number {
  return isNode(node) && node.range ? node.range[0] : Infinity
}

/** So many values may differ in one document: putting more into it takes longer than reading it. */
const many = 64

/** So long may a value be that is looked at. */
const longest = 256

/**
 * What differs between a text that was read and one that differs from it in nothing but simple values, in the order of the
 * text: what YAML makes of the rest cannot be another thing. Undefined where it differs in more.
 *
 * @param again A change that was found in another version, compared with the same text: robots change one value again and
 *   again, and that it may become another one is known.
 */
export function changesIn(text: PartedText, bytes: Bytes, again?: Change): readonly Change[] | undefined {
  const only = again && changedAgain(text.bytes, bytes, again)
  return only ? [only] : allChangesIn(text, bytes, again?.place ?? 0)
}

/** The change of that value, where a text differs in it alone. */
function changedAgain(before: Uint8Array, bytes: Bytes, again: Change): Change | undefined {
  const { place: from } = again
  const to = from + again.end - again.start
  const end = bytes.length - (before.length - to)
  if (end <= from || end - from >= longest) return undefined
  if (bytes.compare(before, to, before.length, end, bytes.length) !== 0) return undefined
  if (bytes.compare(before, 0, from, 0, from) !== 0 || bytes.compare(before, from, to, from, end) === 0)
    return undefined
  const source = sourceIn(bytes, from)
  const value = source?.length === end - from ? valueOf(source) : undefined
  return source === undefined || value === undefined ? undefined : { ...again, source, value }
}

/** The simple value that begins at a place; undefined for any other, and for a long one. */
function sourceIn(bytes: Bytes, begin: number): string | undefined {
  const source = sourceAt(bytes.toString('latin1', begin, Math.min(begin + longest, bytes.length)), 0)
  return source !== undefined && source.length < longest ? source : undefined
}

/** @param guess Up to where the texts may be the same, in bytes. */
function allChangesIn(
  { bytes: before, order, places, isAscii }: PartedText,
  bytes: Bytes,
  guess: number,
): readonly Change[] | undefined {
  const changes: Change[] = []
  let old = 0
  let fresh = 0
  let last: Change | undefined
  // How far letters are counted: each once, however many values differ.
  let counted = { index: -1, up: 0, letters: 0, changes: 0 }
  for (;;) {
    const length = sharedLength(before, old, bytes, fresh, old === 0 ? guess : 0)
    old += length
    fresh += length
    if (old === before.length && fresh === bytes.length) return changes
    const index = lastUpTo(places, old, (place) => place)
    const part = order[index]
    if (counted.index !== index) counted = { index, up: places[index] ?? 0, letters: 0, changes: 0 }
    const offset = counted.letters + (isAscii ? old - counted.up : lettersIn(before, counted.up, old))
    counted = { index, up: old, letters: offset, changes: counted.changes + 1 }
    if (counted.changes > many) return undefined
    const entry = part?.outline()?.(offset)
    if (!part || !entry || (last?.index === index && last.start === entry.start)) return undefined
    // From its begin on there are letters of one byte each.
    const begin = fresh - (offset - entry.start)
    const source = sourceIn(bytes, begin)
    const value = source === undefined ? undefined : valueOf(source)
    if (source === undefined || value === undefined || !mayBecome(part, entry)) return undefined
    last = { ...entry, index, place: old - (offset - entry.start), source, value }
    changes.push(last)
    old += entry.end - offset
    fresh = begin + source.length
  }
}

/** How many letters, as UTF-16 counts them, there are between two places. */
function lettersIn(bytes: Uint8Array, from: number, to: number): number {
  let count = to - from
  for (let at = from; at < to; at++) {
    const byte = bytes[at] ?? 0
    // One that goes on with a letter is none; a letter of four bytes is two.
    if (byte >= 0x80 && byte < 0xc0) count--
    else if (byte >= 0xf0) count++
  }
  return count
}

/** How many bytes two texts have in common from there on, of which `guess` are likely to be. */
function sharedLength(a: Uint8Array, from: number, b: Bytes, to: number, guess: number): number {
  const most = Math.min(a.length - from, b.length - to)
  const isSame = (start: number, end: number): boolean =>
    end <= most && b.compare(a, from + start, from + end, to + start, to + end) === 0
  // Behind the last difference all is the same.
  if (a.length - from === b.length - to && isSame(0, most)) return most
  let length = guess > 0 && isSame(0, guess) ? guess : 0
  const near = Math.min(most, length + least)
  while (length < near && a[from + length] === b[to + length]) length++
  if (length < near) return length
  let step = least
  // The system compares many at once faster than a loop does.
  while (isSame(length, length + step)) {
    length += step
    step *= 2
  }
  for (; step >= least; step /= 2) if (isSame(length, length + step)) length += step
  while (length < most && a[from + length] === b[to + length]) length++
  return length
}

/** So many bytes are compared one by one. */
const least = 32

function mayBecome({ services }: Part, { path }: Entry): boolean {
  return services.length === 0 ? !isTelling(path) : services.every((one) => mayChange(one, path))
}

/** Whether the value says what a document is, or what it holds. */
function isTelling([first]: Path): boolean {
  return first === 'apiVersion' || first === 'kind' || first === 'items'
}

/** Whether a Service is the same one with another value at the path. */
function mayChange({ root }: PartService, path: Path): boolean {
  if (!isBelow(path, root)) return root.length > 0 && path[0] === 'items' && path[1] !== root[1] && path[2] === 'spec'
  const [field, part] = path.slice(root.length)
  return field === 'spec' || (field === 'metadata' && (part === 'labels' || part === 'annotations'))
}

function isBelow(path: Path, root: Path): boolean {
  return root.every((part, index) => path[index] === part)
}

/** Whether a change makes a difference at one of the paths of a Service. Below a value that is changed there is nothing. */
export function isSeenAt({ path }: Change, { root }: PartService, paths: readonly Path[]): boolean {
  return isBelow(path, root) && paths.some((one) => one.every((part, at) => path[root.length + at] === part))
}

/** The text of a part with other values: its changes, in its order. */
export function textWith(part: Part, changes: readonly Change[]): string {
  let [text, end] = ['', 0]
  for (const { start, end: next, source } of changes) {
    text += part.text.slice(end, start) + source
    end = next
  }
  return text + part.text.slice(end)
}

/** @param changes Those of the part, in its order. */
export function partWith(part: Part, changes: readonly Change[]): Part {
  const text = textWith(part, changes)
  return {
    text,
    services: part.services.map((one) => changed(one, changes)),
    outline: onlyOnce(() => outlineOf(documentsIn({ path: '', text }), text)),
  }
}

/** The Service with other values; all else is shared. */
export function changed(service: PartService, changes: readonly Change[]): PartService {
  let made: Json = service.value
  for (const { path, value } of changes)
    if (isBelow(path, service.root)) made = withValue(made, path, value, service.root.length)
  return isObject(made) && made !== service.value ? { ...service, value: made } : service
}

/** The same value with another one at a path that it has, looked at from a place in it on; all else is shared. */
function withValue(within: Json, path: Path, value: Json, from: number): Json {
  const first = path[from]
  if (first === undefined) return value
  if (isList(within)) return typeof first === 'number' ? withItem(within, path, value, from) : within
  if (!isObject(within)) return within
  const made: JsonObject = { ...within, [first]: withValue(within[first] ?? null, path, value, from + 1) }
  return made
}

function withItem(list: readonly Json[], path: Path, value: Json, from: number): readonly Json[] {
  return list.map((item, index) => (index === path[from] ? withValue(item, path, value, from + 1) : item))
}
