import { given } from '../text/given.js'
import { change } from './change.js'
import type { ApplyOptions } from './rollout-options.js'
import type { Terminal } from './terminal.js'
import { UsageError, refuseRepeated } from './usage.js'

/** Moves Services to one stage. Whether plans know a stage that is not built in is found out with the configuration. */
export async function apply(options: ApplyOptions, terminal: Terminal): Promise<number> {
  const { stage, stable, candidate, tag } = options
  for (const [flag, value] of Object.entries({ stable, candidate, tag, percent: options.percent }))
    refuseRepeated(flag, value)
  const percent = options.percent === undefined ? undefined : percentFrom(options.percent)
  if (percent !== undefined && stage !== 'split')
    throw new UsageError(`--percent must come with the stage split: the share of ${stage} is its own`)
  if (tag !== undefined && isUntagged(stage))
    throw new UsageError(`--tag must come with a stage that gives the candidate a place: ${stage} does not`)
  if (options.keep && stage !== 'rollback')
    throw new UsageError(`--keep must come with the stage rollback: ${stage} keeps the stable revision by itself`)
  if (options['drop-stable'] && stage !== 'promote')
    throw new UsageError(`--drop-stable must come with the stage promote: ${stage} has no use for it`)
  if (options['restore-template'] && stage !== 'rollback')
    throw new UsageError(`--restore-template must come with the stage rollback: ${stage} leaves the template alone`)
  const keep = options.keep ? true : undefined
  const dropStable = options['drop-stable'] ? true : undefined
  const restoreTemplate = options['restore-template'] ? true : undefined
  const flags = { stable, candidate, tag, percent, keep, dropStable, restoreTemplate }
  const move = { command: 'apply', stage, ...given(flags) } as const
  const idle = `nothing to change: the stage \`${stage}\` is already there`
  return change({ move, idle }, options, terminal)
}

/** What such a stage leaves has no place for a flag, and silence would look like consent. */
function isUntagged(stage: string): boolean {
  return stage === 'pin' || stage === 'retire' || stage === 'rollback'
}

function percentFrom(text: string): number {
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return Number(text)
  throw new UsageError(`--percent must be a number from 1 to 99, but is \`${text}\``)
}
