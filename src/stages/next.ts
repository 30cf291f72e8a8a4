import type { Manifest } from '../manifest/manifest.js'
import { type Past, type PastState, shapeSince, type Since, trafficSince } from '../manifest/past.js'
import { equivalentTraffic, revisionText, type TrafficTarget } from '../manifest/traffic.js'
import { durationText, fetchMore, shortCommit, thisService, utcMinute } from '../text/words.js'
import { frozenText } from './freeze.js'
import { derivedTag, followsLatest, targetsNaming } from './place.js'
import type { Step } from './stages.js'
import { type Position, positionIn, stepAfter } from './position.js'
import type { Facts, Move, Rest, Wish } from './roles.js'
import {
  backOf,
  hiddenByAbsence,
  hiddenRefusal,
  hiddenRise,
  rolledBackRefusal,
  withLostCandidate,
} from './rolled-back.js'
import { isRefusal, type Refusal, type Remark } from './stage.js'
import { type RoleFlags, serviceName, type Standing, standingOf, wishFor } from './standing.js'

/** What tells how long a Service has been in its stage. */
type Waiting = {
  readonly past: Past | undefined
  /** Why there can be none. */
  readonly absence?: string
  readonly now: number
}

/** Why a Service must stay in its stage for now; undefined where its soak is over, or where it has none. */
function soakRefusal({ stage, soak = 0 }: Step, { past, absence, now }: Waiting): Refusal | undefined {
  if (soak === 0) return undefined
  const cannot = `cannot leave \`${stage.name}\` (soak ${durationText(soak)})`
  const since = past && stageSince(past)
  if (!since && absence !== undefined) {
    return {
      code: 'KN433',
      message: `${cannot}: no history shows when the stage started (${absence})`,
      help: 'run this on the file in its repository, or add `--ignore-soak`',
    }
  }
  if (!since) {
    return {
      code: 'KN433',
      message: `${cannot}: Git has no commit that starts the stage`,
      help: 'commit the traffic first, or add `--ignore-soak`',
    }
  }
  const left = since.time + soak - now
  if (left <= 0) return undefined
  const [commit, start] = [shortCommit(since.commit), utcMinute(since.time)]
  if (since.isAtLeast) {
    return {
      code: 'KN433',
      message: `${cannot}: the history here ends at ${commit} (${start}) and does not show when the stage started`,
      help: since.isShallow ? `${fetchMore}, or add \`--ignore-soak\`` : 'add `--ignore-soak`',
    }
  }
  return {
    code: 'KN432',
    message: `cannot leave \`${stage.name}\` yet: ${durationText(left)} of its ${durationText(soak)} soak are left, until ${utcMinute(since.time + soak)} (started in ${commit})`,
    help: 'run this again after that time, or add `--ignore-soak`',
    waits: left,
  }
}

/**
 * Since when the revisions that have the traffic have it; undefined where that is not committed. What leads to the latest
 * revision, be it a tag alone, leads to another one with each new template, even where the list stays as it is.
 */
export function stageSince(past: Past): Since | undefined {
  return followsLatest(past.present.traffic) ? shapeSince(past) : trafficSince(past)
}

/** What `next` is asked for. */
export type NextRequest = RoleFlags & {
  readonly tag?: string
  /** Whether a stage may be left before its soak is over. */
  readonly ignoreSoak?: boolean
  /** Whether to go on in a freeze. */
  readonly ignoreFreeze?: boolean
  /** Whether only rollouts in progress go on, and Services that must wait, or were rolled back, are left instead of refused. */
  readonly ready?: boolean
}

/**
 * Moves each Service to the stage of its plan that follows the committed one. A change that is not committed yet is either
 * that very move, so that a second run does nothing, or nobody knows what should follow it.
 */
export function nextStage(request: NextRequest): Move {
  return (manifest, facts) => {
    const standing = standingOf(manifest, request, facts)
    if (!standing || isRefusal(standing)) return standing
    const past = facts.past?.()
    const head = past && headOf(past)
    if (!head?.traffic || equivalentTraffic(head.traffic, standing.before)) {
      const wish = following(manifest, standing, facts, request)
      return facts.isUncommitted && 'after' in wish ? neverCommitted : wish
    }
    const committed = standingOf(manifest, request, facts, head.traffic)
    if (!committed || isRefusal(committed)) return committed
    const wish = following(manifest, committed, facts, { ...request, ignoreSoak: true, ignoreFreeze: true })
    return 'after' in wish && sameShares(wish.after, standing.before) ? moved(wish) : uncommitted(head)
  }
}

/** The newest commit that has the Service, where it was not removed since. */
export function headOf({ states }: Past): PastState | undefined {
  for (const state of states) return state.life === 0 ? state : undefined
  return undefined
}

/** Tags count for nothing here: the second run may leave out the flag that gave the first one its tag. */
function sameShares(a: readonly TrafficTarget[], b: readonly TrafficTarget[]): boolean {
  const untagged = [a, b].map((list) => list.map(({ revision, percent }) => ({ revision, percent })))
  return equivalentTraffic(untagged[0] ?? [], untagged[1] ?? [])
}

