import type { Range as EditorRange } from 'vscode-languageserver'
import { TextDocument } from 'vscode-languageserver-textdocument'

import type { Edit } from '../text/edit.js'
import type { Range, SourceFile } from '../text/source.js'

/** A place as editors know it. Lines and characters count from 0, characters in UTF-16 units. */
export type Place = { readonly uri: string; readonly range: EditorRange }

const none: EditorRange = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }

/** Turns offsets in the files of a run into places of an editor. Line starts are counted once a file. */
export class Places {
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
