import type { PlanSpec, StepSpec } from '../config/plans.js'
import { type Revision, revisionText, sameRevision, type TrafficTarget } from '../manifest/traffic.js'
import { sum } from '../text/collections.js'
import { thisService } from '../text/words.js'
import { drain, shareOf, targetsNaming, withPinned, withShare } from './place.js'
import { isRefusal, type Refusal, type Stage, type StageFlag, type StageInput, type StageResult } from './stage.js'

/** Ties all traffic to the revision that serves today, so that a new revision gets none by itself. */
const pin: Stage = {
  name: 'pin',
  summary: 'pin all traffic to the stable revision by its name',
  result: 'stable 100',
  alone: 'stable',
  flags: [],
  apply({ traffic, stable, candidate }) {
    if (isRefusal(stable)) return stable
    const pinned = withPinned(traffic, stable)
    const drained = isRefusal(candidate)
      ? pinned
      : drain(pinned, ({ revision }) => sameRevision(revision, candidate) && !sameRevision(revision, stable))
    return thirdTarget(drained, [stable]) ?? withShare(drained, stable, 100)
  },
}

/** Gives the candidate a route of its own and no share: it can be tested before anyone else meets it. */
export const preview: Stage = {
  name: 'preview',
  summary: 'give the candidate a tag and its own URL, but no traffic',
  result: 'stable 100, candidate 0 with a tag',
  share: 0,
  flags: ['tag'],
  apply(input) {
    const shared = shareOut(input, 0)
    const { candidate } = input
    if (isRefusal(shared) || isRefusal(candidate)) return shared
    if (targetsNaming(shared, candidate).some(({ tag }) => tag !== undefined)) return shared
    return {
      code: 'KN406',
      message: `cannot preview \`${revisionText(candidate)}\`: it has no tag, and at 0% nothing else reaches it`,
      help: 'add `--tag NAME`, for example `--tag v2`',
    }
  },
}

/** Shares the traffic between the two revisions. */
export const split: Stage = {
  name: 'split',
  summary: 'split traffic between stable and candidate (the next percent of the plan, or --percent for the candidate)',
  result: 'stable 50, candidate 50',
  share: 50,
  flags: ['tag', 'percent'],
  asksPlan: true,
  apply(input) {
    const share = input.percent ?? 50
    if (Number.isInteger(share) && share >= 1 && share <= 99) return shareOut(input, share)
    return {
      code: 'KN407',
      message: `split percent is ${share}; must be a whole number from 1 to 99`,
      help: 'use the stage `preview` for 0% and `promote` for 100%',
    }
  },
}

/**
 * Moves everything to the candidate. The stable revision stays named at 0 %, which keeps the way back from being
 * collected. One that is not ready must not: it would hold back the promotion.
 */
export const promote: Stage = {
  name: 'promote',
  summary: 'send all traffic to the candidate, keep the stable revision at 0% as the rollback target',
  result: 'stable 0, candidate 100',
  share: 100,
  flags: ['tag', 'drop-stable', 'untag'],
  apply(input) {
    const { stable, candidate, dropStable, untag } = input
    const shared = shareOut(input, 100)
    if (isRefusal(shared) || isRefusal(stable) || isRefusal(candidate)) return shared
    const kept = dropStable ? shared.filter(({ revision }) => !sameRevision(revision, stable)) : shared
    return untag ? withoutTags(kept, candidate) : kept
  },
}

/** Takes the old revision out of the list, so that the cluster may collect it. Never one that still receives traffic. */
const retire: Stage = {
  name: 'retire',
  summary: 'remove the old stable revision after a promotion',
  result: 'candidate 100',
  alone: 'candidate',
  flags: ['untag'],
  apply(input) {
    const { traffic, stable, candidate, untag } = input
    // Whoever is alone in the end is the candidate.
    const left = (targets: readonly TrafficTarget[]): readonly TrafficTarget[] =>
      untag ? targets.map(({ tag: _tag, ...rest }) => rest) : targets
    if (isRetired(input)) return left(traffic)
    if (isRefusal(candidate)) return candidate
    if (isRefusal(stable)) return stable
    const third = thirdTarget(traffic, [stable, candidate])
    if (third) return third
    const share = shareOf(traffic, candidate)
    if (share !== 100 || targetsNaming(traffic, stable).some(({ percent }) => percent !== 0)) {
      return {
        code: 'KN408',
        message: `cannot retire \`${revisionText(stable)}\`: \`${revisionText(candidate)}\` has ${share}% of the traffic, not 100%`,
        help: `run \`kn-rollout apply promote ${thisService}\` first`,
      }
    }
    return left(traffic.filter(({ revision }) => !sameRevision(revision, stable)))
  },
}

