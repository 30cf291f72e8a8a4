import { generatedName, numberOf } from '../manifest/names.js'
import { type Past, type PastState, revisionsKnown, type ServiceShape, type Since } from '../manifest/past.js'
import { type Revision, revisionText, sameRevision, type TrafficTarget } from '../manifest/traffic.js'
import { sum } from '../text/collections.js'
import { fetchMore, shortCommit, thisService, utcMinute } from '../text/words.js'
import { sameJson } from '../yaml/json.js'
import { shareOf, targetsNaming } from './place.js'
import { higherNumber, namesIn, shareThen } from './roles.js'
import { isRefusal, type Refusal, type Remark, remarkOf } from './stage.js'
import type { Standing } from './standing.js'

/** How a Service stood before a change of its traffic. */
type StoodBefore = Pick<ServiceShape, 'templateName' | 'traffic'> & {
  /** The number that the cluster gave to what the template makes, where that can be counted. */
  readonly number?: number
}

/** The one revision that has everything, where the list names no other one. */
export function loneName(traffic: readonly TrafficTarget[]): string | undefined {
  const [name, second] = namesIn(traffic)
  if (name === undefined || second !== undefined || traffic.some(({ revision }) => 'latest' in revision))
    return undefined
  return sum(traffic.map(({ percent }) => percent)) === 100 ? name : undefined
}

/**
 * The candidate that a change took out of the list while another revision got everything: somebody went back. What a
 * retirement takes out is the older one, and no candidate. Where neither the template's name nor a number tells which of
 * two is older, Git does.
 */
export function takenBack(
  { traffic, templateName, number }: StoodBefore,
  after: readonly TrafficTarget[],
  { service, past }: { readonly service: string; readonly past?: Past | undefined },
): Revision | undefined {
  const stable = loneName(after)
  if (stable === undefined || !traffic) return undefined
  const names = namesIn(traffic)
  const lost = names.filter((name) => name !== stable)
  const hadLatest = traffic.length === 0 || traffic.some(({ revision }) => 'latest' in revision)
  if (templateName !== undefined && templateName !== stable && (hadLatest || lost.includes(templateName))) {
    const isBack = names.includes(stable) || isLater(templateName, stable, past)
    return isBack ? { name: templateName } : undefined
  }
  if (hadLatest && templateName === undefined) {
    if (names.includes(stable)) return { latest: true }
    // To pin what serves is no way back: only an older number is.
    if (number !== undefined && number > (numberOf(service, stable) ?? number))
      return { name: generatedName(service, number) }
  }
  const later = lost.find((name) => isLater(name, stable, past))
  return later === undefined ? undefined : { name: later }
}

function isLater(name: string, other: string, past: Past | undefined): boolean {
  const higher = higherNumber([name, other])
  if (higher !== undefined) return higher === name
  const known = past ? revisionsKnown(past).map((one) => one.name) : []
  return known.includes(other) && known.indexOf(name) > known.indexOf(other)
}

/**
 * The number of the revision that the template of a state makes, counted from the first commit of the Service: each change
 * of the template makes one. Undefined where not all of the past is known.
 */
export function countedNumber(past: Past, state: ServiceShape): number | undefined {
  const states = [past.present, ...past.states].filter((one) => !isFormer(one))
  const { isCut, unread } = past.gaps()
  if (isCut || unread > 0) return undefined
  const older = states.slice(states.indexOf(state))
  const changes = older.filter((one, index) => index > 0 && !sameJson(one.template, older[index - 1]?.template))
  return changes.length + 1
}

/** The same for a state in which everything goes to that revision, without a name; undefined for any other. */
export function openNumber(past: Past, state: ServiceShape): number | undefined {
  const isOpen = state.templateName === undefined && state.traffic?.every(({ revision }) => 'latest' in revision)
  return isOpen ? countedNumber(past, state) : undefined
}

function isFormer(state: ServiceShape | PastState): boolean {
  return 'life' in state && state.life > 0
}

/** A candidate whose share was last lowered, in percent. */
export type RolledBack = {
  readonly from: number
  /** -1 where it was taken out of the list. */
  readonly to: number
  /** The commit that lowered it; absent where that is not committed yet. */
  readonly since?: Since
}

/**
 * Whether the last change of the candidate's place took it down or out: somebody went back, and nobody has gone on by name
 * since. A target of the latest revision is another candidate with every template, and none while no rollout is under way.
 */
function rolledBackFrom(past: Past, traffic: readonly TrafficTarget[], candidate: Revision): RolledBack | undefined {
  const to = levelIn({ ...past.present, traffic }, candidate)
  let lower: PastState | undefined
  for (const state of past.states) {
    if (state.life > 0) return undefined
    if (!state.traffic) continue
    if ('latest' in candidate && !isSameLatest(past, state)) return undefined
    const from = levelIn(state, candidate)
    if (from < to) return undefined
    if (from > to) {
      const isOut = to < 0 && !isTakenBack(past, state, lower?.traffic ?? traffic, candidate)
      return isOut ? undefined : { from, to, ...(lower && { since: { commit: lower.commit, time: lower.time } }) }
    }
    lower = state
  }
  return undefined
}

/** The share of a revision in percent, -1 where it has no target. What goes to the latest revision goes to the template's. */
function levelIn(
  { traffic = [], templateName }: Omit<PastState, 'commit' | 'time' | 'path' | 'life'>,
  revision: Revision,
): number {
  const hasLatest = traffic.length === 0 || traffic.some((target) => 'latest' in target.revision)
  const isThere =
    'latest' in revision
      ? hasLatest
      : targetsNaming(traffic, revision).length > 0 || (revision.name === templateName && hasLatest)
  return isThere ? shareThen({ traffic, templateName }, revision) : -1
}

