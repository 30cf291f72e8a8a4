import path from 'node:path'

import type { Repository } from '../io/git/repository.js'
import { displayPath, isInside } from '../io/paths.js'
import type { Sides } from '../io/sides.js'
import { marker } from '../manifest/knative-sign.js'
import type { Base } from '../pipeline/passages.js'
import type { SourceFile } from '../text/source.js'
import type { Loaded } from './load.js'
import { say, type Terminal } from './terminal.js'

/** The files that are reported on: those that changed; where paths are named, all that they mean. */
export function reportedOn(
  { changed }: Sides,
  { sources, realPaths, diagnostics }: Loaded,
  paths: readonly string[],
  workingDirectory: string,
): ReadonlySet<string> {
  const unread = diagnostics.map(({ file }) => file)
  if (paths.length > 0) return new Set([...sources.map((source) => source.path), ...unread])
  const touched = new Set(changed.map((file) => file.path))
  const read = sources.filter(({ path: file }) => touched.has(realPaths.get(file) ?? ''))
  const faulty = unread.filter((file) => touched.has(path.resolve(workingDirectory, file)))
  return new Set([...read.map((source) => source.path), ...faulty])
}

type OldFile = SourceFile & { readonly real: string }

/** The older side: what the change touched as it was, and the rest of what is reported on, which is as it was. */
export async function baseOf(
  { root }: Repository,
  { changed, base }: Sides,
  { sources, realPaths, about }: Pick<Loaded, 'sources' | 'realPaths'> & { readonly about: ReadonlySet<string> },
  terminal: Terminal,
): Promise<Base> {
  const { workingDirectory, environment } = terminal
  // A link to a file is known by its own name.
  const shownAs = new Map([...realPaths].map(([shown, real]) => [real, shown] as const))
  const shown = (file: string): string => shownAs.get(file) ?? displayPath(file, workingDirectory)
  const touched = new Set(changed.map((file) => file.path))
  const older: readonly OldFile[] = [
    ...changed.flatMap(({ path: real, before }) => {
      return before?.includes(marker) ? [{ path: shown(real), text: before, real }] : []
    }),
    ...sources.flatMap((source) => {
      const real = realPaths.get(source.path)
      const isKept = real !== undefined && isInside(root, real) && !touched.has(real) && about.has(source.path)
      return isKept ? [{ path: source.path, text: source.text, real }] : []
    }),
  ]
  const elsewhere = changed.flatMap(({ path: real, before, after }) => {
    return before?.includes(marker) && after?.includes(marker) && !shownAs.has(real)
      ? [{ path: shown(real), text: after }]
      : []
  })
  const unreadable = changed.filter((file) => file.isUnreadable).map((file) => shown(file.path))
  const clear = await announce(`reading the history of ${older.length} files`, older.length, terminal)
  const files = older.map(({ real }) => real)
  const { readHistories } = await import('../io/history.js')
  const histories = await readHistories(files, environment, { start: base })
  await clear()
  return {
    files: older,
    histories: new Map(
      older.flatMap(({ path: file, real }) => {
        const history = histories.get(real)
        return history ? [[file, history] as const] : []
      }),
    ),
    unreadable: new Set(unreadable),
    elsewhere,
  }
}

/** Says on a terminal what takes a while, until it is cleared. */
async function announce(what: string, size: number, terminal: Terminal): Promise<() => Promise<void>> {
  if (terminal.stderr.isTTY !== true || size < 20) return async () => undefined
  await say(terminal, `\r${what}`)
  return () => say(terminal, '\r\u001B[K')
}
