import { type Revision, sameRevision, type TrafficTarget } from '../manifest/traffic.js'
import { sum } from '../text/collections.js'
import { shareOf, targetsNaming } from './place.js'
import type { RolloutPlan, Step } from './plans.js'
import type { Roles } from './roles.js'
import { isRefusal } from './stage.js'

/**
 * Where a Service stands, told by its file alone:
 *
 * - `unpinned`: everything goes to the latest revision, no rollout is under way;
 * - `single`: one named revision has everything, and no other stands beside it;
 * - `shared`: stable and candidate share the traffic, of which the candidate has `share` percent;
 * - `odd`: a state that no stage of any plan leaves.
 */
export type Position = {
  readonly state: 'unpinned' | 'single' | 'shared' | 'odd'
  /** The stage of the plan that leaves this state; absent where none does. */
  readonly step?: Step
  /** The candidate's share in percent. */
  readonly share?: number
  /** Set where the latest revision has everything and the stable one stands beside it without a share: neither came before. */
  readonly isSettled?: true
}

/** Finds the state of the traffic in the plan. Two stages that leave the same are told apart by the candidate's tag. */
export function positionIn(plan: RolloutPlan, traffic: readonly TrafficTarget[], roles: Roles): Position {
  const served = traffic.filter(({ percent }) => percent > 0)
  const stable = revisionIn(roles.stable)
  const candidate = revisionIn(roles.candidate)
  if (served.every(({ revision }) => 'latest' in revision) && !isPromoted(traffic, stable, candidate))
    return { state: 'unpinned', ...(isNamedIn(traffic, stable) && { isSettled: true }) }
  const [only, second] = traffic
  if (only && !second) return { state: 'single', ...stepOf(plan, only.tag === undefined ? 'stable' : 'candidate') }
  const known = [stable, candidate].flatMap((revision) => revision ?? [])
  const isOdd = served.some(({ revision }) => !known.some((one) => sameRevision(one, revision)))
  if (isOdd || !candidate || served.length === 0) return { state: 'odd' }
  if (!traffic.some(({ revision }) => sameRevision(revision, candidate)))
    return { state: 'single', ...stepOf(plan, 'stable') }
  const share = shareOf(traffic, candidate)
  const step = plan.steps.find(({ stage }) => stage.share === share)
  return { state: 'shared', share, ...(step && { step }) }
}

/** The same; but shares that a cluster refuses are no stage, however alike. */
export function soundPosition(plan: RolloutPlan, traffic: readonly TrafficTarget[], roles: Roles): Position {
  const isSound = traffic.length === 0 || sum(traffic.map(({ percent }) => percent)) === 100
  return isSound && traffic.every(({ percent }) => percent >= 0) ? positionIn(plan, traffic, roles) : { state: 'odd' }
}

/**
 * The stage that follows, or undefined where the plan has none left. A share between two stages goes on with the next
 * greater one; a lone revision starts at the first stage that gives another one a place. Nothing follows where an older
 * revision stands beside the latest one and may have been put there for its tag alone: to pin it would be to go back.
 */
export function stepAfter(plan: RolloutPlan, { state, share, isSettled }: Position): Step | undefined {
  if (state === 'unpinned') return isSettled ? undefined : plan.steps[0]
  if (state === 'single') return plan.steps.find(({ stage }) => stage.share !== undefined)
  if (share === undefined) return undefined
  const further = plan.steps.find(({ stage }) => stage.share !== undefined && stage.share > share)
  return further ?? (share === 100 ? stepLeaving(plan, 'candidate') : undefined)
}

/** A tag of its own would tell that the named revision is there for its route, and not as the way back. */
function isPromoted(
  traffic: readonly TrafficTarget[],
  stable: Revision | undefined,
  candidate: Revision | undefined,
): boolean {
  if (!candidate || !('latest' in candidate) || !isNamedIn(traffic, stable)) return false
  return shareOf(traffic, candidate) === 100 && targetsNaming(traffic, stable).every(({ tag }) => tag === undefined)
}

function isNamedIn(traffic: readonly TrafficTarget[], revision: Revision | undefined): revision is Revision {
  return revision !== undefined && 'name' in revision && targetsNaming(traffic, revision).length > 0
}

function revisionIn(role: Roles['stable']): Revision | undefined {
  return isRefusal(role) ? undefined : role.revision
}

/** The step of a plan that leaves one revision alone in the list. */
export function stepLeaving({ steps }: RolloutPlan, role: 'stable' | 'candidate'): Step | undefined {
  return steps.find(({ stage }) => stage.alone === role)
}

function stepOf(plan: RolloutPlan, role: 'stable' | 'candidate'): Pick<Position, 'step'> {
  const step = stepLeaving(plan, role)
  return step ? { step } : {}
}
