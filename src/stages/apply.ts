import { revisionIn } from '../manifest/live.js'
import type { Manifest } from '../manifest/manifest.js'
import { generatedName } from '../manifest/names.js'
import { fetchOr, type Past, type PastState, stateNaming } from '../manifest/past.js'
import type { Revision } from '../manifest/traffic.js'
import { given } from '../text/collections.js'
import { shellWord, shortCommit, thisService, utcMinute } from '../text/words.js'
import { member } from '../yaml/json.js'
import { headOf, type NextRequest, nextStage } from './next.js'
import { shareOf } from './place.js'
import { unreadyTarget } from './position.js'
import { ownNumber } from './predict.js'
import { release, type ReleaseRequest } from './release.js'
import {
  citationOf,
  cluesOf,
  type Facts,
  isName,
  type Move,
  namesIn,
  type Served,
  servedBefore,
  shareThen,
} from './roles.js'
import { loneName, lostCandidate, withLostCandidate } from './rolled-back.js'
import { type SetRequest, setTraffic } from './set.js'
import { isRefusal, type Refusal, type Remark, remarkOf, type Stage } from './stage.js'
import { type RolloutPlan, stageIn, type Step } from './stages.js'
import { serviceName, type StageFlags, type Standing, standingOf, wishFor } from './standing.js'

/** How long a cluster keeps a revision that no target names, in seconds (config-gc retain-since-last-active-time). */
const kept = 15 * 3600

/**
 * The roles for the way back, where no flag names the stable revision. What the template makes is what users are to be
 * taken from, so it is never the one to go back to, unless it has everything already.
 */
function wayBack(manifest: Manifest, standing: Standing, facts: Facts): Standing | Refusal {
  const { before, stable } = standing
  const own = cluesOf(manifest, before, facts).templateName
  const names = namesIn(before)
  const found =
    names.length === 0
      ? fromLatest(serviceName(manifest, facts), standing, facts, own)
      : loneName(before) === undefined
        ? standing
        : fromLone(standing, facts)
  if (isRefusal(found) || isRefusal(found.stable) || own === undefined) return found
  const { revision } = found.stable
  if (!isName(revision, own) || shareOf(before, revision) === 100) return found
  return isRefusal(stable)
    ? unknownBefore(own, unseen, facts.past?.())
    : unknownBefore(own, 'the file names no other one')
}

/** Everything goes to what the template makes: the way back is what served before that one, which only Git knows. */
function fromLatest(
  service: string,
  standing: Standing,
  { past: ask }: Facts,
  own: string | undefined,
): Standing | Refusal {
  const past = ask?.()
  if (own !== undefined) {
    const served = past && servedBefore(past, own)
    if (!served || served.name === own) return unknownBefore(own, unseen, past)
    return withRoles(standing, served, { name: own }, 'the template builds it')
  }
  const number = past && ownNumber(past, past.present)
  const before = number && number.number > 1 ? generatedName(service, number.number - 1) : undefined
  if (!number || before === undefined)
    return unknownBefore('@latest', 'the file names no revision and Git shows no template before this one', past)
  const doubt: Remark = remarkOf({
    code: 'KN448',
    message: `\`${before}\` is a prediction (${number.basis}): a wrong number blocks all traffic (\`RevisionMissing\`)`,
    help: 'compare with `kubectl get revisions` before you merge, or name the revision with `--stable`',
  })
  return {
    ...standing,
    remarks: [...standing.remarks, doubt],
    stable: { revision: { name: before }, decidedBy: number.basis },
    candidate: { revision: { latest: true }, decidedBy: 'all traffic goes to the latest revision' },
  }
}

/** A lone revision is left by what served before it, unless it is itself what somebody went back to. */
function fromLone(standing: Standing, { past: ask }: Facts): Standing | Refusal {
  const { before, candidate } = standing
  const [only] = before
  if (!only || !('name' in only.revision) || !isRefusal(candidate) || candidate.code !== 'KN401') return standing
  const past = ask?.()
  if (past && lostCandidate(past, before)) return withLostCandidate(standing, past)
  const { name } = only.revision
  const served = past && servedBefore(past, name)
  if (served) return withRoles(standing, served, only.revision, 'the only target')
  // One that has a tag was rolled out: something came before it.
  if (before.every(({ tag }) => tag === undefined)) return standing
  return unknownBefore(name, unseen, past)
}

function withRoles(standing: Standing, served: Served, candidate: Revision, decidedBy: string): Standing {
  return {
    ...standing,
    stable: { revision: { name: served.name }, decidedBy: citationOf(served) },
    candidate: { revision: candidate, decidedBy },
  }
}

const unseen = 'neither the file nor Git shows it'

function unknownBefore(name: string, why: string, past?: Past): Refusal {
  return {
    code: 'KN402',
    message: `cannot determine the revision that served before \`${name}\`: ${why}`,
    help: fetchOr('add `--stable NAME`, for example `--stable {{.Service}}-00001`', past),
  }
}

/**
 * What to say of a revision that comes back into the list: it may be gone by now.
 *
 * Source: pkg/reconciler/gc, config-gc; the labeler keeps what a target names, and the Configuration's latest stays.
 */
