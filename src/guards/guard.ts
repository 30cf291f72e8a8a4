import type { CodeRow } from '../codes/code.js'
import type { ClusterSettings } from '../config/cluster-settings.js'
import type { ClusterAt } from '../history/asked.js'
import { isNewTemplate, ownName } from '../history/cluster.js'
import type { Manifest } from '../manifest/manifest.js'
import { numberOf } from '../manifest/names.js'
import { type Past, shapeOf } from '../manifest/past.js'
import { readTraffic, type Revision, sameRevision, type TrafficTarget } from '../manifest/traffic.js'
import type { Profile } from '../manifest/profile.js'
import type { Finding } from '../rules/rule.js'
import type { Frozen } from '../stages/freeze.js'
import { shareOf, targetsNaming as targetsIn } from '../stages/place.js'
import type { RolloutPlan } from '../stages/stages.js'
import { namesIn } from '../stages/roles.js'
import { takenBack } from '../stages/rolled-back.js'
import { isRefusal } from '../stages/stage.js'
import { standingOf } from '../stages/standing.js'
import { highest } from '../text/collections.js'
import type { Severity } from '../text/diagnostic.js'
import { formatPath, type Path } from '../text/path.js'

/** One Service on both sides of a change. Both are sound YAML, and have the same name and namespace. */
export type Passage = {
  readonly before: Manifest
  readonly after: Manifest
  /** What Git knows of the Service up to the base. */
  readonly past?: Past
  /** Whether another file of the same Service names the revision, or a snapshot shows it. */
  readonly isNamedBeside?: (name: string) => boolean
  /** The cluster that gets the newer side: what came to it by then, as far as `each` does not say something else. */
  readonly cluster: ClusterAt
  /** The same if each commit up to the newer side is synced by itself; only where there are some that may be passed over. */
  readonly each?: ClusterAt
  /** The plan that the Service follows. */
  readonly plan: RolloutPlan
  /** Whose server takes the change. */
  readonly profile: Profile
  /** What an operator has set in that server. */
  readonly settings: ClusterSettings
  /** Set where the run was told so, and no key of the Service decided. */
  readonly isProfileGiven?: true
  /** In seconds since 1970. */
  readonly now: number
  /** Set where rollouts are held back at that time. */
  readonly frozen?: Frozen
}

/**
 * One thing that can go wrong between two commits, as data. A guard never throws; of what it cannot know it stays silent.
 * Its findings are shown on the newer side.
 */
export type Guard = CodeRow & {
  readonly code: `KN5${string}`
  /** Set where it takes the whole Service to judge: kustomize patches, of which the rest stands elsewhere, are left out. */
  readonly isForWhole?: true
  /** Set where only stock Knative is known to work so; Cloud Run's Services are left out. */
  readonly isForKnative?: true
  /** Set where it asks the cluster: it is heard for each way in which the commits may come there. */
  readonly asksCluster?: true
  readonly check: (passage: Passage) => Iterable<Finding>
  /** Whether it stays silent only because a part of the history is not known. Asked only where some is missing. */
  readonly isOpen?: (passage: Passage) => boolean
}

/** Whether a part of the history is not known, so that what is not in it may still have been. It takes all of it to tell. */
export function hasGaps(past: Past): boolean {
  const { isCut, unread } = past.gaps()
  return isCut || unread > 0
}

/** The readable targets of a Service; none where the list cannot be read, which is said elsewhere. */
export function readableTargets(manifest: Manifest): readonly TrafficTarget[] {
  return readTraffic(manifest) ?? []
}

/** The percent that goes to whatever revision is the latest; everything where there is no list. */
export function latestShare(traffic: readonly TrafficTarget[]): number {
  return traffic.length === 0 ? 100 : shareOf(traffic, { latest: true })
}

/** Whether the list has a target for the latest revision, at whatever share. */
export function hasLatest(traffic: readonly TrafficTarget[]): boolean {
  return traffic.some(({ revision }) => 'latest' in revision)
}

/** Where the first target that `isMeant` stands, and a member of it; the list itself where there is none. */
export function targetPath(
  traffic: readonly TrafficTarget[],
  isMeant: (revision: Revision, percent: number) => boolean,
  key: 'percent' | 'revisionName' | 'latestRevision',
): Path {
  const index = traffic.findIndex(({ revision, percent }) => isMeant(revision, percent))
  return index < 0 ? ['spec', 'traffic'] : ['spec', 'traffic', index, key]
}

const onlyLast = 'if only the last commit is synced'
const onlyEach = 'if each commit is synced separately'

/** What a guard finds, and how loud it is. */
type Heard = { readonly severity: Severity; readonly finding: Finding }

/**
 * What a guard finds in a change, however its commits come to the cluster: all of them, or the last one alone. What is so
 * in one case only says in which. A branch is mostly merged at once: a refusal that only its single commits would meet is
 * a warning.
 */
export function heard(guard: Guard, passage: Passage): readonly Heard[] {
  const { severity, check, asksCluster } = guard
  const once = [...check(passage)]
  if (!passage.each || !asksCluster) return once.map((finding) => ({ severity, finding }))
  const { each, ...others } = passage
  const stepwise = [...check({ ...others, cluster: each })]
  const softer = severity === 'error' ? 'warning' : severity
  return [
    ...once.map((finding) => ({ severity, finding: isIn(stepwise, finding) ? finding : limited(finding, onlyLast) })),
    ...stepwise
      .filter((finding) => !isIn(once, finding))
      .map((finding) => ({ severity: softer, finding: limited(finding, onlyEach) })),
  ]
}

function limited(finding: Finding, when: string): Finding {
  return { ...finding, message: `${finding.message} (${when})` }
}

function isIn(findings: readonly Finding[], { path }: Finding): boolean {
  return findings.some((one) => formatPath(one.path) === formatPath(path))
}

/** How far a change moves a rollout on. */
type Advance = {
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
  const [old, fresh] = [readableTargets(passage.before), readableTargets(passage.after)]
  if (latestShare(old) === 100 || isWayBack(passage)) return undefined
  let candidate: Revision | undefined | 'unasked' = 'unasked'
  let last: number | undefined
  const isCandidate = (revision: Revision): boolean => {
    if (candidate === 'unasked') candidate = candidateBefore(passage)
    return candidate !== undefined && sameRevision(candidate, revision)
  }
  const isBeyond = (number: number): boolean => {
    last ??= highestServing(passage.before.name, old)
    return number > last
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
  return takenBack({ templateName, traffic }, readableTargets(after), { service: after.name, past }) !== undefined
}

/** The revision that was under test before, where that can be told. */
export function candidateBefore({ before, past }: Passage): Revision | undefined {
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
  return Math.max(0, highest(serving.map((name) => numberOf(service, name) ?? 0)))
}
