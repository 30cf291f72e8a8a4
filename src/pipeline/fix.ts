import { spliceFields } from '../edit/edit-fields.js'
import { hasOddCharacter, oddLineEnd, proveEdits } from '../edit/prove.js'
import type { CommentNote } from '../edit/tokens.js'
import { type FieldWish, wishOf } from '../edit/wish.js'
import { type FileReading, findManifests, readAhead } from '../manifest/find.js'
import { locate, type Manifest, type Part } from '../manifest/manifest.js'
import { judge } from '../rules/judge.js'
import type { Neighbourhood } from '../rules/rule.js'
import { append, countBelow, grouped } from '../text/collections.js'
import type { Diagnostic, Fix } from '../text/diagnostic.js'
import { applyEdits, composedEdits, type Edit, rangeBefore } from '../text/edit.js'
import { formatPatch } from '../text/patch.js'
import type { Path } from '../text/path.js'
import type { Range, SourceFile } from '../text/source.js'
import { Around } from './around.js'
import { neighbourhoodIn } from './neighbourhood.js'
import { plan } from './plan.js'
import { refuse } from './diagnostics.js'
import type { FileChange, Fixed, Outcome, Request } from './request.js'
import { settingsOf } from './settings.js'

/** A remedy at its Service, ready to be made. */
type Mend = {
  readonly diagnostic: Diagnostic
  readonly manifest: Manifest
  readonly wish: FieldWish
  readonly description: string
}

/** The mends of the diagnostics that have a remedy; one a place, so that none gets in the way of another. */
function mendsFor(reading: FileReading, diagnostics: readonly Diagnostic[]): readonly Mend[] {
  const owners = new Owners(reading)
  const taken = new Map<Manifest, Places>()
  const mends = diagnostics.flatMap((diagnostic) => {
    const manifest = diagnostic.remedy && owners.of(diagnostic)
    const found = manifest && diagnostic.remedy && wishOf(manifest, diagnostic.remedy)
    if (!manifest || !found) return []
    const places = taken.get(manifest) ?? new Places()
    taken.set(manifest, places)
    return places.take(found.wish.path) ? [{ diagnostic, manifest, ...found }] : []
  })
  return withoutRivals(mends)
}

/** Tells the Service that a diagnostic stands in; several of a file may have one name. */
class Owners {
  private readonly starts: readonly number[]
  private readonly byStart: ReadonlyMap<number, Manifest>

  constructor({ manifests }: FileReading) {
    this.byStart = new Map(manifests.toReversed().map((manifest) => [locate(manifest, []).start, manifest]))
    this.starts = [...this.byStart.keys()].toSorted((a, b) => a - b)
  }

  of({ range, service, remedy }: Diagnostic): Manifest | undefined {
    const start = range && this.starts[countBelow(this.starts, range.start + 1) - 1]
    const manifest = start === undefined ? undefined : this.byStart.get(start)
    if (!manifest || !range || range.end > locate(manifest, []).end) return undefined
    // What kustomize builds may have another name; what is to be mended stands in this file all the same.
    const isThere = (part: Part): boolean => {
      const own = remedy && locate(manifest, remedy.path, part)
      return own !== undefined && own.start === range.start && own.end === range.end
    }
    return manifest.label === service || isThere('value') || isThere('key') ? manifest : undefined
  }
}

/** Places that are taken: none of them is another one, or holds it. */
class Places {
  private readonly taken = new Set<string>()
  private readonly above = new Set<string>()

  /** Takes a place, if it is not in the way of others. */
  take(path: Path): boolean {
    const names = Array.from({ length: path.length + 1 }, (_, length) => JSON.stringify(path.slice(0, length)))
    const own = names.at(-1) ?? ''
    if (this.above.has(own) || names.some((name) => this.taken.has(name))) return false
    this.taken.add(own)
    for (const name of names.slice(0, -1)) this.above.add(name)
    return true
  }
}

