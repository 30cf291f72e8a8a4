import { readTraffic } from '../manifest/traffic.js'
import { shareOf } from '../stages/place.js'
import { namesIn } from '../stages/roles.js'
import { thisService } from '../text/words.js'
import {
  advanceOf,
  type Guard,
  hasLatest,
  isWayBack,
  latestShare,
  type Passage,
  readableTargets,
  targetPath,
} from './guard.js'

/** Requests that were served a moment ago go elsewhere at once, and its own route is gone. */
const dropped: Guard = {
  code: 'KN512',
  name: 'serving-target-removed',
  severity: 'warning',
  title: 'Target is removed while it has traffic',
  why: () =>
    'The requests that this revision served go elsewhere with the merge, and it may be collected before anybody looks. Go by stages: `promote` keeps the stable revision as the way back, `rollback` drops the candidate, which may be broken and would then hold back all traffic.',
  *check(passage) {
    // Who goes back must drop the candidate: one that is not ready would hold back the whole split.
    if (isPromoted(passage) || isWayBack(passage)) return
    for (const { name, share } of leaving(passage))
      yield {
        message: `\`spec.traffic\` must not lose \`${name}\` while it has traffic, but it had ${share} percent before this change`,
        help: `run \`kn-rollout apply promote ${thisService}\`, which keeps the stable revision, or \`kn-rollout apply rollback ${thisService}\`, which removes the candidate`,
        path: ['spec', 'traffic'],
        part: 'key',
      }
  },
}

/** The way back is dropped by the very commit after which it may be needed. */
const noWayBack: Guard = {
  code: 'KN513',
  name: 'rollback-target-removed',
  severity: 'warning',
  title: 'Promotion removes the rollback target',
  source: 'pkg/reconciler/gc (a revision without a target is collected)',
  why: () =>
    'A revision without a target may be collected some hours later, and then there is no quick way back. Keep it at 0 percent, and retire it when the new one has proved itself. Only one that is not ready is rightly dropped (`promote --drop-stable`): at 0 percent it would hold back all traffic.',
  *check(passage) {
    if (!isPromoted(passage)) return
    for (const { name, share } of leaving(passage))
      yield {
        message: `\`spec.traffic\` must keep \`${name}\` at 0 percent when another revision takes all, but drops it with its ${share} percent: the cluster may collect the way back`,
        help: `keep it with \`percent: 0\` (\`kn-rollout apply promote ${thisService}\`), or add \`--drop-stable\` if it is not ready: it would block all traffic`,
        path: ['spec', 'traffic'],
        part: 'key',
      }
  },
}

function isPromoted(passage: Passage): boolean {
  return advanceOf(passage)?.to === 100
}

/** The revisions that had traffic and now have no target. Where everything goes to the latest one, others say so. */
function leaving({ before, after }: Passage): readonly { readonly name: string; readonly share: number }[] {
  const [old, fresh] = [readableTargets(before), readableTargets(after)]
  if (latestShare(fresh) === 100) return []
  const kept = new Set(namesIn(fresh))
  return namesIn(old)
    .filter((name) => !kept.has(name))
    .map((name) => ({ name, share: shareOf(old, { name }) }))
    .filter(({ share }) => share > 0)
}

/**
 * Whatever revision becomes ready next gets the traffic, untested. A target for the latest revision that was there at
 * 0 percent is a candidate like any other, until it takes all.
 */
const letLoose: Guard = {
  code: 'KN517',
  name: 'pin-removed',
  severity: 'warning',
  title: 'Pinned traffic switches to the latest revision',
  why: () =>
    'Pinned traffic stays where it is until a commit moves it. With `latestRevision: true`, each new revision gets the share as soon as it is ready, without a test and without a commit. Name the revision that is meant.',
  *check({ before, after }) {
    const [old, fresh] = [readableTargets(before), readableTargets(after)]
    const share = latestShare(fresh)
    if (latestShare(old) > 0 || fresh.length === 0 || share <= 0) return
    if (hasLatest(old) && share < 100) return
    const path = targetPath(fresh, (revision, percent) => 'latest' in revision && percent > 0, 'latestRevision')
    yield {
      message: `\`spec.traffic\` must give pinned traffic to named revisions, but turns ${share} percent over to the latest one: each new revision gets it untested`,
      help: 'name the revision that is meant',
      path,
      part: 'key',
    }
  },
}

/** Without a list, everything goes to the latest revision. */
const lostTraffic: Guard = {
  code: 'KN518',
  name: 'traffic-removed',
  severity: 'warning',
  title: 'Change removes the traffic list of a pinned Service',
  source: 'pkg/apis/serving/v1/route_defaults.go',
  why: () =>
    'Without `spec.traffic` the cluster sends everything to the latest revision: to the one that the template builds now, and to each that follows. A merge conflict or a generator may have lost the list. Put it back.',
  isForWhole: true,
  *check({ before, after }) {
    if (latestShare(readableTargets(before)) === 100 || readTraffic(after)?.length !== 0) return
    yield {
      message:
        '`spec.traffic` must stay where traffic is pinned, but is taken away: everything then goes to the latest revision, and each new one gets it untested',
      help: 'put the list back',
      path: ['spec', 'traffic'],
      part: 'key',
    }
  },
}

export const trafficGuards: readonly Guard[] = [dropped, noWayBack, letLoose, lostTraffic]
