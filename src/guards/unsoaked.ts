import { trafficSince } from '../manifest/past-facts.js'
import { revisionText, sameRevision, type Revision } from '../manifest/traffic.js'
import type { Step } from '../stages/plans.js'
import { durationText, utcMinute } from '../text/time.js'
import { namesIn } from '../stages/names.js'
import { advanceOf } from './advance.js'
import type { Guard, Passage } from './guard.js'
import { placeOf, targetsOf } from './targets.js'

/** A stage that was to last for a while, cut short. */
export const unsoaked: Guard = {
  code: 'KN516',
  name: 'short-soak',
  severity: 'warning',
  title: 'a stage must last as long as the plan says',
  why: () =>
    'The plan says how long the candidate stays in a stage before the next one, so that slow trouble has time to show. By the date of the commit that brought the stage, this is too early. Merge later, or change the plan.',
  *check(passage) {
    const left = stageLeft(passage)
    const since = passage.past && trafficSince(passage.past)
    if (!left || !since || since.isAtLeast) return
    const { step, soak, candidate } = left
    const served = passage.now - since.time
    if (served >= soak) return
    const minutes = Math.max(0, Math.floor(served / 60))
    yield {
      message: `\`${revisionText(candidate)}\` must stay in the stage \`${step.stage.name}\` of the plan \`${passage.plan.name}\` until ${utcMinute(since.time + soak)}, but moves on after ${durationText(minutes * 60)}`,
      help: 'merge this later',
      path: placeOf(targetsOf(passage.after), (revision) => sameRevision(revision, candidate), 'percent'),
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
  const [old, fresh] = [targetsOf(before), targetsOf(after)]
  const [all, still] = [old, fresh].map((targets) => targets.find(({ percent }) => percent === 100)?.revision)
  const kept = new Set(namesIn(fresh))
  if (!all || !still || !sameRevision(all, still) || namesIn(old).every((name) => kept.has(name))) return undefined
  return { candidate: all, from: 100 }
}