/** Leaves out keys that were both meant to be the same one: which of them cannot be told. */
function withoutRivals(mends: readonly Mend[]): readonly Mend[] {
  const counts = new Map<Manifest, Map<string, number>>()
  const nameOf = ({ wish }: Mend): string | undefined =>
    wish.kind === 'rename' ? JSON.stringify([...wish.path.slice(0, -1), wish.to]) : undefined
  for (const one of mends) {
    const [own, name] = [counts.get(one.manifest) ?? new Map<string, number>(), nameOf(one)]
    counts.set(one.manifest, own)
    if (name !== undefined) own.set(name, (own.get(name) ?? 0) + 1)
  }
  return mends.filter((one) => (counts.get(one.manifest)?.get(nameOf(one) ?? '') ?? 0) < 2)
}

/** Edits of one file that make some mends, proved. */
type Mended = {
  readonly mends: readonly Mend[]
  readonly edits: readonly Edit[]
  readonly notes: readonly CommentNote[]
}

/** Whether errors that mends lay open may have a remedy of their own, for the next round, or must not be. */
type Patience = 'lenient' | 'strict'

/**
 * How often a file is read again to find out which of its mends can be made: enough to find some that cannot among any
 * number, and less often where it is large. What is left after that stays as it is.
 */
function mostAttempts({ text }: SourceFile): number {
  return Math.max(6, Math.min(40, Math.floor(1_000_000 / (text.length + 1))))
}

/**
 * Makes the mends together or, where that cannot be proved or gives the cluster a new reason to refuse a Service, those
 * that can be made without the others.
 */
function mend(
  file: SourceFile,
  reading: FileReading,
  mends: readonly Mend[],
  neighbourhood: Neighbourhood,
  patience: Patience,
): Mended | undefined {
  const make = (some: readonly Mend[]): Mended | undefined => attempt(file, reading, some, neighbourhood, patience)
  const parts = provable(mends, make, mostAttempts(file))
  const [first] = parts
  if (!first || parts.length === 1) return first
  return make(parts.flatMap((part) => part.mends)) ?? first
}

/** A mend with edits of its own. */
type MendAlone = Mend & { readonly edits: readonly Edit[] }

/**
 * The mends that can be made, each with the edits that make it and no other. Those that go together are proved together;
 * of those that stand in each other's way some are tried.
 */
function mendEach(
  file: SourceFile,
  reading: FileReading,
  found: readonly Diagnostic[],
  neighbourhood: Neighbourhood,
): readonly MendAlone[] {
  const make = (some: readonly Mend[]): Mended | undefined => attempt(file, reading, some, neighbourhood, 'strict')
  const mends = mendsFor(reading, found)
  const taken = new Set(mends.map(({ diagnostic }) => diagnostic))
  const most = mostAttempts(file)
  const rivals = found.filter((one) => !taken.has(one)).slice(0, most)
  const parts = [
    ...provable(mends, make, most),
    ...rivals.flatMap((one) => provable(mendsFor(reading, [one]), make, 1)),
  ]
  return parts
    .flatMap((part) => part.mends)
    .flatMap((one) => {
      const splice = spliceFields(one.manifest, [one.wish])
      return 'code' in splice ? [] : [{ ...one, edits: splice.edits }]
    })
}

/** The mends in parts that can be made, each without the others; one part where they can all be made together. */
function provable(
  mends: readonly Mend[],
  make: (some: readonly Mend[]) => Mended | undefined,
  most: number,
): readonly Mended[] {
  const made: Mended[] = []
  const waiting = [mends]
  let attempts = 0
  for (let some = waiting.pop(); some && attempts < most; some = waiting.pop()) {
    attempts++
    const part = make(some)
    if (part) made.push(part)
    else if (some.length > 1) {
      const middle = Math.ceil(some.length / 2)
      waiting.push(some.slice(middle), some.slice(0, middle))
    }
  }
  return made
}

