import { spliceKustomization } from '../edit/kustomization.js'
import type { FieldWish } from '../edit/wish.js'
import {
  type Built,
  builtLabel,
  folderName,
  type Kustomization,
  readKustomization,
} from '../kustomize/kustomization.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { applyEdits } from '../text/edit.js'
import { formatPatch } from '../text/patch.js'
import { formatPath } from '../text/path.js'
import type { Kustomized } from './change.js'
import type { Kustomizations } from './kustomizations.js'
import {
  builtContainers,
  entryText,
  entryWishes,
  type ImageEntry,
  imagesOver,
  isHarmless,
  sameEntry,
} from './overlay-release.js'
import { isPartOf } from './overlay.js'
import { refusalAt, unproved } from './refusal.js'
import type { Change, FileChange } from './request.js'

/** A Service of an overlay that is to have another image than `images` give it. */
export type ImageWish = Kustomized & { readonly built: Built }

/** Whose `images` change, and for whom. */
export type ImageScene = {
  readonly overlay: Kustomization
  readonly repository: Kustomizations
  /** Whether the run is for a Service of the overlay. */
  readonly isMeant: (built: Built) => boolean
  /** Whether some of what is meant cannot be moved, so that nothing will be. */
  readonly isHeld: boolean
  /** Whether other overlays may change along. */
  readonly shared: boolean
}

/** The kustomizations with the new images in them, each once, and what is in the way. */
export function imageChanges(
  wishes: readonly ImageWish[],
  scene: ImageScene,
): { readonly changes: readonly FileChange[]; readonly refusals: readonly Diagnostic[] } {
  const refusals: Diagnostic[] = []
  const edits = new Map<Kustomization, { readonly fields: FieldWish[]; readonly wishes: ImageWish[] }>()
  for (const wish of wishes) {
    const { container: name, after } = wish.image
    const entry = builtContainers(wish.built).find((one) => one.name === name)?.entry
    const fields = entry ? entryWishes(entry, after) : unproved
    if (!entry || 'code' in fields) {
      const { at, path } = entry ?? { at: scene.overlay, path: ['images'] }
      refusals.push(refusalAt(at, path, 'code' in fields ? fields : unproved, builtLabel(wish.built)))
      continue
    }
    const refusal = sharing(entry, wish, wishes, scene)
    if (refusal) {
      refusals.push(refusal)
      continue
    }
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
  const isThere = wishes.every(({ built, image: { container, after } }) => {
    const over = imagesOver(built).flatMap((one) => (one === kustomization ? (fresh ?? []) : one))
    return builtContainers(built, over).some(({ name, image }) => name === container && image === after)
  })
  if (!isThere) return refusalAt(kustomization, ['images'], unproved, service)
  const patch = formatPatch(file, splice.edits)
  // The comments are the file's: they are told once, with the first.
  const [first, ...rest] = wishes.toSorted((one, other) => Number(one.isShown) - Number(other.isShown))
  const told = [...(first ? [{ ...first, notes: splice.notes }] : []), ...rest.map((wish) => ({ ...wish, notes: [] }))]
  const of = (isShown: boolean): readonly Change[] =>
    told
      .filter((wish) => wish.isShown === isShown)
      .map(({ change, manifest, notes }) => ({ ...change, trafficIn: manifest.file, notes }))
  return { file, edits: splice.edits, text, patch, changes: of(false), also: of(true) }
}

/** Whom else the entry gives its image. */
function sharing(
  entry: ImageEntry,
  { built, image }: ImageWish,
  wishes: readonly ImageWish[],
  { overlay, repository, isHeld, isMeant, shared }: ImageScene,
): Diagnostic | undefined {
  const users = (one: Built): readonly string[] =>
    builtContainers(one).flatMap((user) => (user.entry && sameEntry(user.entry, entry) ? [user.name] : []))
  const sidecars = users(built).flatMap((name) => {
    return name === image.container ? [] : [{ isOwn: true, text: `the container \`${name}\`` }]
  })
  const others = repository.deliveries.flatMap(({ root, built: one }) => {
    const isOwn = one.through.includes(overlay)
    const names = users(one)
    const isAlong = wishes.some((wish) => {
      return isPartOf(wish.built, one) && (wish.built === built || names.every((name) => name === wish.image.container))
    })
    // Whatever keeps a Service that is meant from moving along is said already.
    if (names.length === 0 || (isOwn && (isAlong || (isHeld && isMeant(one))))) return []
    return [{ isOwn, text: `\`${folderName(root)}\` (${builtLabel(one)})` }]
  })
  const all = [...sidecars, ...others]
  if (shared || all.length === 0) return undefined
  const names = new Set(all.map(({ text }) => text))
  const { at, path } = entry
  const message = `cannot change \`${formatPath(path)}\` for \`${builtLabel(built)}\` alone: \`${at.file.path}\` also sets it for ${[...names].join(', ')}`
  const canDiffer = all.some(({ isOwn }) => !isOwn) && isHarmless(image.before, repository.builds.build(overlay))
  const help = canDiffer
    ? `add \`${entryText(image.before)}\` to \`images\` in \`${overlay.file.path}\` and run this again, or add \`--shared\` to change all`
    : all.some(({ isOwn }) => !isOwn) || sidecars.length > 0
      ? 'add `--shared` to change all; an `images` item matches an image name, so a different image needs a different name'
      : 'release them together with `--all` or `--service`, or add `--shared` to change the image of all of them'
  return refusalAt(at, path, { code: 'KN460', message, help }, builtLabel(built))
}
