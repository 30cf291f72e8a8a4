import { sameJson } from '../manifest/json.js'
import type { Since } from '../manifest/past-facts.js'
import type { Past, PastState } from '../manifest/past.js'
import { revisionText, sameRevision, type Revision, type TrafficTarget } from '../manifest/traffic.js'
import { fetchMore } from '../text/fetch-more.js'
import { utcMinute } from '../text/time.js'
import { shareThen } from './past-signs.js'
import { shareOf, targetsOf } from './shares.js'
import { remark, type Remark } from './remark.js'
import { isRefusal, type Refusal } from './stage.js'
import { loneName, openNumber, takenBack } from './taken-back.js'
import { shortCommit } from '../text/version.js'
import { thisService } from '../text/this-service.js'
import type { Standing } from './wish.js'

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
      : targetsOf(traffic, revision).length > 0 || (revision.name === templateName && hasLatest)
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
    : 'Git, where it had its place until this change'
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
  return targetsOf(traffic, candidate).length > 0 || ('name' in candidate && candidate.name === templateName)
}

function isSameLatest({ present }: Past, { template, traffic }: PastState): boolean {
  return sameJson(present.template, template) && traffic?.some(({ revision }) => 'name' in revision) === true
}

/** Why a revision is not rolled out where a rollback may be hidden. */
export function hiddenRefusal(candidate: Revision, { commit, time }: PastState, next: string): Refusal {
  const end = `${shortCommit(commit)} (${utcMinute(time)})`
  return {
    code: 'KN433',
    message: `\`${revisionText(candidate)}\` must not be rolled out by itself if it was rolled back, but the history that is here ends at ${end} and does not tell`,
    help: `${fetchMore}, or go on by name: \`kn-rollout apply ${next} ${thisService}\``,
  }
}

/** What a reviewer should know where a revision is rolled out, and nothing can tell whether it was rolled back. */
export function hiddenByAbsence(candidate: Revision, absence: string): Remark {
  return remark({
    code: 'KN455',
    message: `not checked: whether \`${revisionText(candidate)}\` was rolled back, as no history tells: ${absence}`,
    help: 'name the file in its repository to have it checked',
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
  const how = to < 0 ? `removed from \`spec.traffic\` at ${from} percent` : `taken from ${from} to ${to} percent`
  const words = isLost ? ` --candidate ${revisionText(candidate)}` : ''
  return {
    code: 'KN434',
    message: `${name} must not be rolled out again by itself: it was ${how} ${where}`,
    help: `release another revision, or go on with this one by name: \`kn-rollout apply ${next} ${thisService}${words}\``,
  }
}

/** What a reviewer of the next revision should know of the one before it. */
export function rolledBackRemark(candidate: Revision, { since }: RolledBack): Remark {
  const where = since
    ? `by ${shortCommit(since.commit)} (${utcMinute(since.time)})`
    : 'by a change that is not committed'
  return remark({
    code: 'KN456',
    message: `\`${revisionText(candidate)}\` was rolled back ${where}: this release replaces it`,
  })
}
