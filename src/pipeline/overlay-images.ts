import { parseImage } from '../manifest/image.js'
import { isList, isObject, member, type Json } from '../manifest/json.js'
import { labelOf, type Built } from '../manifest/kustomize/built.js'
import { renamedImage, type NamedImage } from '../manifest/kustomize/images.js'
import { folderName, readKustomization, type Kustomization } from '../manifest/kustomize/kustomization.js'
import type { FieldWish } from '../manifest/splice/field-wish.js'
import { spliceKustomization } from '../manifest/splice/kustomization-fields.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { applyEdits } from '../text/edit.js'
import { formatPatch } from '../text/patch.js'
import { formatPath, type Path } from '../text/path.js'
import type { Change, FileChange } from './outcome.js'
import { isPartOf } from './overlay.js'
import { refusalAt } from './overlay-refusal.js'
import { imagesOver } from './overlay-release.js'
import { unproved } from './refusal.js'
import type { Repository } from './repository.js'

/** A Service of an overlay that is to have another image than `images` give it. */
export type ImageWish = {
  readonly built: Built
  readonly change: Change
  /** Whether its own file changes as well, and shows it. */
  readonly isShown: boolean
}

/** Whose `images` change, and for whom. */
export type ImageScene = {
  readonly overlay: Kustomization
  readonly repository: Repository
  /** Whether other overlays may change along. */
  readonly shared: boolean
}

type Entry = NonNullable<NamedImage['by']> & { readonly item: Json; readonly path: Path }

/** The kustomizations with the new images in them, each once, and what is in the way. */
export function imageChanges(
  wishes: readonly ImageWish[],
  scene: ImageScene,
): { readonly changes: readonly FileChange[]; readonly refusals: readonly Diagnostic[] } {
  const refusals: Diagnostic[] = []
  const edits = new Map<Kustomization, { readonly fields: FieldWish[]; readonly wishes: ImageWish[] }>()
  for (const wish of wishes) {
    const entry = entryFor(wish)
    const fields = entry && fieldsFor(entry, wish.change.template?.image?.after ?? '')
    const refusal = !entry || !fields ? undoable(scene, wish) : sharing(entry, wish, wishes, scene)
    if (refusal) refusals.push(refusal)
    if (!entry || !fields || refusal) continue
    const known = edits.get(entry.at) ?? { fields: [], wishes: [] }
    edits.set(entry.at, known)
    known.wishes.push(wish)
    for (const field of fields)
      if (!known.fields.some(({ path }) => formatPath(path) === formatPath(field.path))) known.fields.push(field)
  }
  const changes: FileChange[] = []
  for (const [kustomization, { fields, wishes: own }] of edits) {
    const change = changeOf(kustomization, fields, own)
    if ('patch' in change) changes.push(change)
    else refusals.push(change)
  }
  return { changes, refusals }
}

function changeOf(
  kustomization: Kustomization,
  fields: readonly FieldWish[],
  wishes: readonly ImageWish[],
): FileChange | Diagnostic {
  const { file } = kustomization
  const splice = spliceKustomization(file, fields)
  const service = wishes.map(({ change }) => change.service).join(', ')
  if ('code' in splice) {
    const { code, message, help, range } = splice
    return { severity: 'error', code, message, help, file: file.path, range, path: 'images', service }
  }
  const text = applyEdits(file.text, splice.edits)
  const fresh = readKustomization({ ...file, text }, `${kustomization.folder}/kustomization.yaml`)
  const isThere = wishes.every(({ built, change: { template } }) => {
    const through = imagesOver(built).flatMap((one) => (one === kustomization ? (fresh ?? []) : one))
    return imagesIn(built).some((image) => renamedImage(image, through).image === template?.image?.after)
  })
  if (!isThere) return refusalAt(kustomization, ['images'], unproved, service)
  const patch = formatPatch(file, splice.edits)
  const [shown, also] = [false, true].map((isShown) => {
    return wishes.filter((wish) => wish.isShown === isShown).map(({ change }) => ({ ...change, notes: splice.notes }))
  })
  return { file, edits: splice.edits, text, patch, changes: shown ?? [], also: also ?? [] }
}

/** The entry of `images` that has the last word on the image that is to change. */
function entryFor({ built, change }: ImageWish): Entry | undefined {
  const before = change.template?.image?.before
  const [by] = imagesIn(built).flatMap((image) => {
    const renamed = renamedImage(image, imagesOver(built))
    return renamed.by && renamed.image === before ? [renamed.by] : []
  })
  const path = by?.path.slice(0, 2) ?? []
  return by && { ...by, path, item: path.reduce<Json>((value, step) => stepInto(value, step), by.at.value) }
}

function stepInto(value: Json, step: Path[number]): Json {
  if (isList(value)) return value[Number(step)] ?? null
  return isObject(value) ? (value[step] ?? null) : null
}

function imagesIn({ containers: { value } }: Built): readonly string[] {
  const images = isList(value) ? value.map((one) => member(one, 'image')) : []
  return images.filter((image) => typeof image === 'string')
}

/** Undefined where the entry cannot say it: a suffix stays, and an image without any version is what it came from. */
function fieldsFor({ item, path }: Entry, after: string): readonly FieldWish[] | undefined {
  const { name, tag = '', digest = '' } = parseImage(after)
  const text = (key: string): string => {
    const value = member(item, key)
    return typeof value === 'string' ? value : ''
  }
  if (text('tagSuffix') !== '' || (tag === '' && digest === '')) return undefined
  const set = (key: string, value: string): readonly FieldWish[] => {
    if (text(key) === value) return []
    return [value === '' ? { kind: 'remove', path: [...path, key] } : { kind: 'set', path: [...path, key], value }]
  }
  const renamed = (text('newName') || text('name')) === name ? [] : set('newName', name)
  return [...renamed, ...set('newTag', tag), ...set('digest', digest)]
}

/** Whom else the entry gives its image. */
function sharing(
  { at, path }: Entry,
  { built }: ImageWish,
  wishes: readonly ImageWish[],
  { overlay, repository, shared }: ImageScene,
): Diagnostic | undefined {
  const others = repository.deliveries.filter(({ built: one }) => {
    const isChosen = wishes.some((wish) => isPartOf(wish.built, one)) && one.through.includes(overlay)
    const isUser = imagesIn(one).some((image) => {
      const { by } = renamedImage(image, imagesOver(one))
      return by?.at === at && formatPath(by.path.slice(0, 2)) === formatPath(path)
    })
    return isUser && !isChosen
  })
  if (shared || others.length === 0) return undefined
  const names = new Set(others.map(({ root, built: one }) => `\`${folderName(root)}\` (${labelOf(one)})`))
  const folder = folderName(overlay)
  const message = `\`${formatPath(path)}\` must be for \`${labelOf(built)}\` in \`${folder}\` alone to be changed, but ${at.file.path} also decides for ${[...names].join(', ')}`
  const help = `give \`${overlay.file.path}\` an entry of its own under \`images\`, or change them all with --shared`
  return refusalAt(at, path, { code: 'KN460', message, help }, labelOf(built))
}

function undoable({ overlay }: ImageScene, { built, change }: ImageWish): Diagnostic {
  const after = change.template?.image?.after ?? ''
  const message = `\`images\` must be able to say \`${after}\`, but a suffix, or an image without tag and digest, cannot be given that way`
  const help = `change the image in \`${overlay.file.path}\` by hand`
  return refusalAt(overlay, ['images'], { code: 'KN466', message, help }, labelOf(built))
}
