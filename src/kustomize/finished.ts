import type { Manifest, Spot } from '../manifest/manifest.js'
import { append } from '../text/collections.js'
import type { Path } from '../text/path.js'
import type { SourceFile } from '../text/source.js'
import { isList, isObject, type Json, member } from '../yaml/json.js'
import {
  type AppliedService,
  type BuiltObject,
  type BuiltRoot,
  changed,
  effectiveNamespace,
  firstIdOf,
  type Gvk,
  gvkOf,
  idOf,
  idsOf,
  isClusterScoped,
  isKnativeService,
  isSelectedGvk,
  type LightObject,
  named,
  type NotBuilt,
  remembered,
  type Variables,
  withTexts,
} from './built-object.js'
import { changedAt, eachItem, type FieldSettings } from './field-specs.js'
import { hashOf } from './generators.js'
import type { Id, Kustomization } from './kustomization.js'
import {
  isMissing,
  isRefusal,
  type Refusal,
  spotIn,
  textWithin,
  type Tree,
  treeDocument,
  treeJson,
  unwritable,
  withEntry,
  within,
} from './tree.js'

/** All objects of a build by the names that they had, so that a reference is not looked for in all of them. */
class Renamed {
  private readonly byName = new Map<string, BuiltObject[]>()

  constructor(objects: readonly BuiltObject[]) {
    for (const object of objects)
      for (const name of new Set(object.previous.map((one) => one.name))) {
        const known = this.byName.get(name)
        if (known) known.push(object)
        else this.byName.set(name, [object])
      }
  }

  named(name: string): readonly BuiltObject[] {
    return this.byName.get(name) ?? []
  }
}

/**
 * The object with the names in it that follow those of other objects.
 *
 * Source: sigs.k8s.io/kustomize/api/filters/nameref/nameref.go.
 */
function withNames(object: BuiltObject, settings: FieldSettings, renamed: Renamed): BuiltObject | Refusal {
  let result = object
  const first = firstIdOf(object)
  for (const target of settings.nameReference)
    for (const spec of target.referrers) {
      if (!isSelectedGvk(first, spec)) continue
      const files = new Set<BuiltObject>()
      const referral = (name: string, namespace?: string): BuiltObject | Refusal | undefined => {
        const found = referralOf(result, target, renamed.named(name), namespace)
        if (found && !isRefusal(found)) files.add(found)
        return found
      }
      const own = { ...spec, ...gvkOf(result.tree) }
      const after = changedAt(result.tree, own, { set: (field) => follow(field, referral), spot: spotOf(result) })
      if (isRefusal(after)) return after
      result = changed(result, after, ...[...files].flatMap(({ sources }) => [...sources]))
    }
  return result
}

function spotOf({ tree }: BuiltObject): Spot {
  return tree.spot
}

type Referral = (name: string, namespace?: string) => BuiltObject | Refusal | undefined

function follow(field: Tree, referral: Referral): Tree | Refusal {
  if (isMissing(field)) return field
  if (field.kind === 'list') return eachItem(field, (item) => (item.kind === 'list' ? nested : follow(item, referral)))
  if (field.kind === 'scalar') {
    const found = referral(field.text)
    if (found === undefined || isRefusal(found)) return found ?? field
    const { name } = idOf(found)
    return name === field.text ? field : { ...field, text: name, tag: '', spot: nameSpot(found, field) }
  }
  const name = textWithin(field, 'name')
  if (!field.entries.has('name'))
    return { refused: 'a reference has no `name`', said: "path config error; no 'name' field in node" }
  const found = referral(name, field.entries.has('namespace') ? textWithin(field, 'namespace') : undefined)
  if (found === undefined || isRefusal(found)) return found ?? field
  const id = idOf(found)
  if (id.name === name && id.namespace === '') return field
  const spot = nameSpot(found, field)
  const called = withEntry(field, 'name', { kind: 'scalar', text: id.name, tag: '', isQuoted: false, spot })
  if (id.namespace === '') return called
  return withEntry(called, 'namespace', { kind: 'scalar', text: id.namespace, tag: '', isQuoted: false, spot })
}

const nested: Refusal = { refused: 'a reference is a list; must be a string or a mapping' }

function nameSpot({ tree }: BuiltObject, otherwise: Tree): Spot {
  return within(tree, 'metadata', 'name')?.spot ?? otherwise.spot
}

