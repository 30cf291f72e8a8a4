import type { Alias, Node } from 'yaml'

import { locate, type Manifest, type Part, type Spot } from '../manifest/manifest.js'
import { folderOf, type Path, resolvePath } from '../text/path.js'
import type { Range, SourceFile } from '../text/source.js'
import { isList, type Json, member } from '../yaml/json.js'
import type { YamlDocument } from '../yaml/parse.js'
import { readDocument } from '../yaml/read.js'
import { kustomizationDocuments } from './patch-paths.js'
import { fitsOne, meets } from './selector-text.js'

/** A kustomization as it stands in its file. */
export type Kustomization = {
  readonly file: SourceFile
  /** The place of its folder: what its references start from. */
  readonly folder: string
  readonly value: Json
  readonly document: YamlDocument
  readonly root: Path
  readonly targets: ReadonlyMap<Alias, Node>
  /** Set where a controller writes into it before it is built: where the text is that says a field, if not here. */
  readonly spotOf?: (path: Path) => Spot | undefined
}

/** Something that a kustomization names, and where it does. */
export type Reference = { readonly name: string; readonly path: Path }

/** Both sides of a change, and the commits before it, ask for the same files. */
const known = new WeakMap<SourceFile, Map<string, Kustomization | undefined>>()

/** Reads the kustomization that stands at `place`, once; undefined where the file is none that can be read. */
export function readKustomization(file: SourceFile, place: string): Kustomization | undefined {
  const places = known.get(file) ?? new Map<string, Kustomization | undefined>()
  known.set(file, places)
  if (!places.has(place)) places.set(place, readAt(file, place))
  return places.get(place)
}

function readAt(file: SourceFile, place: string): Kustomization | undefined {
  const [document] = kustomizationDocuments(file)
  if (!document) return undefined
  const { value, targets } = readDocument(document.contents)
  return { file, folder: folderOf(place), value, document, root: [], targets }
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
