import { locate, type Spot } from '../../manifest/manifest.js'
import type { Path } from '../../text/path.js'
import type { Range, SourceFile } from '../../text/source.js'
import { define, isList, isObject, type Json, member } from '../../yaml/json.js'
import { parseYaml } from '../../yaml/parse.js'
import { readDocument } from '../../yaml/read.js'

/** A value, and where the file has it that decides it. */
export type Laid<Value> = { readonly value: Value; readonly spot: Spot }

/** A part of an object: what it says, and where each of its fields is. */
export type Part = { readonly value: Json; readonly at: (path: Path) => Spot }

/** An entry of `images`, as kustomize has it. */
export type ImageEntry = {
  readonly name: string
  readonly newName?: string
  readonly newTag?: string
  readonly digest?: string
}

/** The variables that Flux fills in after the build. */
export type Substitution = {
  /** Those whose values are in the file. */
  readonly values: ReadonlyMap<string, Laid<string>>
  /** The objects of the cluster that have more of them, as `ConfigMap/name`. */
  readonly from: readonly Laid<string>[]
}

/** What a controller lays over the build of a folder: it writes most of it into the kustomization that it finds there. */
export type Layers = {
  readonly namePrefix?: Laid<string>
  readonly nameSuffix?: Laid<string>
  /** In the place of the one that the build gives. */
  readonly namespace?: Laid<string>
  /** For what has none after the build. */
  readonly defaultNamespace?: Laid<string>
  readonly components: readonly Laid<string>[]
  readonly images: readonly Laid<ImageEntry>[]
  /** As a kustomization would have them under `patches`. */
  readonly patches: readonly Laid<Json>[]
  readonly labels?: Laid<Json>
  readonly annotations?: Laid<Json>
  readonly substitution?: Substitution
  /** JSON pointers of fields of Knative Services that a sync leaves as they are in the cluster. */
  readonly ignored?: readonly Laid<string>[]
}

/** Which files of a folder Argo CD takes that has no kustomization, or is to be read without it. */
export type DirectorySource = {
  /** Whether the source says that it is a plain folder: its kustomization, if any, is not built. */
  readonly isPlain: boolean
  readonly recurse: boolean
  readonly include?: string
  readonly exclude?: string
}

/** A setting of an applier that reports show: its field, and the value as text. */
export type Setting = { readonly field: string; readonly text: string; readonly spot: Spot }

/** An object of the repository that has a folder or file of it applied. */
export type Applier = {
  readonly controller: 'Argo CD' | 'Flux' | 'Cloud Deploy'
  readonly kind: 'Application' | 'ApplicationSet' | 'Kustomization' | 'Config'
  readonly name: string
  readonly namespace?: string
  readonly file: SourceFile
  /** Where it says its path. */
  readonly range: Range
  /** The place from the root of the repository; `''` is the root itself. */
  readonly path: string
  readonly directory: DirectorySource
  readonly layers: Layers
  /** The cluster that it is applied to, where the object says one. */
  readonly cluster?: string
  readonly settings: readonly Setting[]
  /** Where it says that nothing is applied for now. */
  readonly suspended?: Spot
}

/** Every file that has a say in what an applier lays over a build, its own first. */
export function filesOf({ file, layers }: Applier): readonly SourceFile[] {
  return [file, ...[...layers.images, ...layers.patches].map(({ spot }) => spot.file)]
}

/** Something that decides what is applied, and is not read. */
export type NotRead = Spot & {
  readonly what: string
  /** The object that says it, as `Application shop`. */
  readonly by?: string
  /** Where what it applies may be, from the root of the repository: a pattern with `*` for what is filled in. */
  readonly places?: readonly string[]
  /** Set where it has nothing to do with files of a repository, or is said of the Services themselves. */
  readonly isAside?: true
  /** Set where only a change of it is not read. */
  readonly isOfChange?: true
  /** Set where it is not read for Services of plain files alone. */
  readonly isOfPlain?: true
}

