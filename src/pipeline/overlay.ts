import { spliceKustomization } from '../edit/kustomization.js'
import type { FieldWish } from '../edit/wish.js'
import {
  type Built,
  builtId,
  builtLabel,
  folderName,
  type Kustomization,
  readKustomization,
} from '../kustomize/kustomization.js'
import { matchManifests } from '../manifest/find.js'
import type { Manifest } from '../manifest/manifest.js'
import type { ReleaseRequest } from '../stages/release.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { applyEdits } from '../text/edit.js'
import { formatPatch } from '../text/patch.js'
import { formatPath } from '../text/path.js'
import { inQuotes, shellPath, shellWord } from '../text/words.js'
import type { Kustomized } from './change.js'
import { inFolder, refusalAt, unproved } from './diagnostics.js'
import type { Kustomizations } from './kustomizations.js'
import {
  builtContainers,
  entryWishes,
  type ImageEntry,
  imagesOver,
  initHelp,
  isHarmless,
  ownParts,
  patchFile,
  patchText,
  sameEntry,
  type SpotsIn,
  templateElsewhere,
} from './overlay-parts.js'
import type { Change, FileChange } from './request.js'

/** The command that writes a patch into `file`, which says of the traffic what is so already. It fits on one line. */
function patchCommand(built: Built, file: string): string {
  const lines = patchText(built, undefined).trimEnd().split('\n')
  return `printf '%s\\n' ${lines.map(inQuotes).join(' ')} > ${shellWord(file)}`
}

/** The Services and patches that decide on the traffic of an overlay, or why some of it must not be edited. */
type OverlayTargets = {
  readonly targets: readonly Manifest[]
  readonly refusals: readonly Diagnostic[]
}

type Wanted = {
  readonly services: readonly string[]
  readonly shared: boolean
  /** What a release makes anew; absent where only traffic moves. */
  readonly release?: ReleaseRequest
  /** The command as it was commandLine. */
  readonly commandLine?: string | undefined
  readonly spotsIn: SpotsIn
}

/** Finds what to edit so that the traffic of an overlay changes and that of no other one does. */
export function overlayTargets(overlay: Kustomization, repository: Kustomizations, wanted: Wanted): OverlayTargets {
  const all = repository.builds.build(overlay)
  const chosen = all.filter((built) => isMeant(built, wanted.services))
  const targets = new Set<Manifest>()
  const refusals: Diagnostic[] = []
  if (all.length === 0) refusals.push(nothingBuilt(overlay))
  for (const built of chosen) {
    const refusal =
      obstacle(overlay, built) ??
      (wanted.release && templateElsewhere(overlay, built, all, { ...wanted, request: wanted.release })) ??
      (wanted.shared ? undefined : sharing(overlay, built, chosen, { ...wanted, repository, all }))
    if (refusal) refusals.push(refusal)
    else if (built.traffic.word.by === 'manifest') targets.add(built.traffic.word.manifest)
  }
  return { targets: [...targets], refusals }
}

/** A pattern may mean the name in the file, or the one that the overlay gives. */
export function isMeant(built: Built, patterns: readonly string[]): boolean {
  if (patterns.length === 0) return true
  const present = { ...built.base, name: builtId(built).name, label: builtLabel(built) }
  return patterns.some((pattern) => matchManifests([built.base, present], pattern).length > 0)
}

function nothingBuilt(overlay: Kustomization): Diagnostic {
  const message = `cannot edit the overlay \`${folderName(overlay)}\`: its files build no Knative Service`
  const help = `compare with the output of \`kubectl kustomize ${shellPath(folderName(overlay))}\`; remote bases are not read`
  return refusalAt(overlay, ['resources'], { code: 'KN421', message, help })
}

function obstacle(overlay: Kustomization, built: Built): Diagnostic | undefined {
  const { word } = built.traffic
  const service = builtLabel(built)
  if (word.by === 'manifest') return undefined
  const file = patchFile(built, 'traffic')
  const folder = folderName(word.kustomization)
  const place = inFolder(folder, file)
  const how = built.traffic.over
    ? `save the list from \`kubectl kustomize ${shellPath(folder)}\` as a patch in \`${place}\``
    : `run \`${patchCommand(built, place)}\``
  const help = `${how}, and add \`- path: ${file}\` to \`patches\` in \`${word.kustomization.file.path}\`, in place of this one`
  const at = [word.kustomization, word.path] as const
  if (word.by === 'inline') {
    const message = `cannot edit \`spec.traffic\` of \`${service}\`: it is in an inline patch of the kustomization`
    return refusalAt(...at, { code: 'KN461', message, help }, service)
  }
  if (word.by === 'json') {
    const message = `cannot edit \`spec.traffic\` of \`${service}\`: a JSON patch sets it`
    return refusalAt(...at, { code: 'KN462', message, help }, service)
  }
  const message = `cannot determine \`spec.traffic\` of \`${service}\` in \`${folderName(overlay)}\`: ${word.why}`
  const plain = 'write the patch as a plain part of the Service, with `apiVersion`, `kind` and `metadata.name`'
  return refusalAt(...at, { code: 'KN464', message, help: plain }, service)
}

