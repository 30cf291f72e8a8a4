import fs, { appendFileSync, statSync } from 'node:fs'
import path from 'node:path'

import { kustomizationNames } from '../kustomize/folders.js'
import type { SourceFile } from '../text/source.js'
import { Interrupted, IoFailure, reasonOf, type Signals } from './failure.js'
import { repositoryRoot } from './git/root.js'
import { placeInside, readGiven, readPresent } from './open.js'
import { isGitFolder, isInside, kindOf, slashes, statsAt } from './paths.js'
import type { PendingFile, Writing } from './writing/write-files.js'

export type { PendingFile, Writing }

/**
 * Writes all files or none, and no other run at the same time. Every text is first written in full beside its target and
 * flushed; then each target is replaced by one rename. Where anything fails half-way, the originals are put back. Modes are
 * kept; a new file gets the mode of any new file, and never takes the place of one that came in between. A record of what
 * is going on lies where no pull request can put one, for the run after one that was killed.
 *
 * @throws IoFailure that names the file; all files are then as they were, or it says where the former text of one is.
 * Interrupted where a signal came: before the first rename nothing is written, after it everything.
 */
export async function writeAll(files: readonly PendingFile[], writing: Writing): Promise<void> {
  const { writeFiles } = await import('./writing/write-files.js')
  const ending = await writeFiles(files, writing)
  if (ending?.signal) throw new Interrupted(ending.signal, ending.message)
  if (ending) throw new IoFailure(ending.message)
}

/** Where a report can be written: a plain file that is there or not yet, or a device or pipe that takes it as it comes. */
type Target = { readonly path: string; readonly kind: 'file' | 'stream'; readonly mode?: number }

/**
 * Where a report for `file` (an absolute path) will stand, links followed: asked before anything else is done, so that
 * a run does not fail when all its work is over. `shown` is the file's name in messages.
 *
 * @throws IoFailure of the kind `usage` where its folder is not there or it is a folder itself.
 */
export function reportPath(file: string, shown: string): string {
  return targetOf(file, shown).path
}

/**
 * Writes a report in full beside its place and then puts it there by one rename, so that nobody reads half of it. A link
 * is followed; a device or pipe is written to as it is.
 *
 * @throws IoFailure that names the file; what was there before is then untouched. Interrupted where a signal came.
 */
export async function writeReport(
  file: string,
  shown: string,
  text: string,
  signals: Signals | undefined,
): Promise<void> {
  const { kind, ...target } = targetOf(file, shown)
  if (kind === 'stream') return writeStream(target.path, shown, text)
  const { writeOne } = await import('./writing/write-files.js')
  const ending = await writeOne({ ...target, text }, { signals })
  if (ending?.signal) throw new Interrupted(ending.signal, `${shown}: ${ending.message}`)
  if (ending) throw new IoFailure(`${shown}: ${ending.message}`)
}

function writeStream(file: string, shown: string, text: string): void {
  try {
    fs.writeFileSync(file, text)
  } catch (error) {
    throw new IoFailure(`${shown}: ${reasonOf(error)}; the report was not written`)
  }
}

function targetOf(file: string, shown: string): Target {
  refuseLinkOut(file, shown)
  const kind = kindOf(file, shown)
  if (kind === 'folder') throw new IoFailure(`${shown}: is a directory; a report needs a file`, 'usage')
  if (kind === 'other') return { path: file, kind: 'stream' }
  if (kind === 'file') return { path: fs.realpathSync(file), kind: 'file', mode: fs.statSync(file).mode & 0o7777 }
  const folder = path.dirname(file)
  if (kindOf(folder, shown) === 'folder') return { path: file, kind: 'file' }
  throw new IoFailure(`${shown}: the directory of the report, \`${path.dirname(shown)}\`, does not exist`, 'usage')
}

/** A link of a repository must not send a report to what the repository does not hold, or to what Git runs by. */
function refuseLinkOut(file: string, shown: string): void {
  const tree = repositoryRoot(path.dirname(file))
  if (tree === undefined || !statsAt(file)?.isSymbolicLink()) return
  const place = placeInside(file, tree)
  if ('fault' in place && place.fault.reason === 'link')
    throw new IoFailure(`${shown}: ${place.fault.message}`, 'usage')
}

/** GitHub drops the summary of a step that is larger, all of it. */
const most = 1024 * 1024

/**
 * Appends a report to the summary of a step, which other programs write to as well. Where it would be too large for
 * GitHub, a line says so in its place, if there is room even for that.
 *
 * @throws IoFailure that names the file as `shown`.
 */
export function appendSummary(file: string, shown: string, text: string): void {
  try {
    const room = most - (statSync(file, { throwIfNoEntry: false })?.size ?? 0)
    const fitting = [`${text}\n`, 'A report of kn-rollout is missing here: the summary has no room for it.\n'].find(
      (one) => Buffer.byteLength(one) <= room,
    )
    if (fitting !== undefined) appendFileSync(file, fitting)
  } catch (error) {
    throw new IoFailure(`${shown}: ${reasonOf(error)}; the report was not written`)
  }
}

/** Where a new file can be written, and what it meets there. */
export type NewFile = {
  /** Absolute, links followed. */
  readonly path: string
  /** The bytes that it replaces, if it replaces a file. */
  readonly before: Uint8Array | undefined
  /** The top of the repository, or the working directory outside of any: nothing beyond it is written. */
  readonly root: string
  /** The kustomization in the same folder, if there is one, and where it is on the disk. */
  readonly kustomization?: { readonly path: string; readonly source: SourceFile }
}

