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
  name: 'networking-annotation',
  severity: 'error',
  title: 'a networking annotation of the template must be a known one',
  source: 'pkg/apis/serving/v1/revision_validation.go (knative/serving#16296)',
  why: () =>
    'Newer clusters refuse a networking annotation on the template that they do not know, since it would be passed on and do nothing. Visibility, for one, is a label of the Service.',
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
  name: 'progress-deadline',
  severity: 'error',
  title: 'the progress deadline must be a duration in whole seconds',
  source: 'pkg/apis/serving/v1/revision_validation.go validateProgressDeadline',
  why: () =>
    'After this time a deployment that is not ready counts as failed. It is a Go duration in whole seconds, more than none: write 90s or 10m.',
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
  name: 'queue-proxy-resources',
  severity: 'error',
  title: 'resources of the queue proxy must be quantities',
  source: 'pkg/apis/serving/v1/revision_validation.go validateQueueSidecarResourceAnnotations',
  why: () =>
    'Beside each container runs the proxy of Knative, whose share of processor and memory these annotations set. They are quantities as everywhere in Kubernetes, such as 100m or 200Mi.',
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
  name: 'queue-proxy-percentage',
  severity: 'error',
  title: 'the resource percentage of the queue proxy must be 0.1 to 100',
  source: 'pkg/apis/serving/v1/revision_validation.go validateQueueSidecarAnnotation',
  why: () =>
    "This sizes the proxy as a percentage of the container's resources, and the cluster takes 0.1 to 100. To go beyond that, set the resources of the proxy themselves.",
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
