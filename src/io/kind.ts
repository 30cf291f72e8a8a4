import { lstatSync, statSync, type Stats } from 'node:fs'

import { IoFailure, codeOf, isMissing, reasonOf } from './failure.js'

/**
 * What stands at a place (an absolute path), links followed; undefined where nothing does, as below a file. `shown` is its
 * name in messages.
 *
 * @throws IoFailure where the system does not tell: a folder that is closed, links in circles.
 */
export function kindOf(place: string, shown: string): 'file' | 'folder' | 'other' | undefined {
  try {
    const stats = statSync(place)
    return stats.isDirectory() ? 'folder' : stats.isFile() ? 'file' : 'other'
  } catch (error) {
    if (isMissing(error)) return undefined
    throw new IoFailure(`${shown}: ${reasonOf(error)}`)
  }
}

/** What the system tells of a place itself, be it a link; undefined where it tells nothing. */
export function statsAt(place: string): Stats | undefined {
  try {
    return lstatSync(place, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

/** Whether a folder stands at a place, links followed, or anything else, be it a link that leads nowhere. */
export function standsAt(place: string): 'file' | 'folder' | undefined {
  try {
    const stats = statSync(place, { throwIfNoEntry: false }) ?? lstatSync(place, { throwIfNoEntry: false })
    return stats && (stats.isDirectory() ? 'folder' : 'file')
  } catch (error) {
    // Nothing is called so, or the links go in a circle.
    return codeOf(error) === 'ELOOP' ? 'file' : undefined
  }
}
