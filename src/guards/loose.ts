import { readTraffic } from '../manifest/traffic.js'
import type { Guard } from './guard.js'
import { hasLatest, latestShare, placeOf, targetsOf } from './targets.js'

/**
 * Whatever revision becomes ready next gets the traffic, untested. A target for the latest revision that was there at
 * 0 percent is a candidate like any other, until it takes all.
 */
export const letLoose: Guard = {
  code: 'KN517',
  name: 'pin-removed',
  severity: 'warning',
  title: 'pinned traffic must not be turned over to the latest revision',
  why: () =>
    'Pinned traffic stays where it is until a commit moves it. With `latestRevision: true`, each new revision gets the share as soon as it is ready, without a test and without a commit. Name the revision that is meant.',
  *check({ before, after }) {
    const [old, fresh] = [targetsOf(before), targetsOf(after)]
    const share = latestShare(fresh)
    if (latestShare(old) > 0 || fresh.length === 0 || share <= 0) return
    if (hasLatest(old) && share < 100) return
    const path = placeOf(fresh, (revision, percent) => 'latest' in revision && percent > 0, 'latestRevision')
    yield {
      message: `\`spec.traffic\` must give pinned traffic to named revisions, but turns ${share} percent over to the latest one: each new revision gets it untested`,
      help: 'name the revision that is meant',
      path,
      part: 'key',
    }
  },
}

/** Without a list, everything goes to the latest revision. */
export const lostTraffic: Guard = {
  code: 'KN518',
  name: 'traffic-removed',
  severity: 'warning',
  title: 'pinned traffic must not lose its list',
  source: 'pkg/apis/serving/v1/route_defaults.go',
  why: () =>
    'Without `spec.traffic` the cluster sends everything to the latest revision: to the one that the template builds now, and to each that follows. A merge conflict or a generator may have lost the list. Put it back.',
  isForWhole: true,
  *check({ before, after }) {
    if (latestShare(targetsOf(before)) === 100 || readTraffic(after)?.length !== 0) return
    yield {
      message:
        '`spec.traffic` must stay where traffic is pinned, but is taken away: everything then goes to the latest revision, and each new one gets it untested',
      help: 'put the list back',
      path: ['spec', 'traffic'],
      part: 'key',
    }
  },
}
