import { given } from '../text/given.js'
import { stageFlags, type StageFlag } from '../stages/stage.js'
import { isMisplaced, stagesTaking } from '../stages/stages.js'
import { change } from './change.js'
import type { ApplyOptions } from './rollout-options.js'
import type { Terminal } from './terminal.js'
import { UsageError, refuseRepeated } from './usage.js'

/** Where an option belongs, and why not to a stage that does not take it: silence would look like consent. */
const homeOf: Readonly<Record<StageFlag, (stage: string) => string>> = {
  percent: (stage) => `the stage ${stagesTaking('percent')}: the share of ${stage} is its own`,
  tag: (stage) => `a stage that gives the candidate a place: ${stage} does not`,
  keep: (stage) => `the stage ${stagesTaking('keep')}: ${stage} keeps the stable revision by itself`,
  'drop-stable': (stage) => `the stage ${stagesTaking('drop-stable')}: ${stage} has no use for it`,
  'restore-template': (stage) => `the stage ${stagesTaking('restore-template')}: ${stage} leaves the template alone`,
}

/** Moves Services to one stage. Whether plans know a stage that is not built in is found out with the configuration. */
export async function apply(options: ApplyOptions, terminal: Terminal): Promise<number> {
  const { stage, stable, candidate, tag } = options
  for (const [flag, value] of Object.entries({ stable, candidate, tag, percent: options.percent }))
    refuseRepeated(flag, value)
  const percent = options.percent === undefined ? undefined : percentFrom(options.percent)
  for (const flag of stageFlags) {
    const isGiven = options[flag] !== undefined && options[flag] !== false
    if (isGiven && isMisplaced(flag, stage)) throw new UsageError(`--${flag} must come with ${homeOf[flag](stage)}`)
  }
  const keep = options.keep ? true : undefined
  const dropStable = options['drop-stable'] ? true : undefined
  const restoreTemplate = options['restore-template'] ? true : undefined
  const flags = { stable, candidate, tag, percent, keep, dropStable, restoreTemplate }
  const move = { command: 'apply', stage, ...given(flags) } as const
  const idle = `nothing to change: the stage \`${stage}\` is already there`
  return change({ move, idle }, options, terminal)
}

function percentFrom(text: string): number {
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return Number(text)
  throw new UsageError(`--percent must be a number from 1 to 99, but is \`${text}\``)
}
