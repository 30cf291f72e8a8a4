import fs, { appendFileSync, statSync } from 'node:fs'
import path from 'node:path'

import { IoFailure, reasonOf } from './failure.js'
import { repositoryRoot } from './git/root.js'
import { placeInside } from './open.js'
import { kindOf, statsAt } from './paths.js'
import { Interrupted, type Signals } from './signals.js'
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
  const { writeOne } = await import('./writing/write-one.js')
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
