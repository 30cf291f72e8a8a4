import { type Document, Pair, Scalar, Document as YamlDocument, YAMLMap, YAMLSeq } from 'yaml'

import type { Part, Spot } from '../manifest/manifest.js'
import type { Says } from '../text/diagnostic.js'
import type { Path } from '../text/path.js'
import { define, type Json } from '../yaml/json.js'
import { decodedBinary, readByYaml3, resolvePlain } from '../yaml/scalar.js'

/**
 * An object on its way through kustomize: it is never changed in place, so that what many roots share is read once.
 * Every part knows the text that decided it.
 */
export type Tree = MapTree | ListTree | ScalarTree

export type MapTree = {
  readonly kind: 'map'
  readonly spot: Spot
  readonly entries: ReadonlyMap<string, Entry>
}

/** A member, and where its key stands. */
export type Entry = { readonly key: Spot; readonly value: Tree }

export type ListTree = { readonly kind: 'list'; readonly spot: Spot; readonly items: readonly Tree[] }

export type ScalarTree = {
  readonly kind: 'scalar'
  readonly spot: Spot
  readonly text: string
  /** What kustomize takes it for; `''` where it looks at the text when it writes it. */
  readonly tag: Tag
  readonly isQuoted: boolean
  /** Set on what kustomize wrote to several places as one: who overwrites one of them overwrites all. */
  readonly shared?: object
}

type Tag = '' | 'str' | 'int' | 'float' | 'bool' | 'null' | 'timestamp' | 'binary'

/** Why kustomize does not build something, in the words of this tool. */
export type Refusal = {
  readonly refused: string
  /** What kustomize prints of it. */
  readonly said?: string
  /** Set where it is this tool that does not read a text: what kustomize makes of it cannot be told. */
  readonly isUnread?: true
  /** Set where it is this tool that stops: kustomize would go on, if it had the memory. */
  readonly isTooLarge?: true
}

/** More than any object has: what stands in it once can be there thousands of times after a few operations. */
const mostWeight = 100_000
const weights = new WeakMap<Tree, number>()

/** How many values a tree has, however often one stands in it; a long text counts for several. */
function weightOf(tree: Tree): number {
  const known = weights.get(tree)
  if (known !== undefined) return known
  const parts =
    tree.kind === 'map' ? [...tree.entries.values()].map(({ value }) => value) : tree.kind === 'list' ? tree.items : []
  let weight = tree.kind === 'scalar' ? 1 + tree.text.length / 100 : 1
  for (const part of parts) weight += weightOf(part)
  weights.set(tree, weight)
  return weight
}

/** The tree, unless it has grown beyond all that objects are. */
export function withinLimits(tree: Tree | Refusal): Tree | Refusal {
  if (isRefusal(tree) || weightOf(tree) <= mostWeight) return tree
  return { refused: 'more values than an object has', isTooLarge: true }
}

/** What kustomize prints, as a part of a fault. */
export function says(text: string | undefined): { readonly says?: Says } {
  return text === undefined ? {} : { says: { by: 'kustomize', text } }
}

export function isRefusal(result: object): result is Refusal {
  return 'refused' in result
}

export function emptyMap(spot: Spot): MapTree {
  return { kind: 'map', spot, entries: new Map() }
}

export function textScalar(text: string, spot: Spot): ScalarTree {
  return { kind: 'scalar', spot, text, tag: 'str', isQuoted: false }
}

/** What go-yaml v3 takes a plain text for. */
export function plainTag(text: string): Tag {
  const other = readByYaml3(text)
  const value = resolvePlain(text)
  if (other !== undefined) return typeof value === 'boolean' ? 'str' : 'timestamp'
  if (value === null) return 'null'
  if (typeof value === 'number')
    return Number.isInteger(value) && /^[-+]?[\dxXoObB_a-fA-F]+$/.test(text) ? 'int' : 'float'
  return typeof value === 'boolean' ? 'bool' : 'str'
}

