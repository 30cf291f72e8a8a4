import type { TrafficTarget } from '../manifest/traffic.js'
import type { TrafficStep } from '../pipeline/traffic-history.js'
import { sum } from '../text/collections.js'

/** What a revision has at each step, in percent of the height, one upon another. */
export type Area = {
  readonly key: string
  readonly spans: readonly { readonly start: number; readonly size: number }[]
}

type Step = Pick<TrafficStep, 'traffic' | 'templateName'>

/** What a target is known by in a picture: what follows the latest revision is the one that the template names, if it does. */
export function keyOfTarget({ revision }: TrafficTarget, templateName: string | undefined): string {
  return 'name' in revision ? revision.name : (templateName ?? '@latest')
}

/** A number for each revision, by the order in which they come, the oldest step first. */
export function colourKeys(steps: readonly Step[]): ReadonlyMap<string, number> {
  const keys = new Map<string, number>()
  for (const { traffic = [], templateName } of steps)
    for (const target of traffic) {
      const key = keyOfTarget(target, templateName)
      if (!keys.has(key)) keys.set(key, keys.size)
    }
  return keys
}

/**
 * The areas of the revisions over the steps, the oldest revision at the bottom; one that never had traffic has none. What
 * adds up to more than 100 is drawn in proportion, and nothing is below 0.
 */
export function areasOf(steps: readonly Step[]): readonly Area[] {
  const shares = steps.map(({ traffic = [], templateName }) => {
    const own = new Map<string, number>()
    for (const target of traffic) {
      const key = keyOfTarget(target, templateName)
      own.set(key, (own.get(key) ?? 0) + Math.max(0, target.percent))
    }
    const whole = Math.max(100, sum([...own.values()]))
    return new Map([...own].map(([key, percent]) => [key, (100 * percent) / whole] as const))
  })
  const filled = shares.map(() => 0)
  return [...colourKeys(steps).keys()].flatMap((key) => {
    const spans = shares.map((own, index) => {
      const [start = 0, size] = [filled[index], own.get(key) ?? 0]
      filled[index] = rounded(start + size)
      return { start, size: rounded(size) }
    })
    return spans.some(({ size }) => size > 0) ? [{ key, spans }] : []
  })
}

function rounded(number: number): number {
  return Math.round(number * 100) / 100
}
