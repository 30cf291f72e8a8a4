import type { CodeLens } from 'vscode-languageserver'

import { locate } from '../manifest/manifest.js'
import type { StatusRow } from '../pipeline/status.js'
import { unicodeGlyphs } from '../report/cells.js'
import { type StatusCells, statusCells } from '../report/status.js'
import type { Range } from '../text/source.js'
import type { View } from './view.js'

/** The stage of each Service of the document, above it: what `status` says in its columns. */
export async function codeLenses(view: View): Promise<readonly CodeLens[]> {
  const { file } = view.snapshot
  if (!file) return []
  const status = await view.status()
  const cells = statusCells(status, { now: view.snapshot.now(), glyphs: unicodeGlyphs })
  const places = view.places([file])
  return status.rows.flatMap((row, index) => {
    const own = cells[index]
    const place = own && row.file === file.path ? places.of(file.path, startOf(view, row)) : undefined
    if (!own || place?.uri !== view.document.uri) return []
    const { start } = place.range
    // A lens without a command is shown as nothing; one without a name of it does nothing.
    return { range: { start, end: start }, command: { title: textOf(own), command: '' } }
  })
}

/** Where the Service begins, or what a root takes its traffic from. */
function startOf(view: View, { range, root }: StatusRow): Range {
  const own =
    root === undefined ? view.manifests().find((one) => isAt(locate(one, ['metadata', 'name']), range)) : undefined
  return own ? locate(own, []) : range
}

function isAt(a: Range, b: Range): boolean {
  return a.start === b.start
}

function textOf({ root, stage, shares, time, next }: StatusCells): string {
  const parts = [
    root === '' ? stage : `${root}: ${stage}`,
    shares,
    time === '' || time === '?' ? '' : /\d/.test(time) ? `for ${time}` : time,
    next === '' ? '' : `next: ${next}`,
  ]
  return parts.filter((part) => part !== '').join(' · ')
}
