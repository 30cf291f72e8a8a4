import type { FieldWish } from '../edit/wish.js'
import { type NamedImage, renamedImage } from '../kustomize/images.js'
import { type Built, builtLabel, folderName, type Kustomization, type Said } from '../kustomize/kustomization.js'
import type { Manifest } from '../manifest/manifest.js'
import { parseImage } from '../manifest/names.js'
import { lastWordAt } from '../rules/overlays.js'
import type { ReleaseRequest } from '../stages/release.js'
import type { TemplateChange } from '../stages/stage.js'
import { type Container, containersOf, templateWith } from '../stages/template-edits.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { formatPath, type Path } from '../text/path.js'
import { shellPath } from '../text/words.js'
import { isList, isObject, type Json, type JsonObject, member } from '../yaml/json.js'
import { type Reason, refusalAt } from './refusal.js'

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

/** An entry that leaves an image as it is, for a kustomization that is to decide on it. */
export function entryText(image: string): string {
  const { name, tag, digest } = parseImage(image)
  const fields = [
    `name: ${JSON.stringify(name)}`,
    ...(tag !== undefined || digest === undefined ? [`newTag: ${JSON.stringify(tag ?? 'latest')}`] : []),
    ...(digest === undefined ? [] : [`digest: ${JSON.stringify(digest)}`]),
  ]
  return `- {${fields.join(', ')}}`
}

/** Whether an entry that leaves the image as it is leaves those of all these Services so: it goes by the name alone. */
export function isHarmless(image: string, all: readonly Built[]): boolean {
  const { name } = parseImage(image)
  return all.every((built) =>
    builtContainers(built).every((one) => one.image === image || parseImage(one.image).name !== name),
  )
}

/** Why a new revision cannot be made in the file that decides on the traffic: another one decides on the template. */
export function templateElsewhere(
  overlay: Kustomization,
  built: Built,
  all: readonly Built[],
  request: ReleaseRequest,
): Diagnostic | undefined {
  const { word } = built.traffic
  if (word.by !== 'manifest') return undefined
  const own = word.manifest
  const folder = folderName(overlay)
  const refusal = (what: string, at: string, help: string): Diagnostic => {
    const message = `cannot release \`${builtLabel(built)}\` in one diff: ${what} is in \`${at}\`, its traffic in \`${own.file.path}\``
    const { kustomization = overlay, path = ['resources'] } = word
    return refusalAt(kustomization, path, { code: 'KN465', message, help }, builtLabel(built))
  }
  const byHand = `change the template manually, then run \`kn-rollout apply preview --overlay ${shellPath(folder)}\``
  const { revision, containers } = built
  // A patch may bring a name where its base has one, but nothing beside what comes after it.
  const isOver = own !== built.base && isOf(built.base, revision)
  const canName = revision.value === undefined || isOf(own, revision) || isOver
  if (needsContainers(built, request) && !isOf(own, containers)) {
    const image = canName ? soleImage(built, all, request) : undefined
    const entry = `add \`${entryText(image ?? '')}\` to \`images\` in \`${overlay.file.path}\`, then run this again`
    return refusal('the container', lastWordAt(containers.word).file, image === undefined ? byHand : entry)
  }
  return canName ? undefined : refusal('its revision name', lastWordAt(revision.word).file, byHand)
}

/** Whether the release changes containers, and not by `images` alone. */
export function needsContainers(built: Built, { image, env = [], container }: ReleaseRequest): boolean {
  if (env.length > 0 || image === undefined) return env.length > 0
  const all = builtContainers(built)
  const own = all.length === 1 ? all : all.filter(({ name }) => name === container)
  // Where it is open which one is meant, that is what there is to say.
  return all.length === 0 || own.some(({ entry }) => !entry)
}

/**
 * The image that a release is to change, where it changes nothing else of the containers, and an entry of `images` for it
 * leaves the others of the overlay alone.
 */
function soleImage(built: Built, all: readonly Built[], { env = [], container }: ReleaseRequest): string | undefined {
  const own = env.length > 0 ? [] : builtContainers(built)
  const image = own.find(({ name }) => own.length === 1 || name === container)?.image
  return image !== undefined && isHarmless(image, all) ? image : undefined
}

/** What becomes of an image by them; undefined where they have no say in it. */
export function imagesOf(built: Built): (image: string) => string | undefined {
  return (image) => {
    const renamed = renamedImage(image, imagesOver(built))
    return renamed.by && renamed.image
  }
}

function isOf(manifest: Manifest, { word }: Said): boolean {
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
