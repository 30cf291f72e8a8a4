import type { Guard } from './guard.js'
import { latestShare, targetsOf } from './targets.js'

/** Whatever revision becomes ready next gets the traffic, untested. */
export const letLoose: Guard = {
  code: 'KN517',
  severity: 'warning',
  title: 'pinned traffic must not be turned over to the latest revision',
  *check({ before, after }) {
    const [old, fresh] = [targetsOf(before), targetsOf(after)]
    if (!before || latestShare(old) > 0 || fresh.length === 0 || latestShare(fresh) === 0) return
    const index = fresh.findIndex(({ revision, percent }) => 'latest' in revision && percent > 0)
    yield {
      message: `\`spec.traffic[${index}]\` must name a revision, but gives ${latestShare(fresh)} percent to the latest one, where all traffic was pinned before: each new revision gets it untested`,
      help: 'name the revision that is meant',
      path: ['spec', 'traffic', index],
      part: 'key',
    }
  },
}

/** Without a list, everything goes to the latest revision. */
export const lostTraffic: Guard = {
  code: 'KN518',
  severity: 'warning',
  title: 'pinned traffic must not lose its list',
  source: 'pkg/apis/serving/v1/route_defaults.go',
  *check({ before, after }) {
    const old = targetsOf(before)
    if (old.length === 0 || latestShare(old) === 100 || targetsOf(after).length > 0) return
    yield {
      message:
        '`spec.traffic` must not be taken away from a Service whose traffic is pinned: everything then goes to the latest revision, and each new one gets it untested',
      help: 'put the list back',
      path: ['spec', 'traffic'],
      part: 'key',
    }
  },
}
