import { autoscaling, autoscalingOf, invalid, wrongValue } from './autoscaling-keys.js'
import { goInteger } from './go-number.js'
import type { Rule } from './rule.js'
import { templateAnnotations, type Annotations } from './template-metadata.js'

const source = 'pkg/apis/autoscaling/annotation_validation.go validateMinMaxScale'
const most = 2 ** 31 - 1

/** How many copies run at least and at most. */
export const scaleBounds: Rule = {
  code: 'KN340',
  name: 'invalid-scale',
  severity: 'error',
  title: 'min-scale and max-scale must be whole numbers',
  why: () =>
    'These bounds count pods, so they are whole numbers from 0 on; for max-scale, 0 stands for no limit. Anything else is refused with the whole Service.',
  source,
  *check(manifest) {
    for (const { found } of autoscalingOf(manifest, ['min-scale', 'max-scale'])) {
      const count = goInteger(found.value)
      if (count !== undefined && count >= 0 && count <= most) continue
      const phrase = count === undefined ? invalid(found.value) : `"expected 0 <= ${found.value} <= ${most}"`
      yield wrongValue(found, 'a whole number from 0', phrase, 'write how many copies, in quotes: "3"')
    }
  },
}

/** 0 copies at most means that there is no limit. */
export const scaleOrder: Rule = {
  code: 'KN341',
  name: 'scale-order',
  severity: 'error',
  title: 'max-scale must not be less than min-scale',
  why: () =>
    'The autoscaler cannot keep at least more pods than it may run at most, and the cluster refuses to guess which of the two you meant. Raise max-scale, or lower min-scale.',
  source,
  *check(manifest) {
    const annotations = templateAnnotations(manifest)
    const max = autoscaling(annotations, 'max-scale')
    const [least, limit] = [scale(annotations, 'min-scale'), scale(annotations, 'max-scale')]
    if (!max || limit === 0 || limit >= least) return
    yield wrongValue(
      max,
      `at least min-scale (${least}), or 0 for no limit`,
      `"max-scale=${limit} is less than min-scale=${least}"`,
    )
  },
}

/** How many copies start when there were none. */
export const activationScale: Rule = {
  code: 'KN342',
  name: 'activation-scale',
  severity: 'error',
  title: 'activation-scale must be 2 or more, within min-scale and max-scale',
  why: () =>
    'This is how many pods start when the first request finds none. One is the normal case and needs no annotation, and a number outside of min-scale and max-scale could not be kept: it must be 2 or more, within both.',
  source,
  *check(manifest) {
    const annotations = templateAnnotations(manifest)
    const found = annotations.get('autoscaling.knative.dev/activation-scale')
    if (!found) return
    const count = goInteger(found.value)
    const wanted = 'a whole number from 2, within min-scale and max-scale'
    if (count === undefined || Math.abs(count) > most) {
      yield wrongValue(found, wanted, invalid(found.value))
      return
    }
    const [least, limit] = [scale(annotations, 'min-scale'), scale(annotations, 'max-scale')]
    if (least > count) yield wrongValue(found, wanted, `"min-scale=${least} is greater than activation-scale=${count}"`)
    else if (limit !== 0 && limit < count)
      yield wrongValue(found, wanted, `"max-scale=${limit} is less than activation-scale=${count}"`)
    else if (count < 2) yield wrongValue(found, wanted, `"activation-scale=${count} must be greater than 1"`)
  },
}

/** A revision becomes ready only by running; a stock cluster does not let it start with nothing. */
export const initialScale: Rule = {
  code: 'KN343',
  name: 'initial-scale',
  severity: 'error',
  title: 'initial-scale must be 1 or more',
  source: 'pkg/apis/autoscaling/annotation_validation.go validateInitialScale',
  why: () =>
    'A new revision first has to show that it can run, with as many pods as this says. A stock cluster does not allow it to show that with none: write 1 or more, or leave it out.',
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
  if (count === 0) return ', "initial-scale=0 not allowed by cluster"'
  return count !== undefined && count < 0 ? ', "initial-scale must be greater than 0"' : ''
}

/** A scale that can be read; 0, as Knative has it, where it cannot. */
function scale(annotations: Annotations, name: string): number {
  const count = goInteger(autoscaling(annotations, name)?.value ?? '') ?? 0
  return count >= 0 && count <= most ? count : 0
}
