import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { kustomizationNames } from '../kustomize/folders.js'
import { append } from '../text/collections.js'
import { decode, type DecodeFault, type SourceFile } from '../text/source.js'
import { IoFailure, reasonOf } from './failure.js'
import { repositoryRoot } from './git/root.js'
import {
  canHold,
  canOwn,
  type FilePlace,
  holdsSign,
  type Opened,
  type OpenRefusal,
  readGiven,
  readInside,
  realFolder,
  refusals,
} from './open.js'
import { displayPath, isEditorLock, isInside, leadsOut, relativePath, slashes } from './paths.js'
import { nextTurn } from './turn.js'

/** A file as it came from the disk: its text, or why it has none. */
export type ReadFile = LocatedSource | Unreadable

/** A file without a text, and why. */
type Unreadable = { readonly path: string; readonly fault: DecodeFault | OpenRefusal }

/** A file that is text, and where it is. */
export type LocatedSource = { readonly source: SourceFile } & FilePlace

/** So many files are read between two turns: Git is answered in the meantime. */
const atOnce = 16

/**
 * Reads the files that can hold a Knative Service, each once; the others, and second names of the same file, give
 * nothing.
 */
export class SourceReader {
  /** Files that may give the traffic of a Service to another controller. */
  readonly owners: SourceFile[] = []
  /** What was read for its own sake by nobody, but named by a kustomization, and refused. */
  readonly refused = new Map<string, Unreadable>()
  private readonly garbled = new Map<string, Unreadable>()
  private readonly known = new Map<string, ReadFile | undefined>()
  private readonly plains = new Map<string, LocatedSource | undefined>()
  private readonly seen = new Set<string>()
  private readonly given = new Set<string>()
  private readonly folders: string[]
  private readonly listed = new Map<string, readonly string[] | undefined>()

  /** @param texts What stands in place of what files hold, by where they are, links followed. */
  constructor(
    private readonly workingDirectory: string,
    private readonly texts: ReadonlyMap<string, string> = new Map(),
  ) {
    this.folders = [workingDirectory]
  }

  /** The names of what stands in a folder, looked up once; undefined where it cannot be listed. */
  namesIn(folder: string): readonly string[] | undefined {
    if (!this.listed.has(folder)) this.listed.set(folder, entriesOf(folder))
    return this.listed.get(folder)
  }

  /** Makes known which files users named one by one, and the folders that they named. */
  expect({ given, searched }: { readonly given: readonly string[]; readonly searched: readonly string[] }): void {
    for (const file of given) this.given.add(file)
    append(this.folders, searched)
  }

  /**
   * Reads files in their order. A file that is there by its own name is not read by that of a link.
   *
   * @throws IoFailure where one of them cannot be read.
   */
  async readAll(files: readonly string[], onRead: (count: number) => void): Promise<readonly ReadFile[]> {
    const links = new Set<string>()
    for (const [index, file] of files.entries()) {
      onRead(index)
      if (index % atOnce === atOnce - 1) await nextTurn()
      if (!this.known.has(file) && this.readSource(file, false) === 'link') links.add(file)
    }
    onRead(files.length)
    return files.flatMap((file) => this.read(file) ?? [])
  }

  /** @throws IoFailure where the file cannot be read. */
  read(file: string): ReadFile | undefined {
    if (!this.known.has(file)) this.readSource(file, true)
    return this.known.get(file)
  }

  /** Reads a file, unless it is a link and those are left out. */
  private readSource(file: string, withLinks: boolean): 'link' | 'read' {
    const opened = this.opened(file)
    const isLink = opened && !opened.fault && opened.place !== opened.realPath
    if (isLink && !withLinks) return 'link'
    this.known.set(file, opened && this.sourceOf(file, opened))
    return 'read'
  }

  private opened(file: string): Opened | undefined {
    try {
      const tree = this.treeOf(file)
      return this.withText(tree === undefined ? readGiven(file) : readInside(file, tree))
    } catch (error) {
      throw new IoFailure(`${displayPath(file, this.workingDirectory)}: ${reasonOf(error)}`)
    }
  }

  /** What was opened, with the text that stands in its place. What is refused stays refused. */
  private withText(opened: Opened | undefined): Opened | undefined {
    const { realPath = '', place = realPath } = opened ?? {}
    const text = this.texts.get(realPath)
    return text === undefined ? opened : { bytes: Buffer.from(text), realPath, place }
  }

  /** The tree that names a file; undefined for one that users named, wherever it is. */
  private treeOf(file: string): string | undefined {
    if (this.given.has(file)) return undefined
    const tree = repositoryRoot(path.dirname(file)) ?? this.folders.find((folder) => isInside(folder, file))
    return tree ?? path.dirname(file)
  }

  /** What is refused may hold a manifest, whatever it is. Of a file that is too large, its signs tell. */
  private sourceOf(file: string, opened: Opened): ReadFile | undefined {
    if (opened.fault) {
      const { fault, realPath = '' } = opened
      if (fault === refusals.missing && isEditorLock(path.basename(file))) return undefined
      if (fault === refusals.folder || (realPath !== '' && !holdsSign(realPath))) return undefined
      return { path: opened.realPath === '' ? file : displayPath(file, this.workingDirectory), fault }
    }
    const { bytes, realPath } = opened
    const isOwner = canOwn(bytes)
    if (!isOwner && !canHold(bytes)) return undefined
    const read = this.decoded(file, opened)
    if (isOwner && 'source' in read) this.owners.push(read.source)
    if (this.seen.has(realPath) || !canHold(bytes)) return undefined
    if (realPath !== '') this.seen.add(realPath)
    return read
  }

