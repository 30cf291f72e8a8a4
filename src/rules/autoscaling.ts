import type { Manifest } from '../manifest/manifest.js'
import { goDuration, goFloat, goInteger, hour, second } from './go-values.js'
import { type Annotations, firstOf, templateAnnotations } from './places.js'
import { knative, type FieldAt, type Finding, quoted, type Rule, shown } from './rule.js'

const group = 'autoscaling.knative.dev/'
const camelKeys = new Map<string, string>()

/** An autoscaling annotation by the kebab-case name; Knative falls back to the camel-case one. */
function autoscaling(annotations: Annotations, name: string): FieldAt<string> | undefined {
  return annotations.size === 0 ? undefined : firstOf(annotations, group + name, camelKey(name))
}

function camelKey(name: string): string {
  const known = camelKeys.get(name)
  if (known !== undefined) return known
  const key = group + name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
  camelKeys.set(name, key)
  return key
}

/** The annotations of the template that are set, of these names, each with its name. */
function* autoscalingOf(
  manifest: Manifest,
  names: Iterable<string>,
): Iterable<{ readonly name: string; readonly found: FieldAt<string> }> {
  const annotations = templateAnnotations(manifest)
  if (annotations.size === 0) return
  for (const name of names) {
    const found = autoscaling(annotations, name)
    if (found) yield { name, found }
  }
}

/** The finding that an annotation has a wrong value. */
export function wrongValue({ value, path }: FieldAt<string>, wanted: string, phrase: string, help?: string): Finding {
  return {
    message: `${quoted(path)} is ${shown(value)}; must be ${wanted}`,
    says: knative(phrase),
    ...(help === undefined ? {} : { help }),
    path,
  }
}

/** What the cluster says of a value that it cannot read. */
export function invalid(value: string): string {
  return `invalid value: ${value}`
}

const source = 'pkg/apis/autoscaling/annotation_validation.go validateMinMaxScale'
const largestScale = 2 ** 31 - 1

/** How many copies run at least and at most. */
const scaleBounds: Rule = {
  code: 'KN340',
  name: 'invalid-scale',
  severity: 'error',
  title: '`min-scale` or `max-scale` is not a whole number',
  why: () =>
    'These bounds count pods, so they are whole numbers from 0; for `max-scale`, 0 is no limit. Knative rejects a Service with anything else.',
  source,
  *check(manifest) {
    for (const { found } of autoscalingOf(manifest, ['min-scale', 'max-scale'])) {
      const count = goInteger(found.value)
      if (count !== undefined && count >= 0 && count <= largestScale) continue
      const phrase = count === undefined ? invalid(found.value) : `expected 0 <= ${found.value} <= ${largestScale}`
      yield wrongValue(found, 'a whole number from 0', phrase, 'write the number of pods, in quotes: "3"')
    }
  },
}

/** 0 copies at most means that there is no limit. */
const scaleOrder: Rule = {
  code: 'KN341',
  name: 'scale-order',
  severity: 'error',
  title: '`max-scale` is less than `min-scale`',
  why: () =>
    'The autoscaler cannot keep more pods than its maximum, and Knative rejects the contradiction. Raise `max-scale`, or lower `min-scale`.',
  source,
  *check(manifest) {
    const annotations = templateAnnotations(manifest)
    const max = autoscaling(annotations, 'max-scale')
    const [least, limit] = [scale(annotations, 'min-scale'), scale(annotations, 'max-scale')]
    if (!max || limit === 0 || limit >= least) return
    yield wrongValue(
      max,
      `at least min-scale (${least}), or 0 for no limit`,
      `max-scale=${limit} is less than min-scale=${least}`,
    )
  },
}

/** How many copies start when there were none. */
const activationScale: Rule = {
  code: 'KN342',
  name: 'activation-scale',
  severity: 'error',
  title: '`activation-scale` is below 2 or outside the scale bounds',
  why: () =>
    'This is how many pods start when the first request finds none. One is the default, and Knative rejects a number outside of `min-scale` and `max-scale`. Use 2 or more within both, or remove it.',
  source,
  *check(manifest) {
    const annotations = templateAnnotations(manifest)
    const found = annotations.get('autoscaling.knative.dev/activation-scale')
    if (!found) return
    const count = goInteger(found.value)
    const wanted = 'a whole number from 2, within `min-scale` and `max-scale`'
    if (count === undefined || Math.abs(count) > largestScale) {
      yield wrongValue(found, wanted, invalid(found.value))
      return
    }
    const [least, limit] = [scale(annotations, 'min-scale'), scale(annotations, 'max-scale')]
    if (least > count) yield wrongValue(found, wanted, `min-scale=${least} is greater than activation-scale=${count}`)
    else if (limit !== 0 && limit < count)
      yield wrongValue(found, wanted, `max-scale=${limit} is less than activation-scale=${count}`)
    else if (count < 2) yield wrongValue(found, wanted, `activation-scale=${count} must be greater than 1`)
  },
}

