import { parseImage } from '../manifest/image.js'
import { isList, isObject, member, type Json, type JsonObject } from '../manifest/json.js'
import type { Built } from '../manifest/kustomize/built.js'
import { renamedImage, type NamedImage } from '../manifest/kustomize/images.js'
import type { Kustomization } from '../manifest/kustomize/kustomization.js'
import type { FieldWish } from '../manifest/splice/field-wish.js'
import { containersOf, templateWith, type Container } from '../stages/container.js'
import { formatPath, type Path } from '../text/path.js'
import type { Reason } from './refusal.js'

/** An entry of `images`. */
export type Entry = { readonly at: Kustomization; readonly path: Path; readonly item: Json }

/** A container of a built Service, with its image after all `images`, and the entry that had the last word on that. */
export type BuiltContainer = { readonly name: string; readonly image: string; readonly entry?: Entry }

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

export function sameEntry(one: Entry, other: Entry): boolean {
  return one.at === other.at && formatPath(one.path) === formatPath(other.path)
}

function entryAt({ at, path: field }: NonNullable<NamedImage['by']>): Entry {
  const path = field.slice(0, 2)
  return { at, path, item: path.reduce<Json>(stepInto, at.value) }
}

function stepInto(value: Json, step: Path[number]): Json {
  if (isList(value)) return value[Number(step)] ?? null
  return isObject(value) ? (value[step] ?? null) : null
}

/** What makes the entry say another image, or why it cannot. */
export function entryWishes({ at, item, path }: Entry, after: string): readonly FieldWish[] | Reason {
  const { name, tag = '', digest = '' } = parseImage(after)
  const text = (key: string): string => {
    const value = member(item, key)
    return typeof value === 'string' ? value : ''
  }
  if (text('tagSuffix') !== '') {
    const message = `\`${formatPath(path)}\` must not have a \`tagSuffix\` to say \`${after}\`: it is for images that keep their tag`
    const help = `write the present tag as \`newTag\` in its place in \`${at.file.path}\`, and run this again`
    return { code: 'KN466', message, help }
  }
  if (tag === '' && digest === '') {
    const message = `\`${formatPath(path)}\` must be given a tag or a digest, but \`${after}\` has neither`
    return { code: 'KN466', message, help: `name one, such as --image ${name}:latest` }
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
