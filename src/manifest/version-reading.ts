import type { Path } from '../text/path.js'
import type { Bytes, FileHistory, FileVersion } from '../text/words.js'
import { grouped, lastUpTo, onlyOnce } from '../text/collections.js'
import { documentTexts, isLarge, separator, startOf } from '../yaml/apart.js'
import { isHarmless } from '../yaml/faults.js'
import { parseYaml } from '../yaml/parse.js'
import { plainDocuments } from '../yaml/plain-documents.js'
import { readDocument } from '../yaml/read.js'
import { type FileReading, findManifests, strayDocument, unreadable } from './find.js'
import { isNamedAs, type Manifest, type Named } from './manifest.js'
import {
  type Change,
  changed,
  changesIn,
  documentsIn,
  isSeenAt,
  outlineOf,
  type Part,
  type PartedText,
  type PartService,
  partWith,
  textWith,
} from './near-version.js'
import { hasSign } from './other-kinds.js'

/** A Service of a text, without the YAML that it was read from. */
export type ReadService = Pick<Manifest, 'name' | 'namespace' | 'value'> & {
  /** The text of its document. It takes the whole text of the version only where that was not read document by document. */
  readonly documentIn: (whole: () => string) => string
  readonly isSound: boolean
}

/** What a text holds. */
export type VersionReading = {
  /** The Services of a name and namespace. */
  readonly servicesOf: (named: Named) => readonly ReadService[]
  /**
   * The same for who looks at nothing but these paths, and at which keys there are: they may be those of another version
   * that differs in single values elsewhere. Of all such versions their `value` is the same object.
   */
  readonly servicesAlike?: (named: Named, paths: readonly Path[]) => readonly ReadService[]
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

/** Of a file with more Services than that, documents are held: each Service asks for its own in every version. */
const manyServices = 8

/** So many values may differ from what was read last: beyond that a version is what the next ones are compared with. */
const few = 8

class VersionReader {
  private readonly byId = new Map<string, VersionReading>()
  /** What versions are compared with, and the parts of it by their texts. */
  private last: (PartedText & { readonly reading: PartsReading }) | undefined
  private parts: ReadonlyMap<string, Part> = new Map()
  /** The documents of versions that were read as a whole and hold many Services, each once. */
  private readonly pieces = new Map<string, string>()
  /** What was remembered and no version has been compared with yet. */
  private unused:
    | { readonly text: string; readonly reading: FileReading; readonly bytes?: Bytes | undefined }
    | undefined
  /** The first change from `last` in the newest version that had one. */
  private again: Change | undefined

  knows({ id }: FileVersion): boolean {
    return id !== undefined && this.byId.has(id)
  }

  read(version: FileVersion): VersionReading | undefined {
    const known = version.id === undefined ? undefined : this.byId.get(version.id)
    if (known) return known
    const same = this.unused && version.text === this.unused.text ? this.byId.get(this.unused.text) : undefined
    if (same && this.unused) {
      version.holdAs?.(this.unused.text)
      this.unused = { ...this.unused, bytes: version.bytes?.() }
    }
    if (same && version.id !== undefined) this.byId.set(version.id, same)
    if (same) return same
    this.use()
    const near = this.nearTo(version)
    if (near && version.id !== undefined) this.byId.set(version.id, near)
    if (near) return near
    const { id, path, text } = version
    if (text === undefined) return undefined
    // What has no id stays known by its text.
    const key = id ?? text
    const reading = this.byId.get(text) ?? this.inParts(path, text) ?? this.asWhole(path, text)
    this.byId.set(key, reading)
    return reading
  }

  remember(text: string, reading: FileReading): void {
    this.byId.set(text, wholeOf(reading))
    this.unused = { text, reading }
    if (!isLarge(text)) this.use()
  }

  /**
   * Takes apart what was remembered. Of a large file that takes as much memory again, and many a file has no other version; of
   * others, what was read is to be let go.
   */
  private use(): void {
    if (!this.unused) return
    const { text, reading, bytes } = this.unused
    this.unused = undefined
    const texts = documentTexts(text) ?? []
    const [own, second] = texts
    if (own === undefined || reading.faults.length > 0 || !reading.manifests.every(hasNoFault)) return
    if (second !== undefined) {
      this.keep(text, partsOf(text, texts, reading), bytes)
      return
    }
    const outline = (): ReturnType<Part['outline']> => outlineOf(reading.documents, text, startOf(text))
    this.keep(text, [partOf(own, reading, outline)], bytes)
  }

  /** Undefined where it differs from what was read in more than a few values. */
  private nearTo(version: FileVersion): VersionReading | undefined {
    const bytes = this.last && version.bytes?.()
    const changes = this.last && bytes && changesIn(this.last, bytes, this.again)
    if (!this.last || !changes) return undefined
    this.again = changes[0] ?? this.again
    if (changes.length <= few) return new NearReading(this.last.reading, changes)
    const byPart = grouped(changes, ({ index }) => index)
    const order = this.last.order.map((part, index) => {
      const own = byPart.get(index)
      return own ? partWith(part, own) : part
    })
    return version.text === undefined ? undefined : this.keep(version.text, order)
  }

  private asWhole(path: string, text: string): VersionReading {
    const reading = findManifests({ path, text })
    if (reading.manifests.length <= manyServices) return wholeOf(reading)
    return wholeOf(reading, (from, to) => {
      const piece = text.slice(from, to)
      const known = this.pieces.get(piece) ?? copyOf(piece)
      this.pieces.set(known, known)
      return known
    })
  }

  /** Undefined where documents do not stand for themselves, or one of them has faults. */
  private inParts(path: string, text: string): VersionReading | undefined {
    const order: Part[] = []
    for (const own of documentTexts(text) ?? []) {
      // It may be held while versions come and go.
      const part = this.parts.get(own) ?? parsed(path, copyOf(own))
      if (!part) return undefined
      order.push(part)
    }
    // Without a Service nobody reads what else the documents hold.
    if (order.every(({ services }) => services.length === 0)) return undefined
    return this.keep(text, order)
  }

  /** @param known The bytes that the text was read from, where they are at hand. */
  private keep(text: string, order: readonly Part[], known?: Bytes): VersionReading {
    const encoder = new TextEncoder()
    const bytes = known ?? encoder.encode(text)
    const starts = startsOf(order, startOf(text))
    const isAscii = bytes.length === text.length
    const sized = (): readonly number[] =>
      startsOf(
        order.map((part) => ({ text: { length: encoder.encode(part.text).length } })),
        startOf(text),
      )
    const reading = new PartsReading(order)
    this.last = { order, starts, bytes, places: isAscii ? starts : sized(), isAscii, reading }
    this.again = undefined
    if (order.length > 1) this.parts = new Map(order.map((part) => [part.text, part] as const))
    return reading
  }
}

/** Where each part begins, as its length is counted. */
function startsOf(order: readonly { readonly text: { readonly length: number } }[], start: number): readonly number[] {
  let next = start
  return order.map(({ text }) => {
    const own = next
    next += text.length + separator.length
    return own
  })
}

/** What V8 cuts out of a text holds on to all of it: it is cut out of a text of its own size instead. */
function copyOf(piece: string): string {
  return `${piece} `.slice(0, -1)
}

/** Reads a part by itself; undefined where there is something to say of it. */
function parsed(path: string, text: string): Part | undefined {
  const file = { path, text }
  // Its YAML takes far more memory than reading it again takes time.
  const outline = (): ReturnType<Part['outline']> => outlineOf(documentsIn(file), text)
  const reading = hasSign(text) ? findManifests(file) : undefined
  if (reading && reading.manifests.length > 0) {
    // What is wrong in one part may be more than that in the whole.
    const isWhole = reading.faults.length === 0 && reading.manifests.every(hasNoFault)
    return isWhole ? partOf(text, reading, outline) : undefined
  }
  const plain = plainDocuments(text)
  if (plain) {
    const isWhole = plain.every(({ document, value }) => strayDocument(document, value).length === 0)
    return isWhole ? partOf(text, { manifests: [] }, outline) : undefined
  }
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
    const outline = (): ReturnType<Part['outline']> => outlineOf(documentsIn({ path: '', text: own }), own)
    return partOf(own, { manifests: byPart.get(index) ?? [] }, outline)
  })
}

