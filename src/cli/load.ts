import { existsSync } from 'node:fs'

import { gitCandidates, type Listings, type OnMarked } from '../io/candidates.js'
import { byName, discover } from '../io/discover.js'
import { hasKustomization, listedFiles, markPatches } from '../io/listed.js'
import { realFolder } from '../io/open.js'
import { displayPath } from '../io/paths.js'
import { type ReadFile, SourceReader } from '../io/read.js'
import type { AroundFiles, Search } from '../io/surroundings.js'
import type { Outcome } from '../pipeline/request.js'
import { pointerDiagnostic, type Unread, unreadDiagnostics } from '../pipeline/unread.js'
import { append } from '../text/collections.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { at, decode, sizeLimit, type SourceFile, tooLarge } from '../text/source.js'
import { showProgress, type Terminal, UsageError } from './terminal.js'

/** What the paths of a command gave. */
export type Loaded = {
  readonly sources: readonly SourceFile[]
  /** The files that were named one by one, as they are shown. */
  readonly named?: ReadonlySet<string>
  /** Where each source is on the disk, by its path; the standard input is nowhere. */
  readonly realPaths: ReadonlyMap<string, string>
  /** Where the name of each stands, which is that of a link for a file that was found by one. */
  readonly places: ReadonlyMap<string, string>
  /** What stands around the sources in their repository, as far as it had to be looked for. */
  readonly surroundings?: AroundFiles
  /** Files that could not be taken for text, as far as they can be shown. */
  readonly shown: readonly SourceFile[]
  /** Why they could not. */
  readonly diagnostics: readonly Diagnostic[]
  /** What else is meant, but could not be read. */
  readonly unread: readonly Unread[]
}

export const stdinPath = '(stdin)'

/** What a command needs of the repository around its files. */
export type Scope = Pick<Search, 'isWhole' | 'overlay'> & {
  /** What stands in place of what files hold, by where they are, links followed. */
  readonly texts?: ReadonlyMap<string, string>
  /** Hears of tracked files that may be among them, absolute, while Git still looks for others. */
  readonly onMarked?: OnMarked
  /** What Git lists, where others ask for it as well. */
  readonly listings?: Listings
  /** Tells what Git knows of a folder, where that is remembered. */
  readonly candidates?: Search['candidates']
}

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
  const reader = new SourceReader(workingDirectory, scope?.texts)
  const onMarked: OnMarked = (marked, root) => {
    scope?.onMarked?.(marked, root)
    if (onEarly) for (const source of readEarly(reader, marked)) onEarly(source)
  }
  const found = await discover(named, workingDirectory, environment, onMarked, scope?.listings)
  reader.expect(found)
  const listed = await listedFiles(found, reader)
  const names = listed.length === 0 ? found.files : [...new Set([...found.files, ...listed])].toSorted(byName)
  const files = await reader.readAll(names, progress(terminal, names.length))
  const read: ReadFile[] = [...(await markPatches(files, found, reader, workingDirectory))]
  const unread = [...found.unread]
  const onUnread = (more: readonly Unread[]): unknown => append(unread, more)
  const search = { files: read, found, reader, workingDirectory, environment, candidates: gitCandidates, onUnread }
  const surroundings = scope && (await around({ ...search, ...scope }))
  const own = new Set(read.map((file) => ('source' in file ? file.source.path : file.path)))
  append(
    read,
    [...reader.refused.values()].filter(({ path }) => !own.has(path)),
  )
  if (named.length < wanted.length) read.push(await readStdin(terminal))
  const loaded = loadedFrom(read, shownFrom(unread, workingDirectory), surroundings)
  // A link to a file that was read by its own name has nothing of its own.
  const known = new Set(loaded.realPaths.values())
  const first = found.given.filter((file) => reader.read(file) !== undefined || !known.has(realFolder(file) ?? file))
  const given = first.map((file) => displayPath(file, workingDirectory))
  const asked = new Set([...given, ...(named.length < wanted.length ? [stdinPath] : [])])
  // Of what could not be read, that is said already.
  for (const { file } of loaded.diagnostics) asked.delete(file)
  return { ...loaded, named: asked }
}

/** Names what could not be read as users know it, from where it is on the disk. */
export function shownFrom(unread: readonly Unread[], workingDirectory: string): readonly Unread[] {
  return unread.map((one) => (one.why === 'git' ? one : { ...one, path: displayPath(one.path, workingDirectory) }))
}

