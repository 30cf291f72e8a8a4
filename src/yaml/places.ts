import { isAlias, isMap, isPair, isScalar, isSeq } from 'yaml'

import type { Path } from '../text/path.js'
import type { Range } from '../text/source.js'
import type { YamlDocument } from './parse.js'
import { isMergeKey, keyText, rangeOf } from './read.js'

/** Where a value stands, up to the end of its last part: a block collection takes the line end behind it as well. */
export function extent(node: unknown): Range {
  const range = rangeOf(node)
  if ((!isMap(node) && !isSeq(node)) || node.flow) return range
  const last = node.items.at(-1)
  const parts = isPair(last) ? [last.key, last.value] : [last]
  const end = Math.max(...parts.map((part) => extent(part).end))
  return end > range.start ? { start: range.start, end: Math.min(end, range.end) } : range
}

/** What is known of a value, in this order: the range of its key, its extent, the kind, and which value stands behind it. */
const [keyEnd, start, end, kind, next, width] = [1, 2, 3, 4, 5, 6]
const [leaf, map, list] = [0, 1, 2]
const placeKinds = { leaf, map, list }
export type PlaceKind = keyof typeof placeKinds

/** Where a value is: `next` counts the values up to the one behind it, `keyStart` and `keyEnd` are -1 for an item. */
export type PlaceCells = {
  readonly key: string
  readonly keyStart: number
  readonly keyEnd: number
  readonly start: number
  readonly end: number
  readonly kind: PlaceKind
  readonly next: number
}

/** With more values in it, a collection gets an index of its parts. */
const large = 64

/** The place of a key that a value does not have: real ones count from 1. */
const none = 0

type Cells = Uint16Array | Int32Array

/** So many cells are made room for at a time: an array by itself takes more memory than most documents need cells. */
const roomy = 65_536
let room = new Uint16Array()
let taken = 0

function roomFor(count: number): Uint16Array {
  if (count > roomy / 8) return new Uint16Array(count)
  if (taken + count > room.length) {
    room = new Uint16Array(roomy)
    taken = 0
  }
  taken += count
  return room.subarray(taken - count, taken)
}

/** Whether a cell holds a place, and no kind and no count. */
function isPlace(at: number): boolean {
  return at % width < kind
}

/**
 * The cells of values whose places count from the one before the first, so that most take two bytes.
 *
 * @param cells With places as they are in the file.
 */
function packed(cells: readonly number[]): { readonly cells: Cells; readonly offset: number } {
  let first = Infinity
  let last = cells.length
  // `entries()` would make a pair of each cell: most of what a short run makes and throws away.
  for (let at = 0; at < cells.length; at++) {
    const cell = cells[at] ?? 0
    if (!isPlace(at)) continue
    if (cell >= 0 && cell < first) first = cell
    if (cell > last) last = cell
  }
  const offset = first === Infinity ? 0 : first - 1
  const own: Cells = last - offset < 65_536 ? roomFor(cells.length) : new Int32Array(cells.length)
  for (let at = 0; at < cells.length; at++) {
    const cell = cells[at] ?? 0
    own[at] = isPlace(at) ? (cell < 0 ? none : cell - offset) : cell
  }
  return { cells: own, offset }
}

/** Where the fields of a document are, without its nodes: a hundredth of what those take. */
export class Places {
  private indices: Map<number, ReadonlyMap<string | number, number>> | undefined

  private constructor(
    private readonly cells: Cells,
    /** The keys of the values. */
    private readonly keys: readonly string[],
    /** How far behind what the cells say everything stands. */
    private readonly offset: number,
  ) {}

  /** Those of the same text that stands so many characters further behind in its file. */
  movedBy(by: number): Places {
    return new Places(this.cells, this.keys, this.offset + by)
  }

  /**
   * Undefined for a document with anchors, or with keys that are no texts: what stands where, only its nodes tell.
   *
   * @param known Keys that were met before: most documents have the same.
   */
  static of({ contents }: Pick<YamlDocument, 'contents'>, known: Map<string, string>): Places | undefined {
    const cells: number[] = []
    const keys: string[] = []
    if (!isWritten(undefined, contents, { cells, keys, known })) return undefined
    return Places.packed(cells, keys)
  }

  /**
   * The same of values that are known one by one, each before those that are in it.
   *
   * @param known As above; left out where the text is held anyway.
   */
  static from(values: readonly PlaceCells[], known?: Map<string, string>): Places {
    const cells: number[] = []
    for (const { keyStart, keyEnd: endOfKey, start: from, end: to, kind: own, next: behind } of values)
      cells.push(keyStart, endOfKey, from, to, placeKinds[own], behind)
    const keys = values.map(({ key }) => (known ? sharedKey(key, known) : key))
    return Places.packed(cells, keys)
  }