function attempt(
  file: SourceFile,
  reading: FileReading,
  mends: readonly Mend[],
  neighbourhood: Neighbourhood,
  patience: Patience,
): Mended | undefined {
  if (mends.length === 0) return undefined
  const wishes = new Map<Manifest, FieldWish[]>()
  for (const { manifest, wish } of mends) {
    const own = wishes.get(manifest) ?? []
    own.push(wish)
    wishes.set(manifest, own)
  }
  const [edits, notes]: [Edit[], CommentNote[]] = [[], []]
  for (const [manifest, fields] of wishes) {
    const splice = spliceFields(manifest, fields)
    if ('code' in splice) return undefined
    append(edits, splice.edits)
    append(notes, splice.notes)
  }
  const removed = notes.flatMap(({ kind, text }) => (kind === 'removed' ? [text.trimEnd()] : []))
  const after = proveEdits(file, reading, edits, wishes, { removed })
  if (!after) return undefined
  const fresh = freshErrors(reading, after, neighbourhood)
  return fresh.some(({ remedy }) => patience === 'strict' || !remedy) ? undefined : { mends, edits, notes }
}

/** The reasons to refuse a Service that the cluster has now, and had not before: what other files say gives none. */
function freshErrors(before: FileReading, after: FileReading, around: Neighbourhood): readonly Diagnostic[] {
  const [then, now] = [before, after].map(({ manifests }) => ({ ...around, manifests }))
  return after.manifests.flatMap((manifest, index) => {
    const old = before.manifests[index]
    const known = new Set(old && then ? errorsOf(old, then).map(identity) : [])
    return now ? errorsOf(manifest, now).filter((error) => !known.has(identity(error))) : []
  })
}

function errorsOf(manifest: Manifest, neighbourhood: Neighbourhood): readonly Diagnostic[] {
  return judge(manifest, neighbourhood).filter(({ severity }) => severity === 'error')
}

function identity({ code, path }: Diagnostic): string {
  return JSON.stringify([code, path])
}

/** The file as it can be edited. */
function readForEditing(file: SourceFile): FileReading {
  return findManifests(file, true)
}

/** A remedy can lay open the next one, but not for long. */
const mostRounds = 10

/**
 * Mends whatever has one right answer, and judges what is left. Every change has been proved by reading it again: it
 * makes that one field right, keeps every other value, and gives the cluster no new reason to refuse a Service.
 *
 * @param isWritten Whether the files become what the changes say: then what is left is placed in the new texts.
 */
export function fix(files: readonly SourceFile[], request: Request, isWritten: boolean = false): Outcome {
  const { results, odd, neighbourhood } = mendAll(files, request, leftBy(files, { ...request, isMending: true }))
  const mended = results.filter(({ rounds }) => rounds.length > 0)
  if (mended.length === 0) {
    const left = plan(files, request)
    return { ...left, diagnostics: [...explained(left.diagnostics, files, neighbourhood), ...odd], fixes: [] }
  }
  const texts = new Map(mended.map(({ change }) => [change.file.path, change.text]))
  const fresh = files.map((file) => ({ ...file, text: texts.get(file.path) ?? file.text }))
  const left = plan(fresh, request)
  const after = { ...left, diagnostics: [...explained(left.diagnostics, fresh, neighbourhood), ...odd] }
  const changes = mended.map(({ change }) => change)
  const fixes = mended.flatMap((one) => one.fixes)
  if (isWritten) return { ...after, changes, fixes }
  const rounds = new Map(mended.map((one) => [one.change.file.path, one.rounds]))
  const placed = <Placed extends { readonly file: string; readonly range?: Range }>(one: Placed): Placed => {
    const own = rounds.get(one.file)
    return own && one.range ? { ...one, range: back(own, one.range) } : one
  }
  const [diagnostics, services] = [after.diagnostics.map(placed), after.services.map(placed)]
  const given = new Map(files.map((file) => [file.path, file]))
  const shown = after.files.map((file) => given.get(file.path) ?? file)
  return { ...after, files: shown, diagnostics, services, changes, fixes }
}

