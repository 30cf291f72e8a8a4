import type { FieldWish } from '../edit/wish.js'
import type { Manifest } from '../manifest/manifest.js'
import { containersPath, defaultContainerNames, parseImage } from '../manifest/names.js'
import { formatPath, type Path } from '../text/path.js'
import { isList, isObject, type Json, type JsonObject, member } from '../yaml/json.js'
import type { Facts } from './roles.js'
import { isRefusal, type NamedChange, type Refusal, type TemplateChange } from './stage.js'

/** `NAME=VALUE`, or `NAME-` for a value that is to go: how `kn` and `kubectl` write it. */
export type Assignment = { readonly name: string; readonly value: string | undefined }

/** Reads an assignment; undefined where it is none. A value may hold further `=`. */
export function parseAssignment(text: string): Assignment | undefined {
  const equals = text.indexOf('=')
  if (equals > 0) return { name: text.slice(0, equals), value: text.slice(equals + 1) }
  if (equals === 0 || !/^[^\s]+-$/.test(text)) return undefined
  return { name: text.slice(0, -1), value: undefined }
}

/** The first name that is assigned twice. */
export function assignedTwice(assignments: readonly Assignment[]): string | undefined {
  const names = assignments.map(({ name }) => name)
  return names.find((name, index) => names.indexOf(name) < index)
}

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
export type TemplateFlags = {
  /** A reference, or `:tag` or `@sha256:…` for another version of the present one. */
  readonly image?: string
  /** The name of the container that `image` and `env` are for, where there are several. */
  readonly container?: string
  readonly env?: readonly Assignment[]
  readonly annotations?: readonly Assignment[]
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

type NamedEdits = { readonly fields: readonly FieldWish[]; readonly changes: readonly NamedChange[] }

const metadata = ['spec', 'template', 'metadata']

/** Works the flags into the template of a Service. An image that `images` decide on is left to those. */
export function templateEdits(
  manifest: Manifest,
  flags: TemplateFlags,
  facts: KustomizedTemplate = {},
): TemplateEdits | Refusal {
  const { env = [], annotations = [] } = flags
  const noted = annotationEdits(manifest, annotations)
  if (isRefusal(noted)) return noted
  const annotated = { ...(noted.changes.length > 0 && { annotations: noted.changes }) }
  if (flags.image === undefined && env.length === 0) return { fields: noted.fields, template: annotated }
  const kustomized = kustomizedImage(flags, facts)
  if (kustomized && isRefusal(kustomized)) return kustomized
  if (kustomized && env.length === 0)
    return { ...kustomized, fields: noted.fields, template: { ...kustomized.template, ...annotated } }
  const container = findContainer(manifest, flags.container)
  if (isRefusal(container)) return container
  const set = envEdits(container.value, container.path, env)
  if (isRefusal(set)) return set
  const own = kustomized ? { fields: [], template: {} } : ownImage(container, flags.image)
  if (isRefusal(own)) return own
  const repeated = repeatedImage(manifest, own.template.image, annotations)
  const changes = [...noted.changes, ...repeated.changes]
  return {
    ...kustomized,
    fields: [...own.fields, ...set.fields, ...noted.fields, ...repeated.fields],
    template: {
      ...own.template,
      ...kustomized?.template,
      ...(set.changes.length > 0 && { env: set.changes }),
      ...(changes.length > 0 && { annotations: changes }),
    },
  }
}

/** kn notes the image as its user typed it, beside the one with a digest; the console of OpenShift shows the note. */
const userImage = 'client.knative.dev/user-image'

/** The note follows the image, where it has told that one so far, or there is no other one that it could tell. */
function repeatedImage(
  manifest: Manifest,
  image: TemplateChange['image'],
  annotations: readonly Assignment[],
): NamedEdits {
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

function envEdits(container: Json, at: Path, wanted: readonly Assignment[]): NamedEdits | Refusal {
  const path = [...at, 'env']
  const list = member(container, 'env')
  const items = isList(list) ? list : []
  const fields: FieldWish[] = []
  const changes: NamedChange[] = []
  for (const { name, value } of wanted) {
    const [found, second] = items.flatMap((item, index) => (member(item, 'name') === name ? [index] : []))
    if (second !== undefined) {
      const message = `cannot edit \`${name}\` in \`${formatPath(path)}\`: it is duplicated, and only the last one counts`
      return { code: 'KN441', message, help: 'remove one of the two items first', path: [...path, second] }
    }
    if (found === undefined) {
      if (value === undefined) continue
      // An empty text is what a variable without a value has; a cluster keeps no other form of it.
      fields.push({ kind: 'append', path, value: value === '' ? { name } : { name, value } })
      changes.push({ name, kind: 'added' })
      continue
    }
    const own = [...path, found]
    if (value === undefined) {
      fields.push({ kind: 'remove', path: own, prune: true })
      changes.push({ name, kind: 'removed' })
      continue
    }
    if ((member(items[found], 'valueFrom') ?? null) !== null) {
      const message = `cannot set the value of \`${name}\`: \`valueFrom\` already gives it one`
      const help = `change what it refers to, or remove it first with \`--env ${name}-\``
      return { code: 'KN441', message, help, path: [...own, 'valueFrom'] }
    }
    if ((member(items[found], 'value') ?? '') === value) continue
    const place = [...own, 'value']
    fields.push(value === '' ? { kind: 'remove', path: place } : { kind: 'set', path: place, value })
    changes.push({ name, kind: 'changed' })
  }
  return { fields, changes }
}

function annotationEdits({ value: service }: Manifest, wanted: readonly Assignment[]): NamedEdits | Refusal {
  const path = [...metadata, 'annotations']
  const present = member(service, ...path) ?? {}
  const fields: FieldWish[] = []
  const changes: NamedChange[] = []
  if (!isObject(present) && wanted.length > 0) {
    const message = `cannot add an annotation: \`${formatPath(path)}\` is not a mapping`
    return { code: 'KN441', message, help: 'fix the findings of `kn-rollout validate` first', path }
  }
  for (const { name, value } of wanted) {
    const old = member(present, name)
    if (old === value) continue
    const own = [...path, name]
    if (value === undefined) fields.push({ kind: 'remove', path: own, prune: true })
    else fields.push({ kind: 'set', path: own, value })
    changes.push({ name, kind: value === undefined ? 'removed' : old === undefined ? 'added' : 'changed' })
  }
  return { fields, changes }
}
