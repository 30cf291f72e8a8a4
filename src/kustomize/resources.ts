import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from 'yaml'

import { findManifests } from '../manifest/find.js'
import { type Manifest, nodeAt, type Spot } from '../manifest/manifest.js'
import { append } from '../text/collections.js'
import type { Range, SourceFile } from '../text/source.js'
import { yamlFaults } from '../yaml/faults.js'
import { parseYaml, type YamlDocument } from '../yaml/parse.js'
import { extent } from '../yaml/places.js'
import { isMergeKey, rangeOf, readDocument } from '../yaml/read.js'
import { scalarText } from '../yaml/scalar.js'
import { type BuiltObject, isKnativeService } from './built-object.js'
import {
  type Entry,
  isEmpty,
  isNull,
  isRefusal,
  type MapTree,
  plainTag,
  type Refusal,
  type ScalarTree,
  textWithin,
  type Tree,
  within,
} from './tree.js'

/** Where a range of a text that is read stands, if not at that very range of its file. */
export type Placing = (range: Range) => Spot

/**
 * The documents of a text as kustomize reads them, or why it does not. It minds what kubectl lets pass: a key that is
 * there twice.
 */
export function treesIn(file: SourceFile, placing: Placing = (range) => ({ file, range })): readonly Tree[] | Refusal {
  const { documents, faults } = parseYaml(file)
  const stop = faults.find(({ code }) => yamlFaults[code].severity === 'error' || code === 'KN103')
  if (stop) return { refused: stop.message, ...(stop.code === 'KN103' && { isUnread: true }) }
  const trees: Tree[] = []
  for (const document of documents) {
    const read = treeOf(document, placing, file.text)
    if (read === undefined) continue
    if ('refused' in read) return read
    trees.push(read)
  }
  return trees
}

function treeOf({ contents }: YamlDocument, placing: Placing, text: string): Tree | Refusal | undefined {
  const { faults, targets } = readDocument(contents)
  const stop = faults.find(({ code }) => yamlFaults[code].severity === 'error' || code === 'KN105')
  if (stop) return { refused: stop.message }
  return contents === null ? undefined : new TreeReader(targets, placing, text).read(contents)
}

const tags = ['str', 'int', 'float', 'bool', 'null', 'timestamp', 'binary'] as const

class TreeReader {
  private readonly known = new Map<Node, Tree>()

  constructor(
    private readonly targets: ReadonlyMap<Alias, Node>,
    private readonly placing: Placing,
    private readonly text: string,
  ) {}

  read(node: unknown): Tree {
    const own = isAlias(node) ? this.targets.get(node) : (node as Node | null)
    const known = own ? this.known.get(own) : undefined
    if (known) return known
    const tree = this.made(own)
    if (own && 'anchor' in own && own.anchor !== undefined) this.known.set(own, tree)
    return tree
  }

  private made(node: Node | null | undefined): Tree {
    const spot = this.placing(extent(node))
    if (isMap(node)) return { kind: 'map', spot, entries: this.entries(node) }
    if (isSeq(node)) return { kind: 'list', spot, items: node.items.map((item) => this.read(item)) }
    return isScalar(node) ? scalarTree(this.whole(node), spot) : nothingAt(spot)
  }

  /** A block at the end of a text that ends without a line end has none itself. */
  private whole(node: Scalar): Scalar {
    const isAtEnd = node.type?.startsWith('BLOCK') === true && node.range?.[1] === this.text.length
    if (!isAtEnd || this.text.endsWith('\n') || typeof node.value !== 'string') return node
    const whole = node.clone() as Scalar
    whole.value = node.value.replace(/\n$/, '')
    return whole
  }

  /** What stands in the mapping itself wins over what it merges, and of that what comes first. */
  private entries(map: YAMLMap): ReadonlyMap<string, Entry> {
    const entries = new Map<string, Entry>()
    for (const pair of map.items) {
      const name = isAlias(pair.key) ? this.targets.get(pair.key) : pair.key
      if (isMergeKey(pair) || !isScalar(name)) continue
      const key = scalarText(name)
      const at = this.placing(rangeOf(pair.key))
      const value = this.read(pair.value)
      // An empty value is shown at its key.
      entries.set(key, { key: at, value: isSpotless(value) ? { ...value, spot: at } : value })
    }
    for (const pair of map.items.filter(isMergeKey)) {
      const source = isAlias(pair.value) ? this.targets.get(pair.value) : pair.value
      for (const part of isSeq(source) ? source.items : [source]) {
        const merged = this.read(part)
        if (merged.kind !== 'map') continue
        for (const [key, entry] of merged.entries) if (!entries.has(key)) entries.set(key, entry)
      }
    }
    return entries
  }
}

function isSpotless({ spot: { range } }: Tree): boolean {
  return range.end <= range.start
}

