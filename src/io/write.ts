import fs from 'node:fs'
import path from 'node:path'

import { IoFailure, reasonOf } from './failure.js'

/** A file to write: where it is, what was read from it, what it is to become. A new file was nothing before. */
export type PendingFile = {
  readonly path: string
  readonly before: string | Uint8Array | undefined
  readonly after: string
}

/** The calls that writing needs, so that tests can let each of them fail. */
export type FileSystem = Pick<
  typeof fs,
  | 'openSync'
  | 'writeSync'
  | 'fchmodSync'
  | 'fsyncSync'
  | 'closeSync'
  | 'renameSync'
  | 'rmSync'
  | 'linkSync'
  | 'statSync'
  | 'readFileSync'
>

type Staged = PendingFile & { readonly fresh: string; readonly backup: string }

/**
 * Writes all files or none. Every text is first written in full beside its target and flushed; then each target is
 * replaced by one rename. Where anything fails half-way, the originals are put back. Modes are kept; a new file gets the
 * mode of any new file, and never takes the place of one that came in between.
 *
 * @throws IoFailure that names the file; all files are then as they were, or it says where the former text of one is.
 */
export function writeAll(files: readonly PendingFile[], system: FileSystem = fs): void {
  const staged: Staged[] = []
  const replaced: Staged[] = []
  let current = ''
  try {
    for (const file of files) {
      current = file.path
      const base = path.join(path.dirname(file.path), `.${path.basename(file.path)}.kn-rollout`)
      const one = { ...file, fresh: `${base}-new`, backup: `${base}-old` }
      refuseUnlessWritable(file, system)
      staged.push(one)
      stage(one, system)
    }
    for (const file of staged) {
      current = file.path
      if (file.before === undefined) continue
      refuseUnlessUnchanged(file, system)
      system.rmSync(file.backup, { force: true })
      system.linkSync(file.path, file.backup)
    }
    for (const file of staged) {
      current = file.path
      if (file.before !== undefined) {
        refuseUnlessUnchanged(file, system)
        system.renameSync(file.fresh, file.path)
      } else system.linkSync(file.fresh, file.path)
      replaced.push(file)
    }
  } catch (error) {
    const lost = replaced.filter((file) => !isPutBack(file, system))
    for (const file of staged) removeQuietly(lost.includes(file) ? [file.fresh] : [file.fresh, file.backup], system)
    const reason = error instanceof IoFailure ? error.message : reasonOf(error)
    throw new IoFailure(`${current}: ${reason}; ${lost.map(lossText).join('; ') || 'nothing was written'}`)
  }
  for (const { fresh, backup } of replaced) removeQuietly([fresh, backup], system)
}

/** Undoes the writing of one file; whatever gets in the way, the others are still to be undone. */
function isPutBack({ path: file, before, backup }: Staged, system: FileSystem): boolean {
  try {
    if (before === undefined) system.rmSync(file, { force: true })
    else system.renameSync(backup, file)
    return true
  } catch {
    return false
  }
}

function lossText({ path: file, before, backup }: Staged): string {
  if (before === undefined) return `${file} was written and cannot be removed`
  return `${file} was written and cannot be put back: its former text is in ${backup}`
}

/** A left-over of ours is untidy, but no failure, and its name says whose it is. */
export function removeQuietly(files: readonly string[], system: Pick<FileSystem, 'rmSync'> = fs): void {
  for (const file of files) {
    try {
      system.rmSync(file, { force: true })
    } catch {
      // The next run tries again.
    }
  }
}

function refuseUnlessWritable(file: PendingFile, system: FileSystem): void {
  if (file.before === undefined) return
  if ((system.statSync(file.path).mode & 0o222) === 0) throw new IoFailure('the file is read-only')
  refuseUnlessUnchanged(file, system)
}

function refuseUnlessUnchanged({ path: file, before = '' }: PendingFile, system: FileSystem): void {
  if (system.readFileSync(file).equals(Buffer.from(before))) return
  throw new IoFailure('the file was changed by someone else since it was read; run the command again')
}

function stage({ path: target, fresh, before, after }: Staged, system: FileSystem): void {
  system.rmSync(fresh, { force: true })
  const handle = system.openSync(fresh, 'wx', before === undefined ? 0o666 : 0o600)
  try {
    const bytes = Buffer.from(after)
    for (let written = 0; written < bytes.length;) written += system.writeSync(handle, bytes, written)
    if (before !== undefined) system.fchmodSync(handle, system.statSync(target).mode & 0o7777)
    system.fsyncSync(handle)
  } finally {
    system.closeSync(handle)
  }
}
