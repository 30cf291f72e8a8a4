import type { Spot } from '../manifest/manifest.js'
import type { Json } from '../yaml/json.js'
import { gvkOf } from './built-object.js'
import { changedAt, eachItem } from './field-paths.js'
import { type FieldSpec, textOf } from './field-specs.js'
import { imageText, isOf } from './images.js'
import { isRefusal, type MapTree, type Refusal, type Tree, withEntry } from './tree.js'

/**
 * What an entry of `images` makes of an object: first of every list of containers, wherever it stands, then of the fields
 * that are listed. A suffix comes twice where both reach an image.
 *
 * Source: sigs.k8s.io/kustomize/api/filters/imagetag.
 */
export function withImage(tree: MapTree, entry: Json, fields: readonly FieldSpec[], spot: Spot): Tree | Refusal {
  if (gvkOf(tree).kind === 'CustomResourceDefinition') return tree
  const set = (field: Tree): Tree | Refusal => retagged(field, entry, spot)
  let after = inContainers(tree, set)
  for (const field of fields) {
    if (isRefusal(after)) return after
    if (after.kind === 'map') after = changedAt(after, field, { set, spot })
  }
  return after
}

function inContainers(tree: Tree, set: (field: Tree) => Tree | Refusal): Tree | Refusal {
  if (tree.kind === 'scalar') return tree
  if (tree.kind === 'list') return eachItem(tree, (item) => inContainers(item, set))
  let map = tree
  for (const [key, { value }] of tree.entries) {
    const inside = inContainers(value, set)
    if (isRefusal(inside)) return inside
    const isList = (key === 'containers' || key === 'initContainers') && inside.kind === 'list'
    const after = isList ? eachItem(inside, (item) => withField(item, set)) : inside
    if (isRefusal(after)) return after
    if (after !== value) map = withEntry(map, key, after)
  }
  return map
}

function withField(container: Tree, set: (field: Tree) => Tree | Refusal): Tree | Refusal {
  if (container.kind !== 'map') return { refused: 'a container is not a mapping', said: 'wrong node kind' }
  const image = container.entries.get('image')?.value
  const after = image && set(image)
  return after === undefined || after === image || isRefusal(after)
    ? after && isRefusal(after)
      ? after
      : container
    : withEntry(container, 'image', after)
}

function retagged(field: Tree, entry: Json, spot: Spot): Tree | Refusal {
  if (field.kind !== 'scalar') return { refused: '`image` is not a string', said: 'wrong node kind' }
  const name = textOf(entry, 'name')
  const isMeant = isOf(field.text, name)
  if (isMeant === undefined) return { refused: `\`name\` is \`${name}\`, not a regular expression` }
  if (!isMeant) return field
  const text = imageText(field.text, entry)
  return text === field.text ? field : { ...field, text, tag: '', spot }
}