function nothingAt(spot: Spot): ScalarTree {
  return { kind: 'scalar', spot, text: '', tag: 'null', isQuoted: false }
}

function scalarTree(node: Scalar, spot: Spot): ScalarTree {
  const text = scalarText(node)
  const isQuoted = node.type !== 'PLAIN' && node.type !== undefined
  const given = tags.find((one) => node.tag === `tag:yaml.org,2002:${one}`)
  const tag = given ?? (isQuoted || node.tag !== undefined ? 'str' : plainTag(text))
  return { kind: 'scalar', spot, text, tag, isQuoted }
}

/**
 * Where the parts of a text stand that is itself a value in a file: of a literal block, in the lines of that file;
 * otherwise, all of them where the value stands.
 */
export function placingInside(scalar: Scalar | undefined, { file, range }: Spot): Placing {
  const whole: Placing = () => ({ file, range })
  if (scalar?.type !== 'BLOCK_LITERAL' || typeof scalar.value !== 'string' || !scalar.range) return whole
  const [start, end] = scalar.range
  const head = file.text.indexOf('\n', start) + 1
  if (head === 0 || file.text.slice(head, end).includes('\r')) return whole
  const lines = scalar.value.split('\n')
  const first = lines.findIndex((line) => line.trim() !== '')
  let at = head
  for (let index = 0; index < first; index++) at = file.text.indexOf('\n', at) + 1
  const own = lines[first] ?? ''
  const indent = file.text.indexOf(own, at) - at
  if (first < 0 || indent < 0) return whole
  const starts: { readonly inside: number; readonly outside: number }[] = []
  let [inside, outside] = [0, head]
  for (const line of lines) {
    starts.push({ inside, outside: outside + Math.min(indent, lineLength(file.text, outside)) })
    inside += line.length + 1
    const newline = file.text.indexOf('\n', outside)
    outside = newline < 0 ? file.text.length : newline + 1
  }
  return (part) => ({ file, range: { start: moved(starts, part.start), end: moved(starts, part.end) } })
}

function lineLength(text: string, start: number): number {
  const newline = text.indexOf('\n', start)
  return (newline < 0 ? text.length : newline) - start
}

function moved(starts: readonly { readonly inside: number; readonly outside: number }[], offset: number): number {
  let [low, high] = [0, starts.length - 1]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((starts[middle]?.inside ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  const { inside, outside } = starts[low] ?? { inside: 0, outside: 0 }
  return outside + offset - inside
}

/** The objects among documents as kustomize takes them, those in Lists after all others. */
export function objectsAmong(trees: readonly Tree[]): readonly MapTree[] | Refusal {
  const queue: Tree[] = trees.filter((tree) => !isEmpty(tree))
  const objects: MapTree[] = []
  // What a List holds comes to the end of the queue.
  for (const tree of queue) {
    const kind = textWithin(tree, 'kind')
    const items = within(tree, 'items')
    const isInlined = kind.endsWith('List') && items !== undefined
    if (tree.kind !== 'map' || kind === '')
      return { refused: 'an object has no `kind`', said: 'missing kind in object' }
    if (!kind.endsWith('List') && textWithin(tree, 'metadata', 'name') === '')
      return { refused: `a ${kind} has no name`, said: 'missing metadata.name in object' }
    if (!isInlined) objects.push(tree)
    else if (items.kind === 'list')
      append(
        queue,
        items.items.filter((item) => !isEmpty(item)),
      )
    else if (!isNull(items)) return { refused: `\`items\` of a ${kind} is not a list`, said: 'expected array' }
  }
  return objects
}

const read = new WeakMap<SourceFile, readonly BuiltObject[] | Refusal>()

/** The objects of a resource file before anything has a say in them; a file that many name is read once. */
export function freshObjects(file: SourceFile): readonly BuiltObject[] | Refusal {
  const known = read.get(file)
  if (known) return known
  const trees = treesIn(file)
  const found = isRefusal(trees) ? trees : objectsAmong(trees)
  const objects = isRefusal(found) ? found : fresh(file, found)
  read.set(file, objects)
  return objects
}

function fresh(file: SourceFile, trees: readonly MapTree[]): readonly BuiltObject[] {
  const hasServices = trees.some(isKnativeService)
  const bases = new Map<string, Manifest>()
  if (hasServices)
    for (const manifest of findManifests(file).manifests) {
      const { start, end } = extent(nodeAt(manifest, []))
      bases.set(`${start}:${end}`, manifest)
    }
  const sources = new Set([file])
  return trees.map((tree) => {
    const { start, end } = tree.spot.range
    const base = isKnativeService(tree) ? bases.get(`${start}:${end}`) : undefined
    return { tree, ...(base && { base }), previous: [], prefixes: [], suffixes: [], needsHash: false, sources }
  })
}
