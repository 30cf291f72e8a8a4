import type { Alias, Node } from 'yaml'

import { locate, type Manifest, type Part, type Spot } from '../manifest/manifest.js'
import type { Says } from '../text/diagnostic.js'
import { folderOf, formatPath, type Path, resolvePath } from '../text/path.js'
import type { Range, SourceFile } from '../text/source.js'
import { isList, isObject, type Json, member } from '../yaml/json.js'
import type { YamlFault } from '../yaml/faults.js'
import { parseYaml, type YamlDocument } from '../yaml/parse.js'
import { readDocument } from '../yaml/read.js'
import { kustomizationDocuments, listedPaths } from './patch-paths.js'
import { fitsOne, meets } from './selector-text.js'
import { says } from './tree.js'

/** A kustomization as it stands in its file. */
export type Kustomization = {
  readonly file: SourceFile
  /** The place of its folder: what its references start from. */
  readonly folder: string
  readonly value: Json
  readonly document: YamlDocument
  readonly root: Path
  readonly targets: ReadonlyMap<Alias, Node>
  /** Why kustomize cannot read it: what it names is then unknown. */
  readonly unread?: { readonly message: string; readonly says: Says; readonly isTold?: true }
  /** Set where a controller writes into it before it is built: where the text is that says a field, if not here. */
  readonly spotOf?: (path: Path) => Spot | undefined
}

/** Something that a kustomization names, and where it does. */
export type Reference = { readonly name: string; readonly path: Path }

/** Both sides of a change, and the commits before it, ask for the same files. */
const known = new WeakMap<SourceFile, Map<string, Kustomization | undefined>>()

/** Reads the kustomization that stands at `place`, once; one that cannot be read says why, and names nothing. */
export function readKustomization(file: SourceFile, place: string): Kustomization | undefined {
  const places = known.get(file) ?? new Map<string, Kustomization | undefined>()
  known.set(file, places)
  if (!places.has(place)) places.set(place, readAt(file, place))
  return places.get(place)
}

function readAt(file: SourceFile, place: string): Kustomization | undefined {
  const { documents, faults } = kustomizationDocuments(file)
  const [document] = documents
  const folder = folderOf(place)
  // A template is filled in first, and what only kubectl minds is in no file of its.
  if (!document) return faults.every(({ code }) => code === 'KN101') ? unreadAt({ file, folder }, faults[0]) : undefined
  const { value, targets } = readDocument(document.contents)
  return { file, folder, value, document, root: [], targets }
}

function unreadAt(
  { file, folder }: Pick<Kustomization, 'file' | 'folder'>,
  fault?: YamlFault,
): Kustomization | undefined {
  const [document] = parseYaml({ path: file.path, text: '{}' }).documents
  if (!document) return undefined
  const spot = { file, range: fault?.range ?? { start: 0, end: 0 } }
  const unread = {
    message: fault?.message ?? 'kustomization is empty',
    says: { by: 'kustomize' as const, text: fault ? 'invalid Kustomization' : 'kustomization.yaml is empty' },
    ...(file.isGarbled && { isTold: true as const }),
  }
  return { file, folder, value: {}, document, root: [], targets: new Map(), unread, spotOf: () => spot }
}

/**
 * Whether kustomize cannot read a kustomization, or it names a file or folder that is not there.
 *
 * @param isThere Tells of a name as the kustomization writes it.
 */
export function isBroken(file: SourceFile, isThere: (name: string) => boolean): boolean {
  const [document] = kustomizationDocuments(file).documents
  if (!document || shapeFault(readDocument(document.contents).value)) return true
  return listedPaths(file.path, file.text).some((name) => !isRemote(name) && !isThere(name))
}

/** The folder as messages name it: as the user would type it. */
export function folderName({ file }: Pick<Kustomization, 'file'>): string {
  return folderOf(file.path) || (file.path.startsWith('/') ? '/' : '.')
}

/** The texts of a list, each with its place; what is no text is passed over. */
export function references({ value }: Kustomization, key: string): readonly Reference[] {
  return listItems(value, key).flatMap(({ item, path }) => (typeof item === 'string' ? [{ name: item, path }] : []))
}

/** The items of a list of the kustomization, each with its place. */
export function listItems(value: Json, key: string): readonly { readonly item: Json; readonly path: Path }[] {
  const list = member(value, key)
  return isList(list) ? list.map((item, index) => ({ item, path: [key, index] })) : []
}

/** What it builds upon: resources, and the bases of old. */
export function resourcesOf(kustomization: Kustomization): readonly Reference[] {
  return [...references(kustomization, 'resources'), ...references(kustomization, 'bases')]
}

/** Whether it is only a part of others. */
export function isComponent({ value }: Kustomization): boolean {
  return member(value, 'kind') === 'Component'
}

