import { member, sameJson } from '../manifest/json.js'
import { trafficSince } from '../manifest/past-facts.js'
import { revisionText, sameRevision, type Revision } from '../manifest/traffic.js'
import { liveTemplate } from '../rules/update/live.js'
import { templateAsGo } from '../rules/update/as-go.js'
import { shareOf } from '../stages/shares.js'
import { isRefusal } from '../stages/stage.js'
import { standingOf } from '../stages/wish.js'
import type { Finding } from '../rules/rule.js'
import type { Guard, Passage } from './guard.js'
import { latestShare, targetsOf } from './targets.js'

/** How far a change moves the candidate: its share in percent, -1 where it had no target yet. */
type Advance = {
  readonly candidate: Revision
  readonly from: number
  readonly to: number
  readonly isNewTemplate: boolean
}

function advanceOf({ before, after }: Passage): Advance | undefined {
  const old = targetsOf(before)
  // What was not pinned is not rolled out by stages.
  if (!before || latestShare(old) === 100) return undefined
  const standing = standingOf(after, {})
  if (!standing || isRefusal(standing) || isRefusal(standing.candidate)) return undefined
  const candidate = standing.candidate.revision
  const to = shareOf(standing.before, candidate)
  const from = old.some(({ revision }) => sameRevision(revision, candidate)) ? shareOf(old, candidate) : -1
  if (to <= from || to <= 0) return undefined
  return { candidate, from, to, isNewTemplate: isNewTemplate(before, after) }
}

function isNewTemplate(before: Passage['after'], after: Passage['after']): boolean {
  const [old, fresh] = [before, after].map(({ value }) => templateAsGo(liveTemplate(member(value, 'spec', 'template'))))
  return !sameJson(old, fresh)
}

function placeOf({ after }: Passage, candidate: Revision): Pick<Finding, 'path' | 'part'> {
  const index = targetsOf(after).findIndex(({ revision }) => sameRevision(revision, candidate))
  return index < 0 ? { path: ['spec', 'traffic'], part: 'key' } : { path: ['spec', 'traffic', index, 'percent'] }
}

/** Users meet a revision that nobody could have tested. */
export const skippedPreview: Guard = {
  code: 'KN514',
  severity: 'warning',
  title: 'a new template must not get traffic in the commit that brings it',
  *check(passage) {
    const advance = advanceOf(passage)
    if (!advance?.isNewTemplate || advance.from > 0) return
    yield {
      message: `\`${revisionText(advance.candidate)}\` must be previewed first, but gets ${advance.to} percent of the traffic in the change that brings its template`,
      help: 'give it `percent: 0` and a tag, and a share in a later commit',
      ...placeOf(passage, advance.candidate),
    }
  },
}

/** The plan's own stages, jumped over. */
export const skippedStage: Guard = {
  code: 'KN515',
  severity: 'warning',
  title: 'a change must not go further than the next stage of the plan',
  *check(passage) {
    const advance = advanceOf(passage)
    if (!advance || (advance.isNewTemplate && advance.from <= 0)) return
    const { plan } = passage
    const next = plan.steps.find(({ stage }) => stage.share !== undefined && stage.share > advance.from)
    const allowed = next?.stage.share ?? 100
    if (advance.to <= allowed) return
    yield {
      message: `\`${revisionText(advance.candidate)}\` must get at most ${allowed} percent in the next stage of the plan \`${plan.name}\` (\`${next?.stage.name ?? 'promote'}\`), but gets ${advance.to}${advance.from < 0 ? '' : ` after ${advance.from}`}`,
      help: `go there stage by stage: \`kn-rollout apply ${next?.stage.name ?? 'promote'}\``,
      ...placeOf(passage, advance.candidate),
    }
  },
}

/** A stage that was to last for a while, cut short. */
export const unsoaked: Guard = {
  code: 'KN516',
  severity: 'warning',
  title: 'a stage must last as long as the plan says',
  *check(passage) {
    const { plan, past, now } = passage
    const advance = advanceOf(passage)
    if (!advance || advance.from < 0 || !past) return
    const step = plan.steps.find(({ stage }) => stage.share === advance.from)
    const since = trafficSince(past)
    if (step?.soak === undefined || !since || now - since.time >= step.soak) return
    const until = new Date((since.time + step.soak) * 1000).toISOString().slice(0, 16)
    yield {
      message: `\`${revisionText(advance.candidate)}\` must stay in the stage \`${step.stage.name}\` of the plan \`${plan.name}\` until ${until}Z, but moves on after ${minutes(now - since.time)}`,
      help: 'merge this later',
      ...placeOf(passage, advance.candidate),
    }
  },
}

function minutes(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds / 60))
  return whole < 120 ? `${whole} min` : `${Math.floor(whole / 60)} h`
}