function isTakenBack(past: Past, state: PastState, after: readonly TrafficTarget[], candidate: Revision): boolean {
  const taken = takenBackAt(past, state, after)
  return taken !== undefined && sameRevision(taken, candidate)
}

function takenBackAt(past: Past, state: PastState, after: readonly TrafficTarget[]): Revision | undefined {
  const number = openNumber(past, state)
  return takenBack({ ...state, ...(number !== undefined && { number }) }, after, { service: past.name, past })
}

/** A candidate that is in no target any more, and how it left. */
type LostCandidate = RolledBack & { readonly candidate: Revision }

/**
 * The candidate that was rolled back last, where one revision alone is left and the file tells of no other one: only Git
 * knows it then. None once the template is a new one.
 */
export function lostCandidate(past: Past, traffic: readonly TrafficTarget[]): LostCandidate | undefined {
  const stable = loneName(traffic)
  if (stable === undefined) return undefined
  let since: PastState | undefined
  for (const state of past.states) {
    if (state.life > 0 || !state.traffic) return undefined
    if (loneName(state.traffic) === stable) {
      since = state
      continue
    }
    if (since && !sameJson(since.template, past.present.template)) return undefined
    const candidate = takenBackAt(past, state, traffic)
    if (!candidate) return undefined
    const from = levelIn(state, candidate)
    return {
      candidate,
      from: from < 0 ? shareThen(state, { latest: true }) : from,
      to: -1,
      ...(since && { since: { commit: since.commit, time: since.time } }),
    }
  }
  return undefined
}

/** The roles, with the candidate that was rolled back where nothing but Git tells of one. */
export function withLostCandidate(standing: Standing, past: Past | undefined): Standing {
  const { candidate, stable, before } = standing
  if (!past || !isRefusal(candidate) || candidate.code !== 'KN401' || isRefusal(stable)) return standing
  const lost = lostCandidate(past, before)
  if (!lost || sameRevision(lost.candidate, stable.revision)) return standing
  const decidedBy = lost.since
    ? `Git, where it was rolled back (${shortCommit(lost.since.commit)})`
    : 'Git, where it had a target until this change'
  return { ...standing, candidate: { revision: lost.candidate, decidedBy }, isLost: true }
}

/** How the candidate was rolled back, whether the file or only Git tells of it. */
export function backOf(past: Past, { before, candidate, isLost }: Standing): RolledBack | undefined {
  if (isRefusal(candidate)) return undefined
  return isLost ? lostCandidate(past, before) : rolledBackFrom(past, before, candidate.revision)
}

/**
 * The oldest state that is known, where the history ends before it tells how the candidate came to its share: whether that
 * rose or was taken down is then not known.
 */
export function hiddenRise(past: Past, traffic: readonly TrafficTarget[], candidate: Revision): PastState | undefined {
  const share = shareOf(traffic, candidate)
  let oldest: PastState | undefined
  for (const state of past.states) {
    if (state.life > 0 || shareThen(state, candidate) !== share || !isNamedIn(state, candidate)) return undefined
    if ('latest' in candidate && !isSameLatest(past, state)) return undefined
    oldest = state
  }
  return oldest && past.gaps().isCut ? oldest : undefined
}

function isNamedIn({ traffic = [], templateName }: PastState, candidate: Revision): boolean {
  return targetsNaming(traffic, candidate).length > 0 || ('name' in candidate && candidate.name === templateName)
}

function isSameLatest({ present }: Past, { template, traffic }: PastState): boolean {
  return sameJson(present.template, template) && traffic?.some(({ revision }) => 'name' in revision) === true
}

/** Why a revision is not rolled out where a rollback may be hidden. */
export function hiddenRefusal(
  candidate: Revision,
  { commit, time }: PastState,
  { next, isShallow }: { readonly next: string; readonly isShallow: true | undefined },
): Refusal {
  const end = `${shortCommit(commit)} (${utcMinute(time)})`
  return {
    code: 'KN433',
    message: `cannot roll out \`${revisionText(candidate)}\`: the history here ends at ${end} and does not show whether it was rolled back`,
    help: `${isShallow ? `${fetchMore}, or ` : ''}run \`kn-rollout apply ${next} ${thisService}\``,
  }
}

/** What a reviewer should know where a revision is rolled out, and nothing can tell whether it was rolled back. */
export function hiddenByAbsence(candidate: Revision, absence: string): Remark {
  return remarkOf({
    code: 'KN455',
    message: `not checked: whether \`${revisionText(candidate)}\` was rolled back (${absence})`,
    help: 'run this on the file in its repository',
  })
}

/** Why a revision is not rolled out again by itself. */
export function rolledBackRefusal(
  { isLost }: Standing,
  candidate: Revision,
  { from, to, since }: RolledBack,
  next: string,
): Refusal {
  const name = `\`${revisionText(candidate)}\``
  const where = since ? `by ${shortCommit(since.commit)}` : 'by a change that is not committed'
  const how = to < 0 ? `removed at ${from}%` : `moved from ${from}% to ${to}%`
  const words = isLost ? ` --candidate ${revisionText(candidate)}` : ''
  return {
    code: 'KN434',
    message: `cannot roll out ${name} again: it was rolled back (${how} ${where})`,
    help: `release another revision, or run \`kn-rollout apply ${next} ${thisService}${words}\``,
  }
}

/** What a reviewer of the next revision should know of the one before it. */
export function rolledBackRemark(candidate: Revision, { since }: RolledBack): Remark {
  const where = since
    ? `by ${shortCommit(since.commit)} (${utcMinute(since.time)})`
    : 'by a change that is not committed'
  return remarkOf({
    code: 'KN456',
    message: `\`${revisionText(candidate)}\` was rolled back ${where}, and this release replaces it`,
  })
}
