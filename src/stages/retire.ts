import { revisionText, sameRevision } from '../manifest/traffic.js'
import { shareOf, targetsOf } from './shares.js'
import { isRefusal, type Stage } from './stage.js'

/** Takes the old revision out of the list, so that the cluster may collect it. Never one that still receives traffic. */
export const retire: Stage = {
  name: 'retire',
  summary: 'remove the old stable revision after a promotion',
  result: 'candidate 100',
  apply({ traffic, stable, candidate }) {
    const [only] = traffic
    if (traffic.length === 1 && only && 'name' in only.revision && only.percent === 100) {
      const isCandidate = isRefusal(candidate) || sameRevision(candidate, only.revision)
      if (isCandidate && (isRefusal(stable) || isRefusal(candidate) || !sameRevision(stable, only.revision)))
        return traffic
    }
    if (isRefusal(candidate)) return candidate
    if (isRefusal(stable)) return stable
    const share = shareOf(traffic, candidate)
    if (share !== 100 || targetsOf(traffic, stable).some(({ percent }) => percent !== 0)) {
      return {
        code: 'KN408',
        message: `\`${revisionText(stable)}\` must not be removed before \`${revisionText(candidate)}\` has all of the traffic, but that has ${share} percent`,
        help: 'run the stage `promote` first',
      }
    }
    return traffic.filter(({ revision }) => !sameRevision(revision, stable))
  },
}
