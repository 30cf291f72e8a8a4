import type { Spot } from '../manifest/manifest.js'
import type { Path } from '../text/path.js'
import { isObject, type Json, member } from '../yaml/json.js'
import {
  type BuiltObject,
  changed,
  firstIdOf,
  gvkOf,
  idsOf,
  isClusterScoped,
  isSelectedGvk,
  remembered,
} from './built-object.js'
import {
  changedAt,
  type FieldChange,
  type FieldSettings,
  type FieldSpec,
  specsIn,
  textOf,
  withSpecs,
} from './field-specs.js'
import { imageChange, imageMembers } from './images.js'
import { type Kustomization, listItems, spotIn } from './kustomization.js'
import { clash } from './patches.js'
import { emptyMap, isRefusal, type MapTree, type Refusal, textScalar, textWithin, type Tree } from './tree.js'

/** One thing that a kustomization does to all objects, and where it says so. */
export type Transformer = {
  readonly path: Path
  readonly apply: (objects: readonly BuiltObject[]) => readonly BuiltObject[] | Refusal
}

function perObject(path: Path, change: (object: BuiltObject) => BuiltObject | Refusal): Transformer {
  return {
    path,
    apply: (objects) => {
      const result: BuiltObject[] = []
      for (const object of objects) {
        const after = change(object)
        if (isRefusal(after)) return after
        result.push(after)
      }
      return result
    },
  }
}

/** The tree with all these fields changed. */
function throughFields(tree: MapTree, fields: readonly FieldSpec[], change: FieldChange): Tree | Refusal {
  let result: Tree = tree
  for (const field of fields) {
    const after: Tree | Refusal = result.kind === 'map' ? changedAt(result, field, change) : result
    if (isRefusal(after)) return after
    result = after
  }
  return result
}

function spotOf(at: Kustomization, path: Path): Spot {
  return spotIn(at, path)
}

/**
 * Names and namespaces, in the order in which kustomize changes them.
 *
 * Source: sigs.k8s.io/kustomize/api/internal/target/kusttarget_configplugin.go.
 */
export function nameTransformers(at: Kustomization, settings: FieldSettings): readonly Transformer[] {
  const found: Transformer[] = []
  if (textOf(at.value, 'namespace') !== '') found.push(namespaceOf(at, settings))
  for (const key of ['namePrefix', 'nameSuffix'] as const)
    if (textOf(at.value, key) !== '') found.push(affixOf(at, key, settings))
  return found
}

const metaNamespace: FieldSpec = { group: '', version: '', kind: '', path: 'metadata/namespace', create: true }

function namespaceOf(at: Kustomization, settings: FieldSettings): Transformer {
  const text = textOf(at.value, 'namespace')
  const spot = spotOf(at, ['namespace'])
  const change: FieldChange = {
    missing: 'text',
    spot,
    set: (field) =>
      field.kind === 'scalar'
        ? { ...field, text, tag: 'str', spot: field.text === text ? field.spot : spot }
        : {
            refused: 'the value of a namespace field is not a string',
            said: 'namespace field specs must target scalar nodes',
          },
  }
  const one = perObject(['namespace'], (object) => {
    const { tree } = object
    const isOfCore = textWithin(tree, 'apiVersion') === 'v1'
    const fields = settings.namespace.filter(
      ({ path }) => path !== 'metadata/namespace' && (isOfCore || path !== 'metadata/name'),
    )
    const own = isClusterScoped(gvkOf(tree)) ? fields : [metaNamespace, ...fields]
    const after = throughFields(tree, own, change)
    return isRefusal(after) ? after : changed(remembered(object), after, at.file)
  })
  return {
    path: one.path,
    apply: (objects) => {
      const after = one.apply(objects)
      return isRefusal(after) || !clash(after)
        ? after
        : { refused: `\`namespace\` makes one of two objects`, said: 'namespace transformation produces ID conflict' }
    },
  }
}

function affixOf(at: Kustomization, key: 'namePrefix' | 'nameSuffix', settings: FieldSettings): Transformer {
  const text = textOf(at.value, key)
  const spot = spotOf(at, [key])
  const change: FieldChange = {
    missing: 'text',
    spot,
    set: (field) => {
      if (field.kind !== 'scalar')
        return { refused: `\`${key}\` changes a value that is not a string`, said: 'wrong node kind' }
      const own = field.tag === 'null' ? '' : field.text
      return { ...field, text: key === 'namePrefix' ? `${text}${own}` : `${own}${text}`, tag: '', spot }
    },
  }
  return perObject([key], (object) => {
    const first = firstIdOf(object)
    const kept: readonly (readonly [string, string])[] = [
      ['', 'CustomResourceDefinition'],
      ['apiregistration.k8s.io', 'APIService'],
      ['', 'Namespace'],
    ]
    if (kept.some(([group, kind]) => isSelectedGvk(first, { group, kind, version: '' }))) return object
    let result = object
    for (const field of settings[key]) {
      if (!isSelectedGvk(first, field)) continue
      if (field.path === 'metadata/name') result = affixed(remembered(result), key, text)
      const after = changedAt(result.tree, field, change)
      if (isRefusal(after)) return after
      result = changed(result, after, at.file)
    }
    return result
  })
}

