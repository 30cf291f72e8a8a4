import type { Manifest, Spot } from '../manifest/manifest.js'
import type { Says } from '../text/diagnostic.js'
import type { Path } from '../text/path.js'
import type { SourceFile } from '../text/source.js'
import type { Id, Kustomization } from './kustomization.js'
import { type MapTree, textScalar, textWithin, type Tree, within, withoutEntry, withShared, withValue } from './tree.js'

/** Group, version and kind; in a selector, what is empty fits all. */
export type Gvk = { readonly group: string; readonly version: string; readonly kind: string }

/** What kustomize knows an object by. */
export type ResourceId = Gvk & { readonly name: string; readonly namespace: string }

/** One object of a build on its way. */
export type BuiltObject = {
  readonly tree: MapTree
  /** The Knative Service that it starts from; undefined for what is none. */
  readonly base?: Manifest
  /** The names that it had before, the first one first. */
  readonly previous: readonly Pick<ResourceId, 'name' | 'namespace' | 'kind'>[]
  readonly prefixes: readonly string[]
  readonly suffixes: readonly string[]
  /** Set on what a generator makes. */
  readonly behavior?: Behavior
  readonly needsHash: boolean
  /** What patches were allowed to change of it. */
  readonly allowed?: readonly string[]
  /** The files that had a say. */
  readonly sources: ReadonlySet<SourceFile>
  /** Set where its lists could not be told: kustomize knows keys by which it merges those of its own kinds. */
  readonly hasUnclearLists?: true
  /** Set where labels or annotations came to several places as one. */
  readonly hasShared?: true
}

export type Behavior = 'create' | 'replace' | 'merge'

export const knativeGroup = 'serving.knative.dev'

export function gvkOf(tree: Tree): Gvk {
  const version = textWithin(tree, 'apiVersion')
  const slash = version.indexOf('/')
  const kind = textWithin(tree, 'kind')
  return slash < 0
    ? { group: '', version, kind }
    : { group: version.slice(0, slash), version: version.slice(slash + 1), kind }
}

export function idOf({ tree }: Pick<BuiltObject, 'tree'>): ResourceId {
  return {
    ...gvkOf(tree),
    name: textWithin(tree, 'metadata', 'name'),
    namespace: textWithin(tree, 'metadata', 'namespace'),
  }
}

/** The names that it had, and the present one last. */
export function idsOf(object: BuiltObject): readonly ResourceId[] {
  const present = idOf(object)
  return [...object.previous.map((one) => ({ ...present, ...one })), present]
}

export function firstIdOf(object: BuiltObject): ResourceId {
  const present = idOf(object)
  return { ...present, ...object.previous[0] }
}

export function isKnativeService(tree: Tree): boolean {
  const { group, kind } = gvkOf(tree)
  return group === knativeGroup && kind === 'Service'
}

/** Whether the selector means such an object: what it leaves open fits all. */
export function isSelectedGvk(own: Gvk, selector: Gvk): boolean {
  return (['group', 'version', 'kind'] as const).every((key) => selector[key] === '' || selector[key] === own[key])
}

const clusterScoped: Readonly<Record<string, readonly string[]>> = {
  '': ['ComponentStatus', 'Namespace', 'Node', 'NodeProxyOptions', 'PersistentVolume'],
  'admissionregistration.k8s.io': ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'],
  'apiextensions.k8s.io': ['CustomResourceDefinition'],
  'apiregistration.k8s.io': ['APIService'],
  'certificates.k8s.io': ['CertificateSigningRequest'],
  'flowcontrol.apiserver.k8s.io': ['FlowSchema', 'PriorityLevelConfiguration'],
  'networking.k8s.io': ['IngressClass'],
  'node.k8s.io': ['RuntimeClass'],
  policy: ['PodSecurityPolicy'],
  'rbac.authorization.k8s.io': ['ClusterRole', 'ClusterRoleBinding'],
  'scheduling.k8s.io': ['PriorityClass'],
  'storage.k8s.io': ['CSIDriver', 'CSINode', 'StorageClass', 'VolumeAttachment'],
}

/** Source: sigs.k8s.io/kustomize/kyaml/openapi/openapi.go precomputedIsNamespaceScoped. */
export function isClusterScoped({ group, version, kind }: Gvk): boolean {
  return /^v\d+(?:beta\d+)?$/.test(version) && clusterScoped[group]?.includes(kind) === true
}

/** The namespace that counts: no name is `default`, and what is in none is in one of its own. */
export function effectiveNamespace(id: ResourceId): string {
  if (isClusterScoped(id)) return '_non_namespaceable_'
  return id.namespace || 'default'
}

export function sameId(a: ResourceId, b: ResourceId): boolean {
  return keyOfId(a) === keyOfId(b)
}

/** Ids that kustomize takes for one have one key. */
export function keyOfId(id: ResourceId): string {
  return [id.group, id.version, id.kind, id.name, effectiveNamespace(id)].join('\n')
}

/** The object, with its present name among those that it had. */
export function remembered(object: BuiltObject): BuiltObject {
  const id = idOf(object)
  const one = { name: id.name, namespace: effectiveNamespace(id), kind: id.kind }
  return { ...object, previous: [...object.previous, one] }
}

