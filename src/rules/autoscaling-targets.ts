import { autoscalingOf, invalid, wrongValue } from './autoscaling-keys.js'
import { goFloat } from './go-number.js'
import type { Rule } from './rule.js'

type Bounds = { readonly wanted: string; readonly least: number; readonly most: number; readonly also?: number }

const bounds: ReadonlyMap<string, Bounds> = new Map([
  ['target', { wanted: 'a number of at least 0.01', least: 0.01, most: Infinity }],
  ['target-utilization-percentage', { wanted: 'a number from 1 to 100', least: 1, most: 100 }],
  ['target-burst-capacity', { wanted: 'a number from 0, or -1 for no limit', least: 0, most: Infinity, also: -1 }],
  ['panic-window-percentage', { wanted: 'a number from 1 to 100', least: 1, most: 100 }],
  ['panic-threshold-percentage', { wanted: 'a number from 110 to 1000', least: 110, most: 1000 }],
])

/** The numbers that the autoscaler steers by. Go's NaN is within all bounds. */
export const scaleTargets: Rule = {
  code: 'KN344',
  name: 'autoscaling-target',
  severity: 'error',
  title: 'autoscaling targets must be numbers within their bounds',
  source: 'pkg/apis/autoscaling/annotation_validation.go validateFloats',
  why: () =>
    'The autoscaler calculates with these numbers, and a text it cannot read, or one out of bounds, is refused. Write plain numbers: no units and no percent sign.',
  *check(manifest) {
    for (const { name, found } of autoscalingOf(manifest, bounds.keys())) {
      const bound = bounds.get(name)
      const number = goFloat(found.value)
      if (!bound || (number !== undefined && !outside(number, bound))) continue
      const phrase =
        number === undefined || name === 'target-burst-capacity'
          ? invalid(found.value)
          : name === 'target'
            ? `"target ${found.value} should be at least 0.01"`
            : `"expected ${bound.least} <= ${found.value} <= ${bound.most}"`
      yield wrongValue(found, bound.wanted, phrase, 'write the number alone, in quotes: no %, no unit')
    }
  },
}

function outside(number: number, { least, most, also }: Bounds): boolean {
  return (number < least || number > most) && number !== also
}
