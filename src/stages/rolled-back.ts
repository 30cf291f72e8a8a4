import { sameJson } from '../manifest/json.js'
import type { Since } from '../manifest/past-facts.js'
import type { Past, PastState } from '../manifest/past.js'
import { revisionText, type Revision, type TrafficTarget } from '../manifest/traffic.js'
import { fetchMore } from '../text/fetch-more.js'
import { utcMinute } from '../text/time.js'
import { shareThen } from './past-signs.js'
import { shareOf, targetsOf } from './shares.js'
import type { Remark } from './remark.js'
import type { Refusal } from './stage.js'
import { shortCommit } from '../text/version.js'
import { thisService } from '../text/this-service.js'

/** A candidate whose share was last lowered, in percent. */
export type RolledBack = {
  readonly from: number
  readonly to: number
  /** The commit that lowered it; absent where that is not committed yet. */
  readonly since?: Since
}

/**
 * Whether the last change of the candidate's share took it down: somebody went back, and nobody has gone on by name since.
 * A target of the latest revision is another candidate with every template, and none while no rollout is under way.
 */
export function rolledBackFrom(
  past: Past,
  traffic: readonly TrafficTarget[],
  candidate: Revision,
): RolledBack | undefined {
  const to = shareOf(traffic, candidate)
  let lower: PastState | undefined
  for (const state of past.states) {
    if (state.life > 0) return undefined
    if (!state.traffic) continue
    if ('latest' in candidate && !isSameLatest(past, state)) return undefined
    const from = shareThen(state, candidate)
    if (from < to) return undefined
    if (from > to) return { from, to, ...(lower && { since: { commit: lower.commit, time: lower.time } }) }
    lower = state
  }
  return undefined
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
  return {
    code: 'KN455',
    severity: 'note',
    message: `not checked: whether \`${revisionText(candidate)}\` was rolled back, as no history tells: ${absence}`,
    help: 'name the file in its repository to have it checked',
  }
}

/** Why a revision is not rolled out again by itself. */
export function rolledBackRefusal(candidate: Revision, { from, to, since }: RolledBack, next: string): Refusal {
  const name = `\`${revisionText(candidate)}\``
  const where = since ? `by ${shortCommit(since.commit)}` : 'by a change that is not committed'
  return {
    code: 'KN434',
    message: `${name} must not be rolled out again by itself: it was taken from ${from} to ${to} percent ${where}`,
    help: `release another revision, or go on with this one by name: \`kn-rollout apply ${next} ${thisService}\``,
  }
}
