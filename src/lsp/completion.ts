import { type CompletionItem, CompletionItemKind } from 'vscode-languageserver'

import { nodeAt, type Manifest } from '../manifest/manifest.js'
import { type Past, pastOf } from '../manifest/past.js'
import { knownRevisions } from '../stages/standing.js'
import type { FileHistory } from '../text/words.js'
import { isList, member } from '../yaml/json.js'
import type { View } from './view.js'

/** A value that is being typed, up to the cursor: `revisionName: sh`, `{tag: "v`. */
const typed = /(?:^|[\s{,"'])(revisionName|tag)["']?:\s+(["']?)([\w.-]*)$/
const value = /^[\w.-]*/

/** The names of revisions, or of tags, that the file and Git know, where one is being typed in a list of traffic. */
export async function completionsAt(
  view: View,
  position: { readonly line: number; readonly character: number },
): Promise<readonly CompletionItem[]> {
  const { document, snapshot } = view
  const start = { line: position.line, character: 0 }
  const before = document.getText({ start, end: position })
  const [, field, , begun = ''] = typed.exec(before) ?? []
  const manifest = field === undefined ? undefined : view.manifestAt(position.line)
  if (!manifest || !isInTraffic(manifest, document.offsetAt(position))) return []
  const history = (await snapshot.histories()).get(manifest.file.path)
  const past = history && pastOf(manifest, history)
  const known = field === 'tag' ? tagsBefore(past) : knownRevisions(manifest, past ? { past: () => past } : {})
  const names = new Set([...namesNow(manifest, field ?? ''), ...known])
  const rest = value.exec(document.getText().slice(document.offsetAt(position)))?.[0] ?? ''
  const range = {
    start: { line: position.line, character: position.character - begun.length },
    end: { line: position.line, character: position.character + rest.length },
  }
  // What is being typed is no name yet.
  names.delete(begun + rest)
  return [...names].map((name, index) => ({
    label: name,
    kind: CompletionItemKind.Value,
    detail: detailOf(manifest, history),
    sortText: String(index).padStart(5, '0'),
    textEdit: { range, newText: name },
  }))
}

/** Whether an offset is behind the key of the traffic, and before what follows the list. */
function isInTraffic(manifest: Manifest, offset: number): boolean {
  const range = nodeAt(manifest, ['spec', 'traffic'])?.range
  return range !== undefined && range !== null && range[0] <= offset && offset <= range[2]
}

/** The values of a field in the list, which as a whole cannot be read while one of them is being typed. */
function namesNow(manifest: Manifest, field: string): readonly string[] {
  const list = member(manifest.value, 'spec', 'traffic')
  const values = isList(list) ? list.map((one) => member(one, field)) : []
  return values.filter((one) => typeof one === 'string' && one !== '').map(String)
}

function tagsBefore(past: Past | undefined): readonly string[] {
  return [...(past?.states ?? [])].flatMap(({ traffic = [] }) => traffic.flatMap(({ tag }) => tag ?? []))
}

function detailOf({ label }: Manifest, history: FileHistory | undefined): string {
  return history && history.versions.length > 0 ? `${label}, from the file and Git` : `${label}, from the file`
}
