import { shareOf } from './place.js'
import type { RolloutPlan, Step } from './plans.js'
import { headOf } from './next.js'
import { type Facts, shareThen } from './roles.js'
import { isRefusal, type Refusal } from './stage.js'
import type { Standing } from './standing.js'
import { thisService } from '../text/words.js'

/** The percent that a split without one gives the candidate, and the step of the plan that it is from. */
export type NextShare = { readonly percent: number; readonly tag?: string; readonly basis: string }

/**
 * Asks the plan for the percent of a split: its own stage of that name, else the first one that gives the candidate more
 * than it has. What was moved already and is not committed yet stays, so that a second run changes nothing. Undefined where
 * the roles are not known.
 */
export function nextShare(
  stage: string,
  { before, candidate }: Standing,
  facts: Facts,
): NextShare | Refusal | undefined {
  if (isRefusal(candidate)) return undefined
  const { plan } = facts
  const shared = plan.steps.filter(({ stage: { share = 0 } }) => share > 0 && share < 100)
  const present = shareOf(before, candidate.revision)
  const own = shared.find((step) => step.stage.name === stage)
  const reached = shared.find((step) => step.stage.share === present)
  const further = own ?? shared.find((step) => (step.stage.share ?? 0) > present)
  const isMoved = reached && !own && further && present > committedShare(facts, candidate.revision)
  const step = isMoved ? reached : (further ?? reached)
  const percent = step?.stage.share
  if (!step || percent === undefined || percent < present) return pastShares(plan, shared, present)
  return { percent, ...(step.tag !== undefined && { tag: step.tag }), basis: basisOf(plan, step, stage) }
}

/** What the last commit gives a revision; everything where no commit shows it. */
function committedShare(facts: Facts, revision: Parameters<typeof shareThen>[1]): number {
  const past = facts.past?.()
  const head = past && headOf(past)
  return head ? shareThen(head, revision) : 100
}

function basisOf({ name }: RolloutPlan, step: Step, stage: string): string {
  return `the plan ${name}${step.stage.name === stage ? '' : `, stage ${step.stage.name}`}`
}

function pastShares({ name }: RolloutPlan, shared: readonly Step[], present: number): Refusal {
  const last = shared.at(-1)?.stage.share
  return {
    code: 'KN459',
    message:
      last === undefined
        ? `cannot split: the plan \`${name}\` has no stage that splits the traffic`
        : `cannot split: the candidate has ${present}%, which is past the last percent of the plan \`${name}\` (${last}%)`,
    help: `run \`kn-rollout apply promote ${thisService}\`, or give the percent: \`kn-rollout apply split ${thisService} --percent ${present > 50 ? 50 : 10}\``,
  }
}
