import { given } from '../text/given.js'
import { change } from './change.js'
import type { NextOptions } from './rollout-options.js'
import type { Terminal } from './terminal.js'
import { refuseRepeated } from './usage.js'

/** Moves Services to the next stage of their plans. */
export async function next(options: NextOptions, terminal: Terminal): Promise<number> {
  const { stable, candidate, tag, ready, 'ignore-soak': ignoreSoak } = options
  for (const [flag, value] of Object.entries({ stable, candidate, tag })) refuseRepeated(flag, value)
  const move = { command: 'next', ready, ignoreSoak, ...given({ stable, candidate, tag }) } as const
  return change({ move, idle: 'nothing to do', readsPast: true }, options, terminal)
}