/** What kustomize writes for a scalar; undefined where it stops at it, as at `!!int abc`. */
export function scalarJson(scalar: ScalarTree): string | number | boolean | null | undefined {
  const { text, tag } = scalar
  if (tag === 'str' || (tag === '' && scalar.isQuoted)) return text
  if (tag === 'binary') return decodedBinary(text)
  const found = plainTag(text)
  if (tag !== '' && tag !== found && !(tag === 'float' && found === 'int')) return undefined
  const value = readByYaml3(text) ?? resolvePlain(text)
  return typeof value === 'number' && !Number.isFinite(value) ? undefined : value
}

export function isNull(tree: Tree | undefined): boolean {
  return tree?.kind === 'scalar' && tree.tag === 'null'
}

export function isMissing(tree: Tree | undefined): boolean {
  return tree === undefined || isNull(tree)
}

/** What kustomize takes for nothing at all: it drops an object that became so. */
export function isEmpty(tree: Tree | undefined): boolean {
  if (tree === undefined || isNull(tree)) return true
  return tree.kind === 'map' ? tree.entries.size === 0 : tree.kind === 'list' && tree.items.length === 0
}

/** The member at the end of the keys. */
export function within(tree: Tree | undefined, ...keys: readonly string[]): Tree | undefined {
  let found = tree
  for (const key of keys) found = found?.kind === 'map' ? found.entries.get(key)?.value : undefined
  return found
}

/** The text of a scalar at the end of the keys; `''` where there is none. */
export function textWithin(tree: Tree | undefined, ...keys: readonly string[]): string {
  const found = within(tree, ...keys)
  return found?.kind === 'scalar' && found.tag !== 'null' ? found.text : ''
}

/** The mapping with a member that is set, or taken away. The place of a key is kept. */
export function withEntry(map: MapTree, key: string, value: Tree | undefined, at?: Spot): MapTree {
  const entries = new Map(map.entries)
  if (value === undefined) entries.delete(key)
  else entries.set(key, { key: map.entries.get(key)?.key ?? at ?? value.spot, value })
  return { ...map, entries }
}

/** The tree with a value at the end of the keys; what is missing, or no mapping, on the way becomes one. */
export function withValue(tree: Tree | undefined, keys: readonly string[], value: Tree): Tree {
  const [key, ...rest] = keys
  if (key === undefined) return value
  const map = tree?.kind === 'map' ? tree : emptyMap(value.spot)
  return withEntry(map, key, withValue(map.entries.get(key)?.value, rest, value), value.spot)
}

/** The tree without the member at the end of the keys. */
export function withoutEntry(tree: Tree, keys: readonly [string, ...string[]]): Tree {
  const [key, next, ...rest] = keys
  const entry = tree.kind === 'map' ? tree.entries.get(key) : undefined
  if (tree.kind !== 'map' || !entry) return tree
  return withEntry(tree, key, next === undefined ? undefined : withoutEntry(entry.value, [next, ...rest]))
}

/** The tree with each scalar made anew; what did not change stays the very same. */
export function mapScalars(tree: Tree, change: (scalar: ScalarTree) => ScalarTree): Tree {
  if (tree.kind === 'scalar') return change(tree)
  if (tree.kind === 'list') {
    const items = tree.items.map((item) => mapScalars(item, change))
    return items.every((item, index) => item === tree.items[index]) ? tree : { ...tree, items }
  }
  let isSame = true
  const entries = new Map<string, Entry>()
  for (const [key, entry] of tree.entries) {
    const value = mapScalars(entry.value, change)
    isSame &&= value === entry.value
    entries.set(key, value === entry.value ? entry : { ...entry, value })
  }
  return isSame ? tree : { ...tree, entries }
}

/** The scalar as one that stands alone. */
export function unshared(scalar: ScalarTree): ScalarTree {
  const { shared, ...own } = scalar
  return shared ? own : scalar
}

/**
 * The tree after a change, with all places that kustomize wrote as one following the last of them that changed.
 *
 * Source: the node that api/filters/filtersutil/setters.go SetEntry puts into each field.
 */
