import { place } from './place.js'
import type { Stage } from './stage.js'

/** Shares the traffic between the two revisions. */
export const split: Stage = {
  name: 'split',
  summary: 'share traffic between stable and candidate (half and half, or --percent for the candidate)',
  result: 'stable 50, candidate 50',
  share: 50,
  apply(input) {
    const share = input.percent ?? 50
    if (Number.isInteger(share) && share >= 1 && share <= 99) return place(input, share)
    return {
      code: 'KN407',
      message: `the candidate's share in a split must be a whole number from 1 to 99 percent, but is ${share}`,
      help: 'use the stage `preview` for none of the traffic and `promote` for all of it',
    }
  },
}
