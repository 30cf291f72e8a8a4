import { spliceKustomization } from '../edit/kustomization.js'
import { type FieldWish, wished } from '../edit/wish.js'
import { sameTraffic } from '../edit/traffic.js'
import type { AppliedService } from '../kustomize/build.js'
import { type Built, builtId, folderName, type Kustomization, rangeIn } from '../kustomize/kustomization.js'
import { findManifests } from '../manifest/find.js'
import { spotAt } from '../manifest/manifest.js'
import { containersPath, ownNamePath } from '../manifest/names.js'
import { readTraffic } from '../manifest/traffic.js'
import { type Holder, releaseFieldRows } from '../stages/release-fields.js'
import { containersOf } from '../stages/template-edits.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { applyEdits, type Edit } from '../text/edit.js'
import { formatPatch } from '../text/patch.js'
import type { Path } from '../text/path.js'
import { at, type Range, type SourceFile } from '../text/source.js'
import { isList, isObject, type Json, member, sameJson } from '../yaml/json.js'
import { AppliedServices, servicesIn } from './applied.js'
import { Kustomizations } from './kustomizations.js'
import { ownParts, type OwnParts } from './overlay-parts.js'
import { isMeant } from './overlay.js'
import { inFolder, refusalAt, unproved } from './diagnostics.js'
import { type Change, type FileChange, type Outcome, placeIn, type Request, type Surroundings } from './request.js'

/** A Service of the overlay, and the parts of its own that it is given. */
type Given = { readonly built: Built; readonly parts: OwnParts; readonly file: string }

/** A run whose overlay has parts of its own that no file on the disk has yet. */
type Prepared = {
  readonly request: Request & { readonly surroundings: Surroundings }
  readonly overlay: Kustomization
  /** The kustomization with the parts listed. */
  readonly listed: SourceFile
  /** The new patches, by their paths. */
  readonly patches: ReadonlyMap<string, Given>
  readonly given: readonly Given[]
}

type Plan = (files: readonly SourceFile[], request: Request) => Outcome

/**
 * Runs a move of an overlay after giving the overlay, in memory alone, what it lacks to decide on its Services by itself: a
 * patch with their traffic and an entry of `images`. What it is given changes nothing that is built; what then changes is
 * handed out as one: new files and the kustomization that lists them. Where the overlay lacks nothing, it is the plain run.
 *
 * The result is built, and compared with what is built now: the Services that were meant differ by what was wished, and
 * nothing else does. Otherwise it is refused.
 */
export function planWithInit(files: readonly SourceFile[], request: Request, plan: Plan): Outcome {
  const first = prepared(files, request, () => true)
  if (!first) return plan(files, request)
  if ('code' in first) return refused(files, request, first)
  const outcome = plan(files, first.request)
  if (outcome.changes.length === 0) return settled(files, request, { prepared: first, outcome })
  // A Service that stays as it is needs nothing of its own.
  const moved = new Set(outcome.changes.map(({ file }) => file.path))
  const isNeeded = ({ file, parts }: Given): boolean => parts.patch === undefined || moved.has(file)
  if (first.given.every(isNeeded)) return settled(files, request, { prepared: first, outcome })
  const second = prepared(files, request, isNeeded)
  if (!second || 'code' in second) return plan(files, request)
  return settled(files, request, { prepared: second, outcome: plan(files, second.request) })
}

function refused(files: readonly SourceFile[], { surroundings }: Request, diagnostic: Diagnostic): Outcome {
  const around = surroundings?.kustomizations.filter(({ path }) => path === diagnostic.file) ?? []
  return { files: [...files, ...around], services: [], diagnostics: [diagnostic], changes: [] }
}

/** Undefined where the overlay lacks nothing that it can be given. */
function prepared(
  files: readonly SourceFile[],
  request: Request,
  isNeeded: (given: Given) => boolean,
): Prepared | Diagnostic | undefined {
  const { surroundings, services = [], move } = request
  if (!surroundings || !move) return undefined
  const readings = [...files, ...surroundings.files].map((file) => ({ file, reading: findManifests(file) }))
  const repository = new Kustomizations(surroundings, readings)
  const overlay = repository.builds.folders.all().find(({ file }) => file.path === request.overlay)
  if (!overlay) return undefined
  const all = repository.builds.build(overlay)
  const release = move.command === 'release' ? move : undefined
  const taken = new Set<string>()
  const given = all
    .filter((built) => isMeant(built, services))
    .flatMap((built): readonly Given[] => {
      const parts = ownParts(overlay, built, all, release)
      if (!parts) return []
      const name = freeName(parts.file, builtId(built).namespace, taken)
      taken.add(name)
      return [{ built, parts, file: inFolder(folderName(overlay), name) }]
    })
    .filter(isNeeded)
  if (given.length === 0) return undefined
  const listed = listedIn(overlay, given)
  if ('code' in listed) return listed
  return { ...withParts(request, surroundings, { overlay, listed, given }), overlay, listed, given }
}

