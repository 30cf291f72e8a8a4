import type { FieldWish } from '../edit/wish.js'
import { type NamedImage, renamedImage } from '../kustomize/images.js'
import type { Built, Kustomization, Said } from '../kustomize/kustomization.js'
import type { Manifest } from '../manifest/manifest.js'
import { parseImage } from '../manifest/names.js'
import { lastWordAt } from '../rules/overlays.js'
import type { ReleaseRequest } from '../stages/release.js'
import { setsContainer, type TemplateChange } from '../stages/release-fields.js'
import { type Container, containersOf, templateWith } from '../stages/template-edits.js'
import { formatPath, type Path } from '../text/path.js'
import { isList, isObject, type Json, type JsonObject, member } from '../yaml/json.js'
import type { Reason } from './refusal.js'

/** An entry of `images`. */
export type ImageEntry = { readonly at: Kustomization; readonly path: Path; readonly item: Json }

/** A container of a built Service, with its image after all `images`, and the entry that had the last word on that. */
type BuiltContainer = { readonly name: string; readonly image: string; readonly entry?: ImageEntry }

/** The containers that have an image, where the files tell which ones there are. */
export function builtContainers(
  built: Built,
  kustomizations: readonly Kustomization[] = imagesOver(built),
): readonly BuiltContainer[] {
  return containersOf({ value: templateWith(built.containers.value ?? null) }).flatMap(({ name, value }: Container) => {
    const image = member(value, 'image')
    if (typeof image !== 'string') return []
    const named = renamedImage(image, kustomizations)
    return [{ name, image: named.image, ...(named.by && { entry: entryAt(named.by) }) }]
  })
}

/** The containers as they come to a kustomization: what a patch of it has to repeat. */
export function containersBelow(kustomization: Kustomization, built: Built): readonly Json[] {
  const below = imagesOver(built).filter((one) => one !== kustomization)
  const named = (item: JsonObject): JsonObject => {
    const { image } = item
    return typeof image === 'string' ? { ...item, image: renamedImage(image, below).image } : item
  }
  const { value } = built.containers
  return isList(value) ? value.map((item) => (isObject(item) ? named(item) : item)) : []
}

/** The kustomizations whose `images` come after what says which containers there are. */
export function imagesOver({ containers: { word }, through }: Built): readonly Kustomization[] {
  const first = word.kustomization ? through.indexOf(word.kustomization) : 0
  return through.slice(Math.max(0, first))
}

export function sameEntry(one: ImageEntry, other: ImageEntry): boolean {
  return one.at === other.at && formatPath(one.path) === formatPath(other.path)
}

function entryAt({ at, path: field }: NonNullable<NamedImage['by']>): ImageEntry {
  const path = field.slice(0, 2)
  return { at, path, item: path.reduce<Json>(stepInto, at.value) }
}

function stepInto(value: Json, step: Path[number]): Json {
  if (isList(value)) return value[Number(step)] ?? null
  return isObject(value) ? (value[step] ?? null) : null
}

/** What makes the entry say another image, or why it cannot. */
export function entryWishes({ at, item, path }: ImageEntry, after: string): readonly FieldWish[] | Reason {
  const { name, tag = '', digest = '' } = parseImage(after)
  const text = (key: string): string => {
    const value = member(item, key)
    return typeof value === 'string' ? value : ''
  }
  if (text('tagSuffix') !== '') {
    const message = `cannot set \`${after}\` in \`${formatPath(path)}\`: it has a \`tagSuffix\`, which is for images that keep their tag`
    const help = `replace it with \`newTag\` in \`${at.file.path}\`, and run this again`
    return { code: 'KN466', message, help }
  }
  if (tag === '' && digest === '') {
    const message = `cannot set \`${after}\` in \`${formatPath(path)}\`: it has neither a tag nor a digest`
    return { code: 'KN466', message, help: `add one, such as \`--image ${name}:latest\`` }
  }
  const set = (key: string, value: string): readonly FieldWish[] => {
    if (text(key) === value) return []
    return [value === '' ? { kind: 'remove', path: [...path, key] } : { kind: 'set', path: [...path, key], value }]
  }
  const renamed = (text('newName') || text('name')) === name ? [] : set('newName', name)
  return [...renamed, ...set('newTag', tag), ...set('digest', digest)]
}

/** Whether an entry that leaves the image as it is leaves those of all these Services so: it goes by the name alone. */
export function isHarmless(image: string, all: readonly Built[]): boolean {
  const { name } = parseImage(image)
  return all.every((built) =>
    builtContainers(built).every((one) => one.image === image || parseImage(one.image).name !== name),
  )
}

/** Whether the release changes containers, and not by `images` alone. */
export function needsContainers(built: Built, request: ReleaseRequest): boolean {
  const { image, container } = request
  if (image === undefined || setsContainer(request)) return setsContainer(request)
  const all = builtContainers(built)
  const own = all.length === 1 ? all : all.filter(({ name }) => name === container)
  // Where it is open which one is meant, that is what there is to say.
  return all.length === 0 || own.some(({ entry }) => !entry)
}

/** What becomes of an image by them; undefined where they have no say in it. */
export function imagesOf(built: Built): (image: string) => string | undefined {
  return (image) => {
    const renamed = renamedImage(image, imagesOver(built))
    return renamed.by && renamed.image
  }
}

export function isOf(manifest: Manifest, { word }: Said): boolean {
  return word.by === 'manifest' && word.manifest === manifest
}

/** Who decides on the image of a container in place of the manifest that is edited. */
type Overruled = {
  /** The file to edit. */
  readonly file: string
  /** What the cluster gets, where that is known. */
  readonly image?: string
}

/** Whether the new image of a manifest reaches what is built from it. */
export function overruledImage(
  manifest: Manifest,
  built: Built,
  { after, isKustomized: isTheirs }: NonNullable<TemplateChange['image']>,
): Overruled | undefined {
  if (isTheirs) return undefined
  const { word } = built.containers
  if (word.by !== 'manifest' || word.manifest !== manifest) return { file: lastWordAt(word).file }
  const { image, by } = renamedImage(after, imagesOver(built))
  return by && image !== after ? { file: by.at.file.path, image } : undefined
}

/** What to do about an image that another file decides on. */
export function imageElsewhere(
  { container, after }: NonNullable<TemplateChange['image']>,
  { file, image }: Overruled,
  where = '',
): Omit<Reason, 'code' | 'path'> {
  const given = image === undefined ? 'overrides it' : `makes it \`${image}\``
  return {
    message: `cannot set the image of \`${container}\` to \`${after}\` here: ${file} ${given}${where}`,
    help: `change the image in ${file} as well`,
  }
}
