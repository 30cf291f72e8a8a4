import type { Spot } from '../manifest/manifest.js'
import { isList, type Json, member } from '../yaml/json.js'
import { type Gvk, gvkOf, isSelectedGvk, knativeGroup } from './built-object.js'
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

/** A field that kustomize changes in objects of some kind. */
export type FieldSpec = Gvk & {
  readonly path: string
  /** Whether what is missing is made. */
  readonly create: boolean
}

/** Where names of one kind stand in others. */
type NameReference = Gvk & { readonly referrers: readonly FieldSpec[] }

const lists = [
  'namePrefix',
  'nameSuffix',
  'namespace',
  'commonLabels',
  'labels',
  'templateLabels',
  'commonAnnotations',
  'varReference',
  'images',
  'replicas',
] as const

/** Which fields kustomize changes: its own ones, and those of `configurations`. */
export type FieldSettings = Readonly<Record<(typeof lists)[number], readonly FieldSpec[]>> & {
  readonly nameReference: readonly NameReference[]
}

type Row = string | readonly [path: string, kind: string, group?: string, version?: string]

function specs(create: boolean, ...rows: readonly Row[]): readonly FieldSpec[] {
  return rows.map((row) => {
    const [path, kind = '', group = '', version = ''] = typeof row === 'string' ? [row] : row
    return { path, kind, group, version, create }
  })
}

const template = 'spec/template'
const workloads = ['Deployment', 'ReplicaSet', 'DaemonSet'] as const

function inTemplates(field: 'labels' | 'annotations', setGroup = ''): readonly FieldSpec[] {
  const path = `${template}/metadata/${field}`
  return specs(
    true,
    `metadata/${field}`,
    [path, 'ReplicationController', '', 'v1'],
    ...workloads.map((kind) => [path, kind] as const),
    [path, 'StatefulSet', setGroup],
    [path, 'Job', 'batch'],
    [`spec/jobTemplate/metadata/${field}`, 'CronJob', 'batch'],
    [`spec/jobTemplate/${path}`, 'CronJob', 'batch'],
  )
}

const templateLabels = [
  ...inTemplates('labels', 'apps'),
  ...specs(true, ['spec/volumeClaimTemplates[]/metadata/labels', 'StatefulSet', 'apps']),
]

/** Where a pod has the names of these, from its `spec`. */
const inPods = {
  ConfigMap: [
    'volumes/configMap/name',
    'containers/env/valueFrom/configMapKeyRef/name',
    'initContainers/env/valueFrom/configMapKeyRef/name',
    'containers/envFrom/configMapRef/name',
    'initContainers/envFrom/configMapRef/name',
    'volumes/projected/sources/configMap/name',
  ],
  Secret: [
    'volumes/secret/secretName',
    'containers/env/valueFrom/secretKeyRef/name',
    'initContainers/env/valueFrom/secretKeyRef/name',
    'containers/envFrom/secretRef/name',
    'initContainers/envFrom/secretRef/name',
    'imagePullSecrets/name',
    'volumes/projected/sources/secret/name',
  ],
  ServiceAccount: ['serviceAccountName'],
  PersistentVolumeClaim: ['volumes/persistentVolumeClaim/claimName'],
} as const

function podReferences(kind: keyof typeof inPods, ...more: readonly FieldSpec[]): NameReference {
  const rows = inPods[kind].flatMap((path): readonly Row[] => [
    [`spec/${path}`, 'Pod', '', 'v1'],
    [`template/spec/${path}`, 'PodTemplate'],
    ...[...workloads, 'StatefulSet', 'Job'].map((owner) => [`${template}/spec/${path}`, owner] as const),
    [`spec/jobTemplate/${template}/spec/${path}`, 'CronJob'],
  ])
  return { group: '', version: 'v1', kind, referrers: [...specs(false, ...rows), ...more] }
}

const secretOfEnvironment = [
  `${template}/spec/containers/env/valueFrom/secretKeyRef/name`,
  'Service',
  knativeGroup,
  'v1',
] as const

/**
 * Source: sigs.k8s.io/kustomize/api/internal/konfig/builtinpluginconsts; of the references, those that can matter for a
 * Knative Service.
 */
