import {
  type CancellationToken,
  DiagnosticSeverity,
  type Diagnostic as EditorDiagnostic,
  type Range as EditorRange,
  LSPErrorCodes,
  ResponseError,
} from 'vscode-languageserver'
import { TextDocument } from 'vscode-languageserver-textdocument'

import { nextTurn } from '../io/turn.js'
import { findManifests, matchManifests } from '../manifest/find.js'
import type { Manifest } from '../manifest/manifest.js'
import { codeLabel } from '../pipeline/codes.js'
import type { Outcome } from '../pipeline/request.js'
import type { Status, StatusRow } from '../pipeline/status.js'
import { saysText } from '../report/report.js'
import type { MoveRequest } from '../stages/apply.js'
import type { RolloutPlan } from '../stages/stages.js'
import type { Diagnostic } from '../text/diagnostic.js'
import type { Edit } from '../text/edit.js'
import { printable } from '../text/printable.js'
import type { Range, SourceFile } from '../text/source.js'
import type { FileHistory } from '../text/words.js'

/** A place as editors know it. Lines and characters count from 0, characters in UTF-16 units. */
type Place = { readonly uri: string; readonly range: EditorRange }

const none: EditorRange = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }

/** Turns offsets in the files of a run into places of an editor. Line starts are counted once a file. */
class Places {
  private readonly texts: ReadonlyMap<string, string>
  private readonly documents = new Map<string, TextDocument>()

  /** @param isOpen Whether the text of a file is that of an open document, of which every character counts. */
  constructor(
    files: readonly SourceFile[],
    private readonly uriOf: (path: string) => string | undefined,
    private readonly isOpen: (uri: string) => boolean,
  ) {
    this.texts = new Map(files.map(({ path, text }) => [path, text]))
  }

  /** Where a range of a file is; its start where the whole file is meant. Undefined for what is no file. */
  of(path: string, range: Range | undefined): Place | undefined {
    const uri = this.uriOf(path)
    const text = this.texts.get(path)
    if (uri === undefined) return undefined
    return { uri, range: range && text !== undefined ? this.rangeIn(uri, text, range) : none }
  }

  /** The edits of a file as an editor makes them. */
  edits(path: string, edits: readonly Edit[]): { readonly range: EditorRange; readonly newText: string }[] {
    return edits.flatMap(({ range, text }) => {
      const place = this.of(path, range)
      return place ? [{ range: place.range, newText: text }] : []
    })
  }

  private rangeIn(uri: string, text: string, { start, end }: Range): EditorRange {
    // An editor that opens a file takes its byte order mark off.
    const mark = text.startsWith('\uFEFF') && !this.isOpen(uri) ? 1 : 0
    const known = this.documents.get(uri) ?? TextDocument.create(uri, 'yaml', 0, text.slice(mark))
    this.documents.set(uri, known)
    return { start: known.positionAt(start - mark), end: known.positionAt(end - mark) }
  }
}

/** Whether two ranges of an editor have a character in common, or touch. */
export function meet(a: EditorRange, b: EditorRange): boolean {
  return !isBefore(a.end, b.start) && !isBefore(b.end, a.start)
}

function isBefore(a: EditorRange['start'], b: EditorRange['start']): boolean {
  return a.line < b.line || (a.line === b.line && a.character < b.character)
}

/**
 * What the commands say of one document, with the texts of all open documents in place of what the disk has. Nothing is
 * written. Each may throw what a command throws that cannot read or be run.
 */
export type Snapshot = {
  /** The document as a file of the run; absent where it cannot hold a Service. */
  readonly file?: SourceFile
  /** As `validate FILE` says, each finding that can be fixed with the edits of its fix. */
  readonly validate: () => Promise<Outcome>
  /** As `validate --fix FILE` says. */
  readonly fix: () => Promise<Outcome>
  /** What a move of the Service in a line, counted from 1, would write with `--write`; absent where it would write nothing. */
  readonly move: (move: MoveRequest, line: number, more?: { readonly isSpelled: true }) => Promise<Outcome | undefined>
  /** As `status FILE` says, with the history of the traffic. */
  readonly status: () => Promise<Status>
  /** What Git knows of the file, and of what kustomize builds from it, by `path`. */
  readonly histories: () => Promise<ReadonlyMap<string, FileHistory>>
  readonly planFor: (manifest: Manifest) => RolloutPlan
  /** The URI of a file of the run; undefined where it is none. */
  readonly uriOf: (path: string) => string | undefined
  /** The time in seconds since 1970. */
  readonly now: () => number
}

