import { shareOf } from '../stages/shares.js'
import { namesIn } from '../stages/names.js'
import { advanceOf, isWayBack } from './advance.js'
import type { Guard, Passage } from './guard.js'
import { latestShare, targetsOf } from './targets.js'
import { thisService } from '../text/this-service.js'

/** Requests that were served a moment ago go elsewhere at once, and its own route is gone. */
export const dropped: Guard = {
  code: 'KN512',
  name: 'serving-target-removed',
  severity: 'warning',
  title: 'a revision must not leave the list while it has traffic',
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
export const noWayBack: Guard = {
  code: 'KN513',
  name: 'rollback-target-removed',
  severity: 'warning',
  title: 'a promotion must keep the way back',
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
  const [old, fresh] = [targetsOf(before), targetsOf(after)]
  if (latestShare(fresh) === 100) return []
  const kept = new Set(namesIn(fresh))
  return namesIn(old)
    .filter((name) => !kept.has(name))
    .map((name) => ({ name, share: shareOf(old, { name }) }))
    .filter(({ share }) => share > 0)
}