/**
 * Looks where a new file would stand, without touching anything. `shown` is its name in messages, relative to the
 * working directory.
 *
 * @throws IoFailure of the kind `usage` where it cannot stand there: out of the repository, below a file, or a file that is
 * there already and is not to be replaced; of the kind `io` where the system does not let it look.
 */
export function placeFor(shown: string, workingDirectory: string, isReplacing: boolean): NewFile {
  try {
    return lookedAt(shown, workingDirectory, isReplacing)
  } catch (error) {
    throw error instanceof IoFailure ? error : new IoFailure(`${shown}: ${reasonOf(error)}`)
  }
}

/**
 * Where a file that a run adds to a folder of the repository comes to stand: absolute, links followed.
 *
 * @throws IoFailure of the kind `usage` where something of that name is there already, or the place is outside of the
 * repository.
 */
export function freshPlace(shown: string, workingDirectory: string): string {
  const file = path.resolve(workingDirectory, shown)
  if (fs.lstatSync(file, { throwIfNoEntry: false }))
    throw new IoFailure(
      `${shown}: a new patch would be written here, but the file is there already; list it in the kustomization, or move it away`,
      'usage',
    )
  const real = path.join(fs.realpathSync.native(path.dirname(file)), path.basename(file))
  const root = fs.realpathSync.native(repositoryRoot(path.dirname(file)) ?? workingDirectory)
  refuseOutside(root, real, shown)
  refuseGit(root, real, shown)
  return real
}

function lookedAt(shown: string, workingDirectory: string, isReplacing: boolean): NewFile {
  const file = path.resolve(workingDirectory, shown)
  const folder = path.dirname(file)
  const present = nearestPlace(folder, shown)
  if (kindOf(present, shown) !== 'folder') {
    const name = slashes(path.relative(workingDirectory, present))
    throw new IoFailure(`${shown}: cannot make its directory: \`${name}\` is a file`, 'usage')
  }
  const root = fs.realpathSync.native(repositoryRoot(workingDirectory) ?? workingDirectory)
  const before = replaced(file, shown, isReplacing)
  const real = before
    ? fs.realpathSync.native(file)
    : path.join(fs.realpathSync.native(present), path.relative(present, file))
  refuseOutside(root, real, shown)
  refuseGit(root, real, shown)
  const kustomization = kustomizationIn(folder, shown, root)
  return { path: real, before, root, ...(kustomization && { kustomization }) }
}

/** The folder, or the nearest one above it that is there. */
function nearestPlace(folder: string, shown: string): string {
  let place = folder
  while (kindOf(place, shown) === undefined && path.dirname(place) !== place) place = path.dirname(place)
  return place
}

/**
 * Makes the folder of a file for what is written into it. Where that fails, what was made and is still empty goes again.
 *
 * @throws IoFailure where the folder cannot be made, and what `write` throws.
 */
export async function inFolderOf(file: string, write: () => Promise<void>): Promise<void> {
  const folder = path.dirname(file)
  let made: string | undefined
  try {
    made = fs.mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw new IoFailure(`${folder}: ${reasonOf(error)}; nothing was written`)
  }
  try {
    await write()
  } catch (error) {
    if (made !== undefined) removeEmpty(folder, made)
    throw error
  }
}

function removeEmpty(folder: string, top: string): void {
  try {
    for (let place = folder; isInside(top, place); place = path.dirname(place)) fs.rmdirSync(place)
  } catch {
    // Somebody has put something there.
  }
}

function refuseOutside(root: string, real: string, shown: string): void {
  if (isInside(root, real)) return
  throw new IoFailure(`${shown}: is outside of ${root}; run the command where it belongs`, 'usage')
}

/** A link in the repository must not make a run write what Git runs by. */
function refuseGit(root: string, real: string, shown: string): void {
  if (!path.relative(root, real).split(path.sep).some(isGitFolder)) return
  throw new IoFailure(`${shown}: is in \`.git\`; write the manifest to another place`, 'usage')
}

function replaced(file: string, shown: string, isReplacing: boolean): Uint8Array | undefined {
  const stats = fs.lstatSync(file, { throwIfNoEntry: false })
  if (!stats) return undefined
  if (stats.isDirectory()) throw new IoFailure(`${shown}: is a directory; must be a file`, 'usage')
  if (!isReplacing) throw new IoFailure(`${shown}: the file exists already; \`--force\` replaces it`, 'usage')
  if (kindOf(file, shown) !== 'file')
    throw new IoFailure(`${shown}: cannot replace it: it is not a regular file`, 'usage')
  const opened = readGiven(file)
  if (opened.bytes) return opened.bytes
  throw new IoFailure(`${shown}: ${opened.fault.message}`, 'usage')
}

function kustomizationIn(folder: string, shown: string, root: string): NewFile['kustomization'] {
  const names = kustomizationNames.filter((name) => fs.existsSync(path.join(folder, name)))
  const [name] = names
  if (name === undefined) return undefined
  const own = slashes(path.join(path.dirname(shown), name))
  if (names.length > 1)
    throw new IoFailure(
      `${own}: kustomize accepts one kustomization file in a directory, but there is ${names.slice(1).join(', ')} as well`,
      'usage',
    )
  const [file, tree] = [path.join(folder, name), repositoryRoot(folder) ?? root]
  const source = readPresent(file, own, tree)
  const place = placeInside(file, tree)
  if (!source || 'fault' in place) throw new IoFailure(`${own}: no such file or directory`, 'usage')
  return { path: place.realPath, source }
}