/**
 * Sends everything back to the stable revision, from whatever state the file is in, and leaves nothing else in the list: a
 * target that is not ready holds back the whole split even at 0 percent, so that users would stay on the one that fails.
 * Who knows the others to be sound may keep them, and their routes.
 *
 * Source: pkg/reconciler/route/traffic (a target that is not ready makes all of them wait).
 */
export const rollback: Stage = {
  name: 'rollback',
  summary: 'send all traffic to the stable revision and remove the candidate, from any state',
  result: 'stable 100',
  alone: 'stable',
  flags: ['keep', 'restore-template'],
  isWayBack: true,
  apply({ traffic, stable, keep }) {
    if (isRefusal(stable)) return stable
    const isOther = ({ revision }: TrafficTarget): boolean => !sameRevision(revision, stable)
    const pinned = withPinned(traffic, stable)
    if (keep) return withShare(drain(pinned, isOther), stable, 100)
    return withShare(pinned, stable, 100).filter((target) => !isOther(target))
  },
}

/** Every stage, in the order of a rollout. To add one: an object above, and its name here. */
export const stages: readonly Stage[] = [pin, preview, split, promote, retire, rollback]

/** What a stage of a plan's own takes: its share stands in the plan. */
const ownFlags: readonly StageFlag[] = ['tag']

/** The built-in stage of that name. */
export function stageNamed(name: string): Stage | undefined {
  return stages.find((stage) => stage.name === name)
}

/** The names of the stages that take an option of `apply`, as messages list them. */
export function stagesTaking(flag: StageFlag): string {
  return stages.flatMap(({ name, flags }) => (flags.includes(flag) ? name : [])).join(' or ')
}

/** Whether other stages take an option of `apply`, and the one of that name does not. */
export function isMisplaced(option: string, stage: string): boolean {
  const takes = ({ flags }: { readonly flags: readonly string[] }): boolean => flags.includes(option)
  return stages.some(takes) && !takes(stageNamed(stage) ?? { flags: ownFlags })
}

/**
 * The stage of a plan that gives the candidate `share` percent, under a name of the plan's own or that of a stage that
 * takes a share. The ends of the scale keep the laws of the built-in stages: a candidate at 0 percent has a tag, one at
 * 100 leaves the way back.
 */
function shareStage(name: string, share: number): Stage {
  const own = { name, share, flags: ownFlags }
  if (share === 0) return { ...preview, ...own }
  if (share === 100) return { ...promote, ...own }
  const builtIn = stageNamed(name)
  return {
    ...own,
    summary: `send ${share}% of the traffic to the candidate`,
    result: `stable ${100 - share}, candidate ${share}`,
    ...(builtIn && { flags: builtIn.flags, ...(builtIn.asksPlan && { asksPlan: true }) }),
    apply: (input) => (builtIn ? builtIn.apply({ percent: share, ...input }) : shareOut(input, share)),
  }
}

/**
 * The traffic with `share` percent on the candidate and the rest on the stable revision; what most stages come down to.
 * Refuses where a third target holds a share, and where the tag already names another target.
 */
function shareOut(input: StageInput, share: number): StageResult {
  const { traffic, stable, candidate } = input
  if (isRefusal(stable)) return stable
  if (isRefusal(candidate)) return candidate
  const pinned = 'latest' in candidate ? traffic : withPinned(traffic, stable)
  const third = thirdTarget(pinned, [stable, candidate])
  if (third) return third
  const shared = withShare(withShare(pinned, stable, 100 - share), candidate, share)
  return input.tag === undefined ? shared : withTag(shared, candidate, input.tag)
}

/**
 * Targets of neither role are bystanders: with 0 % they stay as they are, with a share nobody can say where it should
 * go.
 */
