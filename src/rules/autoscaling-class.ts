import { autoscaling, autoscalingOf, invalid, wrongValue } from './autoscaling-keys.js'
import type { Rule } from './rule.js'
import { templateAnnotations } from './template-metadata.js'

const domain = 'autoscaling.knative.dev'
const kpa = `kpa.${domain}`
const hpa = `hpa.${domain}`

/** Knative's own domain has two classes; anyone else's class is anyone else's business. */
export const scaleClass: Rule = {
  code: 'KN346',
  name: 'autoscaling-class',
  severity: 'error',
  title: 'an autoscaling class of Knative must be kpa or hpa',
  source: 'pkg/apis/autoscaling/annotation_validation.go validateClass',
  why: () =>
    'A class names the controller that scales the revision; within knative.dev there are kpa and hpa only. With a misspelt one nobody would answer and the revision would never scale, so it is refused.',
  *check(manifest) {
    for (const { found } of autoscalingOf(manifest, ['class'])) {
      if (!found.value.endsWith(domain) || found.value === kpa || found.value === hpa) continue
      yield wrongValue(found, `${kpa} or ${hpa}`, invalid(found.value))
    }
  },
}

/** Each class knows its own metrics. */
export const scaleMetric: Rule = {
  code: 'KN347',
  name: 'autoscaling-metric',
  severity: 'error',
  title: 'an autoscaling metric must be one that its class knows',
  source: 'pkg/apis/autoscaling/annotation_validation.go validateMetric',
  why: () =>
    'Each class scales by metrics of its own: kpa counts requests, hpa looks at processor and memory. Choose a metric of the class you have, or set the class that knows this metric.',
  *check(manifest) {
    const annotations = templateAnnotations(manifest)
    const found = autoscaling(annotations, 'metric')
    if (!found) return
    const chosen = autoscaling(annotations, 'class')?.value ?? kpa
    if (chosen === kpa && found.value !== 'concurrency' && found.value !== 'rps')
      yield wrongValue(
        found,
        `concurrency or rps for the class ${kpa}`,
        invalid(found.value),
        `cpu and memory need the class ${hpa}`,
      )
    if (chosen === hpa && found.value === '') yield wrongValue(found, 'the name of a metric', invalid(found.value))
  },
}

const algorithms: ReadonlySet<string> = new Set(['', 'linear', 'weightedExponential', 'weighted-exponential'])

/** Only a class that is spelled out is asked: the default one is not in the file. */
export const scaleAlgorithm: Rule = {
  code: 'KN348',
  name: 'metric-aggregation',
  severity: 'error',
  title: 'the metric aggregation must be linear or weighted-exponential',
  source: 'pkg/apis/autoscaling/annotation_validation.go validateAlgorithm',
  why: () =>
    'This chooses how the samples of a window are condensed into one number, and two ways are built in. Any other word is refused: write linear or weighted-exponential, or nothing.',
  *check(manifest) {
    const annotations = templateAnnotations(manifest)
    const found = autoscaling(annotations, 'metric-aggregation-algorithm')
    if (!found || autoscaling(annotations, 'class')?.value !== kpa || algorithms.has(found.value)) return
    yield wrongValue(found, 'linear or weighted-exponential', invalid(found.value))
  },
}
