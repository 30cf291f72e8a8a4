import { isMap, isNode, isPair, isScalar, isSeq, visit } from 'yaml'

import type { Path } from '../text/path.js'
import type { FileHistory, FileVersion } from '../text/words.js'
import { onlyOnce } from '../text/collections.js'
import { isHarmless } from '../yaml/faults.js'
import { isList, isObject, type Json, type JsonObject } from '../yaml/json.js'
import { parseYaml, type YamlDocument } from '../yaml/parse.js'
import { keyText, readDocument } from '../yaml/read.js'
import { resolvePlain } from '../yaml/scalar.js'
import { type FileReading, findManifests, strayDocument, unreadable } from './find.js'
import type { Manifest } from './manifest.js'
import { hasSign } from './signs.js'

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
  readonly servicesOf: (named: Pick<Manifest, 'name' | 'namespace'>) => readonly ReadService[]
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

/** Hands over what a text was read as, so that a version with the same text is not read again. */
export function rememberReading(history: FileHistory, text: string, reading: FileReading): void {
  readerOf(history).remember(text, reading)
}

function readerOf(history: FileHistory): VersionReader {
  const reader = readers.get(history) ?? new VersionReader()
  readers.delete(history)
  readers.set(history, reader)
  for (const oldest of readers.keys()) if (readers.size > atHand) readers.delete(oldest)
  return reader
}

class VersionReader {
  private readonly byId = new Map<string, VersionReading>()
  /** The documents of the version that was read last, by their texts and in their order. */
  private parts: ReadonlyMap<string, Part> = new Map()
  private order: readonly Part[] = []

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
    const [own, second] = documentTexts(text) ?? []
    if (own === undefined || second !== undefined || reading.faults.length > 0) return
    const part = partOf(own, reading, () => outlineOf(reading.documents, text, startOf(text)))
    this.order = [part]
    this.parts = new Map([[own, part]])
  }

  /** Undefined where documents do not stand for themselves, or one of them has faults. */
  private inParts(path: string, text: string): VersionReading | undefined {
    const texts = documentTexts(text)
    if (!texts) return undefined
    const order: Part[] = []
    for (const [index, own] of texts.entries()) {
      const before = this.order.length === texts.length ? this.order[index] : undefined
      const part = this.parts.get(own) ?? (before && derived(before, own)) ?? parsed(path, own)
      if (!part) return undefined
      order.push(part)
    }
    // Without a Service nobody reads what else the documents hold.
    if (order.every(({ services }) => services.length === 0)) return undefined
    this.order = order
    this.parts = new Map(order.map((part) => [part.text, part] as const))
    return new PartsReading(order, startOf(text))
  }
}

/** One document of a text that is cut at its separators. */
type Part = {
  readonly text: string
  readonly services: readonly PartService[]
  /**
   * Its plain values by line, made when they are first asked for: most parts never change. Undefined where it cannot be told
   * what a changed value would make of the whole.
   */
  readonly outline: () => Outline | undefined
}

type PartService = Pick<Manifest, 'name' | 'namespace' | 'value'> & { readonly root: Path; readonly isSound: boolean }

const separator = '---\n'

