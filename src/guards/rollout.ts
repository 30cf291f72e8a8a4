import { isNewTemplate, ownName } from '../history/cluster.js'
import { ownNamePath } from '../manifest/names.js'
import { trafficSince } from '../manifest/past.js'
import { type Revision, revisionText, sameRevision, type TrafficTarget } from '../manifest/traffic.js'
import type { Finding } from '../rules/rule.js'
import { frozenText } from '../stages/freeze.js'
import type { Step } from '../stages/plans.js'
import { routed, shareOf, targetsNaming } from '../stages/place.js'
import { namesIn } from '../stages/roles.js'
import { formatPath } from '../text/path.js'
import { durationText, utcMinute } from '../text/words.js'
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
    'The plan sets how long the candidate stays in a stage before the next one, so that slow problems have time to appear. By the date of the commit that started the stage, this change is too early. Merge it later, or change the plan.',
  *check(passage) {
    const left = stageLeft(passage)
    const since = passage.past && trafficSince(passage.past)
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
    const since = passage.past && trafficSince(passage.past)
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
