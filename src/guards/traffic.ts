import { isNewTemplate, ownName } from '../history/cluster.js'
import { ownNamePath } from '../manifest/names.js'
import { readTraffic, type Revision, revisionText, sameRevision, type TrafficTarget } from '../manifest/traffic.js'
import type { Finding } from '../rules/rule.js'
import { frozenText } from '../stages/freeze.js'
import { stageSince } from '../stages/next.js'
import { routed, shareOf, targetsNaming } from '../stages/place.js'
import { namesIn } from '../stages/roles.js'
import type { Step } from '../stages/stages.js'
import { formatPath } from '../text/path.js'
import { durationText, thisService, utcMinute } from '../text/words.js'
import {
  advanceOf,
  candidateBefore,
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

/** Users meet a revision that nobody could have tested. */
const skippedPreview: Guard = {
  code: 'KN514',
  name: 'skipped-preview',
  severity: 'warning',
  title: 'New revision gets traffic without a preview',
  why: () =>
    'Knative builds a new template when the change is applied. If its revision gets traffic immediately, users send the first requests. Preview it at 0% under a tag, test it there, and move traffic to it in a later commit.',
  *check(passage) {
    const finding = unpreviewed(passage)
    if (finding) yield finding
  },
}

/** What is wrong where the new template of a change serves at once. */
function unpreviewed(passage: Passage): Finding | undefined {
  if (!isNewTemplate(passage)) return undefined
  return servedUnpreviewed(passage) ?? servedAsLatest(passage)
}

function servedUnpreviewed(passage: Passage): Finding | undefined {
  const advance = advanceOf(passage)
  if (!advance || !('name' in advance.candidate)) return undefined
  const { before, after } = passage
  const { candidate, from, to } = advance
  const name = ownName(after)
  const isBuilt = name === undefined ? from < 0 : name === candidate.name && name !== ownName(before)
  if (!isBuilt) return undefined
  return {
    message: `\`${revisionText(candidate)}\` gets ${to}% of the traffic in the change that adds its template: users will send the first requests`,
    help: 'set `percent: 0` and a tag, and raise the percent in a later commit',
    path: targetPath(readableTargets(after), (revision) => sameRevision(revision, candidate), 'percent'),
  }
}

/** A target for the latest revision means another one as soon as the template is built. */
function servedAsLatest({ before, after }: Passage): Finding | undefined {
  const [old, fresh] = [readableTargets(before), readableTargets(after)]
  const share = latestShare(fresh)
  if (share <= 0 || share >= 100 || !(old.length === 0 || hasLatest(old))) return undefined
  return {
    message: `\`latestRevision: true\` gives the new template ${share}% of the traffic in the change that adds it: users will send the first requests`,
    help: 'pin all traffic to named revisions first, and move traffic to the new one in a later commit',
    path: targetPath(fresh, (revision, percent) => 'latest' in revision && percent > 0, 'percent'),
  }
}

/** The plan's own stages, jumped over. */
const skippedStage: Guard = {
  code: 'KN515',
  name: 'skipped-stage',
  severity: 'warning',
  title: 'Change skips a stage of the plan',
  why: () =>
    'The plan of this Service has stages between the old percent of the candidate and its new one. Each stage is a chance to notice a problem while it affects few users. Follow the plan stage by stage, or change the plan.',
  *check(passage) {
    const advance = advanceOf(passage)
    if (!advance || unpreviewed(passage)) return
    const { plan, after } = passage
    const { candidate, from, to } = advance
    const next = plan.steps.find(({ stage }) => stage.share !== undefined && stage.share > from)?.stage
    if (next?.share === undefined || to <= next.share) return
    const had = from < 0 ? 'no target' : `${from}%`
    yield {
      message: `\`${revisionText(candidate)}\` moves from ${had} to ${to}%: the next stage of the plan \`${plan.name}\` is \`${next.name}\` at ${next.share}%`,
      help: `set \`percent: ${next.share}\` first, or give the Service another plan in \`.kn-rollout.yaml\``,
      path: targetPath(readableTargets(after), (revision) => sameRevision(revision, candidate), 'percent'),
    }
  },
}

/** A stage that was to last for a while, cut short. */
const unsoaked: Guard = {
  code: 'KN516',
  name: 'short-soak',
  severity: 'warning',
  title: 'Stage ends before its soak is over',
  why: () =>
    'The plan sets how long the candidate stays in a stage before the next one, so that slow problems have time to appear. It counts from the commit that started the stage, or, for `@latest`, that set the latest template. This change comes before its end. Merge it later, or change the plan.',
  *check(passage) {
    const left = stageLeft(passage)
    const since = left && passage.past && stageSince(passage.past)
    if (!left || !since || since.isAtLeast) return
    const { step, soak, candidate } = left
    const served = passage.now - since.time
    if (served >= soak) return
    const minutes = Math.max(0, Math.floor(served / 60))
    yield {
      message: `\`${revisionText(candidate)}\` leaves \`${step.stage.name}\` after ${durationText(minutes * 60)}: its soak in the plan \`${passage.plan.name}\` ends at ${utcMinute(since.time + soak)}`,
      help: 'merge this after that time',
      path: targetPath(readableTargets(passage.after), (revision) => sameRevision(revision, candidate), 'percent'),
    }
  },
  isOpen(passage) {
    const left = stageLeft(passage)
    const since = left && passage.past && stageSince(passage.past)
    return left !== undefined && (!since || (since.isAtLeast === true && passage.now - since.time < left.soak))
  },
}

type Left = { readonly step: Step; readonly soak: number; readonly candidate: Revision }

/** The stage with a time of its own that a change leaves forwards, if it does. */
function stageLeft(passage: Passage): Left | undefined {
  const { plan } = passage
  const moved = advanceOf(passage) ?? retired(passage)
  const step = moved && plan.steps.find(({ stage }) => stage.share === moved.from)
  return moved && step?.soak !== undefined ? { step, soak: step.soak, candidate: moved.candidate } : undefined
}

/** The revision that keeps all of the traffic while the way back leaves the list. */
function retired({ before, after }: Passage): { readonly candidate: Revision; readonly from: number } | undefined {
  const [old, fresh] = [readableTargets(before), readableTargets(after)]
  const [all, still] = [old, fresh].map((targets) => targets.find(({ percent }) => percent === 100)?.revision)
  const kept = new Set(namesIn(fresh))
  if (!all || !still || !sameRevision(all, still) || namesIn(old).every((name) => kept.has(name))) return undefined
  return { candidate: all, from: 100 }
}

/** The candidate of a rollout in progress is no longer what the template says, though users are still on it. */
const leftBehind: Guard = {
  code: 'KN528',
  name: 'rollout-left-behind',
  severity: 'warning',
  title: 'Template changes while another rollout is in progress',
  source: 'pkg/reconciler/route/traffic/traffic.go: a named target stays on its revision',
  why: () =>
    'Two revisions share the traffic, and this change replaces the template of the newer one before its rollout is done. Its traffic stays on a revision that no template builds, and restoring the template no longer rolls it back. Finish that rollout first: promote the candidate, or roll back.',
  isForWhole: true,
  *check(passage) {
    const { before, after } = passage
    const [old, fresh] = [ownName(before), ownName(after)]
    if (old === undefined || fresh === undefined || old === fresh || !isNewTemplate(passage)) return
    const share = shareOf(readableTargets(after), { name: old })
    if (share <= 0 || share >= 100 || shareOf(readableTargets(before), { name: old }) <= 0) return
    const serving = new Set(namesIn(readableTargets(after).filter(({ percent }) => percent > 0)))
    serving.delete(fresh)
    if (serving.size < 2) return
    yield {
      message: `\`${formatPath(ownNamePath)}\` changes to \`${fresh}\` while \`${old}\` has ${share}% of the traffic: that rollout will stay unfinished`,
      help: `merge a promotion or a rollback of \`${old}\` first, and the new template after it`,
      path: ownNamePath,
    }
  },
}

/** Users are moved at a time at which nobody is to move them. */
const movedInFreeze: Guard = {
  code: 'KN531',
  name: 'moved-in-freeze',
  severity: 'warning',
  title: 'Change moves traffic during a freeze',
  why: () =>
    'A window of `freeze` in `.kn-rollout.yaml` is open at the time of this run, and the change gives revisions other percents, or a new template to traffic that follows the latest revision. Merge it when the window has ended; a rollback is not reported.',
  isForWhole: true,
  *check(passage) {
    const { frozen, before, after } = passage
    if (!frozen) return
    const [old, fresh] = [readableTargets(before), readableTargets(after)]
    const isRebuilt = latestShare(fresh) > 0 && isNewTemplate(passage)
    const gaining = routed(fresh).filter(
      ({ revision }) => shareOf(routed(fresh), revision) > shareOf(routed(old), revision),
    )
    if ((!isRebuilt && gaining.length === 0) || goesBack(passage, gaining)) return
    yield {
      message: `\`${after.label}\` moves traffic during a freeze: rollouts are frozen ${frozenText(frozen)}`,
      help: 'merge this after the freeze',
      path: ['spec', 'traffic'],
    }
  },
}

/** Whether all that gains traffic was there before the candidate, which stays in the list or leaves it. */
function goesBack(passage: Passage, gaining: readonly TrafficTarget[]): boolean {
  if (isWayBack(passage)) return true
  const candidate = candidateBefore(passage)
  const old = readableTargets(passage.before)
  return (
    candidate !== undefined &&
    gaining.length > 0 &&
    gaining.every(({ revision }) => !sameRevision(revision, candidate) && targetsNaming(old, revision).length > 0)
  )
}

export const rolloutGuards: readonly Guard[] = [skippedPreview, skippedStage, unsoaked, leftBehind, movedInFreeze]
