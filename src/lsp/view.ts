import type { TextDocument } from 'vscode-languageserver-textdocument'

import { findManifests, matchManifests } from '../manifest/find.js'
import type { Manifest } from '../manifest/manifest.js'
import type { Outcome } from '../pipeline/request.js'
import type { Status, StatusRow } from '../pipeline/status.js'
import type { SourceFile } from '../text/source.js'
import { Places } from './positions.js'
import type { Desk, Snapshot } from './snapshot.js'

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