/** Whether a reference leads to another server or repository: nothing of it is at hand. */
export function isRemote(name: string): boolean {
  if (/^\.{0,2}\//.test(name)) return false
  return /:\/\/|\?ref=|^(?:[\w-]+\.)+[a-z]{2,}\/[^/]+\//.test(name) || isLogin(name)
}

/** `git@example.com:…`, before any slash. */
function isLogin(name: string): boolean {
  const [host = ''] = name.split('/', 1)
  const at = host.indexOf('@', 1)
  return at > 0 && host.lastIndexOf(':') > at + 1
}

/** Where a reference of the kustomization leads. */
export function referencedPath({ folder }: Kustomization, name: string): string {
  return folder.startsWith('/') ? `/${resolvePath(folder.slice(1), name)}` : resolvePath(folder, name)
}

/** Where the text is that decides a field of the kustomization. */
export function spotIn(kustomization: Kustomization, path: Path, part: Part = 'value'): Spot {
  return kustomization.spotOf?.(path) ?? { file: kustomization.file, range: rangeIn(kustomization, path, part) }
}

/** Where a field of the kustomization stands. */
export function rangeIn(kustomization: Kustomization, path: Path, part: Part = 'value'): Range {
  return locate(kustomization, path, part)
}

/** One name that an object had on its way through kustomizations; an absent namespace is `''`. */
export type Id = { readonly name: string; readonly namespace: string }

/** What a patch is for, as the kustomization's `target` says it. */
type Selector = { readonly value: Json }

const group = 'serving.knative.dev'

/**
 * Whether a `target` means the Service under any of its names. Its members are expressions that must fit as a whole.
 *
 * Source: sigs.k8s.io/kustomize/api/resmap/reswrangler.go Select, api/types/selector.go.
 */
export function isSelected({ value }: Selector, ids: readonly Id[], base: Manifest): boolean {
  const { apiVersion } = base.value
  const version = typeof apiVersion === 'string' ? apiVersion.slice(group.length + 1) : ''
  return (
    fits(value, 'group', [group]) &&
    fits(value, 'version', [version]) &&
    fits(value, 'kind', ['Service']) &&
    fits(
      value,
      'name',
      ids.map(({ name }) => name),
    ) &&
    fits(
      value,
      'namespace',
      ids.map(({ namespace }) => namespace || 'default'),
    ) &&
    isLabelled(member(value, 'labelSelector'), member(base.value, 'metadata', 'labels')) &&
    isLabelled(member(value, 'annotationSelector'), member(base.value, 'metadata', 'annotations'))
  )
}

/** Whether a patch without a `target` is for the Service: its own name is one that the Service has or had. */
export function isNamed(patch: Json, ids: readonly Id[]): boolean {
  const version = member(patch, 'apiVersion')
  if (typeof version !== 'string' || !version.startsWith(`${group}/`) || member(patch, 'kind') !== 'Service')
    return false
  const name = member(patch, 'metadata', 'name')
  const namespace = member(patch, 'metadata', 'namespace') ?? ''
  return ids.some((id) => id.name === name && (id.namespace || 'default') === (namespace || 'default'))
}

function fits(value: Json, key: string, texts: readonly string[]): boolean {
  const pattern = member(value, key)
  return typeof pattern !== 'string' || pattern === '' || fitsOne(pattern, texts) === true
}

function isLabelled(selector: Json | undefined, labels: Json | undefined): boolean {
  if (typeof selector !== 'string') return true
  return (
    meets(selector, (key) => {
      const own = member(labels, key)
      return own === undefined || typeof own === 'string' ? own : JSON.stringify(own)
    }) === true
  )
}

/** Who has the last word on a field of a Service: text that can be edited, or what stands in the way of that. */
export type Word =
  /** The Service itself, or a patch in a file of its own. */
  | {
      readonly by: 'manifest'
      readonly manifest: Manifest
      readonly kustomization?: Kustomization
      readonly path?: Path
    }
  /** A patch that stands in the kustomization. */
  | { readonly by: 'inline'; readonly kustomization: Kustomization; readonly path: Path }
  /** Operations of a JSON patch, in a file or in the kustomization. */
  | { readonly by: 'json'; readonly kustomization: Kustomization; readonly path: Path; readonly file?: SourceFile }
  /** A patch whose outcome these files do not tell. */
  | { readonly by: 'unclear'; readonly kustomization: Kustomization; readonly path: Path; readonly why: string }

/** A field with who said it last. */
export type Said = {
  /** Undefined where the field is absent, or cannot be told. */
  readonly value: Json | undefined
  readonly word: Word
  /** What it was before, where part of that may still be there. */
  readonly over?: Said
  /** Set where operations change parts inside of it that the value does not show. */
  readonly isOperated?: true
}

/** One Service as a kustomization builds it from its file. */
export type Built = {
  /** The Service that all of it starts from. */
  readonly base: Manifest
  /** The names that it had, the present one last: patches may use any of them. */
  readonly ids: readonly Id[]
  readonly traffic: Said
  /** `spec.template.metadata.name`. */
  readonly revision: Said
  /** `spec.template.spec.containers`: which ones, and their images before `images` have their say. */
  readonly containers: Said
  /** The kustomizations that it went through, the one that builds it last. */
  readonly through: readonly Kustomization[]
}

/** The present name of a built Service. */
export function builtId({ ids }: Built): Id {
  return ids.at(-1) ?? { name: '', namespace: '' }
}

/** `namespace/name`, or `name`, as the cluster would know it. */
export function builtLabel(built: Built): string {
  const { name, namespace } = builtId(built)
  return namespace === '' ? name : `${namespace}/${name}`
}

/** The manifests that a field has to do with: the one that says it, and those that it is made from. */
export function sourcesOf(field: Said): readonly Manifest[] {
  const manifests: Manifest[] = []
  for (let said: Said | undefined = field; said; said = said.over)
    if (said.word.by === 'manifest') manifests.push(said.word.manifest)
  return manifests
}

/** What kustomize takes at a place of a kustomization: of a mapping, its members; of a list, its items. */
type Shape =
  | 'text'
  | 'flag'
  | 'number'
  | 'texts'
  | 'flags'
  | 'any'
  | readonly [Shape]
  | { readonly [key: string]: Shape }

const gvk = { group: 'text', version: 'text', kind: 'text' } as const
const id = { ...gvk, name: 'text', namespace: 'text' } as const
const selector = { ...id, annotationSelector: 'text', labelSelector: 'text' } as const
const patch = { path: 'text', patch: 'text', target: selector, options: 'flags' } as const
const image = { name: 'text', newName: 'text', tagSuffix: 'text', newTag: 'text', digest: 'text' } as const
const fieldOptions = { delimiter: 'text', index: 'number', encoding: 'text', create: 'flag' } as const
const generatorOptions = {
  labels: 'texts',
  annotations: 'texts',
  disableNameSuffixHash: 'flag',
  immutable: 'flag',
} as const
const generator = {
  name: 'text',
  namespace: 'text',
  behavior: 'text',
  literals: ['text'],
  files: ['text'],
  envs: ['text'],
  env: 'text',
  options: generatorOptions,
} as const

/** One entry of `replacements`. */
const replacement = {
  source: { ...id, fieldPath: 'text', options: fieldOptions },
  targets: [{ select: selector, reject: [selector], fieldPaths: ['text'], options: fieldOptions }],
} as const

/** Source: sigs.k8s.io/kustomize/api/types/kustomization.go. */
const kustomization: Shape = {
  apiVersion: 'text',
  kind: 'text',
  metadata: 'any',
  openapi: 'texts',
  namePrefix: 'text',
  nameSuffix: 'text',
  namespace: 'text',
  commonLabels: 'texts',
  labels: [
    {
      pairs: 'texts',
      includeSelectors: 'flag',
      includeTemplates: 'flag',
      fields: [{ ...gvk, path: 'text', create: 'flag' }],
    },
  ],
  commonAnnotations: 'texts',
  patchesStrategicMerge: ['text'],
  patchesJson6902: [patch],
  patches: [patch],
  images: [image],
  imageTags: [image],
  replacements: [{ ...replacement, path: 'text' }],
  replicas: [{ name: 'text', count: 'number' }],
  vars: 'any',
  sortOptions: 'any',
  resources: ['text'],
  components: ['text'],
  crds: ['text'],
  bases: ['text'],
  configMapGenerator: [generator],
  secretGenerator: [{ ...generator, type: 'text' }],
  helmGlobals: 'any',
  helmCharts: 'any',
  helmChartInflationGenerator: 'any',
  generatorOptions,
  configurations: ['text'],
  generators: ['text'],
  transformers: ['text'],
  validators: ['text'],
  buildMetadata: ['text'],
}

/** What kustomize stops at when it reads a kustomization, and where. */
type ShapeFault = {
  readonly path: Path
  readonly message: string
  readonly help?: string
  readonly says?: Says
}

/** The first thing in a kustomization that kustomize does not take. */
export function shapeFault(value: Json): ShapeFault | undefined {
  if (value === null || (isObject(value) && Object.keys(value).every((key) => key === 'apiVersion' || key === 'kind')))
    return { path: [], message: 'the kustomization is empty', ...says('kustomization.yaml is empty') }
  return faultIn(value, kustomization, []) ?? headFault(value)
}

const fieldSpec = { ...gvk, path: 'any', create: 'any' } as const
const fieldSpecs = [fieldSpec] as const

/** Source: sigs.k8s.io/kustomize/api/internal/plugins/builtinconfig/transformerconfig.go. */
const settings: Shape = {
  namePrefix: fieldSpecs,
  nameSuffix: fieldSpecs,
  namespace: fieldSpecs,
  commonLabels: fieldSpecs,
  labels: fieldSpecs,
  templateLabels: fieldSpecs,
  commonAnnotations: fieldSpecs,
  nameReference: [{ ...gvk, fieldSpecs }],
  varReference: fieldSpecs,
  images: fieldSpecs,
  replicas: fieldSpecs,
}

/** The first thing in a file of `configurations` that kustomize does not take. */
export function settingsFault(value: Json): ShapeFault | undefined {
  return faultIn(value, settings, [])
}

/**
 * The first key that kustomize takes although its capitals are others, as `Resources`. Nothing else here reads such keys.
 *
 * Source: encoding/json, which kustomize reads with.
 */
export function respelledKey(value: Json, of: 'kustomization' | 'settings'): Path | undefined {
  return respelledIn(value, of === 'settings' ? settings : kustomization, [])
}

function respelledIn(value: Json, shape: Shape, path: Path): Path | undefined {
  if (typeof shape === 'string' || (!isList(value) && !isObject(value))) return undefined
  for (const [key, own] of isList(value) ? value.entries() : Object.entries(value)) {
    const inside = partShape(shape, key)
    const here = [...path, key]
    if (inside !== undefined && !isItems(shape) && !Object.hasOwn(shape, key)) return here
    const found = inside && respelledIn(own, inside, here)
    if (found) return found
  }
  return undefined
}

function headFault(value: Json): ShapeFault | undefined {
  if (!isObject(value)) return undefined
  const { kind = '', apiVersion = '' } = value
  if (kind !== '' && kind !== 'Kustomization' && kind !== 'Component')
    return { path: ['kind'], message: '`kind` is neither `Kustomization` nor `Component`', ...says('kind should be') }
  const wanted = kind === 'Component' ? 'kustomize.config.k8s.io/v1alpha1' : 'kustomize.config.k8s.io/v1beta1'
  if (apiVersion === '' || apiVersion === wanted) return undefined
  return { path: ['apiVersion'], message: `\`apiVersion\` is not \`${wanted}\``, ...says('apiVersion should be') }
}

const words = { text: 'a string', flag: '`true` or `false`', number: 'a whole number' } as const

function faultIn(value: Json, shape: Shape, path: Path): ShapeFault | undefined {
  if (value === null || shape === 'any') return undefined
  if (shape === 'text' || shape === 'flag' || shape === 'number')
    return isFit(value, shape) ? undefined : odd(value, shape, path)
  if (isList(value) !== Array.isArray(shape) || (!isList(value) && !isObject(value)))
    return {
      path,
      message: `${path.length === 0 ? 'the kustomization' : `\`${formatPath(path)}\``} is not ${Array.isArray(shape) ? 'a list' : 'a mapping'}`,
      ...says('cannot unmarshal'),
    }
  for (const [key, own] of isList(value) ? value.entries() : Object.entries(value)) {
    const inside = partShape(shape, key)
    if (inside === undefined)
      return {
        path: [...path, key],
        message: `unknown field \`${key}\` in the kustomization`,
        ...says('unknown field'),
      }
    const fault = faultIn(own, inside, [...path, key])
    if (fault) return fault
  }
  return undefined
}