/** A revision becomes ready only by running; a stock cluster does not let it start with nothing. */
const initialScale: Rule = {
  code: 'KN343',
  name: 'initial-scale',
  severity: 'error',
  title: '`initial-scale` is less than 1',
  source: 'pkg/apis/autoscaling/annotation_validation.go validateInitialScale',
  why: () =>
    'A new revision first shows that it can run, with this many pods. A default installation does not allow 0 here. Use 1 or more, or remove it.',
  *check(manifest) {
    for (const { found } of autoscalingOf(manifest, ['initial-scale'])) {
      const count = goInteger(found.value)
      // 2 ** 63 stands for the largest that fits into 64 bits, too.
      if (count !== undefined && count > 0 && count <= 2 ** 63) continue
      yield wrongValue(found, 'a whole number from 1', `${invalid(found.value)}${unwanted(count)}`)
    }
  },
}

/** What the cluster adds of a number that it can read. */
function unwanted(count: number | undefined): string {
  if (count === 0) return ', initial-scale=0 not allowed by cluster'
  return count !== undefined && count < 0 ? ', initial-scale must be greater than 0' : ''
}

/** A scale that can be read; 0, as Knative has it, where it cannot. */
function scale(annotations: Annotations, name: string): number {
  const count = goInteger(autoscaling(annotations, name)?.value ?? '') ?? 0
  return count >= 0 && count <= largestScale ? count : 0
}

const domain = 'autoscaling.knative.dev'
const kpa = `kpa.${domain}`
const hpa = `hpa.${domain}`

/** Knative's own domain has two classes; anyone else's class is anyone else's business. */
const scaleClass: Rule = {
  code: 'KN346',
  name: 'autoscaling-class',
  severity: 'error',
  title: 'Knative autoscaling class is neither `kpa` nor `hpa`',
  source: 'pkg/apis/autoscaling/annotation_validation.go validateClass',
  why: () =>
    'A class names the controller that scales the revision; within `knative.dev` there are only `kpa` and `hpa`. With a misspelled class no controller would scale the revision, so Knative rejects it.',
  *check(manifest) {
    for (const { found } of autoscalingOf(manifest, ['class'])) {
      if (!found.value.endsWith('.knative.dev') || found.value === kpa || found.value === hpa) continue
      yield wrongValue(found, '`kpa` or `hpa` of `autoscaling.knative.dev`', invalid(found.value))
    }
  },
}

/** Each class knows its own metrics. */
const scaleMetric: Rule = {
  code: 'KN347',
  name: 'autoscaling-metric',
  severity: 'error',
  title: 'Autoscaling class does not support the metric',
  source: 'pkg/apis/autoscaling/annotation_validation.go validateMetric',
  why: () =>
    'The class `kpa` scales by `concurrency` or `rps`; `hpa` accepts any non-empty metric, such as `cpu`, `memory` or a custom one. Choose a metric of the class, or set the class that supports the metric.',
  *check(manifest) {
    const annotations = templateAnnotations(manifest)
    const found = autoscaling(annotations, 'metric')
    if (!found) return
    const chosen = autoscaling(annotations, 'class')?.value ?? kpa
    if (chosen === kpa && found.value !== 'concurrency' && found.value !== 'rps')
      yield wrongValue(
        found,
        `\`concurrency\` or \`rps\` for the class \`${kpa}\``,
        invalid(found.value),
        `set the class \`${hpa}\` to scale by cpu or memory`,
      )
    if (chosen === hpa && found.value === '') yield wrongValue(found, 'the name of a metric', invalid(found.value))
  },
}

const algorithms: ReadonlySet<string> = new Set(['', 'linear', 'weightedExponential', 'weighted-exponential'])