function hasNoFault({ faults }: Pick<Manifest, 'faults'>): boolean {
  return faults.every(isHarmless)
}

function partOf(text: string, { manifests }: Pick<FileReading, 'manifests'>, outline: Part['outline']): Part {
  const services = manifests.map(({ name, namespace, value, root, faults }) => {
    return { name, namespace, value, root, isSound: hasNoFault({ faults }) }
  })
  return { text, services, outline: onlyOnce(outline) }
}

/**
 * What a text holds that was read whole.
 *
 * @param held The text of a document, where it is to be held.
 */
function wholeOf({ manifests, faults }: FileReading, held?: (start: number, end: number) => string): VersionReading {
  const byName = new Map<string, ReadService[]>()
  for (const { name, namespace, value, document, faults: found } of manifests) {
    const [start, , end] = document.range
    const own = held?.(start, end)
    const documentIn = (whole: () => string): string => own ?? whole().slice(start, end)
    const service = { name, namespace, value, documentIn, isSound: hasNoFault({ faults: found }) }
    const others = byName.get(name)
    if (others) others.push(service)
    else byName.set(name, [service])
  }
  return {
    servicesOf: (named) => (byName.get(named.name) ?? []).filter((one) => isNamedAs(one, named)),
    isSound: faults.every(isHarmless),
  }
}