/** What the objects of files have applied. */
export type Applied = {
  readonly appliers: readonly Applier[]
  readonly notRead: readonly NotRead[]
  /** The files that they apply folders of, where those are listed. */
  readonly tree?: Tree
}

/** The files of the repository, each by its place from the root. */
export type Tree = {
  readonly folders: () => readonly string[]
  readonly files: () => readonly string[]
  readonly file: (place: string) => SourceFile | undefined
}

/** What has to be known around an object to tell what it has applied. */
export type Around = {
  readonly tree: Tree
  /** Whether a URL is that of the repository. */
  readonly isOwn: (url: string) => boolean
  /** The URL of a Flux GitRepository; undefined where no file has the object. */
  readonly gitSource: (namespace: string | undefined, name: string) => string | undefined
}

/** One kind of object that has folders applied. */
export type LayerKind = {
  /** What every file with such an object spells: a text without it is never parsed. */
  readonly sign: string
  /** Whether the object is of this kind. */
  readonly isOf: (value: Json) => boolean
  readonly read: (object: Part, file: SourceFile, around: Around) => Applied
}

/** Nothing at all. */
export const nothingApplied: Applied = { appliers: [], notRead: [] }

/** Nothing laid over. */
export const noLayers: Layers = { components: [], images: [], patches: [] }

/** A folder that is read as Argo CD and Flux do where nothing else is said. */
export const plainFolder: DirectorySource = { isPlain: false, recurse: false }

const known = new WeakMap<SourceFile, readonly Part[]>()

/** The objects of a file, those in a List by themselves. Many objects can refer to one file, which is read once. */
export function objectsIn(file: SourceFile): readonly Part[] {
  const objects = known.get(file) ?? readObjects(file)
  known.set(file, objects)
  return objects
}

function readObjects(file: SourceFile): readonly Part[] {
  return parseYaml(file).documents.flatMap((document) => {
    const { value, targets } = readDocument(document.contents)
    const items = member(value, 'items')
    const roots = isList(items)
      ? items.map((item, index) => ({ item, root: ['items', index] }))
      : [{ item: value, root: [] }]
    return roots.map(({ item, root }) => ({
      value: item,
      at: (path: Path) => ({ file, range: locate({ document, root, targets }, path) }),
    }))
  })
}

/** A part of a part. */
export function partAt(part: Part, ...path: Path): Part {
  let value: Json | undefined = part.value
  for (const step of path)
    value = typeof step === 'number' ? (isList(value) ? value[step] : undefined) : member(value, step)
  return { value: value ?? null, at: (inner) => part.at([...path, ...inner]) }
}

/** The items of a list, each as a part; none where it is no list. */
export function itemsOf(part: Part, ...path: Path): readonly Part[] {
  const list = partAt(part, ...path)
  return isList(list.value) ? list.value.map((_, index) => partAt(list, index)) : []
}

/** A text that is not empty, with its place. */
export function textAt(part: Part, ...path: Path): Laid<string> | undefined {
  const { value } = partAt(part, ...path)
  return typeof value === 'string' && value !== '' ? { value, spot: part.at(path) } : undefined
}

/** Texts of a list, each with its place. */
export function textsAt(part: Part, ...path: Path): readonly Laid<string>[] {
  return itemsOf(part, ...path).flatMap((item) => textAt(item) ?? [])
}

/** A value that is there, as reports show it. */
export function settingAt(part: Part, ...path: Path): readonly Setting[] {
  const { value } = partAt(part, ...path)
  if (value === null) return []
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return [{ field: String(path.at(-1)), text, spot: part.at(path) }]
}

/** Whether an object is of a kind of a group, whatever its version. */
export function isKind(value: Json, group: string, kind: string): boolean {
  const version = member(value, 'apiVersion')
  return typeof version === 'string' && version.startsWith(`${group}/`) && member(value, 'kind') === kind
}

/**
 * A part with another one laid over it as a JSON merge patch: a mapping is merged, anything else replaced, and null takes
 * away.
 *
 * Source: RFC 7396.
 */
