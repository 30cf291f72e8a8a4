import { place } from './place.js'
import type { Stage } from './stage.js'

/** Moves everything to the candidate. The stable revision stays named at 0 %, which keeps the way back from being collected. */
export const promote: Stage = {
  name: 'promote',
  summary: 'send all traffic to the candidate, keep the stable revision as the way back',
  result: 'stable 0, candidate 100',
  share: 100,
  apply: (input) => place(input, 100),
}
