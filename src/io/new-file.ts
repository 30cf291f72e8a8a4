import fs from 'node:fs'
import path from 'node:path'

import { kustomizationNames } from '../kustomize/names.js'
import type { SourceFile } from '../text/source.js'
import { IoFailure, reasonOf } from './failure.js'
import { repositoryRoot } from './git/root.js'
import { placeInside, readGiven, readPresent } from './open.js'
import { isGitFolder, isInside, kindOf, slashes } from './paths.js'

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