/** Sorts out what was read. */
export function loadedFrom(read: readonly ReadFile[], unread: readonly Unread[], surroundings?: AroundFiles): Loaded {
  const sources = read.flatMap((file) => ('source' in file ? [file.source] : []))
  const onDisk = read.flatMap((file) => ('source' in file && file.realPath !== '' ? [file] : []))
  const realPaths = new Map(onDisk.map(({ source, realPath }) => [source.path, realPath]))
  const places = new Map(onDisk.map(({ source, place }) => [source.path, place]))
  const faulty = read.flatMap((file) => ('fault' in file ? [file] : []))
  for (const file of [...(surroundings?.files ?? []), ...(surroundings?.kustomizations ?? [])])
    realPaths.set(file.path, surroundings?.realPaths.get(file.path) ?? '')
  return {
    sources,
    realPaths,
    places,
    ...(surroundings && { surroundings }),
    shown: faulty.flatMap(({ path, fault }) => {
      return 'shown' in fault && fault.shown ? [{ path, text: fault.shown.text }] : []
    }),
    diagnostics: faulty.map(unreadable),
    unread,
  }
}

/** The same with more files that could not be read; none is told twice. */
export function withFaulty(loaded: Loaded, faulty: readonly Extract<ReadFile, { fault: unknown }>[]): Loaded {
  const told = new Set(loaded.diagnostics.map(({ file }) => file))
  const { shown, diagnostics } = loadedFrom(
    faulty.filter((file) => !told.has(file.path)),
    [],
  )
  return {
    ...loaded,
    shown: [...loaded.shown, ...shown],
    diagnostics: [...loaded.diagnostics, ...diagnostics],
  }
}

/** What came of the files, with those that could not be read. Whether these hold a Service nobody can tell. */
export function withUnread(outcome: Outcome, { shown, diagnostics, unread }: Loaded): Outcome {
  // What was typed means nothing: no file was looked at for it.
  if (outcome.diagnostics.some(({ code }) => code === 'KN426')) return outcome
  const own =
    diagnostics.length === 0 ? outcome.diagnostics : outcome.diagnostics.filter(({ code }) => code !== 'KN421')
  const files = [...outcome.files, ...shown]
  return { ...outcome, files, diagnostics: [...diagnostics, ...own, ...unreadDiagnostics(unread)] }
}

/** @throws UsageError where a file is a pipe, which cannot be written back. */
export function refusePiped({ sources, realPaths }: Loaded): void {
  const piped = sources.find(({ path }) => path !== stdinPath && !realPaths.has(path))
  if (piped) throw new UsageError(`cannot write \`${piped.path}\`: it is a pipe; use \`-\` to pass the result on`)
}

/** A file that is asked for by its name and belongs to no kustomization has nothing around it: it is read alone. */
async function around(search: Search): Promise<AroundFiles | undefined> {
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

/** Reads the standard input, up to what is too large. */
export async function readStdin({ stdin }: Terminal): Promise<ReadFile> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stdin()) {
    chunks.push(Buffer.from(chunk))
    size += chunk.length
    if (size > sizeLimit) return { path: stdinPath, fault: tooLarge() }
  }
  const decoded = decode(Buffer.concat(chunks))
  if ('reason' in decoded) return { path: stdinPath, fault: decoded }
  const source = { path: stdinPath, patchPath: 'stdin.yaml', text: decoded.text }
  return { realPath: '', place: '', source }
}

/** What it takes to have a file read that was not. */
const ways = {
  size: ['KN104', 'split it into smaller files'],
  'utf-8': ['KN102', 'save it as UTF-8; nothing in it was read'],
  'utf-16': ['KN102', 'save it as UTF-8; nothing in it was read'],
  link: ['KN423', 'put the file itself in place of the link, or run the command where the file belongs'],
  irregular: ['KN114', 'put a file in its place, or remove it; to read a pipe, pass `-` or `/dev/stdin`'],
} as const

function unreadable({ path, fault }: Extract<ReadFile, { fault: unknown }>): Diagnostic {
  if (fault.reason === 'pointer') return pointerDiagnostic(path)
  const [code, help] = ways[fault.reason]
  const message = fault.reason === 'link' || fault.reason === 'irregular' ? fault.message : `the file ${fault.message}`
  const range = ('shown' in fault && fault.shown?.range) || at(0)
  return { code, severity: 'error', message, help, file: path, range }
}

/** A counter on a terminal for work that takes a while; a line that clears itself. */
function progress(terminal: Terminal, total: number): (done: number) => void {
  if (terminal.stderr.isTTY !== true || total < 500) return () => undefined
  return (done) => {
    if (done === total) void showProgress(terminal)
    else if (done % 100 === 0) void showProgress(terminal, `reading ${done}/${total} files`)
  }
}