/** What an editor has open, and where. */
export type Desk = {
  /** The texts of the open documents by their URIs. */
  readonly texts: ReadonlyMap<string, string>
  /** The URIs of the folders that are open. */
  readonly folders: readonly string[]
}

/** How documents are looked at. */
export type Repository = {
  readonly open: (uri: string, desk: Desk) => Promise<Snapshot>
  /** Forgets what was read of the disk, which has changed. */
  readonly forget: () => void
}

/**
 * Lets what has arrived in the meantime be heard, a cancellation above all: work between two turns cannot be interrupted.
 *
 * @throws ResponseError where nobody waits for the answer any more.
 */
export async function turn(token: CancellationToken): Promise<void> {
  await nextTurn()
  if (token.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, 'canceled by the editor')
}

const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  note: DiagnosticSeverity.Information,
} as const

/** What is said of a run that found nothing to look at: in an editor every file without a Service would have it. */
const ofRun: ReadonlySet<string> = new Set(['KN117', 'KN421'])

/** The findings by the URI of the file that each is in. */
export function diagnosticsByUri(
  { diagnostics }: Pick<Outcome, 'diagnostics'>,
  places: Places,
): ReadonlyMap<string, readonly EditorDiagnostic[]> {
  const found = new Map<string, EditorDiagnostic[]>()
  for (const one of diagnostics) {
    const place = ofRun.has(one.code) ? undefined : places.of(one.file, one.range)
    if (!place) continue
    const own = found.get(place.uri) ?? []
    own.push({ range: place.range, ...saidOf(one) })
    found.set(place.uri, own)
  }
  return found
}

/** A finding without its place: the message, what to do, and what another program prints. */
export function saidOf(diagnostic: Diagnostic): Omit<EditorDiagnostic, 'range'> {
  const { code, severity, message, help, says } = diagnostic
  const lines = [
    printable(message),
    ...(help === undefined ? [] : [`help: ${printable(help)}`]),
    ...(says ? [printable(saysText(says))] : []),
  ]
  return { severity: severities[severity], code: codeLabel(code), source: 'kn-rollout', message: lines.join('\n') }
}

/** The open documents at a moment, and their versions by URI. */
export type Opened = Desk & { readonly versions: ReadonlyMap<string, number> }

/** One document as all requests about it see it, until a document or the disk changes. What was asked once is known. */
export class View {
  private findings: Promise<Outcome> | undefined
  private standing: Promise<Status> | undefined
  private read: readonly Manifest[] | undefined

  constructor(
    readonly document: TextDocument,
    readonly desk: Opened,
    readonly snapshot: Snapshot,
  ) {}

  validated(): Promise<Outcome> {
    return (this.findings ??= this.snapshot.validate())
  }

  status(): Promise<Status> {
    return (this.standing ??= this.snapshot.status())
  }

  /** The Services of the document. */
  manifests(): readonly Manifest[] {
    const { file } = this.snapshot
    return (this.read ??= file ? findManifests(file).manifests : [])
  }

  /** The Service that a line, counted from 0, is in; undefined where it is in none, or in several. */
  manifestAt(line: number): Manifest | undefined {
    const { file } = this.snapshot
    const [found, second] = file ? matchManifests(this.manifests(), `${file.path}:${line + 1}`) : []
    return second ? undefined : found
  }

  /** What `status` says of a Service, as each kustomize root applies it. */
  async rowsOf({ file, document }: Manifest): Promise<readonly StatusRow[]> {
    const [start, , end] = document.range
    const { rows } = await this.status()
    return rows.filter((row) => row.file === file.path && row.range.start >= start && row.range.start < end)
  }

  places(files: readonly SourceFile[]): Places {
    return new Places(files, this.snapshot.uriOf, (uri) => this.desk.texts.has(uri))
  }
}