function comesBack({ before, stable }: Standing, { past, now, live }: Facts): Remark | undefined {
  if (isRefusal(stable) || 'latest' in stable.revision) return undefined
  const { name } = stable.revision
  if (namesIn(before).includes(name)) return undefined
  // The snapshot has been asked already: it shows the revision, or the move was refused.
  if (live && revisionIn(live, name)) return undefined
  const known = past?.()
  const left = known && known.present.templateName !== name && known.hasNamed(name) ? leftWith(known, name) : undefined
  if (!known || !left) return undefined
  const since = `${utcMinute(left.time)} (${shortCommit(left.commit)})`
  const origin = stateNaming(known, name)
  const look = `run \`kubectl get revision ${shellWord(name)}\` before you merge`
  const help = origin ? `${look}; the template in ${shortCommit(origin.commit)} made this revision` : look
  if (now === undefined || now - left.time <= kept || isExempt(origin)) {
    const message = `\`${name}\` is in no target since ${since}: Knative keeps such a revision for at least 15 hours`
    return {
      code: 'KN437',
      severity: 'note',
      message: isExempt(origin) ? `${message}, and this one for good` : message,
      help,
    }
  }
  const message = `\`${name}\` is in no target since ${since}: Knative may have garbage-collected it (after 15 hours unused and 48 hours of age)`
  return remarkOf({ code: 'KN437', message, help })
}

/** The state that took the revision out. */
function leftWith(past: Past, name: string): PastState | undefined {
  let left: PastState | undefined
  for (const state of past.states) {
    if (state.life > 0) return undefined
    if (state.templateName === name || namesIn(state.traffic ?? []).includes(name)) return left
    left = state
  }
  return undefined
}

function isExempt(origin: PastState | undefined): boolean {
  return member(origin?.template, 'metadata', 'annotations', 'serving.knative.dev/no-gc') === 'true'
}

/** What `apply` is asked for: a stage and, where the file does not tell, the roles. */
export type StageRequest = StageFlags & {
  /** Whether a rollback also puts the template back to what the stable revision was made from. */
  readonly restoreTemplate?: boolean
  /** The name of a built-in stage, or of one in the Service's plan. */
  readonly stage: string
}

/** Moves each Service to the stage of that name: the one of its own plan, else the built-in one. */
function applyStage({ stage: name, restoreTemplate, ...flags }: StageRequest): Move {
  return (manifest, facts) => {
    const { plan } = facts
    const step = stageIn(plan, name)
    if (!step) {
      return {
        code: 'KN430',
        message: `cannot apply \`${name}\`: the plan \`${plan.name}\` has ${plan.steps.map((one) => `\`${one.stage.name}\``).join(', ')}`,
        help: 'use one of them, or choose Services whose plan has the stage with `--service`',
      }
    }
    const found = standingOf(manifest, flags, facts)
    if (!found || isRefusal(found)) return found
    const { stage, tag, untag } = step
    const standing = stage.isWayBack && flags.stable === undefined ? wayBack(manifest, found, facts) : found
    if (isRefusal(standing)) return standing
    const barred = followedByPin(stage, standing)
    if (barred) return barred
    const isOpen = stage.asksPlan === true && flags.percent === undefined
    const next = isOpen ? nextShare(name, standing, facts) : undefined
    if (next && isRefusal(next)) return next
    const planned = next ? { percent: next.percent, ...given({ tag: next.tag ?? tag }) } : given({ tag })
    const wish = wishFor(stage, standing, { ...planned, ...(untag && { untag }), ...flags })
    if (next && !isRefusal(wish)) return { ...wish, percentBy: next.basis }
    if (isRefusal(wish) || !stage.isWayBack) return wish
    const remark = comesBack(standing, facts)
    return {
      ...wish,
      ...(remark && { remarks: [...standing.remarks, remark] }),
      ...(restoreTemplate && { restoresTemplate: true }),
    }
  }
}

/** Why the latest revision, whichever that is, cannot be what all traffic is pinned to. */
function followedByPin({ alone, isWayBack }: Stage, { stable }: Standing): Refusal | undefined {
  if (alone !== 'stable' || isWayBack || isRefusal(stable) || !('latest' in stable.revision)) return undefined
  return {
    code: 'KN409',
    message: 'cannot pin to `@latest`: it follows every new revision instead of naming one',
    help: 'use the name that `kubectl get ksvc NAME -o jsonpath={.status.latestReadyRevisionName}` prints, or `--live FILE` without `--stable`',
  }
}

/** What is asked of the Services, as plain data: the command, and its own options. */
export type MoveRequest =
  | ({ readonly command: 'apply' } & StageRequest)
  | ({ readonly command: 'next' } & NextRequest)
  | ({ readonly command: 'set' } & SetRequest)
  | ({ readonly command: 'release' } & ReleaseRequest)

/**
 * The move that a request means. None gives traffic, or leaves a target, to a revision that a snapshot shows as not
 * ready, unless that is forced. To add a command: a file beside this one, and a row here.
 */
export function moveOf(request: MoveRequest, { isForced = false }: { readonly isForced?: boolean } = {}): Move {
  const move = plainMove(request)
  return (manifest, facts) => {
    const wish = move(manifest, facts)
    if (!wish || isRefusal(wish) || 'rest' in wish) return wish
    const unready = unreadyTarget(manifest, wish, facts)
    if (!unready) return wish
    const { refusal, warning } = unready
    if (isForced) return { ...wish, remarks: [...(wish.remarks ?? []), warning] }
    const mayWait = request.command === 'next' && request.ready === true
    return mayWait ? { rest: { ...refusal, severity: 'note' } } : refusal
  }
}

function plainMove(request: MoveRequest): Move {
  if (request.command === 'next') return nextStage(request)
  if (request.command === 'release') return release(request)
  return request.command === 'set' ? setTraffic(request) : applyStage(request)
}

/** The percent that a split without one gives the candidate, and the step of the plan that it is from. */
type NextShare = { readonly percent: number; readonly tag?: string; readonly basis: string }

/**
 * Asks the plan for the percent of a split: its own stage of that name, else the first one that gives the candidate more
 * than it has. What was moved already and is not committed yet stays, so that a second run changes nothing. Undefined where
 * the roles are not known.
 */
function nextShare(stage: string, { before, candidate }: Standing, facts: Facts): NextShare | Refusal | undefined {
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
