import { quoted, shown } from './fields.js'
import { goDuration, second } from './go-duration.js'
import type { Rule } from './rule.js'
import { firstOf, serviceAnnotations } from './template-metadata.js'

/** The autoscaler looks at revisions, so its settings on the Service would be without effect. */
export const serviceAutoscaling: Rule = {
  code: 'KN335',
  name: 'autoscaling-on-service',
  severity: 'error',
  title: 'autoscaling annotations must be on the template',
  source: 'pkg/apis/serving/metadata_validation.go ValidateHasNoAutoscalingAnnotation',
  why: () =>
    'The autoscaler works on revisions, and those inherit from the template alone. On the Service such an annotation would be without effect, so it is refused: move it to `spec.template.metadata.annotations`.',
  *check(manifest) {
    for (const [key, { path }] of serviceAnnotations(manifest)) {
      if (!key.startsWith('autoscaling.knative.dev')) continue
      yield {
        message: `${quoted(path)} must not be set on the Service: "invalid key name "${key}"", "autoscaling annotations must be put under "spec.template.metadata.annotations" to work"`,
        help: 'move it to `spec.template.metadata.annotations`',
        path,
        part: 'key',
      }
    }
  },
}

/** How long the traffic of the latest revision takes to move over, in whole seconds. */
export const rolloutDuration: Rule = {
  code: 'KN336',
  name: 'invalid-rollout-duration',
  severity: 'error',
  title: 'the rollout duration must be a duration in whole seconds',
  source: 'pkg/apis/serving/metadata_validation.go ValidateRolloutDurationAnnotation',
  why: () =>
    'Knative reads this text as a Go duration, which has hours, minutes and seconds but no days and no bare numbers, and takes whole seconds only. Write it like 380s, 10m or 1h30m.',
  *check(manifest) {
    const annotations = serviceAnnotations(manifest)
    const found = firstOf(annotations, 'serving.knative.dev/rollout-duration', 'serving.knative.dev/rolloutDuration')
    if (!found || found.value === '') return
    const duration = goDuration(found.value)
    if (duration !== undefined && duration >= 0 && duration % second === 0) return
    const phrase =
      duration === undefined
        ? `invalid value: ${found.value}`
        : `rollout-duration=${found.value} ${duration % second === 0 ? 'must be positive' : 'is not at second precision'}`
    yield {
      message: `${quoted(found.path)} must be a duration in whole seconds, but is ${shown(found.value)}: ${shown(phrase)}`,
      help: 'write it as "380s", "10m" or "1h30m"; days are not known',
      path: found.path,
    }
  },
}