/** The texts between separators, or undefined where the parts of a text may mean something else than they do together. */
function documentTexts(text: string): readonly string[] | undefined {
  if (/^%|\r|^\uFEFF|^\.\.\.|^---(?!\n)|\{\{/m.test(text)) return undefined
  const parts = text.slice(startOf(text)).split(`\n${separator}`)
  const last = parts.length - 1
  const texts = parts.map((part, index) => (index < last ? `${part}\n` : part))
  return texts.some((one) => /^\s*[{[]/.test(one)) ? undefined : texts
}

/** Where the first part begins. */
function startOf(text: string): number {
  return text.startsWith(separator) ? separator.length : 0
}

/** Reads a part by itself; undefined where there is something to say of it. */
function parsed(path: string, text: string): Part | undefined {
  const file = { path, text }
  // Its YAML takes far more memory than reading it again takes time.
  const outline = (): Outline | undefined => outlineOf(parseYaml(file).documents, text)
  if (!hasSign(text)) {
    const { documents, faults } = parseYaml(file)
    const isPlain = documents.every((document) => {
      const reading = readDocument(document.contents, text)
      return unreadable(reading).length === 0 && strayDocument(document, reading.value).length === 0
    })
    return faults.length > 0 || !isPlain ? undefined : partOf(text, { manifests: [] }, outline)
  }
  const reading = findManifests(file)
  return reading.faults.length > 0 ? undefined : partOf(text, reading, outline)
}

function partOf(text: string, { manifests }: Pick<FileReading, 'manifests'>, outline: Part['outline']): Part {
  const services = manifests.map(({ name, namespace, value, root, faults }) => {
    return { name, namespace, value, root, isSound: faults.every(isHarmless) }
  })
  return { text, services, outline: onlyOnce(outline) }
}

/** A value on a line of its document. */
type Entry = { readonly start: number; readonly end: number; readonly path: Path }
/** The values of each line that has some. */
type Outline = ReadonlyMap<number, readonly Entry[]>

/** Values that mean themselves, whatever stands around them: on one line, without a sign of YAML. */
const plain = /^[A-Za-z0-9](?:[\w./@+-]|:(?=[A-Za-z0-9]))*$/
const quoted = /^(?:"[\w./@+:, -]*"|'[\w./@+:, -]*')$/

/** What such a value is; undefined for any other. */
function valueOf(source: string): Json | undefined {
  if (quoted.test(source)) return source.slice(1, -1)
  const value = plain.test(source) ? resolvePlain(source) : undefined
  return typeof value === 'number' && !Number.isFinite(value) ? undefined : value
}

/** @param from Where the part begins in the text that was parsed. */
function outlineOf(documents: readonly YamlDocument[], text: string, from = 0): Outline | undefined {
  const [document, second] = documents
  if (!document || second) return undefined
  let isSimple = readDocument(document.contents, text).faults.length === 0
  const outline = new Map<number, Entry[]>()
  const starts = lineStarts(text)
  const first = lineAt(starts, from)
  visit(document, {
    Alias: () => {
      isSimple = false
      return visit.BREAK
    },
    Node: (key, node, ancestors) => {
      isSimple &&= !('anchor' in node && node.anchor !== undefined) && node.tag === undefined
      if (!isSimple) return visit.BREAK
      if (!isScalar(node) || key === 'key' || !node.range) return undefined
      const [start, end] = node.range
      if (valueOf(text.slice(start, end)) === undefined) return undefined
      const path = pathTo(
        ancestors.filter((one) => isNode(one) || isPair(one)),
        node,
      )
      if (!path) return undefined
      const line = lineAt(starts, start)
      const offset = starts[line] ?? 0
      const entry = { start: start - offset, end: end - offset, path }
      const others = outline.get(line - first)
      if (others) others.push(entry)
      else outline.set(line - first, [entry])
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

function lineStarts(text: string): readonly number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

function lineAt(starts: readonly number[], offset: number): number {
  let [low, high] = [0, starts.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return low
}

/**
 * The part that a text is, where it differs from one that was read in nothing but plain values, each on the line where it
 * was: what YAML makes of the rest cannot be another thing.
 */
function derived(before: Part, text: string): Part | undefined {
  const [old, fresh] = [before.text.split('\n'), text.split('\n')]
  if (old.length !== fresh.length) return undefined
  const outline = before.outline()
  if (!outline) return undefined
  const lines = new Map<number, readonly Entry[]>()
  let { services } = before
  for (const [index, line] of fresh.entries()) {
    const was = old[index] ?? ''
    if (line === was) continue
    const entries = outline.get(index)
    const [entry, second] = entries ?? []
    // Another value of the line would have to be moved as well.
    if (!entry || second) return undefined
    const found = sourceIn(line, was, entry)
    const value = found === undefined ? undefined : valueOf(found)
    if (found === undefined || value === undefined) return undefined
    const { path } = entry
    if (services.length === 0 ? isTelling(path) : !services.every((one) => mayChange(one, path))) return undefined
    services = services.map((one) => changed(one, path, value))
    lines.set(index, [{ ...entry, end: entry.start + found.length }])
  }
  const made = new Map([...outline, ...lines])
  return { text, services, outline: () => made }
}

/** What a line has in the place of a value, if it has all else that stood there. */
function sourceIn(line: string, was: string, { start, end }: Entry): string | undefined {
  const rest = was.slice(end)
  const isKept = line.length > start + rest.length && line.startsWith(was.slice(0, start)) && line.endsWith(rest)
  return isKept ? line.slice(start, line.length - rest.length) : undefined
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
  const made = withValue(service.value, path.slice(service.root.length), value)
  return isObject(made) ? { ...service, value: made } : service
}

/** The same value with another one at a path that it has; all else is shared. */
function withValue(within: Json, [first, ...rest]: Path, value: Json): Json {
  if (first === undefined) return value
  if (isList(within)) return within.map((item, index) => (index === first ? withValue(item, rest, value) : item))
  if (!isObject(within)) return within
  const made: JsonObject = { ...within, [first]: withValue(within[first] ?? null, rest, value) }
  return made
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
    servicesOf: ({ name, namespace }) => (byName.get(name) ?? []).filter((one) => one.namespace === namespace),
    isSound: faults.every(isHarmless),
  }
}

type Named = Pick<Manifest, 'name' | 'namespace'>

/** The Services of several documents, and where each document is. */
class PartsReading implements VersionReading {
  readonly isSound = true
  private readonly byName = new Map<string, (readonly [part: number, service: PartService])[]>()
  private readonly parts: readonly { readonly start: number; readonly end: number }[]

  /** @param start Where the first of them begins. */
  constructor(parts: readonly Part[], start: number) {
    let at = start
    this.parts = parts.map(({ text }) => {
      const place = { start: at, end: at + text.length }
      at = place.end + separator.length
      return place
    })
    for (const [index, { services }] of parts.entries()) {
      for (const service of services) {
        const others = this.byName.get(service.name)
        if (others) others.push([index, service])
        else this.byName.set(service.name, [[index, service]])
      }
    }
  }

  servicesOf({ name, namespace }: Named): readonly ReadService[] {
    return (this.byName.get(name) ?? []).flatMap(([index, service]) => {
      const place = this.parts[index]
      return service.namespace === namespace && place ? [{ ...service, ...place }] : []
    })
  }
}
