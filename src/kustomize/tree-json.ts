import { type Document, Document as YamlDocument, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml'

import type { Part, Spot } from '../manifest/manifest.js'
import type { Path } from '../text/path.js'
import { define, type Json } from '../yaml/json.js'
import { scalarJson, type ScalarTree, type Tree } from './tree.js'

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
