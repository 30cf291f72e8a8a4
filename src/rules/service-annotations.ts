import type { Manifest } from '../manifest/manifest.js'
import { isQuantity } from '../text/words.js'
import { invalid, wrongValue } from './autoscaling.js'
import { goDuration, goFloat, labelValue, qualifiedName, second } from './go-values.js'
import { firstOf, serviceAnnotations, templateAnnotations, templateMetadata } from './places.js'
import {
  type FieldAt,
  knative,
  kubernetes,
  type Finding,
  objectIn,
  quoted,
  type Rule,
  shown,
  textField,
} from './rule.js'

/** The autoscaler looks at revisions, so its settings on the Service would be without effect. */
const serviceAutoscaling: Rule = {
  code: 'KN335',
  name: 'autoscaling-on-service',
  severity: 'error',
  title: 'Autoscaling annotation is on the Service, not the template',
  source: 'pkg/apis/serving/metadata_validation.go ValidateHasNoAutoscalingAnnotation',
  why: () =>
    'The autoscaler works on revisions, which inherit only from the template. Such an annotation has no effect on the Service, so Knative rejects it. Move it to `spec.template.metadata.annotations`.',
  *check(manifest) {
    for (const [key, { path }] of serviceAnnotations(manifest)) {
      if (!key.startsWith('autoscaling.knative.dev')) continue
      yield {
        message: `${quoted(path)} is on the Service; autoscaling annotations must be on the template`,
        says: knative(
          `invalid key name "${key}", autoscaling annotations must be put under "spec.template.metadata.annotations" to work`,
        ),
        help: 'move it to `spec.template.metadata.annotations`',
        path,
        part: 'key',
      }
    }
  },
}

/** How long the traffic of the latest revision takes to move over, in whole seconds. */
const rolloutDuration: Rule = {
  code: 'KN336',
  name: 'invalid-rollout-duration',
  severity: 'error',
  title: '`rollout-duration` is not a duration in whole seconds',
  source: 'pkg/apis/serving/metadata_validation.go ValidateRolloutDurationAnnotation',
  why: () =>
    'Knative reads this text as a Go duration, which has hours, minutes and seconds but no days and no bare numbers, and accepts only whole seconds. Write it like `380s`, `10m` or `1h30m`.',
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
      message: `${quoted(found.path)} is ${shown(found.value)}; must be a duration in whole seconds`,
      says: knative(phrase),
      help: 'write a duration such as "380s", "10m" or "1h30m"; days are unknown',
      path: found.path,
    }
  },
}

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
const networkingAnnotations: Rule = {
  code: 'KN349',
  name: 'networking-annotation',
  severity: 'error',
  title: 'Template has an unknown networking annotation',
  source: 'pkg/apis/serving/v1/revision_validation.go (knative/serving#16296)',
  why: () =>
    'Knative 1.21 and newer rejects an unknown networking annotation on the template, because it would have no effect. Visibility, for example, is a label of the Service.',
  *check(manifest) {
    for (const [key, { path }] of templateAnnotations(manifest)) {
      if (!key.startsWith(networking) || networkingKeys.has(key)) continue
      yield {
        message: `unknown networking annotation ${quoted(path)}`,
        says: knative(`invalid key name "${key}"`),
        help: `use one of ${networkingKeys.size} known keys such as \`${networking}/ingress-class\`; visibility is a label of the Service`,
        path,
        part: 'key',
      }
    }
  },
}

/** How long a deployment may take before it counts as failed, in whole seconds. */
const progressDeadline: Rule = {
  code: 'KN350',
  name: 'progress-deadline',
  severity: 'error',
  title: '`progress-deadline` is not a duration in whole seconds',
  source: 'pkg/apis/serving/v1/revision_validation.go validateProgressDeadline',
  why: () =>
    'A deployment that is not ready after this time has failed. It is a Go duration in whole seconds; `0s` is accepted, a negative one is not. Use a value such as `90s` or `10m`.',
  *check(manifest) {
    const found = templateAnnotations(manifest).get('serving.knative.dev/progress-deadline')
    if (!found || found.value === '') return
    const duration = goDuration(found.value)
    if (duration !== undefined && duration >= 0 && duration % second === 0) return
    const phrase =
      duration === undefined
        ? invalid(found.value)
        : `progress-deadline=${found.value} ${duration % second === 0 ? 'must be positive' : 'is not at second precision'}`
    yield wrongValue(found, 'a duration in whole seconds', phrase, 'write a duration such as "600s" or "10m"')
  },
}

const sidecar = 'queue.sidecar.serving.knative.dev'
const resources = ['cpu', 'memory', 'ephemeral-storage'].flatMap((resource) =>
  ['request', 'limit'].map((bound) => `${sidecar}/${resource}-resource-${bound}`),
)