  private static packed(places: readonly number[], keys: readonly string[]): Places {
    const { cells, offset } = packed(places)
    return new Places(cells, sameKeys(keys), offset)
  }

  /** The value at the end of a path, or the last one on the way that is there, and the nearest key above it. */
  find(path: Path): Found {
    let found = { at: 0, above: 0, depth: 0 }
    for (const step of path) {
      const at = this.stepInto(found.at, step)
      if (at === undefined) return { ...found, isThere: false }
      const { at: from, above, depth } = found
      found = { at, above: this.keyOf(from) ? from : above, depth: depth + 1 }
    }
    return { ...found, isThere: true }
  }

  /** The range of the key of a value; undefined for an item. */
  keyOf(at: number): Range | undefined {
    const [first, last] = [this.cells[at * width] ?? none, this.cells[at * width + keyEnd] ?? none]
    return first === none ? undefined : { start: first + this.offset, end: last + this.offset }
  }

  extentOf(at: number): Range {
    const [from, to] = [this.cells[at * width + start] ?? 0, this.cells[at * width + end] ?? 0]
    return { start: from + this.offset, end: to + this.offset }
  }

  /** The key of the first member of a mapping. */
  firstKeyIn(at: number): Range | undefined {
    return this.kindOf(at) === map && this.nextOf(at) > at + 1 ? this.keyOf(at + 1) : undefined
  }

  private stepInto(from: number, step: string | number): number | undefined {
    const isList = this.kindOf(from) === list
    if (isList && typeof step !== 'number') return undefined
    if (this.nextOf(from) - from > large) return this.indexOf(from).get(isList ? step : String(step))
    let found: number | undefined
    let count = 0
    for (let at = from + 1; at < this.nextOf(from); at = this.nextOf(at), count++)
      // The last of equal keys counts.
      if (isList ? count === step : this.keys[at] === String(step)) found = at
    return found
  }

  /** The parts of a collection by their keys, or by their numbers: many findings may ask for one each. */
  private indexOf(from: number): ReadonlyMap<string | number, number> {
    const known = this.indices?.get(from)
    if (known) return known
    const isList = this.kindOf(from) === list
    const index = new Map<string | number, number>()
    for (let at = from + 1; at < this.nextOf(from); at = this.nextOf(at))
      index.set(isList ? index.size : (this.keys[at] ?? ''), at)
    this.indices ??= new Map()
    this.indices.set(from, index)
    return index
  }

  private kindOf(at: number): number {
    return this.cells[at * width + kind] ?? leaf
  }

  private nextOf(at: number): number {
    return this.cells[at * width + next] ?? 0
  }
}

/** The keys of the document before: in most files many have the same ones. */
let last: readonly string[] = []

function sameKeys(keys: readonly string[]): readonly string[] {
  if (keys.length !== last.length || keys.some((key, at) => key !== last[at])) last = keys
  return last
}

type Found = { readonly at: number; readonly above: number; readonly depth: number; readonly isThere: boolean }

type Target = { readonly cells: number[]; readonly keys: string[]; readonly known: Map<string, string> }

/** Writes down a value and all in it; false where a key is no text. */
function isWritten(key: unknown, node: unknown, target: Target): boolean {
  const { cells, keys, known } = target
  const at = cells.length
  const own = key === undefined ? { start: -1, end: -1 } : rangeOf(key)
  const place = extent(node)
  cells.push(own.start, own.end, place.start, place.end, isMap(node) ? map : isSeq(node) ? list : leaf, 0)
  const text = key === undefined ? '' : keyText(key, () => undefined)
  if (text === undefined || isAlias(node) || hasAnchor(key) || hasAnchor(node)) return false
  keys.push(sharedKey(text, known))
  const isWhole = isMap(node)
    ? node.items.every((pair) => !isMergeKey(pair) && isScalar(pair.key) && isWritten(pair.key, pair.value, target))
    : !isSeq(node) || node.items.every((item) => isWritten(undefined, item, target))
  cells[at + next] = cells.length / width
  return isWhole
}

function hasAnchor(node: unknown): boolean {
  return (isScalar(node) || isMap(node) || isSeq(node)) && node.anchor !== undefined
}

function sharedKey(text: string, known: Map<string, string>): string {
  // What V8 cuts out of a text holds on to all of it.
  const shared = known.get(text) ?? Array.from(text).join('')
  known.set(shared, shared)
  return shared
}
