import { isMap, isNode, isPair, isScalar, isSeq, visit } from 'yaml'

import type { Path } from '../text/path.js'
import type { FileHistory, FileVersion } from '../text/words.js'
import { grouped, onlyOnce } from '../text/collections.js'
import { type DocumentInFile, documentTexts, separator, startOf } from '../yaml/apart.js'
import { isHarmless } from '../yaml/faults.js'
import { isList, isObject, type Json, type JsonObject } from '../yaml/json.js'
import { parseYaml } from '../yaml/parse.js'
import { keyText, readDocument } from '../yaml/read.js'
import { resolvePlain } from '../yaml/scalar.js'
import { type FileReading, findManifests, strayDocument, unreadable } from './find.js'
import { isNamedAs, type Manifest, type Named } from './manifest.js'
import { hasSign } from './other-kinds.js'

/** A Service of a text, without the YAML that it was read from. */
export type ReadService = Pick<Manifest, 'name' | 'namespace' | 'value'> & {
  /** Where its document is in the text of the version. */
  readonly start: number
  readonly end: number
  readonly isSound: boolean
}

/** What a text holds. */
export type VersionReading = {
  /** The Services of a name and namespace. */
  readonly servicesOf: (named: Named) => readonly ReadService[]
  readonly isSound: boolean
}

/** Histories that are asked about at a time: that of a file, what came after it, and some of other files of a Service. */
const atHand = 8
const readers = new Map<FileHistory, VersionReader>()

/**
 * Reads a version of a file, by what it shares with versions that were read before: robots change one line of a file a
 * hundred times. What was read is known while the Services of a few files ask for it. Undefined where there is no text.
 */
export function readingOf(history: FileHistory, version: FileVersion): VersionReading | undefined {
  return readerOf(history).read(version)
}

/** Whether a version was read a moment ago, so that reading it takes nothing. */
export function isRead(history: FileHistory, version: FileVersion): boolean {
  return readers.get(history)?.knows(version) === true
}

/** Hands over what a text was read as, so that a version with the same text is not read again. */
export function rememberReading(history: FileHistory, text: string, reading: FileReading): void {
  readerOf(history).remember(text, reading)
}

let latest: { readonly history: FileHistory; readonly reader: VersionReader } | undefined

function readerOf(history: FileHistory): VersionReader {
  if (latest?.history === history) return latest.reader
  const reader = readers.get(history) ?? new VersionReader()
  latest = { history, reader }
  readers.delete(history)
  readers.set(history, reader)
  for (const oldest of readers.keys()) if (readers.size > atHand) readers.delete(oldest)
  return reader
}

class VersionReader {
  private readonly byId = new Map<string, VersionReading>()
  /** What was read last, in parts, and the parts by their texts. */
  private last: PartedText | undefined
  private parts: ReadonlyMap<string, Part> = new Map()

  knows({ id }: FileVersion): boolean {
    return id !== undefined && this.byId.has(id)
  }

  read(version: FileVersion): VersionReading | undefined {
    const known = version.id === undefined ? undefined : this.byId.get(version.id)
    if (known) return known
    const { id, path, text } = version
    if (text === undefined) return undefined
    // What has no id stays known by its text.
    const key = id ?? text
    const reading = this.byId.get(text) ?? this.inParts(path, text) ?? wholeOf(findManifests({ path, text }))
    this.byId.set(key, reading)
    return reading
  }

  remember(text: string, reading: FileReading): void {
    this.byId.set(text, wholeOf(reading))
    const texts = documentTexts(text) ?? []
    const [own, second] = texts
    if (own === undefined || reading.faults.length > 0) return
    if (second !== undefined) {
      this.keep(text, partsOf(text, texts, reading))
      return
    }
    const outline = (): Outline | undefined => outlineOf(reading.documents, text, startOf(text))
    this.keep(text, [partOf(own, reading, outline)])
  }

  /** Undefined where documents do not stand for themselves, or one of them has faults. */
  private inParts(path: string, text: string): VersionReading | undefined {
    const near = this.last && changedParts(this.last, text)
    if (near) return new PartsReading(this.keep(text, near))
    const order: Part[] = []
    for (const own of documentTexts(text) ?? []) {
      const part = this.parts.get(own) ?? parsed(path, own)
      if (!part) return undefined
      order.push(part)
    }
    // Without a Service nobody reads what else the documents hold.
    if (order.every(({ services }) => services.length === 0)) return undefined
    return new PartsReading(this.keep(text, order))
  }

  private keep(text: string, order: readonly Part[]): PartedText {
    this.last = { text, order, starts: startsOf(order, startOf(text)) }
    if (order.length > 1) this.parts = new Map(order.map((part) => [part.text, part] as const))
    return this.last
  }
}

/** A text, its documents, and where each begins. */
type PartedText = { readonly text: string; readonly order: readonly Part[]; readonly starts: readonly number[] }

function startsOf(order: readonly Pick<Part, 'text'>[], start: number): readonly number[] {
  let next = start
  return order.map(({ text }) => {
    const own = next
    next += text.length + separator.length
    return own
  })
}

