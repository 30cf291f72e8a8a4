import { quoted, shown } from './fields.js'
import { goDuration } from './go-duration.js'
import { filledTargets } from './parts.js'
import type { Rule } from './rule.js'
import { firstOf, serviceAnnotations, templateAnnotations } from './template-metadata.js'

const keys = ['serving.knative.dev/rollout-duration', 'serving.knative.dev/rolloutDuration'] as const

/**
 * The gradual move is between two latest revisions, for targets with more than 1 %; traffic between named revisions
 * moves at once. And it is read from the Service only.
 */
export const rolloutEffect: Rule = {
  code: 'KN316',
  name: 'unused-rollout-duration',
  severity: 'warning',
  title: 'a rollout duration must have something to act on',
  source: 'pkg/reconciler/route/traffic/rollout.go, reconcile_resources.go',
  why: () =>
    'The gradual move that this annotation asks for happens between one latest revision and the next, and is read from the Service only. For named revisions, or on the template, it does nothing: move traffic by stages, or remove it.',
  *check(manifest) {
    const misplaced = firstOf(templateAnnotations(manifest), ...keys)
    if (misplaced)
      yield {
        message: `${quoted(misplaced.path)} must be on the Service to have an effect, but is on the template`,
        help: 'move it to `metadata.annotations`',
        path: misplaced.path,
        part: 'key',
      }
    const found = firstOf(serviceAnnotations(manifest), ...keys)
    const targets = filledTargets(manifest) ?? []
    if (!found || (goDuration(found.value) ?? 0) <= 0 || targets.length === 0) return
    if (targets.some(({ revision, percent }) => 'latest' in revision && percent > 1)) return
    yield {
      message: `${quoted(found.path)} must have a \`latestRevision\` target with more than 1 % to act on, but there is none: ${shown(found.value)} has no effect`,
      help: 'remove it: traffic between named revisions moves at once, by the stages of a rollout',
      path: found.path,
      part: 'key',
    }
  },
}
