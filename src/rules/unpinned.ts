import { filledTargets } from './parts.js'
import type { Rule } from './rule.js'
import { thisService } from '../text/this-service.js'

/** Traffic that follows the latest revision moves with every change of the template, at once and for everybody. */
export const unpinned: Rule = {
  code: 'KN315',
  name: 'unpinned-traffic',
  severity: 'warning',
  title: 'traffic must be pinned to named revisions',
  source: 'pkg/apis/serving/v1/route_defaults.go SetDefaults',
  why: () =>
    'Without named revisions the next change of the template moves all of the traffic by itself, as soon as it is ready. Pin the traffic first, with `kn-rollout apply pin`, so that each move is a commit of its own.',
  optional: true,
  *check(manifest) {
    const targets = filledTargets(manifest)
    const target = targets?.find(({ revision, percent }) => 'latest' in revision && percent > 0)
    if (!targets || (targets.length > 0 && !target)) return
    yield {
      message: target
        ? `\`spec.traffic[${target.origin ?? 0}]\` must name a revision, but gives ${target.percent} % to the latest one: the next change of the template moves that share by itself`
        : '`spec.traffic` must name the revision that serves, but is missing: the next change of the template moves all traffic by itself',
      help: `pin it: \`kn-rollout apply pin ${thisService} --stable REVISION\``,
      path: target ? ['spec', 'traffic', target.origin ?? 0] : ['spec', 'traffic'],
      part: 'key',
    }
  },
}
