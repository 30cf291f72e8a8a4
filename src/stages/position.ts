import { type LiveRevision, type LiveService, revisionIn, revisionsOn } from '../manifest/live.js'
import type { Manifest } from '../manifest/manifest.js'
import { numberOf } from '../manifest/names.js'
import { tellingKey } from '../manifest/profile.js'
import { keyOf, type Revision, sameRevision, type TrafficTarget } from '../manifest/traffic.js'
import { sum } from '../text/collections.js'
import { thisService } from '../text/words.js'
import { member } from '../yaml/json.js'
import { shareOf, targetsNaming } from './place.js'
import { type Facts, namesIn, type Roles, templateNameOf, type Wish } from './roles.js'
import { isRefusal, type Refusal, type Remark } from './stage.js'
import { promote, rollback, type RolloutPlan, stageIn, type Step } from './stages.js'

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
  const stable = revisionOfRole(roles.stable)
  const candidate = revisionOfRole(roles.candidate)
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

function revisionOfRole(role: Roles['stable']): Revision | undefined {
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

/** What messages say of a revision that takes no traffic. */
const sayings: Readonly<Record<Exclude<LiveRevision['state'], 'ready'>, string>> = {
  'not-ready': 'is not ready',
  failed: 'failed to become ready',
  missing: 'does not exist',
}

/** A revision that a snapshot shows as one that takes no traffic. */
export type Unready = { readonly name: string; readonly state: keyof typeof sayings; readonly reason?: string }

/** The same in words: `is not ready`, with the reason where the snapshot gives one in a word. */
export function unreadyText({ state, reason }: Pick<Unready, 'state' | 'reason'>): string {
  return `${sayings[state]}${reason !== undefined && /^[A-Z]\w{1,63}$/.test(reason) ? ` (\`${reason}\`)` : ''}`
}

/**
 * Which revisions of a list a snapshot shows as not ready, failed or missing. One that its Service's next sync makes is
 * none: the snapshot is from before.
 */
export function unreadyIn(
  traffic: readonly TrafficTarget[],
  live: LiveService,
  isComing: (name: string) => boolean,
): readonly Unready[] {
  return namesIn(traffic).flatMap((name) => {
    const found = revisionIn(live, name)
    if (!found || found.state === 'ready') return []
    const isNews = found.state === 'missing' || !revisionsOn(live).includes(name)
    return isNews && isComing(name) ? [] : [{ ...found, state: found.state }]
  })
}

/** Whether a revision is one that the template of a file makes, and that of the snapshot does not. */
export function isUnbuilt(live: LiveService, name: string, templateName: string | undefined): boolean {
  if (name === templateName) return member(live.template, 'metadata', 'name') !== name
  const [number, last] = [name, live.latestCreated ?? ''].map((one) => numberOf(live.name, one))
  return number !== undefined && last !== undefined && number > last
}

/**
 * Why a move must not be made, and what to say of one that is made all the same: it gives traffic a target, or leaves it one, that a snapshot shows as not ready, and
 * Knative moves no traffic until all targets are. Undefined where no snapshot shows that, and where nothing moves.
 */
export function unreadyTarget(
  manifest: Manifest,
  wish: Wish,
  facts: Facts,
): { readonly refusal: Refusal; readonly warning: Remark } | undefined {
  const { live, templateName } = facts
  const { before, after, fields = [], candidate } = wish
  const isStill =
    fields.length === 0 && before.length === after.length && before.every((one, index) => sameTarget(one, after[index]))
  if (!live || isStill) return undefined
  const made = fields.length > 0 && !isRefusal(candidate) ? keyOf(candidate.revision) : undefined
  const isComing = (name: string): boolean => {
    if (keyOf({ name }) === made) return true
    return shareOf(after, { name }) === 0 && isUnbuilt(live, name, templateName ?? templateNameOf(manifest))
  }
  const found = [...unreadyIn(after, live, isComing), ...unreadyLatest(wish, live)]
  const [worst] = found.toSorted((a, b) => shareIn(wish, b) - shareIn(wish, a))
  if (!worst) return undefined
  const refusal = refusalOf(worst, wish, manifest, facts)
  const forced = `\`${worst.name}\` ${unreadyText(worst)} in \`${live.file}\`: no traffic moves while it is a target`
  return {
    refusal,
    warning: {
      ...refusal,
      severity: 'warning',
      message: forced,
      help: 'save the snapshot again, and run the command without `--force`',
    },
  }
}

function sameTarget(one: TrafficTarget, other: TrafficTarget | undefined): boolean {
  return (
    other !== undefined &&
    sameRevision(one.revision, other.revision) &&
    one.percent === other.percent &&
    one.tag === other.tag
  )
}

/** What follows the latest revision goes on to the last one that was ready: more traffic would not reach the new one. */
function unreadyLatest({ before, after, fields = [] }: Wish, live: LiveService): readonly Unready[] {
  const latest: Revision = { latest: true }
  const name = live.latestCreated
  if (fields.length > 0 || name === undefined || targetsNaming(after, latest).length === 0) return []
  if (targetsNaming(before, latest).length > 0 && shareOf(after, latest) <= shareOf(before, latest)) return []
  const found = revisionIn(live, name)
  return found && found.state !== 'ready' && found.state !== 'missing' ? [{ ...found, state: found.state }] : []
}

function shareIn({ after }: Wish, { name }: Unready): number {
  return targetsNaming(after, { name }).length > 0 ? shareOf(after, { name }) : shareOf(after, { latest: true })
}

function refusalOf(found: Unready, wish: Wish, manifest: Manifest, facts: Facts): Refusal {
  const { name } = found
  const share = shareIn(wish, found)
  const what = share > 0 ? `send ${share}% to \`${name}\`` : `keep \`${name}\` at 0%`
  const where = facts.live?.file ?? ''
  return {
    code: 'KN457',
    message: `cannot ${what}: it ${unreadyText(found)} in \`${where}\` and blocks all traffic`,
    help: `${wayOut(found, wish, manifest, facts)}; if the snapshot is out of date, save it again or add \`--force\``,
  }
}

/** What gets a move past a revision that is not ready. */
function wayOut({ name, state }: Unready, wish: Wish, { value }: Manifest, { plan, live }: Facts): string {
  const { before, after, stable, candidate, stage } = wish
  const isIn = (role: Wish['stable']): boolean => !isRefusal(role) && sameRevision(role.revision, { name })
  const share = shareOf(after, { name })
  const isBack = stageIn(plan, stage)?.stage.isWayBack === true
  if (isBack && !isIn(stable)) return `run \`kn-rollout apply ${rollback.name} ${thisService}\` without \`--keep\``
  const isGood = (role: Wish['stable']): boolean => {
    if (isRefusal(role)) return false
    return 'latest' in role.revision || !live || (revisionIn(live, role.revision.name)?.state ?? 'ready') === 'ready'
  }
  if (isIn(stable) && share === 0 && isGood(candidate))
    return `run \`kn-rollout apply ${promote.name} ${thisService} --drop-stable\``
  const isHeld = targetsNaming(before, { name }).length > 0
  if (isHeld && isIn(candidate) && isGood(stable)) return `run \`kn-rollout apply ${rollback.name} ${thisService}\``
  if (isHeld && share === 0) return `remove its target from \`spec.traffic\``
  return state === 'not-ready'
    ? `wait until \`${tellingKey({ value }) ? 'gcloud run revisions describe' : 'kubectl get revision'} ${name}\` shows it as ready`
    : `release a template that works: \`kn-rollout release ${thisService} --image IMAGE\``
}
