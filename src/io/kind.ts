import { statSync } from 'node:fs'

import { IoFailure, isMissing, reasonOf } from './failure.js'

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