/** So many files are judged again for what a mend lays open, where kustomizations tie them together. */
const mostJudgedAgain = 50

/**
 * How many findings `fix` would mend. Where many files are built together, without what is only laid open by another mend:
 * each of those would have all files judged again.
 */
export function countFixes(files: readonly SourceFile[], request: Request): number {
  const isLarge = (request.surroundings?.kustomizations ?? []).length > 0 && files.length > mostJudgedAgain
  const leftIn = isLarge ? (): readonly Diagnostic[] => [] : leftBy(files, { ...request, isMending: true })
  return mendAll(files, request, leftIn).results.reduce((sum, { fixes }) => sum + fixes.length, 0)
}

/** What is mended in each file, and the files that cannot be edited at all. */
function mendAll(
  files: readonly SourceFile[],
  request: Request,
  leftIn: (file: SourceFile) => readonly Diagnostic[],
): {
  readonly results: readonly MendedFile[]
  readonly odd: readonly Diagnostic[]
  readonly neighbourhood: Neighbourhood
} {
  const mending = { ...request, isMending: true }
  const neighbourhood = neighbourhoodOf(files, mending)
  const judged = plan(files, mending)
  const remedies = remediesIn(judged)
  const meant = new Set(judged.services.map(({ file }) => file))
  const refusals = new Map(files.filter(({ path }) => meant.has(path)).map((file) => [file.path, oddLines(file)]))
  const odd = [...refusals.values()].flatMap((one) => one ?? [])
  const results = files.flatMap((file) => {
    const found = remedies.get(file.path)
    if (!found || refusals.get(file.path)) return []
    const mended = mendFile(file, found, leftIn, neighbourhood, 'lenient')
    return [mended ?? mendFile(file, found, leftIn, neighbourhood, 'strict')].flatMap((one) => one ?? [])
  })
  return { results, odd, neighbourhood }
}

/** As many findings are told why they stay: each is tried alone. */
const mostReasons = 20

/** The findings, with the reason in the help of those that have a remedy and stay all the same. */
function explained(
  diagnostics: readonly Diagnostic[],
  files: readonly SourceFile[],
  neighbourhood: Neighbourhood,
): readonly Diagnostic[] {
  const readings = new Map<string, FileReading>()
  let left = mostReasons
  return diagnostics.map((diagnostic) => {
    const file = files.find(({ path }) => path === diagnostic.file)
    if (!diagnostic.remedy || !file || left-- <= 0) return diagnostic
    const reading = readings.get(file.path) ?? readForEditing(file)
    readings.set(file.path, reading)
    return { ...diagnostic, help: `fix it manually: ${reasonToStay(file, reading, diagnostic, neighbourhood)}` }
  })
}

/** Why a finding with a remedy is not fixed, as part of a sentence. */
function reasonToStay(
  file: SourceFile,
  reading: FileReading,
  diagnostic: Diagnostic,
  neighbourhood: Neighbourhood,
): string {
  const [alone] = mendsFor(reading, [diagnostic])
  if (!alone) return 'its field is in another file, or is already changed by another fix'
  const splice = spliceFields(alone.manifest, [alone.wish])
  if ('code' in splice) return splice.message
  if (attempt(file, reading, [alone], neighbourhood, 'strict')) return 'its fix and another one exclude each other'
  const fixed = findManifests({ ...file, text: applyEdits(file.text, splice.edits) }, true)
  const [fresh] = freshErrors(reading, fixed, neighbourhood)
  return fresh ? `then ${fresh.message}` : 'the fix does not read back as intended'
}

/** The refusal to mend a file with lines that end for some readers only. */
function oddLines(file: SourceFile): Diagnostic | undefined {
  if (!hasOddCharacter(file.text)) return undefined
  for (const manifest of readForEditing(file).manifests) {
    const found = oddLineEnd(manifest)
    if (found) return { ...refuse(manifest, found), range: found.range }
  }
  return undefined
}

