import { existsSync } from 'node:fs'

import { discover } from '../io/discover.js'
import { hasKustomization, markPatches } from '../io/patches.js'
import { SourceReader, type ReadFile } from '../io/read.js'
import type { Search } from '../io/surroundings.js'
import { displayPath } from '../io/paths.js'
import { wholeFile } from '../manifest/faults.js'
import type { Surroundings } from '../pipeline/surroundings.js'
import { pointerDiagnostic, unreadDiagnostics, type Unread } from '../pipeline/unread.js'
import { decode } from '../text/decode.js'
import type { Outcome } from '../pipeline/outcome.js'
import type { Diagnostic } from '../text/diagnostic.js'
import type { SourceFile } from '../text/source.js'
import { showProgress, type Terminal } from './terminal.js'

/** What the paths of a command gave. */
export type Loaded = {
  readonly sources: readonly SourceFile[]
  /** Where each source is on the disk, by its path; the standard input is nowhere. */
  readonly realPaths: ReadonlyMap<string, string>
  /** What stands around the sources in their repository, as far as it had to be looked for. */
  readonly surroundings?: Surroundings
  /** Files that could not be taken for text, as far as they can be shown. */
  readonly shown: readonly SourceFile[]
  /** Why they could not. */
  readonly diagnostics: readonly Diagnostic[]
  /** What else is meant, but could not be read. */
  readonly unread: readonly Unread[]
}

export const stdinPath = '(stdin)'

/** What a command needs of the repository around its files. */
export type Scope = Pick<Search, 'isWhole' | 'overlay'>

/**
 * Finds and reads the files that the paths mean; `-` is the standard input, and no path the working directory. `onEarly`
 * gets sources that are known before the search is over.
 */
export async function load(
  paths: readonly string[],
  terminal: Terminal,
  scope?: Scope,
  onEarly?: (source: SourceFile) => void,
): Promise<Loaded> {
  const wanted = scope?.overlay !== undefined ? [] : paths.length === 0 ? ['.'] : paths
  const named = wanted.filter((path) => path !== '-')
  const { workingDirectory, environment } = terminal
  const reader = new SourceReader(workingDirectory)
  const found = await discover(named, workingDirectory, environment, (marked) => {
    if (onEarly) for (const source of readEarly(reader, marked)) onEarly(source)
  })
  const show = progress(terminal, found.files.length)
  const files = found.files.flatMap((file, index) => {
    show(index)
    return reader.read(file) ?? []
  })
  show(found.files.length)
  const read: ReadFile[] = [...(await markPatches(files, found.kustomizations, found.searched, workingDirectory))]
  const unread = [...found.unread]
  const onUnread = (more: readonly Unread[]): unknown => unread.push(...more)
  const search = { files: read, found, reader, workingDirectory, environment, onUnread }
  const surroundings = scope && (await around({ ...search, ...scope }))
  if (named.length < wanted.length) read.push(await readStdin(terminal))
  return loadedFrom(read, shownFrom(unread, workingDirectory), surroundings)
}

/** Names what could not be read as users know it, from where it is on the disk. */
export function shownFrom(unread: readonly Unread[], workingDirectory: string): readonly Unread[] {
  return unread.map((one) => (one.why === 'git' ? one : { ...one, path: displayPath(one.path, workingDirectory) }))
}

/** Sorts out what was read. */
export function loadedFrom(read: readonly ReadFile[], unread: readonly Unread[], surroundings?: Surroundings): Loaded {
  const sources = read.flatMap((file) => ('source' in file ? [file.source] : []))
  const realPaths = new Map(
    read.flatMap((file) =>
      'source' in file && file.realPath !== '' ? [[file.source.path, file.realPath] as const] : [],
    ),
  )
  const faulty = read.flatMap((file) => ('fault' in file ? [file] : []))
  for (const file of [...(surroundings?.files ?? []), ...(surroundings?.kustomizations ?? [])])
    realPaths.set(file.path, surroundings?.places?.get(file.path) ?? '')
  return {
    sources,
    realPaths,
    ...(surroundings && { surroundings }),
    shown: faulty.flatMap(({ path, fault }) => (fault.shown ? [{ path, text: fault.shown.text }] : [])),
    diagnostics: faulty.map(undecodable),
    unread,
  }
}

/** What came of the files, with those that could not be read. Whether these hold a Service nobody can tell. */
export function withUnread(outcome: Outcome, { shown, diagnostics, unread }: Loaded): Outcome {
  const own =
    diagnostics.length === 0 ? outcome.diagnostics : outcome.diagnostics.filter(({ code }) => code !== 'KN421')
  const files = [...outcome.files, ...shown]
  return { ...outcome, files, diagnostics: [...diagnostics, ...own, ...unreadDiagnostics(unread)] }
}

/** A file that is asked for by its name and belongs to no kustomization has nothing around it: it is read alone. */
async function around(search: Search): Promise<Surroundings | undefined> {
  const { files, found, reader, workingDirectory, overlay } = search
  const isAlone = found.searched.length === 0 && overlay === undefined && reader.owners.length === 0
  if (isAlone && !hasKustomization(files, workingDirectory)) return undefined
  const { surroundingsOf } = await import('../io/surroundings.js')
  return surroundingsOf(search)
}

/** The sources among files that Git knows; some may have been deleted since. */
function* readEarly(reader: SourceReader, files: readonly string[]): Generator<SourceFile> {
  for (const file of files) {
    const read = existsSync(file) ? reader.read(file) : undefined
    if (read && 'source' in read) yield read.source
  }
}

/** Reads the standard input whole. */
export async function readStdin({ stdin }: Terminal): Promise<ReadFile> {
  const chunks: Buffer[] = []
  for await (const chunk of stdin()) chunks.push(Buffer.from(chunk))
  const decoded = decode(Buffer.concat(chunks))
  if ('reason' in decoded) return { path: stdinPath, fault: decoded }
  return { realPath: '', source: { path: stdinPath, patchPath: 'stdin.yaml', text: decoded.text } }
}

function undecodable({ path, fault }: Extract<ReadFile, { fault: unknown }>): Diagnostic {
  if (fault.reason === 'pointer') return pointerDiagnostic(path)
  if (fault.reason === 'size')
    return wholeFile(path, 'KN104', `the file ${fault.message}`, 'split it into smaller files')
  return wholeFile(
    path,
    'KN102',
    `the file ${fault.message}`,
    'save it as UTF-8; nothing in it was read',
    fault.shown?.range,
  )
}

/** A counter on a terminal for work that takes a while; a line that clears itself. */
function progress(terminal: Terminal, total: number): (done: number) => void {
  if (terminal.stderr.isTTY !== true || total < 500) return () => undefined
  return (done) => {
    if (done === total) void showProgress(terminal)
    else if (done % 100 === 0) void showProgress(terminal, `reading ${done}/${total} files`)
  }
}