function freeName(name: string, namespace: string, taken: ReadonlySet<string>): string {
  return taken.has(name) ? `${namespace}-${name}` : name
}

/** The kustomization with the new patches and images in it. */
function listedIn(overlay: Kustomization, given: readonly Given[]): SourceFile | Diagnostic {
  const { file, value } = overlay
  const isOldStyle = isList(member(value, 'patchesStrategicMerge')) && member(value, 'patches') === undefined
  const wishes = given.flatMap(({ parts, file: path }): readonly FieldWish[] => {
    const name = nameOf(path)
    const patch: FieldWish = isOldStyle
      ? { kind: 'append', path: ['patchesStrategicMerge'], value: name }
      : { kind: 'append', path: ['patches'], value: { path: name } }
    return parts.patch === undefined ? [] : [patch]
  })
  const entries = new Map(given.flatMap(({ parts: { entry } }) => (entry ? [[JSON.stringify(entry), entry]] : [])))
  const images = [...entries.values()].map((entry): FieldWish => ({ kind: 'append', path: ['images'], value: entry }))
  const splice = spliceKustomization(file, [...wishes, ...images])
  if (!('code' in splice)) return { ...file, text: applyEdits(file.text, splice.edits) }
  const { code, message, help, range } = splice
  return { severity: 'error', code, message, help, file: file.path, range }
}

type Parts = { readonly overlay: Kustomization; readonly listed: SourceFile; readonly given: readonly Given[] }

function withParts(
  request: Request,
  surroundings: Surroundings,
  { overlay, listed, given }: Parts,
): Pick<Prepared, 'request' | 'patches'> {
  const patches = new Map(given.flatMap((one) => (one.parts.patch === undefined ? [] : [[one.file, one] as const])))
  const { patchPath } = overlay.file
  const fresh = [...patches].map(([path, { parts }]): SourceFile => ({
    path,
    ...(patchPath !== undefined && { patchPath: beside(patchPath, path) }),
    text: parts.patch ?? '',
    isPatch: true,
  }))
  const place = placeIn(surroundings, overlay.file)
  const around = {
    ...surroundings,
    kustomizations: surroundings.kustomizations.map((one) => (one.path === listed.path ? listed : one)),
    files: [...surroundings.files, ...fresh],
    places: new Map([...(surroundings.places ?? []), ...fresh.map(({ path }) => [path, beside(place, path)] as const)]),
  }
  return { request: { ...request, surroundings: around }, patches }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** Where a file of the same name is in the folder of another one. */
function beside(path: string, other: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1) + nameOf(other)
}

/** What came of the run, told of the files as they are on the disk. */
function settled(
  files: readonly SourceFile[],
  request: Request,
  { prepared: own, outcome }: { readonly prepared: Prepared; readonly outcome: Outcome },
): Outcome {
  const { file } = own.overlay
  const changes = outcome.changes.length === 0 ? [] : together(own, outcome.changes)
  const isProved = changes.length === 0 || provedBy(files, request, { prepared: own, changes })
  const told = outcome.diagnostics.map((one) => onDisk(own, one))
  const shown = outcome.files.flatMap((one) => (own.patches.has(one.path) || one.path === file.path ? [] : one))
  return {
    ...outcome,
    files: [...shown, file],
    diagnostics: isProved ? told : [...told, refusalAt(own.overlay, ['resources'], unproved)],
    changes: isProved ? changes : [],
  }
}

/** The changes with the new patches and their list among them. */
function together(
  { overlay: { file }, listed, patches }: Prepared,
  changes: readonly FileChange[],
): readonly FileChange[] {
  const list = changes.find((one) => one.file.path === file.path)
  const own = changes.map((one): FileChange => {
    if (!patches.has(one.file.path)) return one
    const empty = { ...one.file, text: '' }
    const edits = [{ range: at(0), text: one.text }]
    return { ...one, file: empty, isNew: true, edits, patch: formatPatch(empty, edits, { isNew: true }) }
  })
  const moved = own.filter((one) => one.isNew === true).flatMap((one) => one.changes)
  const edits = [between(file.text, list?.text ?? listed.text)]
  const text = applyEdits(file.text, edits)
  const listing = between(file.text, listed.text)
  const told = (one: Change): Change => ({ ...one, notes: one.notes.flatMap((note) => noteBefore(note, listing)) })
  const also = list?.also?.map(told) ?? moved.map((one): Change => ({ ...one, notes: [] }))
  const change = { file, edits, text, patch: formatPatch(file, edits), changes: (list?.changes ?? []).map(told), also }
  return [...own.filter((one) => one !== list), change]
}

