import { sameRevision } from '../manifest/traffic.js'
import { place } from './place.js'
import { isRefusal, type Stage } from './stage.js'

/**
 * Moves everything to the candidate. The stable revision stays named at 0 %, which keeps the way back from being
 * collected. One that is not ready must not: it would hold back the promotion.
 */
export const promote: Stage = {
  name: 'promote',
  summary: 'send all traffic to the candidate, keep the stable revision as the way back',
  result: 'stable 0, candidate 100',
  share: 100,
  apply(input) {
    const { stable, dropStable } = input
    const placed = place(input, 100)
    if (!dropStable || isRefusal(placed) || isRefusal(stable)) return placed
    return placed.filter(({ revision }) => !sameRevision(revision, stable))
  },
}
