import { gvkOf, isSelectedGvk } from './built-object.js'
import type { FieldSpec } from './field-specs.js'
import {
  emptyMap,
  isNull,
  isRefusal,
  type ListTree,
  type MapTree,
  type Refusal,
  type ScalarTree,
  type Tree,
  withEntry,
} from './tree.js'
import type { Spot } from '../manifest/manifest.js'

/** What is done at the fields that a path leads to. */
export type FieldChange = {
  readonly set: (field: Tree) => Tree | Refusal
  /** What is made where nothing is, if the field is one that is made. */
  readonly missing?: 'map' | 'text'
  readonly spot: Spot
}

/**
 * The tree with all fields changed that the path leads to, through every item of the lists on its way.
 *
 * Source: sigs.k8s.io/kustomize/api/filters/fieldspec/fieldspec.go.
 */
export function changedAt(tree: MapTree, spec: FieldSpec, change: FieldChange): Tree | Refusal {
  return isSelectedGvk(gvkOf(tree), spec) ? walk(tree, pathParts(spec.path), spec, change) : tree
}

function walk(tree: Tree, path: readonly string[], spec: FieldSpec, change: FieldChange): Tree | Refusal {
  const [step, ...rest] = path
  if (step === undefined) return change.set(tree)
  if (isNull(tree)) return tree
  if (tree.kind === 'list') return eachItem(tree, (item) => walk(item, path, spec, change))
  if (tree.kind === 'scalar')
    return { refused: `\`${spec.path}\` does not lead through mappings`, said: 'expected sequence or mapping node' }
  const isListed = step.endsWith('[]')
  const name = isListed ? step.slice(0, -2) : step
  const own = tree.entries.get(name)?.value
  const isMade = spec.create && change.missing !== undefined && !isListed
  const made = rest.length > 0 || change.missing === 'map' ? emptyMap(change.spot) : emptyText(change.spot)
  const field = own === undefined || isNull(own) ? (isMade ? made : own && isListed ? emptyList(own) : own) : own
  if (field === undefined) return tree
  const after = walk(field, rest, spec, change)
  return isRefusal(after) ? after : after === own ? tree : withEntry(tree, name, after, change.spot)
}

/** The list with each item changed. */
export function eachItem(list: ListTree, change: (item: Tree) => Tree | Refusal): Tree | Refusal {
  const items: Tree[] = []
  for (const item of list.items) {
    const after = change(item)
    if (isRefusal(after)) return after
    items.push(after)
  }
  return items.every((item, index) => item === list.items[index]) ? list : { ...list, items }
}

function emptyList({ spot }: Tree): ListTree {
  return { kind: 'list', spot, items: [] }
}

function emptyText(spot: Spot): ScalarTree {
  return { kind: 'scalar', spot, text: '', tag: '', isQuoted: false }
}

/** The parts of a path between its separators; a backslash takes the separator behind it for a letter. */
export function pathParts(path: string, separator = '/'): readonly string[] {
  const pieces = path.split(separator)
  const parts: string[] = []
  for (const piece of pieces.length > 1 && pieces[0] === '' ? pieces.slice(1) : pieces) {
    const last = parts.at(-1)
    if (last?.endsWith('\\') === true) parts[parts.length - 1] = `${last.slice(0, -1)}${separator}${piece}`
    else parts.push(piece)
  }
  return parts
}
