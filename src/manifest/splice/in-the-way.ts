import { isAlias, isCollection, isMap, isNode, isScalar, type Pair } from 'yaml'

import { formatPath, type Path } from '../../text/path.js'
import type { Manifest } from '../manifest.js'
import { isMergeKey, rangeOf } from '../read.js'
import { keyOf } from './fields.js'
import type { Obstacle, ObstacleCode } from './obstacle.js'
import { isExplicitKey } from './tokens.js'

/** What the aliases of a document stand for. */
export type Aliases = Pick<Manifest, 'targets'>

/** The field that an edit is about, as messages name it, and what stands inside of it. */
export type Field = { readonly name: string; readonly member: string }

export function fieldAt(path: Path): Field {
  const name = `\`${formatPath(path)}\``
  return { name, member: name }
}

/** An alias in place of the node, or an anchor on it that something else uses. */
export function sharedNode({ targets }: Aliases, node: unknown, field: Field): Obstacle | undefined {
  if (isAlias(node)) {
    const message = `alias \`*${node.source}\` must not stand on the way to ${field.name}`
    return obstacle('KN411', message, node, 'write the value out in this manifest')
  }
  if (!isNode(node) || !('anchor' in node) || !node.anchor) return undefined
  if (!usedIn(targets).has(node)) return undefined
  const message = `\`&${node.anchor}\` must not be used elsewhere: an edit here would change it there too`
  return obstacle('KN412', message, node, `write the value out in the place of \`*${node.anchor}\``)
}

const used = new WeakMap<Aliases['targets'], ReadonlySet<unknown>>()

/** The nodes that aliases stand for. */
function usedIn(targets: Aliases['targets']): ReadonlySet<unknown> {
  const nodes = used.get(targets) ?? new Set<unknown>(targets.values())
  used.set(targets, nodes)
  return nodes
}

/** The first thing inside a node that makes an edit there inexact, at any depth. */
export function insideOf(manifest: Manifest, node: unknown, field: Field): Obstacle | undefined {
  if (!isCollection(node)) return undefined
  const seen = new Set<string>()
  for (const item of node.items as readonly unknown[]) {
    const pair = isMap(node) ? (item as Pair) : undefined
    const key = pair && isScalar(pair.key) ? keyOf(pair) : undefined
    const blocked = pair && oddPair(pair, key !== undefined && seen.has(key), field)
    if (blocked) return blocked
    if (key !== undefined) seen.add(key)
    for (const part of pair ? [pair.key, pair.value] : [item]) {
      const shared = sharedNode(manifest, part, field) ?? insideOf(manifest, part, field)
      if (shared) return shared
    }
  }
  return undefined
}

function oddPair(pair: Pair, isRepeated: boolean, field: Field): Obstacle | undefined {
  if (isMergeKey(pair)) {
    const message = `a merge key \`<<\` must not stand in ${field.name}`
    return obstacle('KN411', message, pair.key, 'write its members out')
  }
  if (isExplicitKey(pair)) {
    const message = `a key in ${field.name} must not be written with \`?\` to be edited`
    return obstacle('KN414', message, pair.key, 'write it as `key: value`')
  }
  if (!isRepeated) return undefined
  const message = `key \`${keyOf(pair)}\` must not stand twice in ${field.member}`
  return obstacle('KN413', message, pair.key, 'remove one of them')
}

export function obstacle(code: ObstacleCode, message: string, node: unknown, help: string): Obstacle {
  return { code, message, help, range: rangeOf(node) }
}
