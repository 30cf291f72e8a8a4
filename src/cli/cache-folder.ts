import { existsSync, lstatSync, mkdirSync, realpathSync } from 'node:fs'
import path from 'node:path'

/**
 * The folder for compiled code, made if it is missing: below XDG_CACHE_HOME, else below ~/.cache. Undefined unless this
 * user alone can write to it and nobody but the system to the folders around it, none of which is in a Git repository: a
 * commit could bring a folder of that name along.
 *
 * @throws the error of the system where a folder cannot be looked at or made.
 */
export function cacheFolder(
  { XDG_CACHE_HOME: cache, HOME: home }: Readonly<Record<string, string | undefined>>,
  user: number | undefined,
): string | undefined {
  if (user === undefined) return undefined
  const base = cache !== undefined && path.isAbsolute(cache) ? cache : path.join(home ?? '', '.cache')
  if (!path.isAbsolute(base)) return undefined
  const folder = path.join(base, 'kn-rollout')
  if (!existsSync(folder)) {
    if (!isGuarded(nearestFolder(base), user)) return undefined
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  }
  const { uid, mode } = lstatSync(folder)
  const isOwn = uid === user && (mode & 0o077) === 0
  return isOwn && isGuarded(folder, user) ? folder : undefined
}

function nearestFolder(folder: string): string {
  return existsSync(folder) ? folder : nearestFolder(path.dirname(folder))
}

/** Whether a folder and all around it can be written to by the system and this user only, and are in no repository. */
function isGuarded(folder: string, user: number): boolean {
  for (let place = realpathSync.native(folder); ; place = path.dirname(place)) {
    const { uid, mode } = lstatSync(place)
    if ((uid !== user && uid !== 0) || (mode & 0o022) !== 0 || existsSync(path.join(place, '.git'))) return false
    if (place === path.dirname(place)) return true
  }
}
