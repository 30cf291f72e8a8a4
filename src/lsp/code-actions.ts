import {
  type CancellationToken,
  type CodeAction,
  CodeActionKind,
  type CodeActionParams,
  type WorkspaceEdit,
} from 'vscode-languageserver'

import { locate, type Manifest } from '../manifest/manifest.js'
import { equivalentTraffic } from '../manifest/traffic.js'
import type { Change, FileChange, Outcome } from '../pipeline/request.js'
import { trafficLine } from '../report/traffic-line.js'
import type { MoveRequest } from '../stages/apply.js'
import { stages } from '../stages/stages.js'
import { printable } from '../text/printable.js'
import { lineNumber, type SourceFile } from '../text/source.js'
import { meet, saidOf, turn, type View } from './view.js'

/** The kind of the action that fixes all of a document. */
const fixAll = `${CodeActionKind.SourceFixAll}.kn-rollout`

/** The kinds of actions that there are. */
export const actionKinds = [CodeActionKind.QuickFix, CodeActionKind.RefactorRewrite, fixAll]

/** What the editor takes: edits of documents in the version that they were made for, or of files only. */
export type EditStyle = { readonly hasVersions: boolean }

/** What can be done at a range of a document: the fixes of its findings, and the stages that its Service can move to. */
export async function codeActions(
  view: View,
  { range, context }: Pick<CodeActionParams, 'range' | 'context'>,
  style: EditStyle,
  token: CancellationToken,
): Promise<readonly CodeAction[]> {
  const wants = (kind: string): boolean =>
    !context.only || context.only.some((one) => one === '' || kind === one || kind.startsWith(`${one}.`))
  const actions: CodeAction[] = []
  if (wants(CodeActionKind.QuickFix)) actions.push(...(await quickFixes(view, range, style)))
  await turn(token)
  // Asked for by name only: an editor would offer it at every line.
  if (context.only && wants(fixAll)) actions.push(...fixesAsOne(view, await view.snapshot.fix(), style))
  const manifest = view.manifestAt(range.start.line)
  if (!manifest) return actions
  if (wants(CodeActionKind.QuickFix)) actions.push(...(await defaultsWritten(view, manifest, range, style)))
  if (wants(CodeActionKind.RefactorRewrite)) actions.push(...(await stageMoves(view, manifest, style, token)))
  return actions
}

async function quickFixes(
  view: View,
  range: CodeActionParams['range'],
  style: EditStyle,
): Promise<readonly CodeAction[]> {
  const outcome = await view.validated()
  const places = view.places(outcome.files)
  return outcome.diagnostics.flatMap((diagnostic) => {
    const { file, fix } = diagnostic
    const place = fix && places.of(file, diagnostic.range)
    if (!place || place.uri !== view.document.uri || !meet(place.range, range)) return []
    const own = { range: place.range, ...saidOf(diagnostic) }
    return {
      title: printable(fix.description),
      kind: CodeActionKind.QuickFix,
      diagnostics: [own],
      isPreferred: true,
      edit: editOf(view, outcome.files, [{ path: file, edits: fix.edits }], style),
    }
  })
}

function fixesAsOne(view: View, outcome: Outcome, style: EditStyle): readonly CodeAction[] {
  if (outcome.changes.length === 0) return []
  return [{ title: 'Fix what has exactly one correct value', kind: fixAll, edit: changesOf(view, outcome, style) }]
}

/** The code that says that a template with an explicit name leaves defaults to the cluster. */
const unwritten = 'KN326'

/** As `--write-defaults` writes them, without a move. */
async function defaultsWritten(
  view: View,
  manifest: Manifest,
  range: CodeActionParams['range'],
  style: EditStyle,
): Promise<readonly CodeAction[]> {
  const outcome = await view.validated()
  const places = view.places(outcome.files)
  const found = outcome.diagnostics.flatMap((diagnostic) => {
    const place = diagnostic.code === unwritten ? places.of(diagnostic.file, diagnostic.range) : undefined
    return place && place.uri === view.document.uri && meet(place.range, range)
      ? [{ range: place.range, ...saidOf(diagnostic) }]
      : []
  })
  if (found.length === 0) return []
  // The stage that it is in already moves no traffic.
  const [row] = await view.rowsOf(manifest)
  const move: MoveRequest | undefined = row?.stage === undefined ? undefined : { command: 'apply', stage: row.stage }
  const written = move && (await view.snapshot.move(move, lineOf(manifest), { isSpelled: true }))
  if (!written?.changes.every((file) => file.changes.every(isStill))) return []
  const edit = changesOf(view, written, style)
  return [{ title: 'Write out the defaults', kind: CodeActionKind.QuickFix, diagnostics: found, edit }]
}

function isStill({ before, after }: Change): boolean {
  return equivalentTraffic(before, after)
}

/** The stages that `apply` would move the Service to, in the order of a rollout, then those of its plan. */
async function stageMoves(
  view: View,
  manifest: Manifest,
  style: EditStyle,
  token: CancellationToken,
): Promise<readonly CodeAction[]> {
  const own = view.snapshot.planFor(manifest).steps.map(({ stage }) => stage.name)
  const names = new Set([...stages.map(({ name }) => name), ...own])
  const actions: CodeAction[] = []
  for (const stage of names) {
    const move: MoveRequest = { command: 'apply', stage }
    const line = lineOf(manifest)
    const moved = (await view.snapshot.move(move, line)) ?? (await view.snapshot.move(move, line, { isSpelled: true }))
    const isMoved = moved?.changes.some((file) => file.changes.some((one) => !isStill(one) || !one.template?.spelled))
    if (moved && isMoved) actions.push(stageMove(view, moved, style))
    await turn(token)
  }
  return actions
}

function stageMove(view: View, outcome: Outcome, style: EditStyle): CodeAction {
  const moves = outcome.changes.flatMap(({ changes }) => changes)
  const said = moves.map(({ service, stage, before, after, template }) => {
    const more = template?.spelled ? ' (writes out defaults)' : ''
    return `Move ${printable(service)} to ${printable(stage)}: ${trafficLine(before, after)}${more}`
  })
  return {
    title: said.join('; '),
    kind: CodeActionKind.RefactorRewrite,
    edit: changesOf(view, outcome, style),
  }
}

/** The line of its name, counted from 1. */
function lineOf(manifest: Manifest): number {
  return lineNumber(manifest.file.text, locate(manifest, ['metadata', 'name']).start)
}

function changesOf(view: View, { changes }: Outcome, style: EditStyle): WorkspaceEdit {
  const files = changes.map(({ file }) => file)
  return editOf(
    view,
    files,
    changes.map(({ file, edits }) => ({ path: file.path, edits })),
    style,
  )
}

type Edited = Pick<FileChange, 'edits'> & { readonly path: string }

function editOf(
  view: View,
  files: readonly SourceFile[],
  edited: readonly Edited[],
  { hasVersions }: EditStyle,
): WorkspaceEdit {
  const { desk, snapshot } = view
  const places = view.places(files)
  const all = edited.flatMap(({ path, edits }) => {
    const uri = snapshot.uriOf(path)
    return uri === undefined ? [] : [{ uri, edits: places.edits(path, edits) }]
  })
  if (!hasVersions) return { changes: Object.fromEntries(all.map(({ uri, edits }) => [uri, edits])) }
  return {
    documentChanges: all.map(({ uri, edits }) => ({
      textDocument: { uri, version: desk.versions.get(uri) ?? null },
      edits,
    })),
  }
}
