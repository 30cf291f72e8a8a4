import { findManifests } from '../manifest/find.js'
import type { CommentNote } from '../manifest/splice/comments.js'
import type { Neighbourhood } from '../rules/rule.js'
import type { Diagnostic, Fix } from '../text/diagnostic.js'
import { applyEdits, composedEdits, rangeBefore, type Edit } from '../text/edit.js'
import { grouped } from '../text/grouped.js'
import { formatPatch } from '../text/patch.js'
import type { Range } from '../text/range.js'
import type { SourceFile } from '../text/source.js'
import { Around } from './around.js'
import { freshErrors, mend, mendEach, readForEditing, type Patience } from './mend.js'
import { mendsFor } from './mends.js'
import type { FileChange, Fixed, Outcome, Request } from './outcome.js'
import { neighbourhoodIn } from './neighbourhood.js'
import { plan } from './plan.js'
import { settingsOf } from './settings.js'

/** A remedy can lay open the next one, but not for long. */
const mostRounds = 10

/**
 * Mends whatever has one right answer, and judges what is left. Every change has been proved by reading it again: it
 * makes that one field right, keeps every other value, and gives the cluster no new reason to refuse a Service.
 *
 * @param isWritten Whether the files become what the changes say: then what is left is placed in the new texts.
 */
export function fix(files: readonly SourceFile[], request: Request, isWritten: boolean = false): Outcome {
  const before = plan(files, request)
  const neighbourhood = neighbourhoodOf(files, request)
  const remedies = remediesIn(before)
  const leftIn = leftBy(files, request)
  const results = files.flatMap((file) => {
    const found = remedies.get(file.path)
    if (!found) return []
    const mended = mendFile(file, found, leftIn, neighbourhood, 'lenient')
    return [mended ?? mendFile(file, found, leftIn, neighbourhood, 'strict')].flatMap((one) => one ?? [])
  })
  const mended = results.filter(({ rounds }) => rounds.length > 0)
  if (mended.length === 0) return { ...before, fixes: [] }
  const texts = new Map(mended.map(({ change }) => [change.file.path, change.text]))
  const fresh = files.map((file) => ({ ...file, text: texts.get(file.path) ?? file.text }))
  const after = plan(fresh, request)
  const changes = mended.map(({ change }) => change)
  const fixes = mended.flatMap((one) => one.fixes)
  if (isWritten) return { ...after, changes, fixes }
  const rounds = new Map(mended.map((one) => [one.change.file.path, one.rounds]))
  const placed = <Placed extends { readonly file: string; readonly range?: Range }>(one: Placed): Placed => {
    const own = rounds.get(one.file)
    return own && one.range ? { ...one, range: back(own, one.range) } : one
  }
  const [diagnostics, services] = [after.diagnostics.map(placed), after.services.map(placed)]
  return { ...after, files: before.files, diagnostics, services, changes, fixes }
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
    notes.push(...made.notes.map((one) => ({ ...one, range: back(rounds, one.range) })))
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
  const readings = files.map((file) => ({ file, reading: findManifests(file) }))
  const manifests = readings.flatMap(({ reading }) => reading.manifests)
  return neighbourhoodIn(request, settingsOf(request), new Around(request, readings), manifests)
}
