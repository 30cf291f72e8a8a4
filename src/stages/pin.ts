import { sameRevision } from '../manifest/traffic.js'
import { thirdTarget } from './place.js'
import { drain, withPinned, withShare } from './shares.js'
import { isRefusal, type Stage } from './stage.js'

/** Ties all traffic to the revision that serves today, so that a new revision gets none by itself. */
export const pin: Stage = {
  name: 'pin',
  summary: 'tie all traffic to the stable revision by its name',
  result: 'stable 100',
  apply({ traffic, stable, candidate }) {
    if (isRefusal(stable)) return stable
    const pinned = withPinned(traffic, stable)
    const drained = isRefusal(candidate)
      ? pinned
      : drain(pinned, ({ revision }) => sameRevision(revision, candidate) && !sameRevision(revision, stable))
    return thirdTarget(drained, [stable]) ?? withShare(drained, stable, 100)
  },
}
