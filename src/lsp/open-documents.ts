import type { Connection, Diagnostic, PublishDiagnosticsParams, TextDocuments } from 'vscode-languageserver'
import { TextDocument } from 'vscode-languageserver-textdocument'

import { printable } from '../text/printable.js'
import { diagnosticsByUri, type Opened, type Repository, View } from './view.js'

/** Milliseconds without a keystroke before a document is validated, and before the others are that it may have to do with. */
const pause = 120
const longPause = 1000

/** The open documents, and what is known of them. */
export class OpenDocuments {
  /** The URIs of the folders that are open. */
  folders: readonly string[] = []
  /** Whether the editor takes edits of documents by their version. */
  hasVersions = false
  private views = new Map<string, Promise<View>>()
  /** The version that each document was opened in. */
  private readonly opened = new Map<string, number>()
  private readonly clocks = new Map<string, ReturnType<typeof setTimeout>>()
  private readonly publisher: Publisher

  constructor(
    private readonly connection: Connection,
    private readonly documents: TextDocuments<TextDocument>,
    private readonly repository: Repository,
  ) {
    this.publisher = new Publisher((params) => this.attend(connection.sendDiagnostics(params)))
  }

  /** A document as it is now; undefined where it is not open. */
  viewOf(uri: string): Promise<View> | undefined {
    const document = this.documents.get(uri)
    if (!document) return undefined
    const known = this.views.get(uri)
    if (known) return known
    const desk = this.desk()
    // The document itself changes as one types.
    const copy = TextDocument.create(uri, document.languageId, document.version, document.getText())
    const view = this.repository.open(uri, desk).then((snapshot) => new View(copy, desk, snapshot))
    this.views.set(uri, view)
    // What could not be read may be there the next time.
    view.catch(() => this.views.delete(uri))
    return view
  }

  /** A document was opened. */
  open({ uri, version }: TextDocument): void {
    this.opened.set(uri, version)
    this.views.clear()
    this.repository.forget()
    this.validateSoon(uri, 0)
    this.validateOthers(uri)
  }

  /** A document has another text, or was opened, which is said twice. */
  change({ uri, version }: TextDocument): void {
    if (this.opened.get(uri) === version) return
    this.views.clear()
    this.validateSoon(uri, pause)
    this.validateOthers(uri)
  }

  close(uri: string): void {
    this.views.clear()
    this.opened.delete(uri)
    clearTimeout(this.clocks.get(uri))
    this.clocks.delete(uri)
    this.publisher.drop(uri)
    this.validateOthers(uri)
  }

  /** The disk has changed. */
  refresh(): void {
    this.views.clear()
    this.repository.forget()
    for (const uri of this.documents.keys()) this.validateSoon(uri, pause)
  }

  /** Lets nothing wait any more. */
  end(): void {
    for (const clock of this.clocks.values()) clearTimeout(clock)
    this.clocks.clear()
  }

  /** Waits for what nobody else waits for. What goes wrong is told to whoever reads the log of the editor; the server goes on. */
  attend(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      this.connection.console.error(printable(error instanceof Error ? error.message : String(error)))
    })
  }

  private desk(): Opened {
    const all = this.documents.all()
    return {
      texts: new Map(all.map((one) => [one.uri, one.getText()])),
      versions: new Map(all.map(({ uri, version }) => [uri, version])),
      folders: this.folders,
    }
  }

  /** What stands in one document can decide on another. */
  private validateOthers(uri: string): void {
    for (const other of this.documents.keys()) if (other !== uri) this.validateSoon(other, longPause)
  }

  private validateSoon(uri: string, wait: number): void {
    clearTimeout(this.clocks.get(uri))
    const clock = setTimeout(() => {
      this.clocks.delete(uri)
      this.attend(this.validate(uri))
    }, wait)
    this.clocks.set(uri, clock)
  }

  private async validate(uri: string): Promise<void> {
    const asked = this.viewOf(uri)
    const view = await asked
    if (!view) return
    const outcome = await view.validated()
    // What has changed since is validated again.
    if (this.views.get(uri) !== asked) return
    this.publisher.take(uri, diagnosticsByUri(outcome, view.places(outcome.files)), view.desk.versions)
  }
}

/**
 * What each open document says of which file: a kustomization has what all the documents say that it has to do with. A file
 * is published anew where that changes, and emptied once nobody says anything of it.
 */
class Publisher {
  private readonly said = new Map<string, ReadonlyMap<string, readonly Diagnostic[]>>()
  private readonly shown = new Map<string, string>()

  constructor(private readonly publish: (params: PublishDiagnosticsParams) => void) {}

  /** Takes what a document says in place of what it said. */
  take(
    document: string,
    found: ReadonlyMap<string, readonly Diagnostic[]>,
    versions: ReadonlyMap<string, number>,
  ): void {
    const before = this.said.get(document)
    this.said.set(document, found)
    this.show(new Set([document, ...(before?.keys() ?? []), ...found.keys()]), versions)
  }

  /** Forgets a document that is closed. */
  drop(document: string): void {
    const before = this.said.get(document)
    this.said.delete(document)
    if (before) this.show(new Set([document, ...before.keys()]), new Map())
  }

  private show(uris: ReadonlySet<string>, versions: ReadonlyMap<string, number>): void {
    for (const uri of uris) {
      const all = [...this.said.values()].flatMap((found) => found.get(uri) ?? [])
      const diagnostics = [...new Map(all.map((one) => [JSON.stringify(one), one])).values()]
      const version = versions.get(uri)
      const text = JSON.stringify([version, diagnostics])
      const known = this.shown.get(uri)
      if (known === text || (known === undefined && diagnostics.length === 0 && version === undefined)) continue
      this.shown.set(uri, text)
      this.publish({ uri, diagnostics, ...(version !== undefined && { version }) })
    }
  }
}