/** The object with another tree, if it is one, and a file more that had a say. */
export function changed(object: BuiltObject, tree: Tree, ...files: readonly SourceFile[]): BuiltObject {
  if (tree.kind !== 'map' || tree === object.tree) return object
  const isNew = files.some((file) => !object.sources.has(file))
  const own = object.hasShared ? asMap(withShared(object.tree, tree), tree) : tree
  return { ...object, tree: own, ...(isNew && { sources: new Set([...object.sources, ...files]) }) }
}

const notePrefix = 'internal.config.kubernetes.io/'

/** The annotations that kustomize itself keeps at an object while it builds, as far as others can see them. */
function notesOf({
  previous,
  prefixes,
  suffixes,
  needsHash,
  allowed = [],
}: BuiltObject): readonly (readonly [string, string])[] {
  const lists = {
    previousKinds: previous.map(({ kind }) => kind),
    previousNames: previous.map(({ name }) => name),
    previousNamespaces: previous.map(({ namespace }) => namespace),
    prefixes,
    suffixes,
    needsHashSuffix: needsHash ? ['enabled'] : [],
    ...Object.fromEntries(allowed.map((key) => [key, ['enabled']])),
  }
  return Object.entries(lists).flatMap(([key, list]) =>
    list.length === 0 ? [] : [[`${notePrefix}${key}`, list.join(',')] as const],
  )
}

/** The annotations or labels with nothing but texts in them; none at all where they are empty. */
export function withTexts(tree: MapTree, field: 'annotations' | 'labels'): MapTree {
  const map = within(tree, 'metadata', field)
  if (map === undefined) return tree
  if (map.kind !== 'map' || map.entries.size === 0) return asMap(withoutEntry(tree, ['metadata', field]), tree)
  const entries = new Map(map.entries)
  for (const [key, { key: at, value }] of map.entries) {
    if (value.kind === 'scalar' && value.tag === 'str') continue
    entries.set(key, { key: at, value: textScalar(value.kind === 'scalar' ? value.text : '', value.spot) })
  }
  return asMap(withValue(tree, ['metadata', field], { ...map, entries }), tree)
}

/** The object as operations and replacements find it: with the annotations that kustomize itself has there. */
export function withNotes(object: BuiltObject): MapTree {
  let tree: Tree = object.tree
  for (const [key, text] of notesOf(object))
    tree = withValue(tree, ['metadata', 'annotations', key], textScalar(text, object.tree.spot))
  return asMap(tree, object.tree)
}

/** The tree without such annotations, where they belong; what was copied to other places stays there. */
export function withoutNotes(tree: MapTree): MapTree {
  const annotations = within(tree, 'metadata', 'annotations')
  const own = annotations?.kind === 'map' ? [...annotations.entries.keys()] : []
  let result: Tree = tree
  for (const key of own) if (key.startsWith(notePrefix)) result = withoutEntry(result, ['metadata', 'annotations', key])
  return asMap(result, tree)
}

export function asMap(tree: Tree, otherwise: MapTree): MapTree {
  return tree.kind === 'map' ? tree : otherwise
}

/** The object under another name; the text that decides it is where the name now stands. */
export function named(tree: MapTree, name: string, spot: Spot): MapTree {
  return asMap(
    withValue(tree, ['metadata', 'name'], { kind: 'scalar', text: name, tag: '', isQuoted: false, spot }),
    tree,
  )
}

/** Whether an object has a name, or had it: asked before its ids are put together. */
export function mayHave(object: BuiltObject, name: string): boolean {
  return textWithin(object.tree, 'metadata', 'name') === name || object.previous.some((one) => one.name === name)
}

/** What others need to know of another object of a build. */
export type LightObject = {
  readonly group: string
  readonly kind: string
  readonly name: string
  readonly namespace: string
  /** The names that it had before. */
  readonly previous: readonly string[]
}

/** A Knative Service as a root yields it. */
export type AppliedService = {
  readonly root: Kustomization
  /** The document in a resource file that it starts from. */
  readonly base: Manifest
  /** The names that it had, the present one last. */
  readonly ids: readonly Id[]
  /** The Service as it is built; its `file` has no text of its own, `spotOf` says where things are. */
  readonly manifest: Manifest
  /** Every file that had a say. */
  readonly sources: readonly SourceFile[]
}

/** What of a root cannot be built from these files. */
export type NotBuilt = {
  readonly at: Kustomization
  readonly path: Path
  readonly why:
    | 'remote'
    | 'template'
    | 'chart'
    | 'plugin'
    | 'missing'
    | 'openapi'
    | 'crds'
    | 'vars'
    | 'unclear'
    | 'too many'
  readonly name: string
}

/** What kustomize itself refuses. */
export type BuildFault = {
  readonly at: Kustomization
  readonly path: Path
  readonly message: string
  readonly help?: string
  readonly says?: Says
}

/** What a root yields: nothing where kustomize refuses it. */
export type BuiltRoot = {
  readonly root: Kustomization
  readonly services: readonly AppliedService[]
  /** The other objects of the build. */
  readonly objects: readonly LightObject[]
  readonly notBuilt: readonly NotBuilt[]
  readonly faults: readonly BuildFault[]
  /** Files outside of the folder that names them: kubectl and Argo CD refuse them, Flux does not. */
  readonly outside: readonly BuildFault[]
  /** Where the real kustomize was asked: how what it builds differs. */
  readonly differences?: readonly { readonly message: string; readonly service?: string }[]
}

/** The `vars` of a kustomization. */
export type Variables = { readonly at: Kustomization; readonly names: readonly string[] }
