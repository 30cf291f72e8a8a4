import { isAlias, isCollection, isMap, isNode, isScalar, isSeq, type Pair, type YAMLMap, type YAMLSeq } from 'yaml'

import { formatPath } from '../../text/path.js'
import type { Manifest } from '../manifest.js'
import { isMergeKey, keyText, rangeOf } from '../read.js'
import type { Obstacle, ObstacleCode } from './obstacle.js'
import { isExplicitKey } from './tokens.js'

/** The nodes that an edit of `spec.traffic` works on. */
export type Reach = {
  readonly spec: YAMLMap
  /** The `traffic` member of `spec`, if there is one. */
  readonly traffic?: { readonly pair: Pair; readonly list?: YAMLSeq; readonly entries: readonly YAMLMap[] }
}

/**
 * Walks to `spec.traffic` and refuses whatever would make an edit there change something else too: aliases, merge keys,
 * anchors that are used elsewhere, keys that stand twice.
 */
export function reachTraffic(manifest: Manifest): Reach | Obstacle {
  let node: unknown = manifest.document.contents
  const walked: string[] = []
  const steps = [...manifest.root, 'spec']
  for (const step of steps) {
    const next = isMap(node) ? member(manifest, node, String(step)) : isSeq(node) ? node.items[Number(step)] : undefined
    if (next !== undefined && 'code' in (next as object)) return next as Obstacle
    const value = isMap(node) ? (next as Pair | undefined)?.value : next
    walked.push(String(step))
    const blocked = inTheWay(manifest, node) ?? inTheWay(manifest, value)
    if (blocked) return blocked
    node = value
  }
  if (!isMap(node))
    return obstacle(
      'KN414',
      `\`${walked.at(-1)}\` must be a mapping to take a \`traffic\` list`,
      node ?? manifest.document.contents,
      'write `spec:` with the template first',
    )
  const pair = member(manifest, node, 'traffic')
  if (!pair) return { spec: node }
  if ('code' in pair) return pair
  return trafficOf(manifest, node, pair)
}

function trafficOf(manifest: Manifest, spec: YAMLMap, pair: Pair): Reach | Obstacle {
  const { value } = pair
  const blocked = inTheWay(manifest, value) ?? insideOf(manifest, value)
  if (blocked) return blocked
  if (!isSeq(value)) return { spec, traffic: { pair, entries: [] } }
  const entries = value.items.filter((item) => isMap(item))
  if (entries.length < value.items.length) {
    return obstacle(
      'KN414',
      'every entry of `spec.traffic` must be a mapping to be edited',
      value,
      'remove the empty entries first',
    )
  }
  return { spec, traffic: { pair, list: value, entries } }
}

/** The only pair with that key, or why there is none that can be edited. */
function member(manifest: Manifest, map: YAMLMap, key: string): Pair | Obstacle | undefined {
  const pairs = map.items.filter(
    (pair) => !isMergeKey(pair) && keyText(pair.key, (alias) => manifest.targets.get(alias)) === key,
  )
  const [pair, second] = pairs
  if (second)
    return obstacle(
      'KN413',
      `key \`${key}\` must not stand twice: an edit of one would leave the other`,
      second.key,
      'remove one of them',
    )
  if (pair && isExplicitKey(pair))
    return obstacle(
      'KN414',
      `key \`${key}\` must not be written with \`?\` to be edited`,
      pair.key,
      `write it as \`${key}:\``,
    )
  if (pair) return pair
  const merge = map.items.find(isMergeKey)
  const source = merge?.value
  const hidden = merge && manifestValueHas(manifest, source, key)
  return hidden
    ? obstacle(
        'KN411',
        `\`${key}\` must not come from a merge key \`<<\` to be edited`,
        merge.key,
        'write it out in this manifest',
      )
    : undefined
}

function manifestValueHas(manifest: Manifest, source: unknown, key: string): boolean {
  const node = isAlias(source) ? manifest.targets.get(source) : source
  if (isSeq(node)) return node.items.some((item) => manifestValueHas(manifest, item, key))
  return (
    isMap(node) &&
    node.items.some((pair) =>
      isMergeKey(pair) ? manifestValueHas(manifest, pair.value, key) : isScalar(pair.key) && pair.key.value === key,
    )
  )
}

/** An alias in place of the node, or an anchor on it that something else uses. */
function inTheWay(manifest: Manifest, node: unknown): Obstacle | undefined {
  if (isAlias(node))
    return obstacle(
      'KN411',
      `alias \`*${node.source}\` must not stand on the way to \`spec.traffic\``,
      node,
      'write the value out in this manifest',
    )
  if (!isNode(node) || !('anchor' in node) || !node.anchor) return undefined
  const isUsed = [...manifest.targets.values()].includes(node)
  return isUsed
    ? obstacle(
        'KN412',
        `\`&${node.anchor}\` must not be used elsewhere: an edit here would change it there too`,
        node,
        'write the value out where the alias stands',
      )
    : undefined
}

function insideOf(manifest: Manifest, node: unknown): Obstacle | undefined {
  if (!isCollection(node)) return undefined
  for (const item of node.items as readonly unknown[]) {
    const pair = isMap(node) ? (item as Pair) : undefined
    if (pair && isMergeKey(pair))
      return obstacle('KN411', 'a merge key `<<` must not stand in `spec.traffic`', pair.key, 'write its members out')
    if (pair && isExplicitKey(pair))
      return obstacle(
        'KN414',
        'a key in `spec.traffic` must not be written with `?` to be edited',
        pair.key,
        'write it as `key: value`',
      )
    for (const part of pair ? [pair.key, pair.value] : [item]) {
      const blocked = inTheWay(manifest, part) ?? insideOf(manifest, part)
      if (blocked) return blocked
    }
    const twice =
      pair &&
      (node.items as readonly Pair[]).filter(
        (other) => isScalar(other.key) && isScalar(pair.key) && other.key.value === pair.key.value,
      )
    if (twice && twice.length > 1)
      return obstacle(
        'KN413',
        `key \`${formatPath([String((pair.key as { value?: unknown }).value)])}\` must not stand twice in an entry of \`spec.traffic\``,
        twice.at(-1)?.key,
        'remove one of them',
      )
  }
  return undefined
}

function obstacle(code: ObstacleCode, message: string, node: unknown, help: string): Obstacle {
  return { code, message, help, range: rangeOf(node) }
}
