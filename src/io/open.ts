import fs from 'node:fs'
import path from 'node:path'

import { ownerSigns } from '../kustomize/owners.js'
import {
  aliasedVersion,
  eitherCase,
  hasNearSign,
  hasOddSign,
  marker,
  nearVersion,
  trafficKey,
} from '../manifest/other-kinds.js'
import {
  decode,
  type DecodeFault,
  isPointer,
  pointerSign,
  sizeLimit,
  type SourceFile,
  tooLarge,
} from '../text/source.js'
import { codeOf, IoFailure, isMissing, reasonOf } from './failure.js'
import { repositoryRoot } from './git/root.js'
import {
  type DeadEnd,
  displayPath,
  follow,
  isGitFolder,
  isInside,
  relativePath,
  slashes,
  type TreeEntry,
} from './paths.js'
import { asSpelled, isSameFile } from './system.js'

/** Reads from an open file, and closes it. */
function reading<T>(handle: number, read: (handle: number) => T): T {
  try {
    return read(handle)
  } finally {
    fs.closeSync(handle)
  }
}

/** What can be read of so many bytes, or of a source without a known end. */
function upTo(size: number | undefined, handle: number): { readonly bytes: Buffer } | { readonly fault: DecodeFault } {
  if (size !== undefined && size > sizeLimit) return { fault: tooLarge(size) }
  const most = size ?? sizeLimit + 1
  const buffer = Buffer.allocUnsafe(most)
  let length = 0
  while (length < most) {
    const count = readSome(handle, buffer, length)
    if (count === 0) break
    length += count
  }
  return length > sizeLimit ? { fault: tooLarge() } : { bytes: buffer.subarray(0, length) }
}