function thirdTarget(traffic: readonly TrafficTarget[], roles: readonly Revision[]): Refusal | undefined {
  const others = traffic.filter(({ revision, percent }) => {
    return percent !== 0 && !roles.some((role) => sameRevision(role, revision))
  })
  if (others.length === 0) return undefined
  return {
    code: 'KN404',
    message: `cannot move traffic between ${list(roles)}: ${list(others.map(({ revision }) => revision))} ${others.length === 1 ? 'has' : 'have'} ${sum(others.map(({ percent }) => percent))}% of it`,
    help: 'name the two revisions of the rollout with `--stable` and `--candidate`, or move the other traffic with `kn-rollout set`',
  }
}

function list(revisions: readonly Revision[]): string {
  const quoted = revisions.map((revision) => `\`${revisionText(revision)}\``)
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} and ${quoted.at(-1)}`
}

/** The traffic without the tags of a revision, and without a target that was there for its tag alone. */
function withoutTags(traffic: readonly TrafficTarget[], candidate: Revision): readonly TrafficTarget[] {
  return traffic.flatMap((target) => {
    const { tag, ...rest } = target
    if (tag === undefined || !sameRevision(target.revision, candidate)) return [target]
    return target.percent === 0 ? [] : [rest]
  })
}

function withTag(traffic: readonly TrafficTarget[], candidate: Revision, tag: string): StageResult {
  const holder = traffic.find((target) => target.tag === tag)
  if (holder && sameRevision(holder.revision, candidate)) return traffic
  if (holder) {
    return {
      code: 'KN405',
      message: `tag \`${tag}\` already belongs to \`${revisionText(holder.revision)}\``,
      help: `choose another tag for \`${revisionText(candidate)}\` with \`--tag\``,
    }
  }
  const own = targetsNaming(traffic, candidate)
  const tagged = own.find((target) => target.tag === undefined) ?? own[0]
  return traffic.map((target) => (target === tagged ? { ...target, tag } : target))
}

/** One named target with everything is what `retire` leaves: there is no second revision left to tell the roles by. */
function isRetired({ traffic, stable, candidate }: StageInput): boolean {
  const [only, second] = traffic
  if (!only || second || 'latest' in only.revision || only.percent !== 100) return false
  if (isUnknown(candidate)) return isUnknown(stable) || !isRefusal(stable)
  return !isRefusal(candidate) && sameRevision(candidate, only.revision) && isUnknown(stable)
}

function isUnknown(role: Revision | Refusal): boolean {
  return isRefusal(role) && (role.code === 'KN401' || role.code === 'KN402')
}

/** One stage of a plan, with what the plan adds to it. */
export type Step = {
  readonly stage: Stage
  /** The candidate's tag, where the plan names one. */
  readonly tag?: string
  /** How long a Service stays in this stage before the next one may follow, in seconds. */
  readonly soak?: number
  /** Whether it takes the candidate's tags away. */
  readonly untag?: true
}

/** A rollout as data: the stages that follow each other, by the candidate's share. */
export type RolloutPlan = { readonly name: string; readonly steps: readonly Step[] }

/** The plan of every Service that nobody has given another one. */
export const blueGreen: RolloutPlan = {
  name: 'blue-green',
  steps: [pin, preview, split, promote, retire].map((stage) => ({ stage })),
}

/** The plans that need no configuration. To add one: a row here. */
export const builtInPlans: readonly RolloutPlan[] = [
  blueGreen,
  {
    name: 'canary',
    steps: [preview, ...[10, 25, 50].map((share) => shareStage(String(share), share)), promote, retire].map(
      (stage) => ({
        stage,
      }),
    ),
  },
]

/** A configured plan as it runs. Its stages are built in, or shares under names of its own. */
export function planOf({ name, steps }: PlanSpec): RolloutPlan {
  return { name, steps: steps.map(stepOf) }
}

function stepOf({ stage: name, percent, tag, soak, untag }: StepSpec): Step {
  const builtIn = stageNamed(name)
  const stage = percent === undefined && builtIn ? builtIn : shareStage(name, percent ?? 0)
  return {
    stage,
    ...(tag === undefined ? {} : { tag }),
    ...(soak === undefined ? {} : { soak }),
    ...(untag && { untag }),
  }
}

/** The stage of that name that a Service moves to: the one of its own plan, else the built-in one. */
export function stageIn({ steps }: RolloutPlan, name: string): Step | undefined {
  const builtIn = stageNamed(name)
  return steps.find(({ stage }) => stage.name === name) ?? (builtIn && { stage: builtIn })
}
