import {
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'

import type { RefusalRow } from '../codes/code.js'
import type { Manifest } from '../manifest/manifest.js'
import { formatPath, type Path } from '../text/path.js'
import type { Range } from '../text/source.js'
import { isMergeKey, keyText, rangeOf } from '../yaml/read.js'
import { keyOfPair } from './wish.js'
import { isExplicitKey } from './tokens.js'

/** What can stand in the way of an exact edit: one row a code. */
export const obstacles = {
  KN411: {
    name: 'edit-alias',
    title: 'YAML alias or merge key blocks the edit',
    why: () =>
      'The text to edit is written somewhere else and only repeated here, so an edit might change more than intended. `kn-rollout` does not edit it. Write the value out where it is used.',
  },
  KN412: {
    name: 'edit-anchor',
    title: 'Edit would also change the aliases of an anchor',
    why: () =>
      'An anchor lets other places of the file repeat this text, and an edit would change them as well. Write the value out in those places, so that an edit here stays here.',
  },
  KN413: {
    name: 'edit-duplicate-key',
    title: 'Duplicate key blocks the edit',
    why: () =>
      'Tools differ on which of two equal keys counts, so an edit of one might have no effect on the cluster. Keep one of them, then run the command again.',
  },
  KN414: {
    name: 'edit-layout',
    title: 'YAML layout does not allow an exact edit',
    why: () =>
      '`kn-rollout` cannot insert the edit without changing the text around it. Write `spec.traffic`, or the `resources` of a kustomization, as a plain block list, then run the command again.',
  },
  KN415: {
    name: 'unreadable-traffic',
    title: '`spec.traffic` cannot be read',
    why: () =>
      'A stage starts from the current traffic, and the file does not show it. Run `kn-rollout validate`, and fix its findings first.',
  },
  KN416: {
    name: 'edit-not-proved',
    title: 'Edit does not read back as intended',
    why: () =>
      '`kn-rollout` reads each edit again before it prints it, and this one did not read back as intended with everything else unchanged. So it writes nothing. A plain block list always works.',
  },
  KN419: {
    name: 'edit-encrypted',
    title: 'File is signed by sops',
    why: () =>
      'sops signs all values of a file, plain ones included, and refuses to decrypt a file that another tool changed. Not even `--force` lifts this. Make the change with `sops edit` or `sops set`; with `mac_only_encrypted: true` plain values can be edited.',
  },
} as const satisfies Readonly<Record<string, RefusalRow>>

export type ObstacleCode = keyof typeof obstacles

/** Why a manifest cannot be edited exactly, where that shows, and what to do about it. */
export type Obstacle = {
  readonly code: ObstacleCode
  readonly message: string
  readonly help: string
  readonly range: Range
  /** The field that could not be edited, where it is not `spec.traffic`. */
  readonly path?: Path
}

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
    const message = `cannot edit ${field.name}: the alias \`*${node.source}\` is in the way`
    return obstacle('KN411', message, node, 'write the value out in this manifest')
  }
  if (!isNode(node) || !('anchor' in node) || !node.anchor) return undefined
  if (!usedIn(targets).has(node)) return undefined
  const message = `cannot edit the text of the anchor \`&${node.anchor}\`: other places of the file use it`
  return obstacle('KN412', message, node, `write the value out in place of \`*${node.anchor}\``)
}

const used = new WeakMap<Aliases['targets'], ReadonlySet<unknown>>()

/** The nodes that aliases stand for. */
function usedIn(targets: Aliases['targets']): ReadonlySet<unknown> {
  const nodes = used.get(targets) ?? new Set<unknown>(targets.values())
  used.set(targets, nodes)
  return nodes
}

/**
 * The first thing inside a node that makes an edit there inexact, at any depth. A single value that an alias repeats is
 * none, nor is an anchor in a node that stays: who writes one of them meets it by itself.
 */
export function insideOf(
  manifest: Manifest,
  node: unknown,
  field: Field,
  fate: 'leaves' | 'stays',
): Obstacle | undefined {
  if (!isCollection(node)) return undefined
  const seen = new Set<string>()
  for (const item of node.items as readonly unknown[]) {
    const pair = isMap(node) ? (item as Pair) : undefined
    const key = pair && isScalar(pair.key) ? keyOfPair(pair) : undefined
    const blocked = pair && oddPair(pair, key !== undefined && seen.has(key), field)
    if (blocked) return blocked
    if (key !== undefined) seen.add(key)
    for (const part of pair ? [pair.key, pair.value] : [item]) {
      if (pair && part === pair.value && isAlias(part) && isScalar(manifest.targets.get(part))) continue
      const own = fate === 'leaves' || isAlias(part) ? sharedNode(manifest, part, field) : undefined
      const shared = own ?? insideOf(manifest, part, field, fate)
      if (shared) return shared
    }
  }
  return undefined
}

function oddPair(pair: Pair, isRepeated: boolean, field: Field): Obstacle | undefined {
  if (isMergeKey(pair)) {
    const message = `cannot edit ${field.name}: it contains a merge key \`<<\``
    return obstacle('KN411', message, pair.key, 'write its members out')
  }
  if (isExplicitKey(pair)) {
    const message = `cannot edit ${field.name}: it has a key that is written with \`?\``
    return obstacle('KN414', message, pair.key, 'write it as `key: value`')
  }
  if (!isRepeated) return undefined
  const message = `cannot edit ${field.member}: the key \`${keyOfPair(pair)}\` is duplicated`
  return obstacle('KN413', message, pair.key, 'remove one of them')
}

export function obstacle(code: ObstacleCode, message: string, node: unknown, help: string): Obstacle {
  return { code, message, help, range: rangeOf(node) }
}

/** A member of a mapping or an item of a list, where there is one. */
export type FoundStep = { readonly pair?: Pair; readonly node: Node | null | undefined }

/**
 * One step on the way to a field. It refuses whatever would make an edit there change something else too: aliases, merge
 * keys, anchors that are used elsewhere, keys that stand twice.
 */
export function stepTo(manifest: Manifest, from: unknown, step: string | number, field: Field): FoundStep | Obstacle {
  const pair = isMap(from) ? memberOf(manifest, from, String(step)) : undefined
  if (isObstacle(pair)) return pair
  const node = (isSeq(from) ? from.items[Number(step)] : pair?.value) as FoundStep['node']
  return sharedNode(manifest, from, field) ?? sharedNode(manifest, node, field) ?? { node, ...(pair && { pair }) }
}

/** The only pair with that key, or why there is none that can be edited. */
export function memberOf(manifest: Aliases, map: YAMLMap, key: string): Pair | Obstacle | undefined {
  const { pairs, merges } = membersOf(manifest, map)
  const [pair, second] = pairs.get(key) ?? []
  if (second) {
    const message = `cannot edit \`${key}\`: it is duplicated`
    return obstacle('KN413', message, second.key, 'remove one of them')
  }
  if (pair && isExplicitKey(pair)) {
    return obstacle('KN414', `cannot edit \`${key}\`: it is written with \`?\``, pair.key, `write it as \`${key}:\``)
  }
  const merge = merges.find((one) => mergesIn(manifest, one.value, key))
  if (!merge) return pair
  const message = `cannot edit \`${key}\`: it comes from a merge key \`<<\``
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