/** The diagnostics, each with the change that would settle it, where that can be made. */
export function propose(files: readonly SourceFile[], outcome: Outcome, request: Request): Outcome {
  const neighbourhood = neighbourhoodOf(files, request)
  const fixes = new Map<Diagnostic, Fix>()
  const remedies = remediesIn(outcome)
  for (const file of files) {
    const found = remedies.get(file.path)
    if (!found) continue
    const reading = readForEditing(file)
    for (const { diagnostic, description, edits } of mendEach(file, reading, found, neighbourhood))
      fixes.set(diagnostic, { description, edits })
  }
  const diagnostics = outcome.diagnostics.map((one) => {
    const own = fixes.get(one)
    return own ? { ...one, fix: own } : one
  })
  return { ...outcome, diagnostics }
}

/** What there is to mend in each file. */
function remediesIn({ diagnostics }: Outcome): ReadonlyMap<string, readonly Diagnostic[]> {
  return grouped(
    diagnostics.filter(({ remedy }) => remedy),
    ({ file }) => file,
  )
}

/** Where a range of the last text was in the first one. */
function back(rounds: readonly (readonly Edit[])[], range: Range): Range {
  return rounds.reduceRight((found, edits) => rangeBefore(edits, found), range)
}

type MendedFile = {
  readonly change: FileChange
  readonly fixes: readonly Fixed[]
  readonly rounds: readonly (readonly Edit[])[]
}

/** Undefined where what the mends have laid open could not all be mended as well. */
function mendFile(
  file: SourceFile,
  found: readonly Diagnostic[],
  leftIn: (file: SourceFile) => readonly Diagnostic[],
  neighbourhood: Neighbourhood,
  patience: Patience,
): MendedFile | undefined {
  const fixes: Fixed[] = []
  const notes: CommentNote[] = []
  const rounds: (readonly Edit[])[] = []
  let [current, pending] = [file, found]
  while (pending.length > 0 && rounds.length < mostRounds) {
    const reading = readForEditing(current)
    const made = mend(current, reading, mendsFor(reading, pending), neighbourhood, patience)
    if (!made) break
    for (const { diagnostic, description } of made.mends) {
      const { code, range, service, path = '' } = diagnostic
      const placed = { file: file.path, path, ...(range && { range: back(rounds, range) }) }
      fixes.push({ code, description, ...placed, ...(service !== undefined && { service }) })
    }
    append(
      notes,
      made.notes.map((one) => ({ ...one, range: back(rounds, one.range) })),
    )
    rounds.push(made.edits)
    current = { ...current, text: applyEdits(current.text, made.edits) }
    pending = leftIn(current)
  }
  if (freshErrors(findManifests(file), findManifests(current), neighbourhood).length > 0) return undefined
  const edits = composedEdits(file.text, rounds)
  const change = { file, edits, text: current.text, patch: formatPatch(file, edits), changes: [], notes }
  return { change, fixes, rounds }
}

/** What there is to mend in a file once its text has changed; the other files count only where they are built together. */
function leftBy(files: readonly SourceFile[], request: Request): (file: SourceFile) => readonly Diagnostic[] {
  const isBuilt = (request.surroundings?.kustomizations ?? []).length > 0
  return (current) => {
    const { path } = current
    const judged = isBuilt ? files.map((file) => (file.path === path ? current : file)) : [current]
    const { diagnostics } = plan(judged, { ...request, about: new Set([path]) })
    return diagnostics.filter(({ remedy, file }) => remedy && file === path)
  }
}

function neighbourhoodOf(files: readonly SourceFile[], request: Request): Neighbourhood {
  const readings = files.map((file) => ({ file, reading: readAhead(file) }))
  const manifests = readings.flatMap(({ reading }) => reading.manifests)
  return neighbourhoodIn(request, settingsOf(request), new Around(request, readings), {
    manifests,
    others: readings.flatMap(({ reading }) => reading.others),
  })
}