/** A Service of the documents of a text, and of which one. */
type Placed = { readonly index: number; readonly part: Part; readonly service: PartService }

/** The Services of a name, as they are placed and as they are read. */
type FoundServices = { readonly placed: readonly Placed[]; readonly services: readonly ReadService[] }

/** The Services of the documents of a text. */
class PartsReading implements VersionReading {
  readonly isSound = true
  private readonly byName = new Map<string, Placed[]>()
  private asked: { readonly named: Named; readonly found: FoundServices } | undefined

  constructor(order: readonly Part[]) {
    for (const [index, part] of order.entries()) {
      for (const service of part.services) {
        const placed = { index, part, service }
        const others = this.byName.get(service.name)
        if (others) others.push(placed)
        else this.byName.set(service.name, [placed])
      }
    }
  }

  /** Thousands of versions ask for the same Service, one after the other. */
  found(named: Named): FoundServices {
    if (this.asked?.named === named) return this.asked.found
    const placed = (this.byName.get(named.name) ?? []).filter(({ service }) => isNamedAs(service, named))
    const services = placed.map(({ part: { text }, service: { name, namespace, value, isSound } }) => {
      return { name, namespace, value, isSound, documentIn: () => text }
    })
    const found = { placed, services }
    this.asked = { named, found }
    return found
  }

  servicesOf(named: Named): readonly ReadService[] {
    return this.found(named).services
  }
}

/** The Services of a text that differs from another one in a few values. */
class NearReading implements VersionReading {
  readonly isSound = true
  /** What was asked for last: several questions about one Service read the same version. */
  private asked: { readonly named: Named; readonly services: readonly ReadService[] } | undefined

  constructor(
    private readonly near: PartsReading,
    private readonly changes: readonly Change[],
  ) {}

  servicesOf(named: Named): readonly ReadService[] {
    if (this.asked?.named === named) return this.asked.services
    const services = this.near.found(named).placed.map((placed) => this.serviceOf(placed))
    this.asked = { named, services }
    return services
  }

  servicesAlike(named: Named, paths: readonly Path[]): readonly ReadService[] {
    const { placed, services } = this.near.found(named)
    for (const change of this.changes)
      for (const { index, service } of placed)
        if (change.index === index && isSeenAt(change, service, paths)) return this.servicesOf(named)
    return services
  }

  private serviceOf({ index, part, service }: Placed): ReadService {
    const own = this.changes.filter((change) => change.index === index)
    const { name, namespace, value, isSound } = changed(service, own)
    return { name, namespace, value, isSound, documentIn: () => textWith(part, own) }
  }
}