function referralOf(
  referrer: BuiltObject,
  target: Gvk,
  candidates: readonly BuiltObject[],
  namespace: string | undefined,
): BuiltObject | Refusal | undefined {
  const own = idOf(referrer)
  const isNear = (object: BuiltObject): boolean => {
    const id = idOf(object)
    return isClusterScoped(own) || isClusterScoped(id) || effectiveNamespace(id) === effectiveNamespace(own)
  }
  const near = candidates.filter(
    (object) =>
      isNear(object) &&
      object.previous.some(({ kind }) => isSelectedGvk({ ...gvkOf(object.tree), kind }, target)) &&
      (namespace === undefined || [firstIdOf(object), idOf(object)].some((id) => effectiveNamespace(id) === namespace)),
  )
  if (near.length <= 1) return near[0]
  const alike = near.filter((object) => isBuiltAlike(object, referrer, true))
  const same = alike.length > 1 ? alike.filter((object) => isBuiltAlike(object, referrer, false)) : alike
  const [first] = same
  const isOne = same.every((object) => idOf(object).name === (first && idOf(first).name))
  return isOne
    ? first
    : {
        refused: 'a reference matches several objects',
        said: 'found multiple possible referrals',
      }
}

function isBuiltAlike(a: BuiltObject, b: BuiltObject, allowsNone: boolean): boolean {
  return (['prefixes', 'suffixes'] as const).every(
    (key) => (allowsNone && (a[key].length === 0 || b[key].length === 0)) || endsAlike(a[key], b[key]),
  )
}

function endsAlike(a: readonly string[], b: readonly string[]): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a]
  if (short.length === 0) return long.length === 0
  return short.every((text, index) => text === long[index + long.length - short.length])
}

/** A name in a built Service that means an object whose name is another one by now. */
type Unrewritten = {
  /** Where the Service has the name. */
  readonly path: Path
  readonly name: string
  readonly kind: 'ConfigMap' | 'Secret' | 'ServiceAccount'
  /** What the object is called once it is built. */
  readonly builtName: string
}

type Named = Pick<Unrewritten, 'path' | 'name' | 'kind'>

/**
 * The names in a built Service that kustomize did not rewrite together with the objects that they mean: of a Knative
 * Service it knows only `env[].valueFrom.secretKeyRef.name`. What these name will not exist.
 */
export function unrewritten({ manifest }: AppliedService, { objects }: BuiltRoot): readonly Unrewritten[] {
  const own = manifest.namespace ?? 'default'
  const near = objects.filter(({ namespace }) => (namespace || 'default') === own)
  const byName = new Map<string, LightObject>()
  for (const object of near) for (const name of object.previous) byName.set(`${object.kind}/${name}`, object)
  const present = new Set(near.map(({ kind, name }) => `${kind}/${name}`))
  return namesIn(manifest.value).flatMap((spoken) => {
    const key = `${spoken.kind}/${spoken.name}`
    const object = present.has(key) ? undefined : byName.get(key)
    return object && object.group === '' ? [{ ...spoken, builtName: object.name }] : []
  })
}

function namesIn(value: Json): readonly Named[] {
  const path = ['spec', 'template', 'spec']
  const spec = member(value, ...path)
  return [
    ...['containers', 'initContainers'].flatMap((key) =>
      itemsOf(spec, key, path).flatMap(({ item, path: own }) => namesInContainer(item, own)),
    ),
    ...itemsOf(spec, 'volumes', path).flatMap(({ item, path: own }) => [
      ...nameAt(item, own, 'ConfigMap', 'configMap', 'name'),
      ...nameAt(item, own, 'Secret', 'secret', 'secretName'),
      ...itemsOf(member(item, 'projected'), 'sources', [...own, 'projected']).flatMap((source) => [
        ...nameAt(source.item, source.path, 'ConfigMap', 'configMap', 'name'),
        ...nameAt(source.item, source.path, 'Secret', 'secret', 'name'),
      ]),
    ]),
    ...nameAt(spec ?? null, path, 'ServiceAccount', 'serviceAccountName'),
    ...itemsOf(spec, 'imagePullSecrets', path).flatMap(({ item, path: own }) => nameAt(item, own, 'Secret', 'name')),
  ]
}

function namesInContainer(container: Json, path: Path): readonly Named[] {
  return [
    ...itemsOf(container, 'env', path).flatMap(({ item, path: own }) => [
      ...nameAt(item, own, 'ConfigMap', 'valueFrom', 'configMapKeyRef', 'name'),
      ...nameAt(item, own, 'Secret', 'valueFrom', 'secretKeyRef', 'name'),
    ]),
    ...itemsOf(container, 'envFrom', path).flatMap(({ item, path: own }) => [
      ...nameAt(item, own, 'ConfigMap', 'configMapRef', 'name'),
      ...nameAt(item, own, 'Secret', 'secretRef', 'name'),
    ]),
  ]
}

