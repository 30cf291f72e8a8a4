import type { Diagnostic, PublishDiagnosticsParams } from 'vscode-languageserver'

/**
 * What each open document says of which file: a kustomization has what all the documents say that it has to do with. A file
 * is published anew where that changes, and emptied once nobody says anything of it.
 */
export class Publisher {
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
