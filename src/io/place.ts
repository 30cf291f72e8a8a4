import fs from 'node:fs'
import path from 'node:path'

import { decode } from '../text/decode.js'
import type { SourceFile } from '../text/source.js'
import { IoFailure, reasonOf } from './failure.js'
import { repositoryRoot } from './git/root.js'
import { kindOf } from './kind.js'
import { kustomizationNames } from './kustomization-name.js'
import { isInside, slashes } from './paths.js'

/** Where a new file can be written, and what it meets there. */
export type Place = {
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
 * @throws IoFailure of the kind `usage` where it cannot stand there: no folder, out of the repository, or a file that is
 * there already and is not to be replaced; of the kind `io` where the system does not let it look.
 */
export function placeFor(shown: string, workingDirectory: string, isReplacing: boolean): Place {
  try {
    return lookedAt(shown, workingDirectory, isReplacing)
  } catch (error) {
    throw error instanceof IoFailure ? error : new IoFailure(`${shown}: ${reasonOf(error)}`)
  }
}

function lookedAt(shown: string, workingDirectory: string, isReplacing: boolean): Place {
  const file = path.resolve(workingDirectory, shown)
  const folder = path.dirname(file)
  if (kindOf(folder, shown) !== 'folder')
    throw new IoFailure(
      `${shown}: its folder must be there, but \`${path.dirname(shown)}\` is not; make it first`,
      'usage',
    )
  const root = fs.realpathSync.native(repositoryRoot(workingDirectory) ?? workingDirectory)
  const before = replaced(file, shown, isReplacing)
  const real = before ? fs.realpathSync.native(file) : path.join(fs.realpathSync.native(folder), path.basename(file))
  refuseOutside(root, real, shown)
  const kustomization = kustomizationIn(folder, shown, root)
  return { path: real, before, root, ...(kustomization && { kustomization }) }
}

function refuseOutside(root: string, real: string, shown: string): void {
  if (isInside(root, real)) return
  throw new IoFailure(
    `${shown}: a file to be written must be inside of ${root}; run the command where it belongs`,
    'usage',
  )
}

function replaced(file: string, shown: string, isReplacing: boolean): Uint8Array | undefined {
  const stats = fs.lstatSync(file, { throwIfNoEntry: false })
  if (!stats) return undefined
  if (stats.isDirectory()) throw new IoFailure(`${shown}: a manifest must go to a file, but this is a folder`, 'usage')
  if (!isReplacing) throw new IoFailure(`${shown}: the file is there already; --force replaces it`, 'usage')
  if (kindOf(file, shown) !== 'file') throw new IoFailure(`${shown}: only a plain file can be replaced`, 'usage')
  return fs.readFileSync(file)
}

function kustomizationIn(folder: string, shown: string, root: string): Place['kustomization'] {
  const names = kustomizationNames.filter((name) => fs.existsSync(path.join(folder, name)))
  const [name] = names
  if (name === undefined) return undefined
  const own = slashes(path.join(path.dirname(shown), name))
  if (names.length > 1)
    throw new IoFailure(
      `${own}: kustomize takes one kustomization a folder, but there is ${names.slice(1).join(', ')} as well`,
      'usage',
    )
  const real = fs.realpathSync.native(path.join(folder, name))
  refuseOutside(root, real, own)
  const decoded = decode(read(real, own))
  if ('reason' in decoded) throw new IoFailure(`${own}: the file ${decoded.message}`, 'usage')
  return { path: real, source: { path: own, text: decoded.text } }
}

function read(file: string, shown: string): Uint8Array {
  try {
    return fs.readFileSync(file)
  } catch (error) {
    throw new IoFailure(`${shown}: ${reasonOf(error)}`)
  }
}
