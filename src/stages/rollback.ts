import { sameRevision } from '../manifest/traffic.js'
import { drain, withPinned, withShare } from './shares.js'
import { isRefusal, type Stage } from './stage.js'

/**
 * Sends everything back to the stable revision, from whatever state the file is in, and leaves nothing else in the list: a
 * target that is not ready holds back the whole split even at 0 percent, so that users would stay on the one that fails.
 * Who knows the others to be sound may keep them, and their routes.
 *
 * Source: pkg/reconciler/route/traffic (a target that is not ready makes all of them wait).
 */
export const rollback: Stage = {
  name: 'rollback',
  summary: 'send all traffic back to the stable revision and drop the candidate, from any state',
  result: 'stable 100',
  apply({ traffic, stable, keep }) {
    if (isRefusal(stable)) return stable
    const pinned = withPinned(traffic, stable)
    if (keep)
      return withShare(
        drain(pinned, ({ revision }) => !sameRevision(revision, stable)),
        stable,
        100,
      )
    return withShare(pinned, stable, 100).filter(({ revision }) => sameRevision(revision, stable))
  },
}
