import type { FieldWish } from '../edit/wish.js'
import { type NamedImage, renamedImage } from '../kustomize/images.js'
import {
  type Built,
  builtId,
  builtLabel,
  folderName,
  type Kustomization,
  type Said,
} from '../kustomize/kustomization.js'
import { locate, type Manifest, type Spot } from '../manifest/manifest.js'
import { containersPath, ownNamePath, parseImage, stemOf } from '../manifest/names.js'
import { lastWordAt } from '../rules/overlays.js'
import { setsContainer, type TemplateChange } from '../stages/release-fields.js'
import type { ReleaseRequest } from '../stages/release.js'
import { type Container, containersOf, templateWith } from '../stages/template-edits.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { formatPath, type Path } from '../text/path.js'
import { shellPath } from '../text/words.js'
import { isList, isObject, type Json, type JsonObject, member } from '../yaml/json.js'
import { emit } from '../yaml/scalar.js'
import type { Reason } from './diagnostics.js'

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
function containersBelow(kustomization: Kustomization, built: Built): readonly Json[] {
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
function needsContainers(built: Built, request: ReleaseRequest): boolean {
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

type Released = {
  readonly request: ReleaseRequest
  readonly commandLine?: string | undefined
  readonly spotsIn: SpotsIn
}

/** Where the key of a field of a built Service stands, and those of the images in it, if all that makes it is read. */
export type SpotsIn = (built: Built, path: Path) => readonly Spot[]

/** Why a new revision cannot be made in the file that decides on the traffic: another one decides on the template. */
export function templateElsewhere(
  overlay: Kustomization,
  built: Built,
  all: readonly Built[],
  { request, commandLine, spotsIn }: Released,
): Diagnostic | undefined {
  const { word } = built.traffic
  if (word.by !== 'manifest') return undefined
  const own = word.manifest
  const folder = folderName(overlay)
  const refusal = (what: string, { word: last }: Said, path: Path, help: string): Diagnostic => {
    const said = lastWordAt(last)
    const { file } = said
    const spot = spotsIn(built, path).find((one) => one.file.path === file)
    const message = `cannot release \`${builtLabel(built)}\` in one diff: ${what} is in \`${file}\`, its traffic in \`${own.file.path}\``
    const range = spot?.range ?? locate(said.at, last.by === 'manifest' ? path : said.path, 'key')
    const place = { file: spot ? file : said.at.file.path, range, path: formatPath(path) }
    return { code: 'KN465', severity: 'error', message, help, ...place, service: builtLabel(built) }
  }
  const byHand = `change the template manually, then run \`kn-rollout apply preview --overlay ${shellPath(folder)}\``
  const { revision, containers } = built
  // A patch may bring a name where its base has one, but nothing beside what comes after it.
  const isOver = own !== built.base && isOf(built.base, revision)
  const canName = revision.value === undefined || isOf(own, revision) || isOver
  if (needsContainers(built, request) && !isOf(own, containers)) {
    const canInit = canName && ownParts(overlay, built, all, request) !== undefined
    return refusal('the container', containers, containersPath, canInit ? initHelp(commandLine) : byHand)
  }
  return canName ? undefined : refusal('its revision name', revision, ownNamePath, byHand)
}

/** What an overlay needs to decide on a Service by itself. It leaves what is built as it is. */
export type OwnParts = {
  /** The text of a patch with the traffic and, for a release, the name of the revision. */
  readonly patch?: string
  /** An entry of `images`. */
  readonly entry?: JsonObject
  /** What the patch can be called. */
  readonly file: string
}

/**
 * What an overlay lacks to decide on the traffic of a Service, and on what a release changes; undefined where it lacks
 * nothing, or cannot be given it.
 *
 * @param all What else the overlay builds.
 */
export function ownParts(
  overlay: Kustomization,
  built: Built,
  all: readonly Built[],
  release: ReleaseRequest | undefined,
): OwnParts | undefined {
  const { word } = built.traffic
  if (word.by !== 'manifest') return undefined
  const file = patchFile(built, 'traffic')
  const isOwn = (word.kustomization ?? built.through[0]) === overlay
  const entry = release && ownEntry(overlay, built, all, release)
  if (isOwn) return entry ? { entry, file } : undefined
  const needsThem = release !== undefined && !entry && needsContainers(built, release)
  const containers = needsThem ? containersBelow(overlay, built) : []
  if (needsThem && (built.containers.isOperated || containers.length === 0)) return undefined
  return { patch: patchText(built, release ? containers : undefined), ...(entry && { entry }), file }
}

/** What a new patch could be called: by the Service, unless its name leads out of the folder or needs quotes. */
export function patchFile({ base }: Built, what: string): string {
  return /^[\w-]+$/.test(base.name) && !base.name.startsWith('-') ? `${base.name}-${what}.yaml` : `${what}.yaml`
}

/** An entry for the image that a release is to change, where another file has it and no other container gets it too. */
function ownEntry(
  overlay: Kustomization,
  built: Built,
  all: readonly Built[],
  request: ReleaseRequest,
): JsonObject | undefined {
  const { word } = built.containers
  const isOwn = word.by === 'manifest' && (word.kustomization ?? built.through[0]) === overlay
  const { image, container } = request
  if (image === undefined || setsContainer(request) || isOwn) return undefined
  const containers = builtContainers(built)
  const found = containers.find(({ name }) => containers.length === 1 || name === container)
  if (!found || found.entry?.at === overlay || !isHarmless(found.image, all)) return undefined
  const { name, tag, digest } = parseImage(found.image)
  return {
    name,
    ...((tag !== undefined || digest === undefined) && { newTag: tag ?? 'latest' }),
    ...(digest !== undefined && { digest }),
  }
}

/**
 * A patch that says of the traffic what is so already and, for a release, of the revision's name and of these containers.
 * Where kustomize renames the Service, the revisions are called as its new name asks.
 */
export function patchText(built: Built, containers: readonly Json[] | undefined): string {
  const { base, traffic, revision } = built
  const name = containers && revision.value !== undefined ? fitted(revision.value, built) : undefined
  const template = {
    ...(name !== undefined && { metadata: { name } }),
    ...(containers && containers.length > 0 && { spec: { containers } }),
  }
  const list = isList(traffic.value) ? traffic.value.map((target) => withFitted(target, built)) : []
  const metadata = { name: base.name, ...(base.namespace !== undefined && { namespace: base.namespace }) }
  const spec = {
    ...(Object.keys(template).length > 0 && { template }),
    traffic: list.length > 0 ? list : [{ latestRevision: true, percent: 100 }],
  }
  return emit({ apiVersion: base.value['apiVersion'] ?? '', kind: 'Service', metadata, spec })
}

function withFitted(target: Json, built: Built): Json {
  const name = member(target, 'revisionName')
  return isObject(target) && name !== undefined ? { ...target, revisionName: fitted(name, built) } : target
}

/** A revision name as the cluster takes it for the Service under the name that it is built with. */
function fitted(name: Json, built: Built): Json {
  const service = builtId(built).name
  if (typeof name !== 'string' || name === '' || name.startsWith(`${service}-`)) return name
  return `${service}-${stemOf(name, built.base.name)}`
}

/** The longest command that a help repeats whole. */
const longest = 120

/** What to do where `ownParts` can be given: the very command, with `--init`. */
export function initHelp(commandLine: string | undefined): string {
  return commandLine === undefined || commandLine.length > longest
    ? 'add `--init` to this command, which adds a separate patch for the overlay'
    : `run \`${commandLine} --init\`, which adds a separate patch for the overlay`
}
