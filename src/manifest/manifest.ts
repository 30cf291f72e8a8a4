import { type Alias, isAlias, isMap, isSeq, type Node, type Pair, type YAMLMap } from 'yaml'

import type { Path } from '../text/path.js'
import type { Range, SourceFile } from '../text/source.js'
import type { DocumentInFile } from '../yaml/apart.js'
import type { YamlFault } from '../yaml/faults.js'
import type { JsonObject } from '../yaml/json.js'
import { extent, type Places } from '../yaml/places.js'
import { isMergeKey, keyText, rangeOf } from '../yaml/read.js'
import type { Profile } from './profile.js'

/** Where the text is that decides something. */
export type Spot = { readonly file: SourceFile; readonly range: Range }

/** One Knative Service as it stands in a file: what it means, and where every part of it is. */
export type Manifest = {
  readonly file: SourceFile
  /** The object as the API server would receive it. */
  readonly value: JsonObject
  /** `metadata.name`, or '' where there is none to read. */
  readonly name: string
  readonly namespace: string | undefined
  /** Set where a controller gives it its namespace: what the file says of that. */
  readonly inFile?: { readonly namespace: string | undefined }
  /** `namespace/name`, or `name`: how reports and `--service` name it. */
  readonly label: string
  readonly document: DocumentInFile
  /** Where the object is in its document: `[]`, or `['items', 2]` in a List. */
  readonly root: Path
  /** What the document's aliases stand for. */
  readonly targets: ReadonlyMap<Alias, Node>
  /** What is wrong with the YAML of the object. */
  readonly faults: readonly YamlFault[]
  /** Set on a Service that was built: where the text is that decides a field. */
  readonly spotOf?: (path: Path, part?: Part) => Spot
  /** Set where users say whose rules judge it. */
  readonly profile?: Profile
}

/** A Service with other values; the document of one that was built is still made when it is first asked for. */
export function withOther(manifest: Manifest, other: Partial<Omit<Manifest, 'document'>>): Manifest {
  const { file, value, name, namespace, inFile, label, root, targets, faults, spotOf, profile } = manifest
  return {
    file,
    value,
    name,
    namespace,
    ...(inFile && { inFile }),
    label,
    get document() {
      return manifest.document
    },
    root,
    targets,
    faults,
    ...(spotOf && { spotOf }),
    ...(profile && { profile }),
    ...other,
  }
}

/** What a Service is known by. */
export type Named = Pick<Manifest, 'name' | 'namespace' | 'inFile'>

/** Whether a Service, as a text has it, is the one that is meant: a text does not say what a controller fills in. */
export function isNamedAs({ name, namespace }: Pick<Manifest, 'name' | 'namespace'>, meant: Named): boolean {
  if (name !== meant.name) return false
  return namespace === meant.namespace || (meant.inFile !== undefined && namespace === meant.inFile.namespace)
}

/** Where a field of the Service stands: in its own file or, of one that was built, where the text is that decides it. */
export function spotAt(manifest: Manifest, path: Path, part: Part = 'value'): Spot {
  return manifest.spotOf?.(path, part) ?? { file: manifest.file, range: locate(manifest, path, part) }
}

/** Whether the object is an item of a list that kubectl does not know as `List`. */
export function isInOtherList(manifest: Pick<Manifest, 'root' | 'document'>): boolean {
  if (manifest.root.length === 0) return false
  const { contents } = manifest.document
  const kind: unknown = isMap(contents) ? contents.get('kind') : undefined
  return kind !== 'List'
}

type Located = Pick<Manifest, 'document' | 'root' | 'targets'>

/** Which part of a member is meant: its key, or its value. */
export type Part = 'key' | 'value'

/**
 * The range of the field at `path` (from the object's own root), or of the key of the nearest parent that exists: of the
 * object itself, its first key stands for it. A value that is empty is shown at its key, an empty item at that of its
 * list: an empty range cannot be underlined.
 */
export function locate(manifest: Located, path: Path, part: Part = 'value'): Range {
  const { places } = manifest.document
  if (places) return locateIn(places, manifest.root, path, part)
  let found: Step = { key: undefined, value: manifest.document.contents }
  let depth = -manifest.root.length
  for (const step of [...manifest.root, ...path]) {
    const next = stepInto(manifest, found.value, step)
    if (!next) return depth <= 0 ? firstKey(manifest, found) : shown(found, 'key', manifest)
    found = { above: found.key ?? found.above, ...next }
    depth++
  }
  return depth <= 0 && part === 'key' ? firstKey(manifest, found) : shown(found, part, manifest)
}

