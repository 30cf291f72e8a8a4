import { autoscalingOf, invalid, wrongValue } from './autoscaling-keys.js'
import { goDuration, hour, second } from './go-duration.js'
import type { Rule } from './rule.js'

type Bounds = { readonly wanted: string; readonly least: number; readonly step: number }

const bounds: ReadonlyMap<string, Bounds> = new Map([
  ['window', { wanted: 'a duration from 6s to 1h, in whole seconds', least: 6 * second, step: second }],
  ['scale-down-delay', { wanted: 'a duration up to 1h, in whole seconds', least: 0, step: second }],
  ['scale-to-zero-pod-retention-period', { wanted: 'a duration up to 1h', least: 0, step: 1 }],
])

/** How long the autoscaler looks back and waits. */
export const scaleWindows: Rule = {
  code: 'KN345',
  name: 'autoscaling-window',
  severity: 'error',
  title: 'autoscaling windows must be durations of at most an hour',
  source: 'pkg/apis/autoscaling/annotation_validation.go validateWindow',
  why: () =>
    'The windows say how long the autoscaler looks back before it acts. They are Go durations such as 60s, and the cluster refuses those below the shortest it can work with as well as those above one hour.',
  *check(manifest) {
    for (const { name, found } of autoscalingOf(manifest, bounds.keys())) {
      const bound = bounds.get(name)
      const duration = goDuration(found.value)
      if (!bound || (duration !== undefined && within(duration, bound) && duration % bound.step === 0)) continue
      const phrase =
        duration === undefined
          ? invalid(found.value)
          : within(duration, bound)
            ? '"must be specified with at most second precision"'
            : `"expected ${bound.least / second}s <= ${found.value} <= 1h0m0s"`
      yield wrongValue(found, bound.wanted, phrase, 'write it as "30s", "15m" or "1h"')
    }
  },
}

function within(duration: number, { least }: Bounds): boolean {
  return duration >= least && duration <= hour
}
