import { isAlias, isMap, isSeq, type Node, type Pair } from 'yaml'

import type { Path } from '../text/path.js'
import type { Range } from '../text/range.js'
import type { Manifest } from './manifest.js'
import { isMergeKey, keyText, rangeOf } from './read.js'

type Located = Pick<Manifest, 'document' | 'root' | 'targets'>

/** Which part of a member is meant: its key, or its value. */
export type Part = 'key' | 'value'

/**
 * The range of the field at `path` (from the object's own root), or of the key of the nearest parent that exists. A value
 * that is empty is shown at its key: an empty range cannot be underlined.
 */
export function locate(manifest: Located, path: Path, part: Part = 'value'): Range {
  let found: Step = { key: undefined, value: manifest.document.contents }
  for (const step of [...manifest.root, ...path]) {
    const next = stepInto(manifest, found.value, step)
    if (!next) return shown(found, 'key', manifest)
    found = next
  }
  return shown(found, part, manifest)
}

type Step = { readonly key: unknown; readonly value: unknown }

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
  const follow = (alias: Parameters<Parameters<typeof keyText>[1]>[0]): Node | undefined => manifest.targets.get(alias)
  const named = node.items.findLast((pair) => !isMergeKey(pair) && keyText(pair.key, follow) === String(step))
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

function resolve(manifest: Located, node: unknown): Node | undefined {
  if (isAlias(node)) return manifest.targets.get(node)
  return isPair(node) ? undefined : (node as Node | undefined)
}

function isPair(node: unknown): node is Pair {
  return typeof node === 'object' && node !== null && 'key' in node && 'value' in node && !('range' in node)
}

function shown({ key, value }: Step, part: Part, { document }: Located): Range {
  const wanted = rangeOf(part === 'key' && key !== undefined ? key : value)
  if (wanted.end > wanted.start) return wanted
  const fallback = rangeOf(key)
  return fallback.end > fallback.start ? fallback : rangeOf(document.contents)
}