/** The stage that follows the traffic as it stands, if it may. */
function following(manifest: Manifest, found: Standing, facts: Facts, request: NextRequest): Wish | Rest | Refusal {
  const { plan } = facts
  const standing = withLostCandidate(found, facts.past?.())
  const position = positionIn(plan, standing.before, standing)
  if (position.state === 'odd') return odd(standing, plan.name)
  const step = stepAfter(plan, position)
  if (request.ready && (position.state === 'unpinned' || position.state === 'single')) return notBegun(manifest)
  const idle = nothingToDo(manifest, standing, position, step)
  if (idle || !step) return idle ?? ended(plan.name, position)
  const waits = mustWait(standing, position, step, facts, request)
  if (waits) return request.ready && waits.code !== 'KN433' ? rest({ ...waits, severity: 'note' }) : waits
  const tag = tagFor(serviceName(manifest, facts), standing, step, request)
  const untag = request.tag === undefined && step.untag
  const wish = wishFor(step.stage, standing, { ...(tag !== undefined && { tag }), ...(untag && { untag }) })
  const remark = unseenRollback(standing, step, facts)
  return remark && !isRefusal(wish) ? { ...wish, remarks: [...(wish.remarks ?? []), remark] } : wish
}

function nothingToDo(
  { name }: Manifest,
  { before, stable, candidate }: Standing,
  { state }: Position,
  step: Step | undefined,
): Rest | Refusal | undefined {
  const isOpen = isRefusal(candidate) && candidate.code === 'KN401'
  if (state === 'unpinned' && (!step || (isRefusal(stable) && stable.code === 'KN402'))) {
    return rest({
      message: `\`${name}\` has no rollout: all traffic goes to the latest revision`,
      help: `run \`kn-rollout apply pin ${thisService} --stable REVISION\``,
    })
  }
  if (state === 'shared' || !isOpen || (state === 'unpinned' && step?.stage.share === undefined)) return undefined
  const lone = before.find(({ percent }) => percent > 0)
  return rest({
    message: `nothing to roll out: \`${lone ? revisionText(lone.revision) : '@latest'}\` has all traffic, and no other revision is known`,
    help: `run \`kn-rollout release ${thisService} --image IMAGE\`, or add \`--candidate\` or \`--live FILE\``,
  })
}

function notBegun({ name }: Manifest): Rest {
  return rest({
    message: `no rollout of \`${name}\` is in progress, and \`--due\` starts none`,
    help: `start one with \`kn-rollout next ${thisService}\``,
  })
}

/** Why the step must not be taken by itself now. */
function mustWait(
  standing: Standing,
  { step: present }: Position,
  step: Step,
  facts: Facts,
  { ignoreSoak, ignoreFreeze }: NextRequest,
): Refusal | undefined {
  const past = facts.past?.()
  const { before, candidate } = standing
  const revision = isRefusal(candidate) ? undefined : candidate.revision
  if (past && revision && step.stage.share !== undefined) {
    const back = backOf(past, standing)
    if (back) return rolledBackRefusal(standing, revision, back, step.stage.name)
    const hidden = hiddenRise(past, before, revision)
    if (hidden) return hiddenRefusal(revision, hidden, { next: step.stage.name, isShallow: past.gaps().isShallow })
  }
  const frozen = ignoreFreeze ? undefined : frozenRefusal(step, facts)
  if (frozen) return frozen
  if (!present || ignoreSoak) return undefined
  return soakRefusal(present, { ...facts, past, now: facts.now ?? -Infinity })
}

function frozenRefusal({ stage }: Step, { frozen }: Facts): Refusal | undefined {
  if (!frozen) return undefined
  return {
    code: 'KN474',
    message: `cannot move to \`${stage.name}\` now: rollouts are frozen ${frozenText(frozen)}`,
    help: 'run `kn-rollout next` after that, or add `--ignore-freeze`',
  }
}

function unseenRollback({ candidate }: Standing, { stage }: Step, { absence }: Facts): Remark | undefined {
  if (absence === undefined || stage.share === undefined || isRefusal(candidate)) return undefined
  return hiddenByAbsence(candidate.revision, absence)
}

/** At 0 percent the candidate needs a route; everywhere else it keeps what it has. */
function tagFor(
  service: string,
  { before, candidate }: Standing,
  { stage, tag: planned }: Step,
  { tag = planned }: NextRequest,
): string | undefined {
  if (tag !== undefined || stage.share !== 0 || isRefusal(candidate)) return tag
  const own = targetsNaming(before, candidate.revision).find((target) => target.tag !== undefined)
  return own?.tag ?? derivedTag(service, candidate.revision)
}

function odd({ before, stable, candidate }: Standing, plan: string): Refusal {
  if (isRefusal(stable)) return stable
  if (isRefusal(candidate)) return candidate
  const shares = before.map(({ revision, percent }) => `\`${revisionText(revision)}\` ${percent}%`).join(', ')
  return {
    code: 'KN431',
    message: `\`spec.traffic\` matches no stage of the plan \`${plan}\`: ${shares}`,
    help: `run \`kn-rollout apply rollback ${thisService}\`, or another stage by its name`,
  }
}

function ended(plan: string, { step }: Position): Rest {
  const where = step ? `: it ends with the stage \`${step.stage.name}\`` : ''
  return rest({ message: `the plan \`${plan}\` has no later stage${where}` })
}

function moved({ stage }: Wish): Rest {
  return rest({
    message: `nothing to change: already at \`${stage}\`, but not committed yet`,
    help: 'commit it; the next stage follows from the committed one',
  })
}

function uncommitted({ commit }: PastState): Refusal {
  return {
    code: 'KN435',
    message: `cannot determine the next stage: \`spec.traffic\` differs from ${shortCommit(commit)}`,
    help: `commit it first, or choose a stage: \`kn-rollout apply STAGE ${thisService}\``,
  }
}

const neverCommitted: Refusal = {
  code: 'KN435',
  message: 'cannot determine the next stage: no commit has this file',
  help: `commit it first, or choose a stage: \`kn-rollout apply STAGE ${thisService}\``,
}

function rest(remark: Partial<Rest['rest']> & Pick<Rest['rest'], 'message'>): Rest {
  return { rest: { code: 'KN436', severity: 'note', ...remark } }
}