/** Resources of the proxy that Knative puts beside the container. */
const sidecarResources: Rule = {
  code: 'KN351',
  name: 'queue-proxy-resources',
  severity: 'error',
  title: 'Queue-proxy resource is not a quantity',
  source: 'pkg/apis/serving/v1/revision_validation.go validateQueueSidecarResourceAnnotations',
  why: () =>
    'Next to each container Knative runs its proxy, and these annotations set the CPU and memory of the proxy. They are quantities as everywhere in Kubernetes, such as `100m` or `200Mi`.',
  *check(manifest) {
    const annotations = templateAnnotations(manifest)
    for (const key of resources) {
      const found = annotations.get(key)
      if (!found || isQuantity(found.value)) continue
      yield wrongValue(found, 'a quantity', invalid(found.value), 'write a quantity such as "250m", "0.5" or "256Mi"')
    }
  },
}

/** The older way to give the proxy its resources: a share of the container's. */
const sidecarPercentage: Rule = {
  code: 'KN352',
  name: 'queue-proxy-percentage',
  severity: 'error',
  title: 'Queue-proxy percentage is not between 0.1 and 100',
  source: 'pkg/apis/serving/v1/revision_validation.go validateQueueSidecarAnnotation',
  why: () =>
    'This sizes the proxy as a percentage of the resources of the container, and Knative accepts 0.1 to 100. The annotation is deprecated: set the resources of the proxy directly, for example with `queue.sidecar.serving.knative.dev/cpu-resource-request`.',
  *check(manifest) {
    const found = percentageOf(manifest)
    if (!found) return
    const number = goFloat(found.value)
    if (isPercentage(number)) return
    const phrase = number === undefined ? invalid(found.value) : `expected 0.1 <= ${number} <= 100`
    yield wrongValue(found, 'a number from 0.1 to 100', phrase)
  },
}

function percentageOf(manifest: Manifest): FieldAt<string> | undefined {
  const annotations = templateAnnotations(manifest)
  return firstOf(annotations, `${sidecar}/resource-percentage`, `${sidecar}/resourcePercentage`)
}

function isPercentage(number: number | undefined): boolean {
  return number !== undefined && !(number < 0.1 || number > 100)
}

/** Knative accepts it with a warning of its own. */
const deprecatedPercentage: Rule = {
  code: 'KN357',
  name: 'deprecated-annotation',
  severity: 'note',
  title: 'Annotation is deprecated',
  source: 'pkg/apis/serving/v1/revision_validation.go validateQueueSidecarResourceAnnotations',
  why: () =>
    'Knative accepts this annotation with a deprecation warning, and a later version may reject it. Set the CPU and memory of the proxy directly, for example with `queue.sidecar.serving.knative.dev/cpu-resource-request`.',
  *check(manifest) {
    const found = percentageOf(manifest)
    if (!found || !isPercentage(goFloat(found.value))) return
    yield {
      message: `\`${sidecar}/resource-percentage\` is deprecated`,
      help: `use \`${sidecar}/cpu-resource-request\` and \`${sidecar}/memory-resource-request\``,
      path: found.path,
      part: 'key',
    }
  },
}

/**
 * The schema does not look into the metadata of the template, but a Revision is an object of its own: it is made with
 * these labels and annotations, and is then checked as any other object.
 */
const templateKeys: Rule = {
  code: 'KN353',
  name: 'template-metadata',
  severity: 'warning',
  title: 'Template label or annotation is not valid on a Revision',
  source: 'k8s.io/apimachinery/pkg/api/validation ValidateObjectMeta, pkg/reconciler/configuration createRevision',
  why: () =>
    'Knative accepts the Service, because it does not validate the metadata of the template. Kubernetes then rejects the Revision of that template, so nothing new starts. Use labels and annotations with the usual syntax.',
  *check(manifest) {
    const found = templateMetadata(manifest, 'labels')
    const labels = found && objectIn({ value: found.value, path: found.path.slice(0, -1) }, String(found.path.at(-1)))
    for (const key of Object.keys(labels?.value ?? {})) {
      const path = [...(labels?.path ?? []), key]
      const wrongKey = qualifiedName(key)
      if (wrongKey !== undefined) yield badKey(path, 'a label key', wrongKey)
      const text = labels && textField(labels.value, key)
      const wrong = text === undefined ? undefined : labelValue(text)
      if (wrong === undefined) continue
      yield {
        message: `${quoted(path)} is ${shown(text)}, not a label value: Kubernetes will reject the Revision`,
        says: kubernetes(wrong),
        help: 'use at most 63 letters, digits, `-`, `_` and `.`, or an annotation',
        path,
      }
    }
    for (const [key, { path }] of templateAnnotations(manifest)) {
      const wrong = qualifiedName(key.toLowerCase())
      if (wrong !== undefined && !key.startsWith('networking.knative.dev'))
        yield badKey(path, 'an annotation key', wrong)
    }
  },
}

function badKey(path: Finding['path'], what: string, wrong: string): Finding {
  return {
    message: `the key of ${quoted(path)} is not ${what}: Kubernetes will reject the Revision`,
    says: kubernetes(wrong),
    help: 'use a name of at most 63 letters, digits, `-`, `_` and `.`, with an optional host name and `/` before it',
    path,
    part: 'key',
  }
}

export const serviceAnnotationsRules: readonly Rule[] = [
  serviceAutoscaling,
  rolloutDuration,
  networkingAnnotations,
  progressDeadline,
  sidecarResources,
  sidecarPercentage,
  templateKeys,
  deprecatedPercentage,
]