/** Reads what is there, or waits for it where the source is one that nobody waits for. */
function readSome(handle: number, buffer: Buffer, offset: number): number {
  for (;;) {
    try {
      return fs.readSync(handle, buffer, offset, buffer.length - offset, null)
    } catch (error) {
      if (codeOf(error) === 'EOF') return 0
      if (codeOf(error) !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
    }
  }
}

const ownMarker = Buffer.from(marker)
const wideMarker = Buffer.from(marker, 'utf16le')
const wideMarkers = [wideMarker, wideMarker.subarray(1)]
const versionKey = Buffer.from('apiVersion')
const trafficWord = Buffer.from('traffic')
const [blank, quote, star, colon, letterS] = Array.from(' "*:s', (one) => one.charCodeAt(0))
const ownSigns = Object.values(ownerSigns).map((sign) => Buffer.from(sign))

/** Whether a file can hold a Knative manifest, be it one in UTF-16, which nothing reads, or kept by Git LFS elsewhere. */
export function canHold(bytes: Buffer): boolean {
  if (bytes.includes(ownMarker) || isPointer(bytes)) return true
  // A text without zero bytes is none in UTF-16, which is quick to see.
  if (bytes.includes(0) && wideMarkers.some((sign) => bytes.includes(sign))) return true
  const version = versionIn(bytes)
  if (version === 'alias') return true
  if ((version === 'near' || bytes.includes(trafficWord)) && hasNearSign(bytes.toString('latin1'))) return true
  return (bytes.includes('\\') || bytes.includes('binary') || bytes.includes('%')) && hasOddSign(bytes.toString())
}

/**
 * Whether a file has an `apiVersion` that is an alias (`aliasedVersion`) or, as people write it, one that may have been meant
 * for that of a Service. One look for all that begins so: a file of CRDs has megabytes.
 */
function versionIn(bytes: Buffer): 'alias' | 'near' | undefined {
  let found: 'near' | undefined
  for (let at = bytes.indexOf(versionKey); at >= 0; at = bytes.indexOf(versionKey, at + versionKey.length)) {
    const isQuoted = bytes[at + versionKey.length] === quote && bytes[at - 1] === quote
    const end = at + versionKey.length + (isQuoted ? 1 : 0)
    if (bytes[end] !== colon || bytes[end + 1] !== blank) continue
    const next = bytes[end + 2]
    if (next === star && !isQuoted) return 'alias'
    if ((next === letterS && !isQuoted) || (next === quote && bytes[end + 3] === letterS)) found = 'near'
  }
  return found
}

/** Whether a file may give the traffic of a Service to another controller. */
export function canOwn(bytes: Buffer): boolean {
  return ownSigns.some((sign) => bytes.includes(sign))
}

/** More than what a manifest can be known by takes, with every letter as an escape and line ends between them. */
const overlap = 4096

/** Looks for a Knative manifest in what is too large to be held at once, piece by piece. */
export class Skimmer {
  private rest: Buffer = Buffer.alloc(0)
  private found = false

  /** Whether there has been one. */
  get hasMet(): boolean {
    return this.found
  }

  push(piece: Buffer): void {
    if (this.found) return
    const bytes = Buffer.concat([this.rest, piece])
    this.found = canHold(bytes)
    this.rest = bytes.subarray(Math.max(0, bytes.length - overlap))
  }
}

/**
 * What kustomizations spell that have patches, or build upon another folder, and what hands traffic to other controllers.
 * The same search looks for it: one more run of Git would cost as much.
 */
const around = ['patches', '../', ...Object.values(ownerSigns), pointerSign]

/** What an escape of one of the marker's letters begins with, and a line that ends within it: Git looks at one line at a time. */
function escaped(): string {
  const codes = [...new Set(marker)].map((letter) => letter.charCodeAt(0).toString(16).replace(/[a-f]/, eitherCase))
  const letters = String.raw`(?:x|u00|U000000)(?:${codes.join('|')})`
  return String.raw`\\(?:${letters}|(?<=v\\)/|(?<=[a-z.]\\)(?:\r?$|[\r\xc2\xe2]))`
}

/** The tags that say `!!binary`: what is behind them is looked at in the file. */
const tags = [String.raw`!(?:!binary|<\S{0,40}binary|\S{0,99}%[0-9A-Fa-f]{2})`, '%TAG']

/**
 * What a file holds that can be a Knative manifest, or a kustomization that names one: Perl expressions. Each is looked for
 * by itself, which takes half the time of one that holds them all: there are quick ways to find a text, and none to find one
 * of many.
 */
export function patterns(): readonly string[] {
  // The marker in UTF-8, and the same letters with the zero bytes that UTF-16 puts between them.
  const wide = Array.from(marker, literal).join(String.raw`\x00?`)
  return [wide, ...[aliasedVersion, ...around].map(literal), nearVersion, trafficKey, escaped(), ...tags]
}

function literal(text: string): string {
  return text.replaceAll(/[.*]/g, String.raw`\$&`)
}

/** Why a file is not opened at all: a link out of its tree, or no regular file. The message goes behind its name. */
export type OpenRefusal = { readonly reason: 'link' | 'irregular'; readonly message: string }

/** Where a file is. */
export type FilePlace = {
  /** Once symbolic links are followed; `''` where it is a pipe. */
  readonly realPath: string
  /** Where its own name stands, be it that of a link, in a tree whose own folder is followed; the same without a link. */
  readonly place: string
}

/** The bytes of a file, and where it is. */
export type Opened =
  | ({ readonly bytes: Buffer; readonly fault?: undefined } & FilePlace)
  /** Where it is, if it was opened. */
  | ({ readonly fault: OpenRefusal | DecodeFault; readonly bytes?: undefined } & Partial<FilePlace>)

const stays = 'the symbolic link leads'
const leads = 'the symbolic link leads'

/** What each obstacle is called. */
export const refusals: Readonly<Record<DeadEnd, OpenRefusal>> = {
  out: { reason: 'link', message: `${stays} out of the repository` },
  git: { reason: 'link', message: `${stays} into \`.git\`` },
  loop: { reason: 'irregular', message: `${leads} in a circle` },
  missing: { reason: 'irregular', message: `${leads} nowhere` },
  folder: { reason: 'irregular', message: 'it is a directory; must be a file' },
  odd: { reason: 'irregular', message: 'it is a device, a pipe or a socket; must be a regular file' },
}

/**
 * Where a file that its tree names is, links followed: a regular file of the tree, and none that Git keeps for itself. Both
 * are absolute paths, the file is below the tree.
 *
 * @throws what the system does where it does not let one look.
 */
export function placeInside(file: string, tree: string): FilePlace | { readonly fault: OpenRefusal } {
  const { seen: _, ...place } = seenInside(file, tree)
  return place
}

/** The same, with what was seen there, as far as it was looked at. */
function seenInside(
  file: string,
  tree: string,
): (FilePlace & { readonly seen?: fs.Stats }) | { readonly fault: OpenRefusal; readonly seen?: undefined } {
  const top = realFolder(tree) ?? tree
  const name = relativePath(tree, file)
  const plain = `${top}${path.sep}${name}` === file ? file : path.join(top, name)
  const folder = path.dirname(plain)
  const stats = statsBeyondLoops(plain)
  const isPlain = stats?.isFile() === true && realFolder(folder) === folder
  if (isPlain && !name.split(path.sep).some(isGitFolder)) {
    const place = asSpelled(plain, fs.realpathSync.native)
    return { realPath: place, place, seen: stats }
  }
  const followed = follow(slashes(name), (one) => entryAt(path.join(top, one)))
  if ('obstacle' in followed) return { fault: refusals[followed.obstacle] }
  const realPath = asSpelled(path.join(top, followed.name), fs.realpathSync.native)
  const own = gitFolder(top)
  return own !== undefined && isInside(own, realPath) ? { fault: refusals.git } : { realPath, place: plain }
}

/** What stands at a place; nothing where links before it go in a circle. */
function statsBeyondLoops(place: string): fs.Stats | undefined {
  try {
    return fs.lstatSync(place, { throwIfNoEntry: false })
  } catch (error) {
    if (codeOf(error) === 'ELOOP') return undefined
    throw error
  }
}

/** Whether a folder that users name is in a repository only by a link, which leads out of it or to what Git keeps. */
export function isLinkedOut(folder: string): boolean {
  const tree = repositoryRoot(path.dirname(folder))
  if (tree === undefined) return false
  const followed = placeInside(folder, tree)
  return 'fault' in followed && followed.fault.reason === 'link'
}

/**
 * Reads a file that its tree names; undefined where nothing is there, not even a link. Nothing else than a regular file is
 * ever opened: what a link leads to is looked at before, the link itself is not followed by the system, and what was opened
 * must be what was looked at. A file larger than any manifest is not read.
 *
 * @throws what the system does where it does not let one read.
 */
export function readInside(file: string, tree: string): Opened | undefined {
  const found = seenInside(file, tree)
  if ('fault' in found) return found.fault === refusals.missing && !isLink(file) ? undefined : found
  const { seen = fs.lstatSync(found.realPath), ...place } = found
  const opened = reading(fs.openSync(place.realPath, guarded), (handle) => {
    const stats = fs.fstatSync(handle)
    if (!stats.isFile() || !isSameFile(stats, seen)) return { fault: refusals.odd }
    return upTo(stats.size, handle)
  })
  return { ...opened, ...place }
}

/**
 * Reads a file that users name, be it a pipe or a device: whatever it is, up to the size that is too large. What stands in a
 * repository may be someone else's, so that it is read as what the repository names.
 *
 * @throws what the system does where it does not let one read, or nothing is there.
 */
export function readGiven(file: string): Opened {
  if (standardInput.has(file)) return { ...upTo(undefined, 0), ...nowhere }
  const tree = repositoryRoot(path.dirname(file))
  // What Git keeps for itself nobody else can have put there.
  const isShared = tree !== undefined && !path.relative(tree, file).split(path.sep).some(isGitFolder)
  const inside = isShared ? readInside(file, tree) : undefined
  if (inside) return inside
  return reading(fs.openSync(file, 'r'), (handle) => {
    const stats = fs.fstatSync(handle)
    if (!stats.isFile()) return { ...upTo(undefined, handle), ...nowhere }
    const realPath = fs.realpathSync.native(file)
    return { ...upTo(stats.size, handle), realPath, place: realPath }
  })
}

/** Whether a file that is too large to be read, at its real path, can hold a Knative manifest. */
export function holdsSign(realPath: string): boolean {
  const skimmer = new Skimmer()
  reading(fs.openSync(realPath, guarded), (handle) => {
    const buffer = Buffer.allocUnsafe(1024 * 1024)
    for (let count = -1; count !== 0 && !skimmer.hasMet;) {
      count = readSome(handle, buffer, 0)
      skimmer.push(buffer.subarray(0, count))
    }
  })
  return skimmer.hasMet
}

/**
 * The bytes of a regular file at a place where one was seen; undefined where something else is by now, or it has more than
 * `most` bytes. No link is followed, and nothing waited for.
 *
 * @throws what the system does where it does not let one read.
 */
export function readRegular(file: string, most: number): Buffer | undefined {
  return reading(fs.openSync(file, guarded), (handle) => {
    const stats = fs.fstatSync(handle)
    const opened = stats.isFile() && stats.size <= most ? upTo(stats.size, handle) : undefined
    return opened && 'bytes' in opened ? opened.bytes : undefined
  })
}

/**
 * Whether a regular file at a place where one was seen holds a line end of Windows; it is not held as a whole. No link is
 * followed, and nothing waited for.
 *
 * @throws what the system does where it does not let one read.
 */
export function hasWindowsLineEnd(file: string): boolean {
  return reading(fs.openSync(file, guarded), (handle) => {
    if (!fs.fstatSync(handle).isFile()) return false
    const buffer = Buffer.allocUnsafe(64 * 1024)
    let last = ''
    for (;;) {
      const count = readSome(handle, buffer, 0)
      if (count === 0) return false
      const piece = last + buffer.toString('latin1', 0, count)
      if (piece.includes('\r\n')) return true
      last = piece.slice(-1)
    }
  })
}

const nowhere: FilePlace = { realPath: '', place: '' }

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants
/** What takes the place of a file between two looks at it is not followed, and not waited for. */
const guarded = O_RDONLY | O_NOFOLLOW | O_NONBLOCK

/** The names of the standard input, which cannot be opened by them where it is a socket. */
const standardInput: ReadonlySet<string> = new Set(['/dev/stdin', '/dev/fd/0', '/proc/self/fd/0'])

const realFolders = new Map<string, string>()

/** Forgets where folders are, links followed: for a program that outlives what it has seen. */
export function forgetFolders(): void {
  realFolders.clear()
}

/** A folder, links followed; undefined where there is none. */
export function realFolder(folder: string): string | undefined {
  const known = realFolders.get(folder)
  if (known !== undefined) return known
  try {
    const real = hasOwnPlace(folder) ? asSpelled(folder, fs.realpathSync.native) : fs.realpathSync.native(folder)
    realFolders.set(folder, real)
    return real
  } catch {
    return undefined
  }
}

/** Whether no link is on the way to a folder: one look tells that, where it is known of the folder around it. */
function hasOwnPlace(folder: string): boolean {
  const above = path.dirname(folder)
  if (above === folder || path.resolve(folder) !== folder || realFolder(above) !== above) return false
  return fs.lstatSync(folder).isDirectory()
}

function entryAt(place: string): TreeEntry {
  const stats = fs.lstatSync(place, { throwIfNoEntry: false })
  if (!stats) return 'missing'
  if (stats.isSymbolicLink()) return { target: slashes(fs.readlinkSync(place)) }
  return stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'odd'
}

function isLink(file: string): boolean {
  return fs.lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true
}

/** Where Git keeps what is its own if a file in the place of `.git` says so. */
function gitFolder(top: string): string | undefined {
  const file = path.join(top, '.git')
  try {
    const stats = fs.statSync(file)
    if (stats.isDirectory()) return fs.realpathSync.native(file)
    if (!stats.isFile()) return undefined
    const [, folder = '.git'] = /^gitdir: (.*?)\r?$/m.exec(fs.readFileSync(file, 'utf8')) ?? []
    return fs.realpathSync.native(path.resolve(top, folder))
  } catch {
    return undefined
  }
}

/**
 * The file that an option names, be it a pipe.
 *
 * @throws IoFailure where it is not there, or cannot be read as text. A folder is as wrong a name as one of nothing.
 */
export function readNamed(named: string, workingDirectory: string): SourceFile {
  const file = readText(named, () => readGiven(path.resolve(workingDirectory, named)))
  if (file) return file
  throw new IoFailure(`${named}: no such file or directory`, 'usage')
}

/** When a file that an option names was written last, in seconds since 1970; undefined for what is no file, such as a pipe. */
export function savedAt(named: string, workingDirectory: string): number | undefined {
  const stats = fs.statSync(path.resolve(workingDirectory, named), { throwIfNoEntry: false })
  return stats?.isFile() ? Math.floor(stats.mtimeMs / 1000) : undefined
}

/**
 * A file of a tree that may be missing.
 *
 * @throws IoFailure where it is there, but cannot be read as text, or is no regular file of that tree.
 */
export function readPresent(absolute: string, shown: string, tree: string): SourceFile | undefined {
  return readText(shown, () => readInside(absolute, tree))
}

function readText(shown: string, open: () => Opened | undefined): SourceFile | undefined {
  let opened: Opened | undefined
  try {
    opened = open()
  } catch (error) {
    if (isMissing(error)) return undefined
    throw new IoFailure(`${shown}: ${reasonOf(error)}`, codeOf(error) === 'EISDIR' ? 'usage' : 'io')
  }
  if (!opened) return undefined
  const decoded = opened.bytes ? decode(opened.bytes) : opened.fault
  if ('text' in decoded) return { path: shown, text: decoded.text }
  const isRefused = decoded.reason === 'link' || decoded.reason === 'irregular'
  throw new IoFailure(`${shown}: ${isRefused ? '' : 'the file '}${decoded.message}`, 'usage')
}

/** What a configuration is called that no option names. */
export const configurationName = '.kn-rollout.yaml'

/**
 * The configuration that is named, else the nearest one from the working directory up to the root of its repository;
 * outside of any, only the one in the working directory.
 *
 * @throws IoFailure where one is named that is not there, or one that is there cannot be read as text.
 */
export function readConfiguration(named: string | undefined, workingDirectory: string): SourceFile | undefined {
  if (named !== undefined) return readNamed(named, workingDirectory)
  const root = repositoryRoot(workingDirectory) ?? workingDirectory
  for (let folder = workingDirectory; ; folder = path.dirname(folder)) {
    const absolute = path.join(folder, configurationName)
    const file = readPresent(absolute, displayPath(absolute, workingDirectory), root)
    if (file || folder === root || folder === path.dirname(folder)) return file
  }
}
