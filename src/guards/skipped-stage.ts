import { revisionText, sameRevision } from '../manifest/traffic.js'
import { advanceOf } from './advance.js'
import type { Guard } from './guard.js'
import { unpreviewed } from './skipped-preview.js'
import { placeOf, targetsOf } from './targets.js'
import { thisService } from '../text/this-service.js'

/** The plan's own stages, jumped over. */
export const skippedStage: Guard = {
  code: 'KN515',
  name: 'skipped-stage',
  severity: 'warning',
  title: 'a change must not go further than the next stage of the plan',
  why: () =>
    'The plan that the Service follows has stages between the share that the candidate had and the one that it gets now. Each is a chance to notice trouble while few users meet it. Go stage by stage, or change the plan.',
  *check(passage) {
    const advance = advanceOf(passage)
    if (!advance || unpreviewed(passage)) return
    const { plan, after } = passage
    const { candidate, from, to } = advance
    const next = plan.steps.find(({ stage }) => stage.share !== undefined && stage.share > from)?.stage
    if (next?.share === undefined || to <= next.share) return
    const had = from < 0 ? 'had no target' : `had ${from}`
    yield {
      message: `\`${revisionText(candidate)}\` must get at most ${next.share} percent next (\`${next.name}\` of the plan \`${plan.name}\`), but ${had} and gets ${to}`,
      help: `go stage by stage (\`kn-rollout apply ${next.name} ${thisService}\`), or give the Service another plan in \`.kn-rollout.yaml\``,
      path: placeOf(targetsOf(after), (revision) => sameRevision(revision, candidate), 'percent'),
    }
  },
}
