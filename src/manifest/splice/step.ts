import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml'

import type { Manifest } from '../manifest.js'
import { isMergeKey, keyText } from '../read.js'
import { obstacle, sharedNode, type Aliases, type Field } from './in-the-way.js'
import type { Obstacle } from './obstacle.js'
import { isExplicitKey } from './tokens.js'

/** A member of a mapping or an item of a list, where there is one. */
export type Step = { readonly pair?: Pair; readonly node: Node | null | undefined }

/**
 * One step on the way to a field. It refuses whatever would make an edit there change something else too: aliases, merge
 * keys, anchors that are used elsewhere, keys that stand twice.
 */
export function stepTo(manifest: Manifest, from: unknown, step: string | number, field: Field): Step | Obstacle {
  const pair = isMap(from) ? memberOf(manifest, from, String(step)) : undefined
  if (isObstacle(pair)) return pair
  const node = (isSeq(from) ? from.items[Number(step)] : pair?.value) as Step['node']
  return sharedNode(manifest, from, field) ?? sharedNode(manifest, node, field) ?? { node, ...(pair && { pair }) }
}

/** The only pair with that key, or why there is none that can be edited. */
export function memberOf(manifest: Aliases, map: YAMLMap, key: string): Pair | Obstacle | undefined {
  const { pairs, merges } = membersOf(manifest, map)
  const [pair, second] = pairs.get(key) ?? []
  if (second) {
    const message = `key \`${key}\` must not stand twice: an edit of one would leave the other`
    return obstacle('KN413', message, second.key, 'remove one of them')
  }
  if (pair && isExplicitKey(pair)) {
    return obstacle(
      'KN414',
      `key \`${key}\` must not be written with \`?\` to be edited`,
      pair.key,
      `write it as \`${key}:\``,
    )
  }
  const merge = merges.find((one) => mergesIn(manifest, one.value, key))
  if (!merge) return pair
  const message = `\`${key}\` must not come from a merge key \`<<\` to be edited`
  return obstacle('KN411', message, merge.key, 'write it out in this manifest')
}

type Members = { readonly pairs: ReadonlyMap<string, readonly Pair[]>; readonly merges: readonly Pair[] }

/** Who edits reads the text again, so that no mapping ever changes. */
const known = new WeakMap<YAMLMap, Members>()

/** The pairs of a mapping by their keys, and its merge keys. */
function membersOf(manifest: Aliases, map: YAMLMap): Members {
  const found = known.get(map)
  if (found) return found
  const [pairs, merges] = [new Map<string, Pair[]>(), new Array<Pair>()]
  for (const pair of map.items) {
    const key = isMergeKey(pair) ? undefined : keyText(pair.key, (alias) => manifest.targets.get(alias))
    const own = key === undefined ? undefined : pairs.get(key)
    if (own) own.push(pair)
    else if (key !== undefined) pairs.set(key, [pair])
    else if (isMergeKey(pair)) merges.push(pair)
  }
  const members = { pairs, merges }
  known.set(map, members)
  return members
}

const mappings = new WeakMap<YAMLSeq, readonly YAMLMap[]>()

/** The mappings in a list. */
export function mapsIn(list: YAMLSeq): readonly YAMLMap[] {
  const found = mappings.get(list) ?? list.items.filter((item) => isMap(item))
  mappings.set(list, found)
  return found
}

function mergesIn(manifest: Aliases, source: unknown, key: string): boolean {
  const node = isAlias(source) ? manifest.targets.get(source) : source
  if (isSeq(node)) return node.items.some((item) => mergesIn(manifest, item, key))
  if (!isMap(node)) return false
  return node.items.some((pair) => {
    return isMergeKey(pair) ? mergesIn(manifest, pair.value, key) : isScalar(pair.key) && pair.key.value === key
  })
}

export function isObstacle(found: unknown): found is Obstacle {
  return typeof found === 'object' && found !== null && 'code' in found
}
