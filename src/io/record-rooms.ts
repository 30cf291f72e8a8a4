import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { getuid } from 'node:process'

import { repositoryRoot } from './git/root.js'
import type { Environment } from './git/run.js'

/**
 * A folder where runs that write leave a record of it. It lies where no pull request can put anything: in Git's own
 * folder of the work tree, or in one that belongs to the user alone.
 */
export type Room = {
  readonly folder: string
  /** The top of the work tree whose files its records are about; without one they are about any folder of the user. */
  readonly root?: string
}

const name = 'kn-rollout'

/** Where a run that writes below `folder` (absolute) can leave its record, the best place first. */
export function roomsFor(folder: string, environment: Environment): readonly Room[] {
  const root = repositoryRoot(folder)
  const own = root === undefined ? undefined : gitFolder(root)
  return [
    ...(root !== undefined && own !== undefined ? [{ folder: path.join(own, name), root }] : []),
    ...privateFolders(environment).map((one) => ({ folder: one })),
  ]
}

/** The rooms of these folders that hold a record, be it of a run that is still writing. Costs a few calls where there is none. */
export function roomsInUse(folders: readonly string[], environment: Environment): readonly Room[] {
  const rooms = new Map(folders.flatMap((one) => roomsFor(one, environment)).map((room) => [room.folder, room]))
  return [...rooms.values()].filter((room) => recordsIn(room).length > 0 && isTrustworthy(room))
}

/** The files of a room that are records, as absolute paths. */
export function recordsIn({ folder }: Room): readonly string[] {
  if (!fs.existsSync(folder)) return []
  try {
    return fs
      .readdirSync(folder)
      .filter((one) => one.endsWith('.json'))
      .map((one) => path.join(folder, one))
  } catch {
    return []
  }
}

/** Whether a room is a folder as it should be, and of this user if it is to be private: never a link to elsewhere. */
export function isTrustworthy({ folder, root }: Room): boolean {
  const stats = fs.lstatSync(folder, { throwIfNoEntry: false })
  if (!stats?.isDirectory()) return false
  return root !== undefined || !getuid || (stats.uid === getuid() && (stats.mode & 0o022) === 0)
}

/** Git's folder of a work tree: `.git` itself, or what that file names in linked work trees and submodules. */
function gitFolder(root: string): string | undefined {
  const entry = path.join(root, '.git')
  try {
    if (fs.statSync(entry).isDirectory()) return entry
    const named = /^gitdir: (.+?)\r?\n?$/.exec(fs.readFileSync(entry, 'utf8'))?.[1]
    return named === undefined ? undefined : path.resolve(root, named)
  } catch {
    return undefined
  }
}

/** For state that is to outlive a restart, as XDG has it; a user without a home has the temporary folder. */
function privateFolders({ XDG_STATE_HOME: state = '', HOME: home = '' }: Environment): readonly string[] {
  const kept = path.isAbsolute(state) ? state : path.isAbsolute(home) ? path.join(home, '.local', 'state') : undefined
  const temporary = path.join(os.tmpdir(), `${name}-${getuid?.() ?? 'user'}`)
  return kept === undefined ? [temporary] : [path.join(kept, name), temporary]
}