function affixed(object: BuiltObject, key: 'namePrefix' | 'nameSuffix', text: string): BuiltObject {
  return key === 'namePrefix'
    ? { ...object, prefixes: [...object.prefixes, text] }
    : { ...object, suffixes: [...object.suffixes, text] }
}

/** Labels and annotations that a kustomization gives to all objects. */
export function markTransformers(at: Kustomization, settings: FieldSettings): readonly (Transformer | Refusal)[] {
  const found: (Transformer | Refusal)[] = []
  for (const { item, path } of listItems(at.value, 'labels')) {
    const fields = labelFields(item, settings)
    found.push(isRefusal(fields) ? fields : marks(at, [...path, 'pairs'], member(item, 'pairs'), fields))
  }
  for (const [key, fields] of [
    ['commonLabels', settings.commonLabels],
    ['commonAnnotations', settings.commonAnnotations],
  ] as const)
    found.push(marks(at, [key], member(at.value, key), fields))
  return found
}

function labelFields(item: Json, settings: FieldSettings): readonly FieldSpec[] | Refusal {
  const isSelecting = member(item, 'includeSelectors') === true
  const isInTemplates = member(item, 'includeTemplates') === true
  const metadata: FieldSpec = { group: '', version: '', kind: '', path: 'metadata/labels', create: true }
  const groups = isSelecting
    ? [settings.labels, settings.commonLabels]
    : [settings.labels, isInTemplates ? settings.templateLabels : [], [metadata]]
  let fields: readonly FieldSpec[] | Refusal = specsIn(member(item, 'fields'))
  for (const group of groups) {
    if (isRefusal(fields)) return fields
    fields = withSpecs(fields, group)
  }
  return fields
}

function marks(at: Kustomization, path: Path, pairs: Json | undefined, fields: readonly FieldSpec[]): Transformer {
  const sorted = isObject(pairs) ? Object.entries(pairs).toSorted(([a], [b]) => (a < b ? -1 : 1)) : []
  const entries = sorted.map(([key, value]) => ({
    key,
    text: typeof value === 'string' ? value : '',
    spot: spotOf(at, [...path, key]),
    keySpot: spotIn(at, [...path, key], 'key'),
  }))
  const spot = spotOf(at, path)
  return perObject(path, (object) => {
    if (entries.length === 0) return object
    // What is there keeps its own place; all that is new of one name is one.
    const shared = new Map(entries.map(({ key }) => [key, {}]))
    const set = (field: Tree): Tree | Refusal => {
      const map =
        field.kind === 'map' ? field : field.kind === 'scalar' && field.text === '' ? emptyMap(spot) : undefined
      if (!map) return { refused: 'labels are not in a mapping', said: 'wrong node kind' }
      const after = new Map(map.entries)
      for (const one of entries) {
        const own = map.entries.get(one.key)
        const place = own === undefined ? shared.get(one.key) : own.value.kind === 'scalar' && own.value.shared
        const value = { ...textScalar(one.text, one.spot), ...(place && { shared: place }) }
        after.set(one.key, { key: own?.key ?? one.keySpot, value })
      }
      return { ...map, entries: after }
    }
    const after = throughFields(object.tree, fields, { set, missing: 'map', spot })
    return isRefusal(after) ? after : { ...changed(object, after, at.file), hasShared: true }
  })
}

/** Replicas, of which Knative has none, and images. */
export function valueTransformers(at: Kustomization, settings: FieldSettings): readonly Transformer[] {
  const replicas = listItems(at.value, 'replicas').map(({ item, path }) => replicasOf(at, item, path, settings))
  const images = [...listItems(at.value, 'images'), ...listItems(at.value, 'imageTags')].map(({ item, path }) => {
    const shown = imageMembers.find((key) => textOf(item, key) !== '')
    const spot = spotOf(at, shown === undefined ? path : [...path, shown])
    const change = imageChange(item, settings.images, spot)
    return perObject(path, (object) => {
      const after = change(object.tree)
      return isRefusal(after) ? after : changed(object, after, at.file)
    })
  })
  return [...replicas, ...images]
}

function replicasOf(at: Kustomization, item: Json, path: Path, settings: FieldSettings): Transformer {
  const name = textOf(item, 'name')
  const count = member(item, 'count') ?? 0
  const spot = spotOf(at, [...path, 'count'])
  const set = (field: Tree): Tree => ({
    kind: 'scalar',
    spot,
    text: JSON.stringify(count),
    tag: 'int',
    isQuoted: field.kind === 'scalar' && field.isQuoted,
  })
  const isMeant = (object: BuiltObject, field: FieldSpec): boolean =>
    idsOf(object).some((id) => id.name === name && isSelectedGvk(id, field))
  const one = perObject(path, (object) => {
    const fields = settings.replicas.filter((field) => isMeant(object, field))
    const after = throughFields(object.tree, fields, { set, missing: 'text', spot })
    return isRefusal(after) ? after : changed(object, after, at.file)
  })
  return {
    path,
    apply: (objects) =>
      objects.some((object) => settings.replicas.some((field) => isMeant(object, field)))
        ? one.apply(objects)
        : {
            refused: `\`replicas\` names \`${name}\`, which no Deployment or similar object has`,
            said: 'does not match a config',
          },
  }
}
