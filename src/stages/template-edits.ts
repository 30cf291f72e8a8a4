import { containersPath } from '../manifest/container-names.js'
import { isList, isObject, member, type Json } from '../manifest/json.js'
import type { Manifest } from '../manifest/manifest.js'
import type { FieldWish } from '../manifest/splice/field-wish.js'
import { formatPath, type Path } from '../text/path.js'
import type { Assignment } from './assignment.js'
import { findContainer, templateWith, type Container } from './container.js'
import { imageFrom } from './image.js'
import type { Facts } from './move.js'
import { isRefusal, type Refusal } from './stage.js'
import type { NamedChange, TemplateChange } from './template-change.js'

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
  return {
    ...kustomized,
    fields: [...own.fields, ...set.fields, ...noted.fields],
    template: {
      ...own.template,
      ...kustomized?.template,
      ...(set.changes.length > 0 && { env: set.changes }),
      ...annotated,
    },
  }
}

function ownImage(container: Container, wanted: string | undefined): TemplateEdits | Refusal {
  const before = imageIn(container)
  const after = wanted === undefined ? before : imageFrom(wanted, before)
  if (typeof after !== 'string') return after
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
      const message = `\`${formatPath(path)}\` must not name \`${name}\` twice to be edited: only the last one counts`
      return { code: 'KN441', message, help: 'remove one of the two entries first' }
    }
    if (found === undefined) {
      if (value === undefined) continue
      fields.push({ kind: 'append', path, value: { name, value } })
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
      const message = `\`${formatPath([...own, 'value'])}\` must not be set beside \`valueFrom\`, which gives \`${name}\` its value`
      return { code: 'KN441', message, help: `change what it refers to, or remove it first with --env ${name}-` }
    }
    if ((member(items[found], 'value') ?? '') === value) continue
    fields.push({ kind: 'set', path: [...own, 'value'], value })
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
    const message = `\`${formatPath(path)}\` must be a mapping to take an annotation`
    return { code: 'KN441', message, help: 'mend what `kn-rollout validate` says about it first' }
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
