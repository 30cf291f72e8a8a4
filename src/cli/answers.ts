import { statSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

import { gitCandidates } from '../io/candidates.js'
import { forgetRoots, repositoryRoot } from '../io/git/root.js'
import { configurationName, forgetFolders, realFolder } from '../io/open.js'
import { displayPath, isInside, isKustomization } from '../io/paths.js'
import type { Search } from '../io/surroundings.js'
import type { Desk, Repository, Snapshot } from '../lsp/view.js'
import type { Request } from '../pipeline/request.js'
import { settingsOf } from '../pipeline/settings.js'
import type { Status } from '../pipeline/status.js'
import { unreadDiagnostics } from '../pipeline/unread.js'
import type { MoveRequest } from '../stages/apply.js'
import { decode } from '../text/source.js'
import type { FileHistory } from '../text/words.js'
import { blocksWriting, workedOut } from './commands/edit.js'
import { validated } from './commands/validate.js'
import { historiesWithBuilt } from './history.js'
import { type Loaded, loadedFrom, stdinPath, withUnread } from './load.js'
import { clockOf, type Output, type Terminal } from './terminal.js'
import { openWorkspace, type Workspace } from './workspace.js'

/** Milliseconds for which it is believed where a repository has kustomizations, unless something is known to have changed. */
const belief = 10_000

/** Remembers what Git tells of folders: it is asked at every keystroke otherwise. */
class Remembered {
  private readonly known = new Map<
    string,
    { readonly since: number; readonly found: ReturnType<typeof gitCandidates> }
  >()

  readonly candidates: Search['candidates'] = (folder, environment, onMarked) => {
    const known = this.known.get(folder)
    if (known && performance.now() - known.since < belief) return known.found
    const found = gitCandidates(folder, environment, onMarked)
    this.known.set(folder, { since: performance.now(), found })
    // What failed is asked again.
    found.catch(() => this.known.delete(folder))
    return found
  }

  forget(): void {
    this.known.clear()
  }
}

/** Answers for documents as the commands do for files, in the environment of a terminal. Nothing is printed or written. */
export function repositoryFor({ environment, workingDirectory: start }: Terminal): Repository {
  const remembered = new Remembered()
  return {
    open: async (uri, desk) => {
      // The disk may have changed since.
      forgetRoots()
      forgetFolders()
      const document = documentAt(uri, desk, start)
      const terminal = quiet(document.workingDirectory, environment, [])
      const workspace = await opened(document, remembered.candidates, terminal)
      return snapshotOf(document, workspace, terminal)
    },
    forget: () => remembered.forget(),
  }
}

/** A document, and where it is. */
type Document = {
  readonly uri: string
  readonly text: string
  /** Absolute, its folder without links; absent where it is not on the disk. */
  readonly file?: string
  readonly workingDirectory: string
  /** The texts of open documents by where they are, links followed. */
  readonly texts: ReadonlyMap<string, string>
  /** Their URIs. */
  readonly uris: ReadonlyMap<string, string>
}

function documentAt(uri: string, { texts, folders }: Desk, start: string): Document {
  const places = [...texts].flatMap(([one, text]) => {
    const file = fileOf(one)
    return file === undefined ? [] : [{ uri: one, text, place: realFolder(file) ?? file }]
  })
  const file = fileOf(uri)
  const isThere = file !== undefined && isFile(file)
  return {
    uri,
    text: texts.get(uri) ?? '',
    ...(isThere && { file }),
    workingDirectory: workingDirectoryOf(file, folders) ?? start,
    texts: new Map(places.map(({ place, text }) => [place, text])),
    uris: new Map(places.map((one) => [one.place, one.uri])),
  }
}

/** Whether there is a regular file, links followed: nothing else is opened, however an editor came by its text. */
function isFile(file: string): boolean {
  try {
    return statSync(file).isFile()
  } catch {
    return false
  }
}

/** The file of a URI, its folder without links; undefined where it names none. */
function fileOf(uri: string): string | undefined {
  if (!uri.startsWith('file:')) return undefined
  try {
    const file = fileURLToPath(uri)
    const folder = path.dirname(file)
    return path.join(realFolder(folder) ?? folder, path.basename(file))
  } catch {
    // A host, or what is no path here.
    return undefined
  }
}

/** Where commands would be run: in the open folder that has the file, in its repository, else at the top of that, else beside it. */
function workingDirectoryOf(file: string | undefined, folders: readonly string[]): string | undefined {
  const open = folders.flatMap((uri) => fileOf(uri) ?? []).flatMap((folder) => realFolder(folder) ?? [])
  if (file === undefined) return open[0]
  const folder = path.dirname(file)
  const root = repositoryRoot(folder)
  const within = open.filter((one) => isInside(one, file) && (root === undefined || isInside(root, one)))
  return within.toSorted((a, b) => b.length - a.length)[0] ?? root ?? folder
}

async function* nothing(): AsyncGenerator<never, void> {}

/** A terminal that nobody looks at. */
function quiet(workingDirectory: string, environment: Terminal['environment'], words: readonly string[]): Terminal {
  const nowhere: Output = { write: (_, done) => queueMicrotask(done), on: () => undefined }
  return {
    arguments: words,
    workingDirectory,
    environment,
    stdin: nothing,
    stdout: nowhere,
    stderr: nowhere,
  }
}

/** Opens what `validate FILE` would. */
async function opened(document: Document, candidates: Search['candidates'], terminal: Terminal): Promise<Workspace> {
  const { file, texts, workingDirectory } = document
  const name = file === undefined ? '' : path.basename(file)
  const scope = { isWhole: true, texts, candidates }
  // What a kustomization is about stands in its folder.
  const paths = file === undefined ? [] : [isKustomization(name) ? path.dirname(file) : file]
  const isConfiguration = name === configurationName
  const isAlone = file === undefined || isConfiguration
  const read = async (): Promise<Loaded> => alone(document)
  const workspace = await openWorkspace({}, terminal, {
    meant: { paths, names: [] },
    ...(isAlone ? { read } : { scope }),
  })
  const { configuration, named: _named, ...request } = workspace.request
  if (file !== undefined && isConfiguration) {
    const own = { path: displayPath(file, workingDirectory), text: document.text }
    return { ...workspace, request: { ...request, configuration: own } }
  }
  const text = configuration && texts.get(path.resolve(workingDirectory, configuration.path))
  const laid = text === undefined ? configuration : configuration && { ...configuration, text }
  return { ...workspace, request: { ...request, ...(laid && { configuration: laid }) } }
}

/** A document that is in no file, or is no manifest. */
function alone({ file, text }: Document): Loaded {
  if (file !== undefined) return loadedFrom([], [])
  const decoded = decode(Buffer.from(text))
  if ('reason' in decoded) return loadedFrom([{ path: stdinPath, fault: decoded }], [])
  return loadedFrom([{ realPath: '', place: '', source: { path: stdinPath, patchPath: 'stdin.yaml', text } }], [])
}

async function snapshotOf(document: Document, { loaded, request }: Workspace, terminal: Terminal): Promise<Snapshot> {
  const { plan } = await import('../pipeline/plan.js')
  const { workingDirectory, environment } = terminal
  const where = placesOf(document, loaded, workingDirectory)
  const file = [...loaded.sources, ...(loaded.surroundings?.kustomizations ?? [])].find(
    ({ path: shown }) => where(shown) === document.uri,
  )
  let histories: Promise<ReadonlyMap<string, FileHistory>> | undefined
  const asked = (): Promise<ReadonlyMap<string, FileHistory>> => (histories ??= historiesWithBuilt(loaded, terminal))
  const settings = settingsOf(request)
  return {
    ...(file && { file }),
    validate: () => validated(plan, { loaded, request }, true),
    fix: async () => withUnread((await import('../pipeline/fix.js')).fix(loaded.sources, request), loaded),
    move: async (move, line, more) => {
      if (!file) return undefined
      const service = `${file.path}:${line}`
      const words = [...wordsOf(move), '--service', service, file.path]
      const asker = quiet(workingDirectory, environment, words)
      const meant: Request = { ...request, services: [service], spell: more?.isSpelled === true }
      const { outcome } = await workedOut(plan, { move }, { loaded, request: meant }, asker)
      return outcome.changes.length === 0 || blocksWriting(outcome, false) ? undefined : outcome
    },
    status: async () => statusWith(loaded, { ...request, histories: await asked(), now: clockOf(terminal) }),
    histories: asked,
    planFor: settings.planFor,
    uriOf: where,
    now: () => clockOf(terminal),
  }
}

function wordsOf(move: MoveRequest): readonly string[] {
  return move.command === 'apply' ? [move.command, move.stage] : [move.command]
}

async function statusWith(loaded: Loaded, request: Request): Promise<Status> {
  const { statusOf } = await import('./commands/status-work.js')
  const told = statusOf(loaded.sources, { ...request, more: 'history' })
  return { ...told, diagnostics: [...loaded.diagnostics, ...told.diagnostics, ...unreadDiagnostics(loaded.unread)] }
}

/** Tells the URI of each file of a run: that of the document that has it open, as the editor writes it. */
function placesOf(
  { uri, file, uris }: Document,
  { realPaths, places, surroundings }: Loaded,
  workingDirectory: string,
): (shown: string) => string | undefined {
  return (shown) => {
    if (shown === '') return undefined
    if (shown === stdinPath) return uri
    const place = places.get(shown) ?? surroundings?.places?.get(shown) ?? path.resolve(workingDirectory, shown)
    if (place === file) return uri
    return uris.get(realPaths.get(shown) || place) ?? uris.get(place) ?? pathToFileURL(place).href
  }
}