type Sharing = Wanted & { readonly repository: Kustomizations; readonly all: readonly Built[] }

/** Who else takes the list from the very same place. */
function sharing(
  overlay: Kustomization,
  built: Built,
  chosen: readonly Built[],
  { repository, release, commandLine, all }: Sharing,
): Diagnostic | undefined {
  const { word } = built.traffic
  if (word.by !== 'manifest') return undefined
  const others = repository[release ? 'madeOf' : 'touchedBy'](word.manifest).filter(
    (one) => !chosen.some((own) => isPartOf(own, one.built) && one.built.through.includes(overlay)),
  )
  if (others.length === 0) return undefined
  const names = new Set(
    others.map(({ root, built: one }) => folderName(root) + (root === overlay ? ` (${builtLabel(one)})` : '')),
  )
  const folder = folderName(overlay)
  const list = [...names].map((one) => `\`${one}\``).join(', ')
  const { kustomization = overlay, path = ['resources'] } = word
  const [verb, field] = release ? ['release', 'spec.template'] : ['change', 'spec.traffic']
  const message = `cannot ${verb} \`${folder}\` alone: its \`${field}\` comes from \`${word.manifest.file.path}\`, which ${list} ${names.size === 1 ? 'uses' : 'use'} too`
  const canInit = ownParts(overlay, built, all, release) !== undefined
  const byHand = `give the overlay a patch with the revision name, all containers as \`kubectl kustomize ${shellPath(folder)}\` prints them, and the traffic`
  const help = `${canInit ? initHelp(commandLine) : byHand}, or add \`--shared\` to change all`
  return refusalAt(kustomization, path, { code: 'KN460', message, help }, builtLabel(built))
}

/** Whether what one kustomization built became part of what another one delivers. */
function isPartOf(built: Built, delivered: Built): boolean {
  const { name, namespace } = builtId(built)
  return built.base === delivered.base && delivered.ids.some((id) => id.name === name && id.namespace === namespace)
}

/** A Service of an overlay that is to have another image than `images` give it. */
type ImageWish = Kustomized & { readonly built: Built }

/** Whose `images` change, and for whom. */
type ImageScene = {
  readonly overlay: Kustomization
  readonly repository: Kustomizations
  /** Whether the run is for a Service of the overlay. */
  readonly isMeant: (built: Built) => boolean
  /** Whether some of what is meant cannot be moved, so that nothing will be. */
  readonly isHeld: boolean
  /** Whether other overlays may change along. */
  readonly shared: boolean
  /** The command as it was commandLine. */
  readonly commandLine?: string | undefined
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
    const refusal = entrySharing(entry, wish, wishes, scene)
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
function entrySharing(
  entry: ImageEntry,
  { built, image }: ImageWish,
  wishes: readonly ImageWish[],
  { overlay, repository, isHeld, isMeant: isAnyMeant, shared, commandLine }: ImageScene,
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
    if (names.length === 0 || (isOwn && (isAlong || (isHeld && isAnyMeant(one))))) return []
    return [{ isOwn, text: `\`${folderName(root)}\` (${builtLabel(one)})` }]
  })
  const all = [...sidecars, ...others]
  if (shared || all.length === 0) return undefined
  const names = new Set(all.map(({ text }) => text))
  const { at, path } = entry
  const message = `cannot change \`${formatPath(path)}\` for \`${builtLabel(built)}\` alone: \`${at.file.path}\` also sets it for ${[...names].join(', ')}`
  const canDiffer = all.some(({ isOwn }) => !isOwn) && isHarmless(image.before, repository.builds.build(overlay))
  const help = canDiffer
    ? `${initHelp(commandLine)}, or add \`--shared\` to change all`
    : all.some(({ isOwn }) => !isOwn) || sidecars.length > 0
      ? 'add `--shared` to change all; an `images` item matches an image name, so a different image needs a different name'
      : 'release them together with `--all` or `--service`, or add `--shared` to change the image of all of them'
  return refusalAt(at, path, { code: 'KN460', message, help }, builtLabel(built))
}