function itemsOf(
  value: Json | undefined,
  key: string,
  path: Path,
): readonly { readonly item: Json; readonly path: Path }[] {
  const list = member(value, key)
  return isList(list) ? list.map((item, index) => ({ item, path: [...path, key, index] })) : []
}

function nameAt(value: Json, path: Path, kind: Named['kind'], ...keys: readonly string[]): readonly Named[] {
  const name = member(value, ...keys)
  return typeof name === 'string' && name !== '' ? [{ path: [...path, ...keys], name, kind }] : []
}

type End = {
  readonly services: readonly AppliedService[]
  readonly objects: readonly LightObject[]
  readonly unclear: readonly NotBuilt[]
}

/** Hashes and references, which come once for all of a root, and what is left after that. */
export function finished(
  root: Kustomization,
  sum: {
    readonly objects: readonly BuiltObject[]
    readonly settings: FieldSettings
    readonly variables: readonly Variables[]
  },
): End | Refusal {
  const hashed = sum.objects.map(withHash)
  const renamed = new Renamed(hashed)
  const services: AppliedService[] = []
  const objects: LightObject[] = []
  const unclear: NotBuilt[] = []
  for (const object of hashed) {
    if (isLocal(object.tree)) continue
    if (!isKnativeService(object.tree)) {
      objects.push(lightOf(object))
      continue
    }
    const after = withNames(object, sum.settings, renamed)
    if (isRefusal(after)) return after
    const tree = withTexts(after.tree, 'annotations')
    const odd = unwritable(tree)
    if (odd) return { refused: `\`${odd.text}\` does not fit its type \`${odd.tag}\``, said: 'cannot decode' }
    services.push(serviceOf(root, { ...after, tree }))
    append(unclear, variablesIn(tree, sum))
  }
  return { services, objects, unclear }
}

function withHash(object: BuiltObject): BuiltObject {
  if (!object.needsHash) return object
  const { name } = idOf(object)
  const spot = within(object.tree, 'metadata', 'name')?.spot ?? object.tree.spot
  return { ...remembered(object), tree: named(object.tree, `${name}-${hashOf(object)}`, spot) }
}

function isLocal(tree: Tree): boolean {
  const mark = within(tree, 'metadata', 'annotations', 'config.kubernetes.io/local-config')
  return mark?.kind === 'scalar' && mark.text !== 'false'
}

function lightOf(object: BuiltObject): LightObject {
  const { group, kind, name, namespace } = idOf(object)
  return { group, kind, name, namespace, previous: [...new Set(object.previous.map((one) => one.name))] }
}

function serviceOf(root: Kustomization, object: BuiltObject): AppliedService {
  const { tree } = object
  const ids: Id[] = []
  for (const { name, namespace } of idsOf(object)) {
    const last = ids.at(-1)
    // What had no namespace is remembered as one of `default`.
    const own = namespace === 'default' && textWithin(tree, 'metadata', 'namespace') === '' ? '' : namespace
    if (last?.name !== name || last.namespace !== own) ids.push({ name, namespace: own })
  }
  const file: SourceFile = {
    path: root.file.path,
    text: '',
    ...(root.file.patchPath !== undefined && { patchPath: root.file.patchPath }),
  }
  const manifest = manifestOf(tree, file)
  const base = object.base ?? manifest
  return { root, base, ids, manifest, sources: [...object.sources] }
}

function manifestOf(tree: Tree, file: SourceFile): Manifest {
  const json = treeJson(tree)
  const name = textWithin(tree, 'metadata', 'name')
  const namespace = textWithin(tree, 'metadata', 'namespace') || undefined
  let document: Manifest['document'] | undefined
  return {
    file,
    value: isObject(json) ? json : {},
    name,
    namespace,
    label: namespace === undefined ? name : `${namespace}/${name}`,
    get document() {
      document ??= treeDocument(tree)
      return document
    },
    root: [],
    targets: new Map(),
    faults: [],
    spotOf: (path: Path, part) => spotIn(tree, path, part),
  }
}

/** Whether a variable of old stands where kustomize would put its value. */
function variablesIn(
  tree: Tree,
  { settings, variables }: { readonly settings: FieldSettings; readonly variables: readonly Variables[] },
): readonly NotBuilt[] {
  if (variables.length === 0 || tree.kind !== 'map') return []
  const texts: string[] = []
  const note = (field: Tree): Tree => {
    texts.push(JSON.stringify(treeJson(field)))
    return field
  }
  for (const spec of settings.varReference) changedAt(tree, spec, { set: note, spot: tree.spot })
  return variables.flatMap(({ at, names }) =>
    names
      .filter((name) => name !== '' && texts.some((text) => text.includes(`$(${name})`)))
      .map((name) => ({ at, path: ['vars'], why: 'vars' as const, name })),
  )
}
