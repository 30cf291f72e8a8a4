import type { FieldWish } from '../edit/wish.js'
import type { Manifest } from '../manifest/manifest.js'
import { containersPath, defaultContainerNames, parseImage } from '../manifest/names.js'
import type { Path } from '../text/path.js'
import { isList, isObject, type Json, type JsonObject, member } from '../yaml/json.js'
import type { Facts } from './roles.js'
import {
  type Assignment,
  type FieldEdits,
  type FieldFlags,
  type Holder,
  releaseFieldRows,
  setsContainer,
  type TemplateChange,
} from './release-fields.js'
import { isRefusal, type Refusal } from './stage.js'

/** A container of the template. */
export type Container = {
  readonly path: Path
  readonly value: JsonObject
  /** Its name, or the one that the cluster will give it. */
  readonly name: string
}

/** As much of a Service as has these containers. */
export function templateWith(containers: Json): JsonObject {
  return { spec: { template: { spec: { containers } } } }
}

/** The container that is meant: the one of that name, or the only one. */
function findContainer(manifest: Pick<Manifest, 'value'>, wanted: string | undefined): Container | Refusal {
  const all = containersOf(manifest)
  const [first, second] = all
  if (!first) {
    return {
      code: 'KN440',
      message: 'cannot change the container: `spec.template.spec.containers` has none',
      help: 'use the file that has the whole Service with its containers',
      path: containersPath,
    }
  }
  if (wanted === undefined && !second) return first
  const [found, other] = all.filter(({ name }) => name === wanted)
  if (found && !other) return found
  const names = all.map(({ name }) => `\`${name}\``).join(', ')
  return {
    code: 'KN440',
    message:
      wanted === undefined
        ? `cannot choose a container: there are several (${names})`
        : `cannot choose the container \`${wanted}\`: there are ${names}`,
    help: `add \`--container\`, for example \`--container ${first.name}\``,
    path: containersPath,
  }
}

/** The image of the container that takes the requests: the only one, or the one with a port. */
export function servingImage(manifest: Pick<Manifest, 'value'>): string | undefined {
  const all = containersOf(manifest)
  const serving = all.length === 1 ? all[0] : all.find(({ value }) => isFilled(member(value, 'ports')))
  const image = serving && member(serving.value, 'image')
  return typeof image === 'string' ? image : undefined
}

/** The containers that are mappings, with their names. */
export function containersOf({ value }: Pick<Manifest, 'value'>): readonly Container[] {
  const list = member(value, ...containersPath)
  if (!isList(list)) return []
  const own = list.map((item) => {
    const name = member(item, 'name') ?? ''
    return typeof name === 'string' ? name : undefined
  })
  const given = defaultContainerNames(own)
  return list.flatMap((item, index) => {
    const name = given[index] ?? own[index] ?? ''
    return isObject(item) ? [{ path: [...containersPath, index], value: item, name }] : []
  })
}

function isFilled(list: JsonObject[string] | undefined): boolean {
  return isList(list) && list.length > 0
}

/** Whether an image is written as a version is: a name would be a repository that nobody has. */
function isTag(wanted: string): boolean {
  return /^(?:latest$|v?\d)/.test(wanted) && !/[/:@]/.test(wanted)
}

/** The image that a release would replace; undefined where it is not known which one that is. */
export function presentImage(
  manifest: Pick<Manifest, 'value'>,
  { container: wanted }: Pick<TemplateFlags, 'container'>,
  { containers = null, imageOf }: KustomizedTemplate,
): string | undefined {
  const isBuilt = isList(containers) && containers.length > 0 && imageOf !== undefined
  const container = findContainer(isBuilt ? { value: templateWith(containers) } : manifest, wanted)
  if (isRefusal(container)) return undefined
  const image = imageIn(container)
  return (isBuilt ? imageOf(image) : undefined) ?? image
}

/**
 * The image that a flag means: a whole reference, or `:tag`, `@sha256:…` and `:tag@sha256:…` for another version of the
 * present one. Tag and digest are replaced together: either would contradict a new one of the other.
 */
export function imageFrom(wanted: string, present: string): string | Refusal {
  if (isTag(wanted)) {
    return {
      code: 'KN441',
      message: `cannot use \`${wanted}\` as an image: it is a tag, and the image is ${JSON.stringify(present)}`,
      help: `use \`--image :${wanted}\` for another version of the same image`,
    }
  }
  if (!/^[:@]/.test(wanted)) return wanted
  const { name } = parseImage(present)
  // What is filled in later may bring a tag of its own, but not in the midst of the name.
  if (/^[\w.-]+$/.test(name.slice(name.lastIndexOf('/') + 1))) return name + wanted
  return {
    code: 'KN441',
    message: `cannot apply \`--image ${wanted}\`: the container's image is ${JSON.stringify(present)}, not an image of its repository`,
    help: 'write the whole image, such as `--image registry.example.com/shop:v2`',
  }
}

/** What a new revision is to have. */
export type TemplateFlags = FieldFlags & {
  /** A reference, or `:tag` or `@sha256:…` for another version of the present one. */
  readonly image?: string
  /** The name of the container that `image` and the fields of a container are for, where there are several. */
  readonly container?: string
}

