import { shapeOf } from '../manifest/past-version.js'
import { numberOf } from '../manifest/revision-number.js'
import { sameRevision, type Revision, type TrafficTarget } from '../manifest/traffic.js'
import { shareOf, targetsOf as targetsIn } from '../stages/shares.js'
import { isRefusal } from '../stages/stage.js'
import { standingOf } from '../stages/wish.js'
import { namesIn } from '../stages/names.js'
import { takenBack } from '../stages/taken-back.js'
import type { Passage } from './guard.js'
import { hasGaps } from './gaps.js'
import { latestShare, targetsOf } from './targets.js'
import { isNewTemplate, ownName } from '../history/template.js'

/** How far a change moves a rollout on. */
export type Advance = {
  readonly candidate: Revision
  /** The candidate's share in percent; -1 where it had no target yet. */
  readonly from: number
  readonly to: number
}

/**
 * The move of the candidate to a larger share. Undefined where nothing moves on: the way back is no rollout, nor are the
 * first steps of a Service whose traffic was not pinned; and where nobody can tell who the candidate is.
 */
export function advanceOf(passage: Passage): Advance | undefined {
  const [old, fresh] = [targetsOf(passage.before), targetsOf(passage.after)]
  if (latestShare(old) === 100 || isWayBack(passage)) return undefined
  let candidate: Revision | undefined | 'unasked' = 'unasked'
  let highest: number | undefined
  const isCandidate = (revision: Revision): boolean => {
    if (candidate === 'unasked') candidate = candidateBefore(passage)
    return candidate !== undefined && sameRevision(candidate, revision)
  }
  const isBeyond = (number: number): boolean => {
    highest ??= highestServing(passage.before.name, old)
    return number > highest
  }
  const moves = fresh
    .map(({ revision }) => {
      const from = targetsIn(old, revision).length > 0 ? shareOf(old, revision) : -1
      return { candidate: revision, from, to: shareOf(fresh, revision) }
    })
    .filter(({ from, to }) => to > Math.max(0, from) && to <= 100)
    .filter(({ candidate: one, from }) => (from < 0 ? isFresh(passage, one, isBeyond) : isCandidate(one)))
  return moves.toSorted((a, b) => b.to - a.to)[0]
}

/** Whether a change takes the candidate out of the list, and everything back to the revision that served before it. */
export function isWayBack({ before, after, past }: Passage): boolean {
  const { templateName, traffic } = shapeOf(before)
  return takenBack({ templateName, traffic }, targetsOf(after), { service: after.name, past }) !== undefined
}

/** The revision that was under test before, where that can be told. */
function candidateBefore({ before, past }: Passage): Revision | undefined {
  const standing = standingOf(before, {}, past ? { past: () => past } : {})
  return !standing || isRefusal(standing) || isRefusal(standing.candidate) ? undefined : standing.candidate.revision
}

/**
 * Whether a revision that had no target before has never served. One that did is gone back to; of one that may have,
 * beyond what is known of the history, nobody can say.
 */
function isFresh(passage: Passage, revision: Revision, isBeyond: (number: number) => boolean): boolean {
  if (!('name' in revision)) return false
  const { before, after, past } = passage
  const { name } = revision
  if (ownName(after) === name && ownName(before) !== name && isNewTemplate(passage)) return true
  if (!past || hasGaps(past)) return false
  for (const { traffic = [], templateName } of past.states) {
    if (shareOf(traffic, revision) > 0) return false
    if (templateName === name && latestShare(traffic) > 0) return false
  }
  const number = numberOf(after.name, name)
  return number === undefined || isBeyond(number)
}

/** The highest number of a generated name that has traffic; before it, others may have served unnamed. */
function highestServing(service: string, traffic: readonly TrafficTarget[]): number {
  const serving = namesIn(traffic.filter(({ percent }) => percent > 0))
  return Math.max(0, ...serving.map((name) => numberOf(service, name) ?? 0))
}
