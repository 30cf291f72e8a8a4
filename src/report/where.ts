import type { Outcome } from '../pipeline/outcome.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { Places, type Place } from './position.js'
import type { ReportOptions } from './render.js'

/** Where a diagnostic is, for services that know files by their names in the repository. */
export type Where = Place & {
  /** Relative to the root of the repository, with `/`; `''` where the diagnostic is about no file. */
  readonly file: string
}

/** Tells the places of an outcome's diagnostics by the repository's names. Lines and columns count from 1. */
export function whereabouts({ files }: Outcome, { folder }: ReportOptions): (at: Diagnostic) => Where {
  const places = new Places(files)
  const names = new Map(files.map(({ path, patchPath }) => [path, patchPath ?? inFolder(folder, path)]))
  return ({ file, range }) => ({
    ...places.of(file, range),
    file: file === '' ? '' : (names.get(file) ?? inFolder(folder, file)),
  })
}

/** `path`, which is relative to `folder`, as seen from where `folder` is relative to. */
function inFolder(folder: string, path: string): string {
  if (folder === '' || /^(?:\/|[A-Za-z]:)/.test(path)) return path
  const parts = folder.split('/')
  let rest = path
  while (rest.startsWith('../') && parts.length > 0) {
    parts.pop()
    rest = rest.slice(3)
  }
  return [...parts, rest].join('/')
}