  /**
   * Reads a file that a kustomization names, or that is one, whatever it holds; undefined where it cannot be taken for text.
   * One that is refused is kept to be told.
   */
  plain(file: string): LocatedSource | undefined {
    if (!this.plains.has(file)) this.plains.set(file, this.readPlain(file))
    return this.plains.get(file)
  }

  private readPlain(file: string): LocatedSource | undefined {
    let read: ReadFile
    try {
      const opened = this.opened(file)
      if (!opened || opened.fault === refusals.folder) return undefined
      read = opened.fault
        ? { path: displayPath(file, this.workingDirectory), fault: opened.fault }
        : this.decoded(file, opened)
    } catch {
      return undefined
    }
    if ('source' in read) return read
    if (read.fault.reason === 'link' || read.fault.reason === 'irregular') this.refused.set(read.path, read)
    else this.garbled.set(file, read)
    return undefined
  }

  /**
   * A kustomization that `plain` gave nothing for, though it is there: it counts as one that says nothing, and is told. What
   * a generator makes a value of need be no text, but kustomize reads a kustomization.
   */
  garbledAt(file: string): LocatedSource | undefined {
    const shown = displayPath(file, this.workingDirectory)
    const fault = this.garbled.get(file) ?? this.refused.get(shown)
    if (!fault) return undefined
    this.refused.set(fault.path, fault)
    const patchPath = slashes(path.relative(this.realRootOf(file), file))
    return { source: { path: shown, patchPath, text: '', isGarbled: true }, realPath: file, place: file }
  }

  /** What can be made out of such a file, to see what it is about. */
  garbledText(file: string): string {
    const fault = this.garbled.get(file)?.fault
    return (fault && 'shown' in fault && fault.shown?.text) || ''
  }

  private decoded(file: string, { bytes, realPath, place }: Extract<Opened, { readonly bytes: Buffer }>): ReadFile {
    // A pipe is called as users name it, wherever they are.
    const shown = realPath === '' ? file : displayPath(file, this.workingDirectory)
    const decoded = decode(bytes)
    if ('reason' in decoded) return { path: shown, fault: decoded }
    const name = realPath === '' ? 'stdin.yaml' : relativePath(this.realRootOf(file), realPath)
    const patchPath = slashes(leadsOut(name) ? path.basename(name) : name)
    const source = { path: shown, patchPath, text: decoded.text, ...assertionMark(place) }
    return { realPath, place, source }
  }

  private realRootOf(file: string): string {
    return realRoot(file, this.workingDirectory)
  }
}

function entriesOf(folder: string): readonly string[] | undefined {
  try {
    return readdirSync(folder)
  } catch {
    return undefined
  }
}

/** What marks a file that a test compares live objects with. */
export function assertionMark(place: string): Pick<SourceFile, 'isAssertion'> {
  return place !== '' && isAssertion(place) ? { isAssertion: true } : {}
}

/** The repository of a file, else the working directory, else its own folder. */
function rootOf(file: string, workingDirectory: string): string {
  const folder = path.dirname(file)
  return repositoryRoot(folder) ?? (isInside(workingDirectory, file) ? workingDirectory : folder)
}

/** Where a file's patch starts: its repository, else the working directory, else its own folder; links followed. */
export function realRoot(file: string, workingDirectory: string): string {
  const root = rootOf(file, workingDirectory)
  return realFolder(root) ?? root
}

const kuttl = /^\d+-(?:assert|errors?)(?:-[^.]*)?\.ya?ml$/i
const chainsaw = /^(?:.*-)?(?:assert|errors?)(?:-[^.]*)?\.ya?ml$/i
const suites = ['kuttl-test.yaml', 'kuttl-test.yml']
const tests = ['chainsaw-test.yaml', 'chainsaw-test.yml']
const step = /^\d+-(?!assert|error)[^.]*\.ya?ml$/i

/**
 * Whether a file is what a test of kuttl or chainsaw compares live objects with: by its name, and only where a definition
 * of such a test stands beside it, or a suite above its steps. What a kustomization names is applied, whatever its name.
 */
function isAssertion(place: string): boolean {
  const [folder, name] = [path.dirname(place), path.basename(place)]
  if (!chainsaw.test(name) || isNamedBeside(folder, name)) return false
  if (tests.some((one) => existsSync(path.join(folder, one)))) return true
  return kuttl.test(name) && isKuttlTest(folder)
}

function isNamedBeside(folder: string, name: string): boolean {
  return kustomizationNames.some((one) => {
    const file = path.join(folder, one)
    return existsSync(file) && readFileSync(file, 'utf8').includes(name)
  })
}

function isKuttlTest(folder: string): boolean {
  const top = repositoryRoot(folder) ?? folder
  for (let above = folder; ; above = path.dirname(above)) {
    if (suites.some((one) => existsSync(path.join(above, one))))
      return readdirSync(folder).some((one) => step.test(one))
    if (above === top || above === path.dirname(above)) return false
  }
}
