import type { FileReading } from '../manifest/find.js'
import type { Manifest } from '../manifest/manifest.js'
import { containersPath } from '../manifest/container-names.js'
import type { Neighbourhood } from '../rules/rule.js'
import { templateNameOf } from '../stages/clues.js'
import type { Facts, Move } from '../stages/move.js'
import { serviceName } from '../stages/service-name.js'
import type { TemplateChange } from '../stages/template-change.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { applyEdits } from '../text/edit.js'
import { formatPatch } from '../text/patch.js'
import type { SourceFile } from '../text/source.js'
import { draftFor, type Draft } from './draft.js'
import type { Change, FileChange } from './outcome.js'
import { refuse, remarkOn, type Reason } from './refusal.js'
import { settle } from './settle.js'

/** A Service and what there is to say about it. */
export type Judged = { readonly manifest: Manifest; readonly diagnostics: readonly Diagnostic[] }

/** What is asked of the Services, and what is known of them. */
export type Task = {
  readonly move: Move
  readonly factsOf: (manifest: Manifest) => Facts
  /** Whether defaults that an own revision name needs are written out as well. */
  readonly isSpelled?: boolean
  /** The files that decide on the template of a Service in the end, where kustomizations have a say. */
  readonly templateFiles?: (manifest: Manifest) => readonly string[]
  /** The newest commit whose template the cluster took under an explicit revision name of the Service. */
  readonly admittedUnder?: (manifest: Manifest, name: string) => string | undefined
  /** Why the traffic of a Service is not to be edited at all. */
  readonly bars: (manifest: Manifest) => Reason | undefined
  /** Why what becomes of a template would not reach the cluster. */
  readonly outdoes?: (manifest: Manifest, template: TemplateChange) => Reason | undefined
  readonly neighbourhood: Neighbourhood
}

/** A Service whose new image is not for its own file, and whether that changes as well. */
export type Kustomized = {
  readonly manifest: Manifest
  readonly change: Change
  readonly image: NonNullable<TemplateChange['image']>
  readonly isShown: boolean
}

/** What came of a move in one file. */
export type FileOutcome = {
  readonly change?: FileChange
  /** Services whose new image is for the `images` of kustomizations. */
  readonly kustomized?: readonly Kustomized[]
  /** The complaints that are left, and the refusals. */
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Moves the chosen Services of one file. Every edit that is handed out has been proved by reading it again,
 * and gives the cluster no new reason to refuse the manifest.
 */
export function changeFile(file: SourceFile, reading: FileReading, chosen: readonly Judged[], task: Task): FileOutcome {
  const { move, factsOf, isSpelled = false, templateFiles = () => [], admittedUnder = () => undefined } = task
  const { bars, outdoes, neighbourhood } = task
  const diagnostics: Diagnostic[] = []
  const drafts: Draft[] = []
  const still: Draft[] = []
  const how = { isSpelled, templateFiles, admittedUnder, settings: neighbourhood.cluster }
  for (const judged of chosen) {
    const reason = bars(judged.manifest)
    const drafted = reason
      ? refuse(judged.manifest, reason)
      : draftFor(judged.manifest, move, factsOf(judged.manifest), how)
    const outdone = 'edits' in drafted ? outdoes?.(judged.manifest, drafted.wish.template ?? {}) : undefined
    const draft = outdone ? refuse(judged.manifest, outdone, containersPath) : drafted
    if (!('edits' in draft)) diagnostics.push(...judged.diagnostics, draft)
    else {
      const remarks = draft.wish.remarks?.map((remark) => remarkOn(judged.manifest, remark)) ?? []
      diagnostics.push(...remarks, ...(draft.edits.length === 0 ? judged.diagnostics : []))
      ;(draft.edits.length > 0 ? drafts : still).push(draft)
    }
  }
  const complaints = new Map(chosen.map((judged) => [judged.manifest, judged.diagnostics]))
  const settled = settle(file, reading, drafts, { complaints, neighbourhood })
  const all = [...diagnostics, ...settled.diagnostics]
  const { proved } = settled
  const isOnly = reading.manifests.length === 1
  const kustomized = [...still, ...proved].flatMap((draft) => {
    const { manifest, wish, edits } = draft
    const image = wish.template?.image
    if (!image?.isKustomized) return []
    return [{ manifest, change: changeOf(draft, factsOf(manifest), isOnly), image, isShown: edits.length > 0 }]
  })
  const elsewhere = kustomized.length > 0 && { kustomized }
  if (proved.length === 0) return { diagnostics: all, ...elsewhere }
  const edits = proved.flatMap((draft) => draft.edits)
  const change = { file, edits, text: applyEdits(file.text, edits), patch: formatPatch(file, edits) }
  const changes = proved.map((draft) => changeOf(draft, factsOf(draft.manifest), isOnly))
  return { diagnostics: all, change: { ...change, changes }, ...elsewhere }
}

function changeOf({ manifest, wish, notes }: Draft, facts: Facts, isOnly: boolean): Change {
  const { label: service, name, namespace } = manifest
  const { plan } = facts
  const builtName = serviceName(manifest, facts)
  const { stage, before, after, stable, candidate, template } = wish
  const templateName = templateNameOf(manifest)
  const names = { name, ...(builtName !== name && { builtName }) }
  const known = {
    service,
    ...names,
    ...(namespace !== undefined && { namespace }),
    ...(templateName && { templateName }),
  }
  const isMade = template !== undefined && Object.keys(template).length > 0
  const ordered = notes.toSorted((a, b) => a.range.start - b.range.start)
  const change = { ...known, plan, isOnly, stage, before, after, roles: { stable, candidate }, notes: ordered }
  return { ...change, ...(isMade && { template }) }
}
