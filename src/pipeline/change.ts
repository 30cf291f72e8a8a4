import type { FileReading } from '../manifest/find.js'
import { locate } from '../manifest/locate.js'
import type { Manifest } from '../manifest/manifest.js'
import type { CommentNote } from '../manifest/splice/comments.js'
import { proveEdits } from '../manifest/splice/prove.js'
import { spliceTraffic } from '../manifest/splice/splice.js'
import { judge } from '../rules/judge.js'
import { isRefusal } from '../stages/stage.js'
import { wishFor, type StageRequest, type Wish } from '../stages/wish.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { applyEdits, type Edit } from '../text/edit.js'
import { formatPatch } from '../text/patch.js'
import type { SourceFile } from '../text/source.js'
import type { FileChange } from './outcome.js'

/** An edit of one Service that is worked out but not yet proved. */
type Draft = {
  readonly manifest: Manifest
  readonly wish: Wish
  readonly edits: readonly Edit[]
  readonly notes: readonly CommentNote[]
}

/** What came of a stage in one file: what it changes, if anything, and why it does not change the rest. */
export type FileOutcome = { readonly change?: FileChange; readonly refusals: readonly Diagnostic[] }

/** Runs a stage on the chosen Services of one file. Every edit that is handed out has been proved by reading it again. */
export function changeFile(
  file: SourceFile,
  reading: FileReading,
  chosen: readonly Manifest[],
  request: StageRequest,
): FileOutcome {
  const refusals: Diagnostic[] = []
  const drafts: Draft[] = []
  for (const manifest of chosen) {
    const draft = draftFor(manifest, request)
    if (!('edits' in draft)) refusals.push(draft)
    else if (draft.edits.length > 0) drafts.push(draft)
  }
  return settle(file, reading, drafts, request, refusals)
}

function draftFor(manifest: Manifest, request: StageRequest): Draft | Diagnostic {
  if (manifest.file.isOutside) {
    return refuse(
      manifest,
      'KN423',
      'a file behind a symbolic link must stay inside the repository to be edited',
      'run the command in the repository that holds the file',
      [],
    )
  }
  if (manifest.value['apiVersion'] !== 'serving.knative.dev/v1') {
    return refuse(
      manifest,
      'KN410',
      '`apiVersion` must be `serving.knative.dev/v1` to be edited: clusters no longer serve older versions',
      'move the manifest to v1 first',
      ['apiVersion'],
    )
  }
  const wish = wishFor(manifest, request)
  if (wish && isRefusal(wish)) return refuse(manifest, wish.code, wish.message, wish.help)
  const splice = spliceTraffic(manifest, wish?.after ?? [])
  if ('code' in splice) return { ...refuse(manifest, splice.code, splice.message, splice.help), range: splice.range }
  return wish
    ? { manifest, wish, ...splice }
    : refuse(manifest, 'KN415', '`spec.traffic` must be readable to be edited', 'see what `validate` says')
}

/** Proves the drafts together; where that fails, drops those that fail alone and tries the rest again. */
function settle(
  file: SourceFile,
  reading: FileReading,
  drafts: readonly Draft[],
  request: StageRequest,
  refusals: readonly Diagnostic[],
): FileOutcome {
  if (drafts.length === 0) return { refusals }
  const edits = drafts.flatMap((draft) => draft.edits)
  const failed = new Map<Draft, Diagnostic>()
  const after = prove(file, reading, drafts)
  for (const draft of drafts) {
    const alone = after ?? (drafts.length > 1 ? prove(file, reading, [draft]) : undefined)
    const why = alone ? newError(draft.manifest, reading, alone) : unproved(draft.manifest)
    if (why) failed.set(draft, why)
  }
  if (!after && failed.size === 0) for (const draft of drafts) failed.set(draft, unproved(draft.manifest))
  if (failed.size > 0) {
    const rest = drafts.filter((draft) => !failed.has(draft))
    return settle(file, reading, rest, request, [...refusals, ...failed.values()])
  }
  const changes = drafts.map(({ manifest, wish: { before, after: wanted, stable, candidate }, notes }) => {
    return {
      service: manifest.label,
      stage: request.stage.name,
      before,
      after: wanted,
      roles: { stable, candidate },
      notes,
    }
  })
  return {
    refusals,
    change: { file, edits, text: applyEdits(file.text, edits), patch: formatPatch(file, edits), changes },
  }
}

function prove(file: SourceFile, reading: FileReading, drafts: readonly Draft[]): FileReading | undefined {
  const removed = drafts.flatMap(({ notes }) =>
    notes.filter(({ kind }) => kind === 'removed').map(({ text }) => text.trimEnd()),
  )
  const wishes = new Map(drafts.map(({ manifest, wish }) => [manifest, wish.after]))
  return proveEdits(
    file,
    reading,
    drafts.flatMap(({ edits }) => edits),
    wishes,
    removed,
  )
}

/** What the cluster would refuse after the edit and not before it: a flag gave an impossible name, for one. */
function newError(manifest: Manifest, before: FileReading, after: FileReading): Diagnostic | undefined {
  const fresh = after.manifests[before.manifests.indexOf(manifest)]
  if (!fresh) return unproved(manifest)
  const known = new Set(errorsOf(manifest).map(identity))
  const error = errorsOf(fresh).find((diagnostic) => !known.has(identity(diagnostic)))
  return (
    error &&
    refuse(
      manifest,
      'KN417',
      `the cluster would refuse the result: ${error.message}`,
      error.help ?? 'choose other values for the flags',
    )
  )
}

function errorsOf(manifest: Manifest): readonly Diagnostic[] {
  return judge(manifest, { manifests: [manifest] }).filter(({ severity }) => severity === 'error')
}

/** Two diagnostics with one identity are the same complaint, wherever it now stands. */
export function identity({ code, path, service }: Diagnostic): string {
  return JSON.stringify([code, path, service])
}

function unproved(manifest: Manifest): Diagnostic {
  return refuse(
    manifest,
    'KN416',
    'the layout around `spec.traffic` must allow an exact edit, but reading it again gave something else',
    'write `spec.traffic` as a plain block list and try again',
  )
}

function refuse(
  manifest: Manifest,
  code: string,
  message: string,
  help: string,
  path: readonly string[] = ['spec', 'traffic'],
): Diagnostic {
  return {
    code,
    severity: 'error',
    message,
    help,
    file: manifest.file.path,
    range: locate(manifest, path, 'key'),
    path: path.join('.'),
    service: manifest.label,
  }
}
