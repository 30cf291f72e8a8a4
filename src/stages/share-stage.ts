import { place } from './place.js'
import { preview } from './preview.js'
import { promote } from './promote.js'
import type { Stage } from './stage.js'

/**
 * The stage of a plan that gives the candidate `share` percent, under a name of the plan's own. The ends of the scale
 * keep the laws of the built-in stages: a candidate at 0 percent has a tag, one at 100 leaves the way back.
 */
export function shareStage(name: string, share: number): Stage {
  const own = { name, share }
  if (share === 0) return { ...preview, ...own }
  if (share === 100) return { ...promote, ...own }
  return {
    ...own,
    summary: `send ${share} percent of the traffic to the candidate`,
    result: `stable ${100 - share}, candidate ${share}`,
    apply: (input) => place(input, share),
  }
}
