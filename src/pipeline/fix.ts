import { findManifests } from '../manifest/find.js'
import type { CommentNote } from '../manifest/splice/comments.js'
import type { Neighbourhood } from '../rules/rule.js'
import type { Diagnostic, Fix } from '../text/diagnostic.js'
import { applyEdits, rangeBefore, type Edit } from '../text/edit.js'
import { formatPatch } from '../text/patch.js'
import type { Range } from '../text/range.js'
import type { SourceFile } from '../text/source.js'
import { freshErrors, mend, mendsFor, readForEditing, type Patience } from './mend.js'
import type { FileChange, Fixed, Outcome, Request } from './outcome.js'
import { plan } from './plan.js'
import { settingsOf } from './settings.js'
import { switchedOn } from './severities.js'

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
  const results = files.flatMap((file) => {
    const found = before.diagnostics.filter((one) => one.file === file.path && one.remedy)
    if (found.length === 0) return []
    const mended = mendFile(file, found, request, neighbourhood, 'lenient')
    return [mended ?? mendFile(file, found, request, neighbourhood, 'strict')].flatMap((one) => one ?? [])
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
  for (const file of files) {
    const found = outcome.diagnostics.filter((one) => one.file === file.path && one.remedy)
    if (found.length === 0) continue
    const reading = readForEditing(file)
    for (const diagnostic of found) {
      const [own] = mendsFor(reading, [diagnostic])
      const made = own && mend(file, reading, [own], neighbourhood, 'strict')
      if (made) fixes.set(diagnostic, { description: own.description, edits: made.edits })
    }
  }
  const diagnostics = outcome.diagnostics.map((one) => {
    const own = fixes.get(one)
    return own ? { ...one, fix: own } : one
  })
  return { ...outcome, diagnostics }
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
  request: Request,
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
    pending = plan([current], request).diagnostics.filter(({ remedy }) => remedy)
  }
  if (freshErrors(findManifests(file), findManifests(current), neighbourhood).length > 0) return undefined
  const edits = [{ range: { start: 0, end: file.text.length }, text: current.text }]
  const change = { file, edits, text: current.text, patch: formatPatch(file, edits), changes: [], notes }
  return { change, fixes, rounds }
}

function neighbourhoodOf(files: readonly SourceFile[], request: Request): Neighbourhood {
  const { severities, cluster } = settingsOf(request)
  const enabled = new Set([...(request.enabled ?? []), ...switchedOn(severities)])
  const manifests = files.flatMap((file) => findManifests(file).manifests)
  return { manifests, enabled, cluster, ...(request.profile && { profile: request.profile }) }
}
