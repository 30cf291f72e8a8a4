import type { Past, PastState, ServiceShape } from '../manifest/past.js'
import { equivalentTraffic, type Revision, sameRevision, type TrafficTarget } from '../manifest/traffic.js'
import { followsLatest, routed, shareOf } from '../stages/place.js'
import type { RolloutPlan } from '../stages/stages.js'
import { soundPosition } from '../stages/position.js'
import { findRoles } from '../stages/roles.js'
import { takenBack } from '../stages/rolled-back.js'
import { isRefusal } from '../stages/stage.js'
import { sameJson } from '../yaml/json.js'

/** The traffic of a Service from one commit up to the next step. */
export type TrafficStep = {
  /** The commit that brought it, its full hash, and its committer's date in seconds since 1970; absent where it is not committed. */
  readonly brought?: { readonly commit: string; readonly time: number }
  /** As the cluster has it: what is left to the latest revision is a target of its own. Absent where it cannot be read. */
  readonly traffic?: readonly TrafficTarget[]
  /** The revision name that the template had then. */
  readonly templateName?: string
  /** The stage of the plan that leaves such traffic; absent where none does. */
  readonly stage?: string
  /** The candidate beside a stable revision, as far as the traffic and the template of then tell it. */
  readonly candidate?: Revision
  /** Set where the candidate before it was taken back. */
  readonly isBack?: true
}

/** What became of the traffic of a Service, commit by commit. */
export type TrafficHistory = {
  /** Newest first. */
  readonly steps: readonly TrafficStep[]
  /** Whether there were older ones that are not known, and how many versions cannot be read. */
  readonly isCut: boolean
  readonly unread: number
}

/** Where a Service stood, and which commit brought it there. */
type Stood = ServiceShape & Pick<PastState, 'life'> & Pick<TrafficStep, 'brought'>

/**
 * The steps that the traffic of a Service took. A commit that only changed the template makes one where traffic follows
 * that: users then meet another revision.
 */
export function trafficHistory(past: Past, plan: RolloutPlan): TrafficHistory {
  const committed = [...past.states].map(stoodIn)
  const [newest] = committed
  const all = newest && isPresent(past, newest) ? committed : [presentIn(past), ...committed]
  const steps: TrafficStep[] = []
  for (const [index, stood] of all.entries()) {
    const older = all[index + 1]
    // What looks the same began with the oldest of its commits.
    if (older && isAlike(stood, older)) continue
    steps.push(stepOf(stood, older, past, plan))
  }
  return { steps, ...past.gaps() }
}

function presentIn({ present }: Past): Stood {
  return { ...present, life: 0 }
}

/** Whether the Service stands as it does now, as far as its traffic goes: a step that began there goes on. */
export function isPresent(past: Past, state: Stood): boolean {
  return isAlike(presentIn(past), state)
}

function stoodIn({ commit, time, templateName, template, traffic, life }: PastState): Stood {
  return { templateName, template, traffic, life, brought: { commit, time } }
}

/**
 * Whether two states are one step. A Service that was dropped and taken up again is another one to the cluster, whatever it
 * looks like.
 */
function isAlike(a: Stood, b: Stood): boolean {
  if (a.life !== b.life) return false
  if (!a.traffic || !b.traffic) return a.traffic === b.traffic
  if (!equivalentTraffic(a.traffic, b.traffic)) return false
  return !followsLatest(a.traffic) || sameJson(a.template, b.template)
}

function stepOf(stood: Stood, older: Stood | undefined, past: Past, plan: RolloutPlan): TrafficStep {
  const { brought, traffic, templateName } = stood
  const named = { ...(brought && { brought }), ...(templateName !== undefined && { templateName }) }
  if (!traffic) return named
  const roles = findRoles({ traffic, ...(templateName !== undefined && { templateName }) })
  const { state, step } = soundPosition(plan, traffic, roles)
  const candidate = state === 'shared' && !isRefusal(roles.candidate) ? roles.candidate.revision : undefined
  const isBack = older?.traffic !== undefined && older.life === stood.life && wentBack(older, traffic, past)
  return {
    ...named,
    traffic: routed(traffic),
    ...(step && { stage: step.stage.name }),
    ...(candidate && { candidate }),
    ...(isBack && { isBack }),
  }
}

/** Whether the candidate lost traffic to what served before it, and stayed in the list or left it. */
function wentBack({ traffic = [], templateName }: Stood, after: readonly TrafficTarget[], past: Past): boolean {
  if (takenBack({ traffic, templateName }, after, { service: past.name, past })) return true
  const { candidate } = findRoles({ traffic, ...(templateName !== undefined && { templateName }) })
  if (isRefusal(candidate)) return false
  const isKept = after.some(({ revision }) => sameRevision(revision, candidate.revision))
  return isKept && shareOf(after, candidate.revision) < shareOf(traffic, candidate.revision)
}