export function overlaid(under: Part, over: Part): Part {
  return {
    value: merged(under.value, over.value),
    at: (path) => (decides(over.value, path) ? over.at(path) : under.at(path)),
  }
}

function merged(under: Json, over: Json): Json {
  if (!isObject(over)) return over
  const result: Record<string, Json> = {}
  for (const [key, value] of isObject(under) ? Object.entries(under) : [])
    if (!(key in over)) define(result, key, value)
  for (const [key, value] of Object.entries(over))
    if (value !== null) define(result, key, merged(member(under, key) ?? null, value))
  return result
}

/** Whether the upper part has the field at the path, or what replaces all that is around it. */
function decides(over: Json, path: Path): boolean {
  let value: Json | undefined = over
  for (const step of path) {
    if (!isObject(value)) return value !== undefined
    value = member(value, String(step))
  }
  return value !== undefined
}

/** A kustomization as a controller builds it: what its file says, and what was written over that, with the place of each. */
type Overlaid = {
  readonly value: Json
  /** Where a field is that its file does not have; undefined for what the file itself says. */
  readonly spotOf: (path: Path) => Spot | undefined
}

/**
 * The kustomization of the folder with what the controller writes into it before the build: a prefix, a suffix and a
 * namespace in the place of its own, images in the place of those with the same name, and the rest behind its own.
 *
 * Source: argo-cd util/kustomize/kustomize.go Build; fluxcd/pkg kustomize/kustomize_generator.go WriteFile.
 */
export function laidOver(
  kustomization: Json,
  { layers, controller }: Pick<Applier, 'layers' | 'controller'>,
): Overlaid {
  const own = isObject(kustomization) ? kustomization : {}
  const spots = new Map<string, Spot>()
  const fields: Record<string, Json> = {}
  for (const key of ['namePrefix', 'nameSuffix', 'namespace'] as const) {
    const laid = layers[key]
    if (!laid) continue
    fields[key] = laid.value
    spots.set(key, laid.spot)
  }
  const append = (key: string, ownItems: readonly Json[], laid: readonly Laid<Json>[]): void => {
    if (laid.length === 0) return
    fields[key] = [...ownItems, ...laid.map(({ value }) => value)]
    for (const [index, { spot }] of laid.entries()) spots.set(`${key}/${ownItems.length + index}`, spot)
  }
  append('components', itemsIn(own, 'components'), layers.components)
  append('patches', itemsIn(own, 'patches'), layers.patches)
  append('images', keptImages(own, layers), layers.images)
  append('labels', itemsIn(own, 'labels'), pairsOf(layers, controller))
  const { annotations } = layers
  if (annotations && isObject(annotations.value)) {
    const present = member(own, 'commonAnnotations')
    fields['commonAnnotations'] = { ...(isObject(present) && present), ...annotations.value }
    for (const key of Object.keys(annotations.value)) spots.set(`commonAnnotations/${key}`, annotations.spot)
  }
  const spotOf = (path: Path): Spot | undefined => spots.get(String(path[0])) ?? spots.get(path.slice(0, 2).join('/'))
  return { value: { ...own, ...fields }, spotOf }
}

function itemsIn(own: Json, key: string): readonly Json[] {
  const list = member(own, key)
  return isList(list) ? list : []
}

function keptImages(own: Json, { images }: Layers): readonly Json[] {
  const names = new Set<Json | undefined>(images.map(({ value }) => value.name))
  return itemsIn(own, 'images').filter((entry) => !names.has(member(entry, 'name')))
}

/** Labels of Flux reach no template; those of Argo CD do, as `commonLabels`, which a Knative template is no part of. */
function pairsOf({ labels }: Layers, controller: Applier['controller']): readonly Laid<Json>[] {
  return labels
    ? [{ value: { pairs: labels.value, includeSelectors: controller === 'Argo CD' }, spot: labels.spot }]
    : []
}