/** One document of a text that is cut at its separators. */
type Part = {
  readonly text: string
  readonly services: readonly PartService[]
  /**
   * Its plain values, made when they are first asked for: most parts never change. Undefined where it cannot be told what a
   * changed value would make of the whole.
   */
  readonly outline: () => Outline | undefined
}

type PartService = Pick<Manifest, 'name' | 'namespace' | 'value'> & { readonly root: Path; readonly isSound: boolean }

/** Reads a part by itself; undefined where there is something to say of it. */
function parsed(path: string, text: string): Part | undefined {
  const file = { path, text }
  // Its YAML takes far more memory than reading it again takes time.
  const outline = (): Outline | undefined => outlineOf(parseYaml(file).documents, text)
  const reading = hasSign(text) ? findManifests(file) : undefined
  if (reading && reading.manifests.length > 0)
    return reading.faults.length > 0 ? undefined : partOf(text, reading, outline)
  const { documents, faults } = parseYaml(file)
  const isPlain = documents.every((document) => {
    const own = readDocument(document.contents, text)
    return unreadable(own).length === 0 && strayDocument(document, own.value).length === 0
  })
  return faults.length > 0 || !isPlain ? undefined : partOf(text, { manifests: [] }, outline)
}

/** The parts of a text that was read as a whole. */
function partsOf(text: string, texts: readonly string[], { manifests }: FileReading): readonly Part[] {
  const starts = startsOf(
    texts.map((own) => ({ text: own })),
    startOf(text),
  )
  const byPart = grouped(manifests, ({ document }) => lastUpTo(starts, document.range[2] - 1, (start) => start))
  return texts.map((own, index) => {
    const outline = (): Outline | undefined => outlineOf(parseYaml({ path: '', text: own }).documents, own)
    return partOf(own, { manifests: byPart.get(index) ?? [] }, outline)
  })
}

function partOf(text: string, { manifests }: Pick<FileReading, 'manifests'>, outline: Part['outline']): Part {
  const services = manifests.map(({ name, namespace, value, root, faults }) => {
    return { name, namespace, value, root, isSound: faults.every(isHarmless) }
  })
  return { text, services, outline: onlyOnce(outline) }
}

/** A value on one line, and where it is in its part. */
type Entry = { readonly start: number; readonly end: number; readonly path: Path }
/** Such values in their order. */
type Outline = readonly Entry[]

/** Values that mean themselves, whatever stands around them: on one line, without a sign of YAML. */
const plain = String.raw`[A-Za-z0-9](?:[\w./@+-]|:(?=[A-Za-z0-9]))*`
const quoted = String.raw`"[\w./@+:, -]*"|'[\w./@+:, -]*'`
const simple = new RegExp(`(?:${quoted}|${plain})`, 'y')

/** The simple value that begins there, as it is written; undefined for any other. */
function sourceAt(text: string, offset: number): string | undefined {
  simple.lastIndex = offset
  const source = simple.exec(text)?.[0]
  // What V8 cuts out of a text holds on to all of it, and a value is kept for long after its text.
  return source && Array.from(source).join('')
}

/** What such a value is; undefined for a number that JSON has not. */
function valueOf(source: string): Json | undefined {
  if (source.startsWith('"') || source.startsWith("'")) return source.slice(1, -1)
  const value = resolvePlain(source)
  return typeof value === 'number' && !Number.isFinite(value) ? undefined : value
}

/** @param from Where the part begins in the text that was parsed. */
function outlineOf(documents: readonly DocumentInFile[], text: string, from = 0): Outline | undefined {
  const [document, second] = documents
  if (!document || second) return undefined
  let isSimple = readDocument(document.contents, text).faults.length === 0
  const outline: Entry[] = []
  visit(document.contents, {
    Alias: () => {
      isSimple = false
      return visit.BREAK
    },
    Node: (key, node, ancestors) => {
      isSimple &&= !('anchor' in node && node.anchor !== undefined) && node.tag === undefined
      if (!isSimple) return visit.BREAK
      if (!isScalar(node) || key === 'key' || !node.range) return undefined
      const [start, end] = node.range
      if (sourceAt(text, start)?.length !== end - start) return undefined
      const path = pathTo(
        ancestors.filter((one) => isNode(one) || isPair(one)),
        node,
      )
      if (path) outline.push({ start: start - from, end: end - from, path })
      return undefined
    },
  })
  return isSimple ? outline : undefined
}

function pathTo(ancestors: readonly unknown[], node: unknown): Path | undefined {
  const path: (string | number)[] = []
  for (const [index, one] of ancestors.entries()) {
    const next = ancestors[index + 1] ?? node
    if (isSeq(one)) path.push(one.items.indexOf(next))
    else if (isPair(one)) {
      const key = keyText(one.key, () => undefined)
      if (key === undefined || key === '<<') return undefined
      path.push(key)
    } else if (!isMap(one)) return undefined
  }
  return path
}