export function withShared(before: Tree, after: Tree): Tree {
  const known = new Map<object, ScalarTree>()
  eachShared(before, (scalar, shared) => known.set(shared, scalar))
  const latest = new Map<object, ScalarTree>()
  eachShared(after, (scalar, shared) => {
    const old = known.get(shared)
    if (old && (old.text !== scalar.text || old.tag !== scalar.tag)) latest.set(shared, scalar)
  })
  if (latest.size === 0) return after
  return mapScalars(after, (scalar) => (scalar.shared && latest.get(scalar.shared)) ?? scalar)
}

function eachShared(tree: Tree, note: (scalar: ScalarTree, shared: object) => void): void {
  if (tree.kind === 'scalar') {
    if (tree.shared) note(tree, tree.shared)
  } else if (tree.kind === 'list') for (const item of tree.items) eachShared(item, note)
  // In the order of their names: that is how a patch goes through them.
  else
    for (const key of [...tree.entries.keys()].toSorted()) {
      const entry = tree.entries.get(key)
      if (entry) eachShared(entry.value, note)
    }
}

/** The value of a tree as the API server receives it. */
export function treeJson(tree: Tree): Json {
  if (tree.kind === 'scalar') {
    const value = scalarJson(tree)
    return value === undefined ? tree.text : value
  }
  if (tree.kind === 'list') return tree.items.map(treeJson)
  const object: Record<string, Json> = {}
  for (const [key, { value }] of tree.entries) define(object, key, treeJson(value))
  return object
}

/** The first scalar at which kustomize stops when it writes the tree. */
export function unwritable(tree: Tree): ScalarTree | undefined {
  if (tree.kind === 'scalar') return scalarJson(tree) === undefined ? tree : undefined
  for (const part of tree.kind === 'list' ? tree.items : [...tree.entries.values()].map(({ value }) => value)) {
    const found = unwritable(part)
    if (found) return found
  }
  return undefined
}

/** A document with the spelling of the tree; each node has the range of what decided it, in whichever file that is. */
export function treeDocument(tree: Tree): Document.Parsed {
  const document = new YamlDocument() as Document.Parsed
  const contents = nodeOf(tree)
  document.contents = contents as typeof document.contents
  document.range = [0, 0, 0]
  return document
}

function nodeOf(tree: Tree): Scalar | YAMLMap | YAMLSeq {
  const { start, end } = tree.spot.range
  const node = tree.kind === 'scalar' ? scalarNode(tree) : tree.kind === 'list' ? new YAMLSeq() : new YAMLMap()
  node.range = [start, end, end]
  // Flow style has its extent told by its own range alone.
  if (!(node instanceof Scalar)) node.flow = true
  if (node instanceof YAMLSeq && tree.kind === 'list') node.items = tree.items.map(nodeOf)
  if (node instanceof YAMLMap && tree.kind === 'map')
    node.items = [...tree.entries].map(([key, entry]) => {
      const name = new Scalar(key)
      const { range } = entry.key
      name.range = [range.start, range.end, range.end]
      name.type = Scalar.QUOTE_DOUBLE
      return new Pair(name, nodeOf(entry.value))
    })
  return node
}

function scalarNode(scalar: ScalarTree): Scalar {
  const node = new Scalar<unknown>(scalar.text)
  node.source = scalar.text
  node.type = typeof scalarJson(scalar) === 'string' ? Scalar.QUOTE_DOUBLE : Scalar.PLAIN
  return node
}

/** Where the text is that decides a field, or the nearest field around it that there is. */
export function spotIn(tree: Tree, path: Path, part: Part = 'value'): Spot {
  let here = tree
  let key: Spot | undefined
  for (const step of path) {
    const entry = here.kind === 'map' ? here.entries.get(String(step)) : undefined
    const item = here.kind === 'list' && typeof step === 'number' ? here.items[step] : undefined
    if (entry) key = entry.key
    const next = entry?.value ?? item
    if (!next) return key ?? firstKey(here)
    if (item) key = item.spot
    here = next
  }
  if (key === undefined) return part === 'key' ? firstKey(here) : here.spot
  return part === 'key' ? key : here.spot
}

function firstKey(tree: Tree): Spot {
  const [first] = tree.kind === 'map' ? tree.entries.values() : []
  return first?.key ?? tree.spot
}