/** A note where it stood before an edit; nothing of what the edit has brought. */
function noteBefore(note: Change['notes'][number], { range, text }: Edit): Change['notes'] {
  const { start, end } = note.range
  if (end <= range.start) return [note]
  const shift = range.end - range.start - text.length
  return start >= range.start + text.length ? [{ ...note, range: { start: start + shift, end: end + shift } }] : []
}

/** The one edit that makes a text another one. */
function between(before: string, after: string): Edit {
  const most = Math.min(before.length, after.length)
  let [start, end] = [0, 0]
  while (start < most && before[start] === after[start]) start++
  while (end < most - start && before.at(-1 - end) === after.at(-1 - end)) end++
  return { range: { start, end: before.length - end }, text: after.slice(start, after.length - end) }
}

/** A diagnostic in a text that is on no disk stands at what the overlay builds upon. */
function onDisk({ overlay, listed, patches }: Prepared, diagnostic: Diagnostic): Diagnostic {
  const { file } = overlay
  const kept = between(file.text, listed.text).range.start
  const isThere = (range: Range | undefined): boolean => range === undefined || range.end <= kept
  if (!patches.has(diagnostic.file) && (diagnostic.file !== file.path || isThere(diagnostic.range))) return diagnostic
  return { ...diagnostic, file: file.path, range: rangeIn(overlay, ['resources'], 'key') }
}

type Result = { readonly prepared: Prepared; readonly changes: readonly FileChange[] }

/** Whether all that is built from the changed files is what was wished, and what else is built is what it was. */
function provedBy(files: readonly SourceFile[], request: Request, { prepared: own, changes }: Result): boolean {
  const texts = new Map(changes.map(({ file, text }) => [file.path, text] as const))
  const edited = (file: SourceFile): SourceFile => {
    const text = texts.get(file.path)
    return text === undefined ? file : { ...file, text }
  }
  const { surroundings } = own.request
  const after = {
    ...surroundings,
    kustomizations: surroundings.kustomizations.map(edited),
    files: surroundings.files.map(edited),
  }
  const concerned = new Set([own.overlay.file.path, ...texts.keys()])
  const [was, is] = [
    builtFrom(files, request.surroundings ?? surroundings, concerned),
    builtFrom(files.map(edited), after, concerned),
  ]
  const wishes = changes.flatMap((change) => change.changes.map((one) => ({ ...one, file: change.file.path })))
  const isWished = (one: AppliedService, before: AppliedService): boolean => {
    const decider = spotAt(one.manifest, ['spec', 'traffic']).file.path
    const wish =
      wishes.find(({ file, name }) => file === decider && name === one.base.name) ??
      wishes.find(({ trafficIn, name }) => trafficIn?.path === decider && name === one.base.name)
    if (!wish) return sameJson(one.manifest.value, before.manifest.value)
    const traffic = readTraffic(one.manifest)
    return (
      traffic !== undefined &&
      sameTraffic(wish.after, traffic) &&
      sameRest(before.manifest.value, one.manifest.value, wish)
    )
  }
  return (
    was.size === is.size &&
    [...is].every(([key, one]) => {
      const before = was.get(key)
      return before !== undefined && isWished(one, before)
    })
  )
}

function builtFrom(
  files: readonly SourceFile[],
  surroundings: Surroundings,
  concerned: ReadonlySet<string>,
): ReadonlyMap<string, AppliedService> {
  const readings = files.map((file) => ({ file, reading: findManifests(file) }))
  const applied = new AppliedServices(surroundings, readings)
  const services = servicesIn(applied.rootsOf(concerned), [])
  return new Map(services.map((one) => [`${one.root.file.path}\n${one.manifest.label}`, one]))
}

/** Whether two built Services differ by no more than the traffic and what a change says of the template. */
function sameRest(before: Json, after: Json, { template = {} }: Change): boolean {
  const { image, spelled = [], revisionName } = template
  const placesIn = (own: 'container' | 'template', holder: Holder): readonly Path[] =>
    releaseFieldRows.flatMap(({ key, of, placesOf }) => (of === own ? placesOf(holder, template[key] ?? []) : []))
  const rest = (value: Json): Json => {
    const containers = isObject(value) ? containersOf({ value }) : []
    const fields = containers.flatMap((container): readonly Path[] => {
      const set = placesIn('container', container)
      return container.name === image?.container ? [[...container.path, 'image'], ...set] : set
    })
    const holder = { value: member(value, 'spec', 'template') ?? null, path: ['spec', 'template'] }
    const name: readonly Path[] = revisionName ? [ownNamePath] : []
    const written: readonly Path[] = spelled.length > 0 ? [containersPath] : []
    const gone = [['spec', 'traffic'], ...name, ...placesIn('template', holder), ...fields, ...written]
    return wished(
      value,
      gone.map((path) => ({ kind: 'remove', path, prune: true })),
    )
  }
  return sameJson(rest(before), rest(after))
}