/** The same by the places of the fields. */
function locateIn(places: Places, root: Path, path: Path, part: Part): Range {
  const { at, above, depth, isThere } = places.find([...root, ...path])
  const isObject = depth <= root.length
  const first = isObject && (!isThere || part === 'key') ? places.firstKeyIn(at) : undefined
  if (first && first.end > first.start) return first
  const key = places.keyOf(at)
  const isKey = key && (isThere ? part === 'key' && !isObject : !isObject)
  const wanted = isKey ? key : places.extentOf(at)
  if (wanted.end > wanted.start) return wanted
  const fallback = key ?? places.keyOf(above)
  return fallback && fallback.end > fallback.start ? fallback : places.extentOf(0)
}

/** A member or an item, and the nearest key above it. */
type Step = { readonly key: unknown; readonly value: unknown; readonly above?: unknown }

/** The node at `path`, through aliases and merge keys, or undefined. */
export function nodeAt(manifest: Located, path: Path): Node | undefined {
  let found: Step = { key: undefined, value: manifest.document.contents }
  for (const step of [...manifest.root, ...path]) {
    const next = stepInto(manifest, found.value, step)
    if (!next) return undefined
    found = next
  }
  return resolve(manifest, found.value)
}

function stepInto(manifest: Located, from: unknown, step: string | number): Step | undefined {
  const node = resolve(manifest, from)
  if (isSeq(node)) {
    const item = typeof step === 'number' ? node.items[step] : undefined
    return item === undefined ? undefined : { key: undefined, value: item }
  }
  if (!isMap(node)) return undefined
  const follow: Follow = (alias) => manifest.targets.get(alias)
  const named = namedPair(node, String(step), follow)
  if (named) return { key: named.key, value: named.value }
  for (const merge of node.items.filter(isMergeKey).toReversed()) {
    const source = resolve(manifest, merge.value)
    for (const part of isSeq(source) ? source.items : [source]) {
      const merged = stepInto(manifest, part, step)
      if (merged) return merged
    }
  }
  return undefined
}

type Follow = Parameters<typeof keyText>[1]

/** The pairs of large mappings by their keys. Who edits reads the text again, so that no mapping ever changes. */
const indices = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>()
const large = 16

/** The last pair with that key: it is the one that counts. */
function namedPair(map: YAMLMap, name: string, follow: Follow): Pair | undefined {
  const known = indices.get(map)
  if (known) return known.get(name)
  if (map.items.length <= large)
    return map.items.findLast((pair) => !isMergeKey(pair) && keyText(pair.key, follow) === name)
  const index = new Map<string, Pair>()
  for (const pair of map.items) {
    const key = isMergeKey(pair) ? undefined : keyText(pair.key, follow)
    if (key !== undefined) index.set(key, pair)
  }
  indices.set(map, index)
  return index.get(name)
}

function resolve(manifest: Located, node: unknown): Node | undefined {
  if (isAlias(node)) return manifest.targets.get(node)
  return isPair(node) ? undefined : (node as Node | undefined)
}

function isPair(node: unknown): node is Pair {
  return typeof node === 'object' && node !== null && 'key' in node && 'value' in node && !('range' in node)
}

function firstKey(manifest: Located, found: Step): Range {
  const node = resolve(manifest, found.value)
  const range = rangeOf(isMap(node) ? node.items[0]?.key : undefined)
  return range.end > range.start ? range : shown(found, 'value', manifest)
}

function shown({ key, value, above }: Step, part: Part, { document }: Located): Range {
  const wanted = part === 'key' && key !== undefined ? rangeOf(key) : extent(value)
  if (wanted.end > wanted.start) return wanted
  const fallback = rangeOf(key ?? above)
  return fallback.end > fallback.start ? fallback : extent(document.contents)
}

/** A field of an object, from its root, and the offset where its key, or its value, stands. */
type FieldStart = { readonly path: Path; readonly start: number }

type Readable = Pick<Manifest, 'document' | 'root' | 'targets'>

/** Where the fields of an object stand, as far as they are written out in it: what an alias repeats is not followed. */
export function* fieldStarts(manifest: Readable): Generator<FieldStart, void> {
  const node = nodeAt(manifest, [])
  yield* startsIn(manifest, node, [])
}

function* startsIn(manifest: Readable, node: unknown, path: Path): Generator<FieldStart, void> {
  const { start, end } = rangeOf(node)
  if (end > start) yield { path, start }
  if (isSeq(node)) for (const [index, item] of node.items.entries()) yield* startsIn(manifest, item, [...path, index])
  if (!isMap(node)) return
  for (const pair of node.items) {
    const key = isMergeKey(pair) ? '<<' : keyText(pair.key, (alias) => manifest.targets.get(alias))
    if (key === undefined) continue
    const own = [...path, key]
    yield { path: own, start: rangeOf(pair.key).start }
    yield* startsIn(manifest, pair.value, own)
  }
}
