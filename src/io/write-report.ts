import fs from 'node:fs'
import path from 'node:path'

import { IoFailure, reasonOf } from './failure.js'
import { repositoryRoot } from './git/root.js'
import { kindOf, statsAt } from './kind.js'
import { placeInside } from './open.js'
import { removeQuietly } from './write.js'

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
 * @throws IoFailure that names the file; what was there before is then untouched.
 */
export function writeReport(file: string, shown: string, text: string): void {
  const target = targetOf(file, shown)
  const fresh = path.join(path.dirname(target.path), `.${path.basename(target.path)}.kn-rollout-new`)
  try {
    if (target.kind === 'stream') return fs.writeFileSync(target.path, text)
    fs.rmSync(fresh, { force: true })
    fs.writeFileSync(fresh, text, { flag: 'wx', flush: true })
    if (target.mode !== undefined) fs.chmodSync(fresh, target.mode)
    fs.renameSync(fresh, target.path)
  } catch (error) {
    if (target.kind === 'file') removeQuietly([fresh])
    throw new IoFailure(`${shown}: ${reasonOf(error)}; the report was not written`)
  }
}

function targetOf(file: string, shown: string): Target {
  refuseLinkOut(file, shown)
  const kind = kindOf(file, shown)
  if (kind === 'folder') throw new IoFailure(`${shown}: a report must go to a file, but this is a folder`, 'usage')
  if (kind === 'other') return { path: file, kind: 'stream' }
  if (kind === 'file') return { path: fs.realpathSync(file), kind: 'file', mode: fs.statSync(file).mode & 0o7777 }
  const folder = path.dirname(file)
  if (kindOf(folder, shown) === 'folder') return { path: file, kind: 'file' }
  throw new IoFailure(`${shown}: the folder of a report must be there, but \`${path.dirname(shown)}\` is not`, 'usage')
}

/** A link of a repository must not send a report to what the repository does not hold, or to what Git runs by. */
function refuseLinkOut(file: string, shown: string): void {
  const tree = repositoryRoot(path.dirname(file))
  if (tree === undefined || !statsAt(file)?.isSymbolicLink()) return
  const place = placeInside(file, tree)
  if ('fault' in place && place.fault.reason === 'link')
    throw new IoFailure(`${shown}: ${place.fault.message}`, 'usage')
}
