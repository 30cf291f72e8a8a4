import { invalid, wrongValue } from './autoscaling-keys.js'
import { quoted } from './fields.js'
import { goDuration, second } from './go-duration.js'
import { isQuantity } from '../text/quantity.js'
import { goFloat } from './go-number.js'
import type { Rule } from './rule.js'
import { firstOf, templateAnnotations } from './template-metadata.js'

const networking = 'networking.knative.dev'
const networkingKeys: ReadonlySet<string> = new Set(
  [
    'ingress-class',
    'ingress.class',
    'certificate-class',
    'certificate.class',
    'disable-auto-tls',
    'disableAutoTLS',
    'disable-external-domain-tls',
    'http-protocol',
    'httpOption',
  ].map((name) => `${networking}/${name}`),
)

/** The group has a fixed set of annotations, so that a misspelt one does not go unnoticed. */
export const networkingAnnotations: Rule = {
  code: 'KN349',
  severity: 'error',
  title: 'a networking annotation of the template must be a known one',
  source: 'pkg/apis/serving/v1/revision_validation.go (knative/serving#16296)',
  *check(manifest) {
    for (const [key, { path }] of templateAnnotations(manifest)) {
      if (!key.startsWith(networking) || networkingKeys.has(key)) continue
      yield {
        message: `${quoted(path)} must not be set on the template: "invalid key name "${key}""`,
        help: `known on the template: ${[...networkingKeys].join(', ')}; visibility is a label of the Service`,
        path,
        part: 'key',
      }
    }
  },
}

/** How long a deployment may take before it counts as failed, in whole seconds. */
export const progressDeadline: Rule = {
  code: 'KN350',
  severity: 'error',
  title: 'the progress deadline must be a duration in whole seconds',
  source: 'pkg/apis/serving/v1/revision_validation.go validateProgressDeadline',
  *check(manifest) {
    const found = templateAnnotations(manifest).get('serving.knative.dev/progress-deadline')
    if (!found || found.value === '') return
    const duration = goDuration(found.value)
    if (duration !== undefined && duration >= 0 && duration % second === 0) return
    const phrase =
      duration === undefined
        ? invalid(found.value)
        : `"progress-deadline=${found.value} ${duration % second === 0 ? 'must be positive' : 'is not at second precision'}"`
    yield wrongValue(found, 'a duration in whole seconds', phrase, 'write it as "600s" or "10m"')
  },
}

const sidecar = 'queue.sidecar.serving.knative.dev'
const resources = ['cpu', 'memory', 'ephemeral-storage'].flatMap((resource) =>
  ['request', 'limit'].map((bound) => `${sidecar}/${resource}-resource-${bound}`),
)

/** Resources of the proxy that Knative puts beside the container. */
export const sidecarResources: Rule = {
  code: 'KN351',
  severity: 'error',
  title: 'resources of the queue proxy must be quantities',
  source: 'pkg/apis/serving/v1/revision_validation.go validateQueueSidecarResourceAnnotations',
  *check(manifest) {
    const annotations = templateAnnotations(manifest)
    for (const key of resources) {
      const found = annotations.get(key)
      if (!found || isQuantity(found.value)) continue
      yield wrongValue(found, 'a quantity', invalid(found.value), 'write it as "250m", "0.5" or "256Mi"')
    }
  },
}

/** The older way to give the proxy its resources: a share of the container's. */
export const sidecarPercentage: Rule = {
  code: 'KN352',
  severity: 'error',
  title: 'the resource percentage of the queue proxy must be 0.1 to 100',
  source: 'pkg/apis/serving/v1/revision_validation.go validateQueueSidecarAnnotation',
  *check(manifest) {
    const annotations = templateAnnotations(manifest)
    const found = firstOf(annotations, `${sidecar}/resource-percentage`, `${sidecar}/resourcePercentage`)
    if (!found) return
    const number = goFloat(found.value)
    if (number !== undefined && !(number < 0.1 || number > 100)) return
    const phrase = number === undefined ? invalid(found.value) : `"expected 0.1 <= ${number} <= 100"`
    yield wrongValue(found, 'a number from 0.1 to 100', phrase)
  },
}
