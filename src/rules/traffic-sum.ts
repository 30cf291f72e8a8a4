import { member } from '../manifest/json.js'
import { trafficTargets } from './parts.js'
import type { Rule } from './rule.js'

/** The shares of all targets must add up to everything there is. An empty list means 100 % to the latest revision. */
export const trafficSum: Rule = {
  code: 'KN301',
  name: 'traffic-sum',
  severity: 'error',
  title: 'traffic must sum to 100 percent',
  source: 'pkg/apis/serving/v1/route_validation.go validateTrafficList',
  why: () =>
    'The shares say where each request goes, so none may be left over and none given away twice; the cluster refuses any other sum. An absent percent counts as 0: change the others until they add up.',
  *check(manifest) {
    const shares = trafficTargets(manifest).map(({ value }) => member(value, 'percent') ?? 0)
    if (shares.length === 0 || !shares.every((share) => typeof share === 'number')) return
    const sum = shares.reduce((total, share) => total + share, 0)
    if (sum === 100) return
    const terms = shares.length === 1 ? `${sum}` : `${shares.join(' + ')} = ${sum}`
    yield {
      message: `the percents of \`spec.traffic\` must sum to 100, but are ${terms}: "Traffic targets sum to ${sum}, want 100"`,
      help: 'change the `percent` of the targets so that they add up; an absent one counts as 0',
      path: ['spec', 'traffic'],
      part: 'key',
    }
  },
}
