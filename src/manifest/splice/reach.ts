import { isAlias, isMap, isPair, isScalar, isSeq, type Pair, type YAMLMap, type YAMLSeq } from 'yaml'

import type { Manifest } from '../manifest.js'
import { isMergeKey, keyText } from '../read.js'
import { insideOf, obstacle, sharedNode, type Aliases } from './in-the-way.js'
import type { Obstacle } from './obstacle.js'
import { isExplicitKey } from './tokens.js'

/** The nodes that an edit of `spec.traffic` works on. */
export type Reach = {
  readonly spec: YAMLMap
  /** The `traffic` member of `spec`, if there is one, and its list, if it has one. */
  readonly pair?: Pair
  readonly list?: YAMLSeq
}

/**
 * Walks to `spec.traffic` and refuses whatever would make an edit there change something else too: aliases, merge keys,
 * anchors that are used elsewhere, keys that stand twice.
 */
export function reachTraffic(manifest: Manifest): Reach | Obstacle {
  let node: unknown = manifest.document.contents
  for (const step of manifest.root) {
    const found = isMap(node)
      ? memberOf(manifest, node, String(step))
      : isSeq(node)
        ? node.items[Number(step)]
        : undefined
    if (isObstacle(found)) return found
    const next: unknown = isPair(found) ? found.value : found
    const shared = sharedNode(manifest, node) ?? sharedNode(manifest, next)
    if (shared) return shared
    node = next
  }
  const object = isMap(node) ? node : undefined
  const specPair = object && memberOf(manifest, object, 'spec')
  if (isObstacle(specPair)) return specPair
  const spec = specPair?.value
  const shared = sharedNode(manifest, object) ?? sharedNode(manifest, spec)
  if (shared) return shared
  if (!isMap(spec) || spec.items.length === 0) {
    const message = '`spec` must be a mapping with at least one member to take a `traffic` list'
    return obstacle('KN414', message, specPair?.key ?? node, 'write `spec:` with its template first')
  }
  const pair = memberOf(manifest, spec, 'traffic')
  if (isObstacle(pair)) return pair
  return pair ? reachList(manifest, { spec, pair }) : { spec }
}

function reachList(manifest: Manifest, reach: Reach & { readonly pair: Pair }): Reach | Obstacle {
  const { value } = reach.pair
  const blocked = sharedNode(manifest, value) ?? insideOf(manifest, value)
  if (blocked) return blocked
  if (!isSeq(value)) return reach
  if (value.items.every((item) => isMap(item))) return { ...reach, list: value }
  const message = 'every entry of `spec.traffic` must be a mapping to be edited'
  return obstacle('KN414', message, reach.pair.key, 'remove the empty entries first')
}

/** The only pair with that key, or why there is none that can be edited. */
export function memberOf(manifest: Aliases, map: YAMLMap, key: string): Pair | Obstacle | undefined {
  const [pair, second] = map.items.filter((one) => {
    return !isMergeKey(one) && keyText(one.key, (alias) => manifest.targets.get(alias)) === key
  })
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
  const merge = map.items.find((one) => isMergeKey(one) && mergesIn(manifest, one.value, key))
  if (!merge) return pair
  const message = `\`${key}\` must not come from a merge key \`<<\` to be edited`
  return obstacle('KN411', message, merge.key, 'write it out in this manifest')
}

function mergesIn(manifest: Aliases, source: unknown, key: string): boolean {
  const node = isAlias(source) ? manifest.targets.get(source) : source
  if (isSeq(node)) return node.items.some((item) => mergesIn(manifest, item, key))
  if (!isMap(node)) return false
  return node.items.some((pair) => {
    return isMergeKey(pair) ? mergesIn(manifest, pair.value, key) : isScalar(pair.key) && pair.key.value === key
  })
}

/** Whether a search ended at something in the way. */
export function isObstacle(found: unknown): found is Obstacle {
  return typeof found === 'object' && found !== null && 'code' in found
}