export const defaultSettings: FieldSettings = {
  namePrefix: specs(false, 'metadata/name'),
  nameSuffix: specs(false, 'metadata/name'),
  namespace: [
    ...specs(true, ['metadata/name', 'Namespace'], ['spec/service/namespace', 'APIService', 'apiregistration.k8s.io']),
    ...specs(false, [
      'spec/conversion/webhook/clientConfig/service/namespace',
      'CustomResourceDefinition',
      'apiextensions.k8s.io',
    ]),
  ],
  commonLabels: [
    ...specs(
      true,
      ['spec/selector', 'Service', '', 'v1'],
      ['spec/selector', 'ReplicationController', '', 'v1'],
      ...workloads.map((kind) => ['spec/selector/matchLabels', kind] as const),
      ['spec/selector/matchLabels', 'StatefulSet', 'apps'],
    ),
    ...specs(
      false,
      ['spec/selector/matchLabels', 'Job', 'batch'],
      ['spec/jobTemplate/spec/selector/matchLabels', 'CronJob', 'batch'],
      ['spec/selector/matchLabels', 'PodDisruptionBudget', 'policy'],
      ['spec/podSelector/matchLabels', 'NetworkPolicy', 'networking.k8s.io'],
    ),
    ...templateLabels,
  ],
  labels: [],
  templateLabels,
  commonAnnotations: inTemplates('annotations'),
  varReference: specs(
    false,
    ['spec/ports/port', 'Service'],
    ['spec/ports/targetPort', 'Service'],
    'metadata/labels',
    'metadata/annotations',
  ),
  images: specs(
    true,
    'spec/containers[]/image',
    'spec/initContainers[]/image',
    `${template}/spec/containers[]/image`,
    `${template}/spec/initContainers[]/image`,
  ),
  replicas: specs(
    true,
    ...['Deployment', 'ReplicationController', 'ReplicaSet', 'StatefulSet'].map(
      (kind) => ['spec/replicas', kind] as const,
    ),
  ),
  nameReference: [
    podReferences('ConfigMap'),
    podReferences('Secret', ...specs(false, secretOfEnvironment)),
    podReferences('ServiceAccount'),
    podReferences('PersistentVolumeClaim'),
  ],
}

const conflict: Refusal = {
  refused: 'a field is listed twice with different `create`',
  said: 'conflicting fieldspecs',
}

/** What is there already for such objects and that path is not listed again. */
export function withSpecs(known: readonly FieldSpec[], more: readonly FieldSpec[]): readonly FieldSpec[] | Refusal {
  const all = [...known]
  const byPath = new Map<string, FieldSpec[]>()
  for (const spec of known) byPath.set(spec.path, [...(byPath.get(spec.path) ?? []), spec])
  for (const spec of more) {
    const near = byPath.get(spec.path) ?? []
    byPath.set(spec.path, near)
    const same = near.find((one) => isSelectedGvk(one, spec))
    if (same && same.create !== spec.create) return conflict
    if (same) continue
    all.push(spec)
    near.push(spec)
  }
  return all
}

/** Source: sigs.k8s.io/kustomize/api/internal/plugins/builtinconfig/transformerconfig.go Merge. */
export function withSettings(known: FieldSettings, more: FieldSettings): FieldSettings | Refusal {
  if (known === more) return known
  const merged: Partial<Record<(typeof lists)[number], readonly FieldSpec[]>> = {}
  for (const key of lists) {
    const list = withSpecs(known[key], more[key])
    if (isRefusal(list)) return list
    merged[key] = list
  }
  const nameReference = [...known.nameReference]
  for (const reference of more.nameReference) {
    const index = nameReference.findIndex((one) => sameGvk(one, reference))
    const own = nameReference[index]
    const referrers = own ? withSpecs(own.referrers, reference.referrers) : reference.referrers
    if (isRefusal(referrers)) return referrers
    if (own) nameReference[index] = { ...own, referrers }
    else nameReference.push(reference)
  }
  return { ...known, ...merged, nameReference }
}

function sameGvk(a: Gvk, b: Gvk): boolean {
  return a.group === b.group && a.version === b.version && a.kind === b.kind
}

/** What a file of `configurations` adds. */
export function settingsIn(value: Json): FieldSettings {
  const entries = lists.map((key) => [key, specsIn(member(value, key))] as const)
  const references = member(value, 'nameReference')
  const nameReference = (isList(references) ? references : []).map((item) => ({
    ...gvkIn(item),
    referrers: specsIn(member(item, 'fieldSpecs')),
  }))
  return { ...none, ...Object.fromEntries(entries), nameReference }
}

const none: FieldSettings = {
  ...defaultSettings,
  ...Object.fromEntries(lists.map((key) => [key, []])),
  nameReference: [],
}

/** The fields that a list names. */
export function specsIn(list: Json | undefined): readonly FieldSpec[] {
  return (isList(list) ? list : []).map((item) => ({
    ...gvkIn(item),
    path: textOf(item, 'path'),
    create: member(item, 'create') === true,
  }))
}

export function gvkIn(item: Json | undefined): Gvk {
  return { group: textOf(item, 'group'), version: textOf(item, 'version'), kind: textOf(item, 'kind') }
}

export function textOf(item: Json | undefined, key: string): string {
  const value = member(item, key)
  return typeof value === 'string' ? value : ''
}

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
