import { readTraffic, revisionText } from '../manifest/traffic.js'
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
    'The requests of this revision go elsewhere after the merge, and Knative may garbage-collect it. Use the stages: `promote` keeps the stable revision as the rollback target, and `rollback` removes the candidate, which may be broken and would then block all traffic.',
  *check(passage) {
    // Who goes back must drop the candidate: one that is not ready would hold back the whole split.
    if (isPromoted(passage) || isWayBack(passage)) return
    for (const { name, share } of leaving(passage))
      yield {
        message: `\`spec.traffic\` loses \`${name}\`, which had ${share}% of the traffic before this change`,
        help: `run \`kn-rollout apply promote ${thisService}\` to keep the stable revision, or \`kn-rollout apply rollback ${thisService}\``,
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
    'Knative may garbage-collect a revision without a target after some hours, and then you cannot roll back quickly. Keep it at 0%, and retire it after the new one has proved itself. Remove it only if it is not ready (`promote --drop-stable`): at 0% it would block all traffic.',
  *check(passage) {
    const advance = advanceOf(passage)
    if (advance?.to !== 100) return
    for (const { name, share } of leaving(passage))
      yield {
        message: `promoting \`${revisionText(advance.candidate)}\` removes the rollback target \`${name}\`, which had ${share}%: Knative may garbage-collect it`,
        help: `add \`{revisionName: ${name}, percent: 0}\` to \`spec.traffic\`, unless it is not ready: it would block all traffic`,
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
    'Pinned traffic stays in place until a commit moves it. With `latestRevision: true`, each new revision gets the traffic as soon as it is ready, without a test and without a commit. Name the intended revision.',
  *check({ before, after }) {
    const [old, fresh] = [readableTargets(before), readableTargets(after)]
    const share = latestShare(fresh)
    if (latestShare(old) > 0 || fresh.length === 0 || share <= 0) return
    if (hasLatest(old) && share < 100) return
    const path = targetPath(fresh, (revision, percent) => 'latest' in revision && percent > 0, 'latestRevision')
    yield {
      message: `\`latestRevision: true\` gets ${share}% of the traffic that was pinned: each new revision will get it untested`,
      help: 'set `revisionName` to the intended revision',
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
    'Without `spec.traffic` Knative sends all traffic to the latest revision: the one that the template builds now, and each later one. A merge conflict or a generator may have removed the list. Restore it.',
  isForWhole: true,
  *check({ before, after }) {
    if (latestShare(readableTargets(before)) === 100 || readTraffic(after)?.length !== 0) return
    yield {
      message: '`spec.traffic` is removed although traffic was pinned: each new revision will get all traffic untested',
      help: 'restore the list',
      path: ['spec', 'traffic'],
      part: 'key',
    }
  },
}

export const trafficGuards: readonly Guard[] = [dropped, noWayBack, letLoose, lostTraffic]