/** The edits of a template, and what reports say of them. What is so already needs none. */
export type TemplateEdits = {
  readonly fields: readonly FieldWish[]
  /** What a change of `images` makes of the containers: no edit of the file, but the template is another one by it. */
  readonly built?: FieldWish
  /** The image that stood under the present name, where the template has another one by now. */
  readonly former?: string
  readonly template: TemplateChange
}

/** What kustomizations have to say of a template. */
type KustomizedTemplate = Pick<Facts, 'containers' | 'imageOf'>

const metadata = ['spec', 'template', 'metadata']

/** Works the flags into the template of a Service. An image that `images` decide on is left to those. */
export function templateEdits(
  manifest: Manifest,
  flags: TemplateFlags,
  facts: KustomizedTemplate = {},
): TemplateEdits | Refusal {
  const template = { value: member(manifest.value, 'spec', 'template') ?? null, path: ['spec', 'template'] }
  const ofTemplate = fieldEdits('template', template, flags)
  if (isRefusal(ofTemplate)) return ofTemplate
  const isOfContainer = setsContainer(flags)
  if (flags.image === undefined && !isOfContainer) return ofTemplate
  const kustomized = kustomizedImage(flags, facts)
  if (kustomized && isRefusal(kustomized)) return kustomized
  if (kustomized && !isOfContainer)
    return { ...kustomized, ...ofTemplate, template: { ...kustomized.template, ...ofTemplate.template } }
  const container = findContainer(manifest, flags.container)
  if (isRefusal(container)) return container
  const set = fieldEdits('container', container, flags)
  if (isRefusal(set)) return set
  const own = kustomized ? { fields: [], template: {} } : ownImage(container, flags.image)
  if (isRefusal(own)) return own
  const repeated = repeatedImage(manifest, own.template.image, flags.annotations)
  const annotations = [...(ofTemplate.template.annotations ?? []), ...repeated.changes]
  return {
    ...kustomized,
    fields: [...own.fields, ...set.fields, ...ofTemplate.fields, ...repeated.fields],
    template: {
      ...own.template,
      ...kustomized?.template,
      ...set.template,
      ...ofTemplate.template,
      ...(annotations.length > 0 && { annotations }),
    },
  }
}

/** The edits of all fields that a container, or the template, is to have. */
function fieldEdits(of: 'container' | 'template', holder: Holder, flags: FieldFlags): TemplateEdits | Refusal {
  let [fields, template]: [readonly FieldWish[], TemplateChange] = [[], {}]
  for (const { key, of: own, edits } of releaseFieldRows) {
    const wanted = flags[key] ?? []
    if (own !== of || wanted.length === 0) continue
    const made = edits(holder, wanted)
    if (isRefusal(made)) return made
    fields = [...fields, ...made.fields]
    if (made.changes.length > 0) template = { ...template, [key]: made.changes }
  }
  return { fields, template }
}

/** kn notes the image as its user typed it, beside the one with a digest; the console of OpenShift shows the note. */
const userImage = 'client.knative.dev/user-image'

/** The note follows the image, where it has told that one so far, or there is no other one that it could tell. */
function repeatedImage(
  manifest: Manifest,
  image: TemplateChange['image'],
  annotations: readonly Assignment[] = [],
): FieldEdits {
  const path = [...metadata, 'annotations', userImage]
  const noted = member(manifest.value, ...path)
  const isOwn = containersOf(manifest).length === 1 || noted === image?.before
  if (!image || typeof noted !== 'string' || !isOwn || noted === image.after) return { fields: [], changes: [] }
  if (annotations.some(({ name }) => name === userImage)) return { fields: [], changes: [] }
  return { fields: [{ kind: 'set', path, value: image.after }], changes: [{ name: userImage, kind: 'changed' }] }
}

function ownImage(container: Container, wanted: string | undefined): TemplateEdits | Refusal {
  const before = imageIn(container)
  const after = wanted === undefined ? before : imageFrom(wanted, before)
  if (typeof after !== 'string') return { ...after, path: [...container.path, 'image'] }
  if (after === before) return { fields: [], template: {} }
  return {
    fields: [{ kind: 'set', path: [...container.path, 'image'], value: after }],
    template: { image: { container: container.name, before, after } },
  }
}

/** The change of an image that the `images` of kustomizations decide on; undefined where they do not. */
function kustomizedImage(
  { image, container: wanted }: TemplateFlags,
  { containers = null, imageOf }: KustomizedTemplate,
): Omit<TemplateEdits, 'fields'> | Refusal | undefined {
  if (image === undefined || !isList(containers) || containers.length === 0 || !imageOf) return undefined
  const container = findContainer({ value: templateWith(containers) }, wanted)
  if (isRefusal(container)) return container
  const before = imageOf(imageIn(container))
  if (before === undefined) return undefined
  const after = imageFrom(image, before)
  if (typeof after !== 'string') return after
  if (after === before) return { template: {} }
  const index = container.path.at(-1)
  return {
    built: {
      kind: 'set',
      path: containersPath,
      value: containers.map((one, at) => (at === index ? { ...container.value, image: after } : one)),
    },
    template: { image: { container: container.name, before, after, isKustomized: true } },
  }
}

function imageIn({ value }: Container): string {
  const image = member(value, 'image') ?? ''
  return typeof image === 'string' ? image : JSON.stringify(image)
}
