import { isAlias, isCollection, isMap, isNode, isScalar, type Pair } from 'yaml'

import type { Manifest } from '../manifest.js'
import { isMergeKey, rangeOf } from '../read.js'
import { keyOf } from './fields.js'
import type { Obstacle, ObstacleCode } from './obstacle.js'
import { isExplicitKey } from './tokens.js'

/** What the aliases of a document stand for. */
export type Aliases = Pick<Manifest, 'targets'>

/** An alias in place of the node, or an anchor on it that something else uses. `wanted` is the field to be edited. */
export function sharedNode({ targets }: Aliases, node: unknown, wanted = 'spec.traffic'): Obstacle | undefined {
  if (isAlias(node)) {
    const message = `alias \`*${node.source}\` must not stand on the way to \`${wanted}\``
    return obstacle('KN411', message, node, 'write the value out in this manifest')
  }
  if (!isNode(node) || !('anchor' in node) || !node.anchor) return undefined
  if (![...targets.values()].includes(node)) return undefined
  const message = `\`&${node.anchor}\` must not be used elsewhere: an edit here would change it there too`
  return obstacle('KN412', message, node, 'write the value out where the alias stands')
}

/** The first thing inside a node that makes an edit there inexact, at any depth. */
export function insideOf(manifest: Manifest, node: unknown): Obstacle | undefined {
  if (!isCollection(node)) return undefined
  const seen = new Set<string>()
  for (const item of node.items as readonly unknown[]) {
    const pair = isMap(node) ? (item as Pair) : undefined
    const key = pair && isScalar(pair.key) ? keyOf(pair) : undefined
    const blocked = pair && oddPair(pair, key !== undefined && seen.has(key))
    if (blocked) return blocked
    if (key !== undefined) seen.add(key)
    for (const part of pair ? [pair.key, pair.value] : [item]) {
      const shared = sharedNode(manifest, part) ?? insideOf(manifest, part)
      if (shared) return shared
    }
  }
  return undefined
}

function oddPair(pair: Pair, isRepeated: boolean): Obstacle | undefined {
  if (isMergeKey(pair)) {
    return obstacle('KN411', 'a merge key `<<` must not stand in `spec.traffic`', pair.key, 'write its members out')
  }
  if (isExplicitKey(pair)) {
    const message = 'a key in `spec.traffic` must not be written with `?` to be edited'
    return obstacle('KN414', message, pair.key, 'write it as `key: value`')
  }
  if (!isRepeated) return undefined
  const message = `key \`${keyOf(pair)}\` must not stand twice in an entry of \`spec.traffic\``
  return obstacle('KN413', message, pair.key, 'remove one of them')
}

export function obstacle(code: ObstacleCode, message: string, node: unknown, help: string): Obstacle {
  return { code, message, help, range: rangeOf(node) }
}