/** Only a class that is spelled out is asked: the default one is not in the file. */
const scaleAlgorithm: Rule = {
  code: 'KN348',
  name: 'metric-aggregation',
  severity: 'error',
  title: 'Metric aggregation algorithm is unknown',
  source: 'pkg/apis/autoscaling/annotation_validation.go validateAlgorithm',
  why: () =>
    'This sets how the samples of a window become one number, and two algorithms are built in. Knative rejects any other word. Use `linear` or `weighted-exponential`, or remove it.',
  *check(manifest) {
    const annotations = templateAnnotations(manifest)
    const found = autoscaling(annotations, 'metric-aggregation-algorithm')
    if (!found || autoscaling(annotations, 'class')?.value !== kpa || algorithms.has(found.value)) return
    yield wrongValue(found, '`linear` or `weighted-exponential`', invalid(found.value))
  },
}

type Bounds = { readonly wanted: string; readonly least: number; readonly most: number; readonly also?: number }

const bounds: ReadonlyMap<string, Bounds> = new Map([
  ['target', { wanted: 'a number of at least 0.01', least: 0.01, most: Infinity }],
  ['target-utilization-percentage', { wanted: 'a number from 1 to 100', least: 1, most: 100 }],
  ['target-burst-capacity', { wanted: 'a number from 0, or -1 for no limit', least: 0, most: Infinity, also: -1 }],
  ['panic-window-percentage', { wanted: 'a number from 1 to 100', least: 1, most: 100 }],
  ['panic-threshold-percentage', { wanted: 'a number from 110 to 1000', least: 110, most: 1000 }],
])

/** The numbers that the autoscaler steers by. Go's NaN is within all bounds. */
const scaleTargets: Rule = {
  code: 'KN344',
  name: 'autoscaling-target',
  severity: 'error',
  title: 'Autoscaling target is not a number in its allowed range',
  source: 'pkg/apis/autoscaling/annotation_validation.go validateFloats',
  why: () =>
    'The autoscaler calculates with these numbers. Knative rejects text that it cannot read, and numbers out of bounds. Write plain numbers without units and without a percent sign.',
  *check(manifest) {
    for (const { name, found } of autoscalingOf(manifest, bounds.keys())) {
      const bound = bounds.get(name)
      const number = goFloat(found.value)
      if (!bound || (number !== undefined && !outside(number, bound))) continue
      const phrase =
        number === undefined || name === 'target-burst-capacity'
          ? invalid(found.value)
          : name === 'target'
            ? `target ${found.value} should be at least 0.01`
            : `expected ${bound.least} <= ${found.value} <= ${bound.most}`
      yield wrongValue(found, bound.wanted, phrase, 'write the number in quotes, without `%` and without a unit')
    }
  },
}

function outside(number: number, { least, most, also }: Bounds): boolean {
  return (number < least || number > most) && number !== also
}

type WindowBounds = { readonly wanted: string; readonly least: number; readonly step: number }

const windowBounds: ReadonlyMap<string, WindowBounds> = new Map([
  ['window', { wanted: 'a duration from 6s to 1h, in whole seconds', least: 6 * second, step: second }],
  ['scale-down-delay', { wanted: 'a duration up to 1h, in whole seconds', least: 0, step: second }],
  ['scale-to-zero-pod-retention-period', { wanted: 'a duration up to 1h', least: 0, step: 1 }],
])

/** How long the autoscaler looks back and waits. */
const scaleWindows: Rule = {
  code: 'KN345',
  name: 'autoscaling-window',
  severity: 'error',
  title: 'Autoscaling window is not a duration in its allowed range',
  source: 'pkg/apis/autoscaling/annotation_validation.go validateWindow',
  why: () =>
    'The windows set how long the autoscaler looks back before it acts. They are Go durations such as `60s`, and Knative rejects those below its minimum and above one hour. Use a duration in the range.',
  *check(manifest) {
    for (const { name, found } of autoscalingOf(manifest, windowBounds.keys())) {
      const bound = windowBounds.get(name)
      const duration = goDuration(found.value)
      if (!bound || (duration !== undefined && within(duration, bound) && duration % bound.step === 0)) continue
      const phrase =
        duration === undefined
          ? invalid(found.value)
          : within(duration, bound)
            ? 'must be specified with at most second precision'
            : `expected ${bound.least / second}s <= ${found.value} <= 1h0m0s`
      yield wrongValue(found, bound.wanted, phrase, 'write a duration such as "30s", "15m" or "1h"')
    }
  },
}

function within(duration: number, { least }: WindowBounds): boolean {
  return duration >= least && duration <= hour
}

export const autoscalingRules: readonly Rule[] = [
  scaleBounds,
  scaleOrder,
  activationScale,
  initialScale,
  scaleClass,
  scaleMetric,
  scaleAlgorithm,
  scaleTargets,
  scaleWindows,
]