function partShape(shape: Exclude<Shape, 'any' | 'text' | 'flag' | 'number'>, key: string | number): Shape | undefined {
  if (shape === 'texts') return 'text'
  if (shape === 'flags') return 'flag'
  if (isItems(shape)) return shape[0]
  // Go minds no capitals here.
  return Object.hasOwn(shape, key)
    ? shape[key]
    : Object.entries(shape).find(([name]) => name.toLowerCase() === String(key).toLowerCase())?.[1]
}

function isItems(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape)
}

function isFit(value: Json, shape: 'text' | 'flag' | 'number'): boolean {
  if (shape === 'number') return Number.isInteger(value)
  return typeof value === (shape === 'text' ? 'string' : 'boolean')
}

function odd(value: Json, shape: 'text' | 'flag' | 'number', path: Path): ShapeFault {
  const found = isList(value) ? 'a list' : isObject(value) ? 'a mapping' : `\`${String(value)}\``
  const key = path.findLast((step) => typeof step === 'string') ?? ''
  const isPlain = shape === 'text' && !isList(value) && !isObject(value)
  return {
    path,
    message: `\`${key}\` is ${found} to kustomize; must be ${words[shape]}`,
    ...says('cannot unmarshal'),
    ...(isPlain && { help: 'put it in quotes' }),
  }
}