/** Another value in the place of one. */
type Change = Entry & { readonly source: string; readonly value: Json }

/**
 * The parts of a text that differs from one that was read in nothing but simple values: what YAML makes of the rest cannot
 * be another thing. Undefined where it differs in more.
 */
function changedParts({ text: before, order, starts }: PartedText, text: string): readonly Part[] | undefined {
  const changes = new Map<number, Change[]>()
  let [old, fresh] = [0, 0]
  let last: Entry | undefined
  for (;;) {
    const length = sharedLength(before, old, text, fresh)
    old += length
    fresh += length
    if (old === before.length && fresh === text.length) break
    const index = lastUpTo(starts, old, (start) => start)
    const [part, start] = [order[index], starts[index] ?? 0]
    const outline = part?.outline() ?? []
    const entry = outline[lastUpTo(outline, old - start, (one) => one.start)]
    if (!part || !entry || entry === last || old - start > entry.end) return undefined
    const begin = fresh - (old - start - entry.start)
    const source = sourceAt(text, begin)
    const value = source === undefined ? undefined : valueOf(source)
    if (source === undefined || value === undefined || !mayBecome(part, entry)) return undefined
    const own = changes.get(index)
    if (own) own.push({ ...entry, source, value })
    else changes.set(index, [{ ...entry, source, value }])
    last = entry
    old = start + entry.end
    fresh = begin + source.length
  }
  return order.map((part, index) => {
    const own = changes.get(index)
    return own ? partWith(part, own) : part
  })
}

/** How many letters two texts have in common from there on. */
function sharedLength(a: string, from: number, b: string, to: number): number {
  const most = Math.min(a.length - from, b.length - to)
  let length = 0
  while (
    length + stride <= most &&
    a.slice(from + length, from + length + stride) === b.slice(to + length, to + length + stride)
  )
    length += stride
  while (length < most && a.charCodeAt(from + length) === b.charCodeAt(to + length)) length++
  return length
}

/** Letters that are compared in one go, which takes less time than one by one. */
const stride = 256

/** The index of the last of some places that is not beyond an offset. */
function lastUpTo<One>(sorted: readonly One[], offset: number, placeOf: (one: One) => number): number {
  let [low, high] = [-1, sorted.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    const one = sorted[middle]
    if (one !== undefined && placeOf(one) <= offset) low = middle
    else high = middle - 1
  }
  return low
}

function mayBecome({ services }: Part, { path }: Entry): boolean {
  return services.length === 0 ? !isTelling(path) : services.every((one) => mayChange(one, path))
}

/** @param changes In the order of the text. */
function partWith(part: Part, changes: readonly Change[]): Part {
  let [text, services, end] = ['', part.services, 0]
  for (const { start, end: next, path, source, value } of changes) {
    text += part.text.slice(end, start) + source
    end = next
    services = services.map((one) => changed(one, path, value))
  }
  text += part.text.slice(end)
  return { text, services, outline: onlyOnce(() => movedOutline(part.outline() ?? [], changes)) }
}

function movedOutline(outline: Outline, changes: readonly Change[]): Outline {
  let [at, shift] = [0, 0]
  return outline.map((entry) => {
    const { start, end, path } = entry
    const change = changes[at]
    const isChanged = change?.start === start
    const grown = isChanged ? change.source.length - (end - start) : 0
    const moved = shift === 0 && grown === 0 ? entry : { start: start + shift, end: end + shift + grown, path }
    if (isChanged) at++
    shift += grown
    return moved
  })
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

function changed(service: PartService, path: Path, value: Json): PartService {
  if (!isBelow(path, service.root)) return service
  const made = withValue(service.value, path, value, service.root.length)
  return isObject(made) ? { ...service, value: made } : service
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

/** What a text holds that was read whole. */
function wholeOf({ manifests, faults }: FileReading): VersionReading {
  const byName = new Map<string, ReadService[]>()
  for (const { name, namespace, value, document, faults: own } of manifests) {
    const [start, , end] = document.range
    const service = { name, namespace, value, start, end, isSound: own.every(isHarmless) }
    const others = byName.get(name)
    if (others) others.push(service)
    else byName.set(name, [service])
  }
  return {
    servicesOf: (named) => (byName.get(named.name) ?? []).filter((one) => isNamedAs(one, named)),
    isSound: faults.every(isHarmless),
  }
}

/** The Services of the documents of a text. */
class PartsReading implements VersionReading {
  readonly isSound = true
  private readonly byName = new Map<string, ReadService[]>()

  constructor({ order, starts }: PartedText) {
    for (const [index, { services, text }] of order.entries()) {
      const start = starts[index] ?? 0
      for (const { name, namespace, value, isSound } of services) {
        const service = { name, namespace, value, isSound, start, end: start + text.length }
        const others = this.byName.get(name)
        if (others) others.push(service)
        else this.byName.set(name, [service])
      }
    }
  }

  servicesOf(named: Named): readonly ReadService[] {
    return (this.byName.get(named.name) ?? []).filter((one) => isNamedAs(one, named))
  }
}
