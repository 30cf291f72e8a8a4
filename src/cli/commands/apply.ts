import type { Argv } from 'yargs'

import { type StageFlag, stageFlags } from '../../stages/stage.js'
import { isMisplaced, stages, stagesTaking } from '../../stages/stages.js'
import { given } from '../../text/collections.js'
import { changeOptions } from '../options.js'
import { refuseRepeated, type Terminal, UsageError } from '../terminal.js'
import { change } from './edit.js'

/** The options of `apply`. */
export function applyOptions<T>(yargs: Argv<T>) {
  const own = yargs
    .positional('stage', {
      describe: `${stages.map(({ name }) => name).join(', ')}, or a stage of a plan`,
      type: 'string',
      demandOption: true,
    })
    .option('percent', {
      type: 'string',
      requiresArg: true,
      describe: `Percent of the candidate in a ${stagesTaking('percent')}, 1 to 99 (default: the next one of the plan)`,
    })
    .option('drop-stable', {
      type: 'boolean',
      default: false,
      describe: `With ${stagesTaking('drop-stable')}: remove the stable revision; use it if that one is not ready, because it would block all traffic`,
    })
    .option('untag', {
      type: 'boolean',
      default: false,
      describe: `With ${stagesTaking('untag')}: also remove the candidate's tag and its tag URL`,
    })
    .option('restore-template', {
      type: 'boolean',
      default: false,
      describe: `With ${stagesTaking('restore-template')}: also restore, from Git, the template that made the stable revision`,
    })
    .option('keep', {
      type: 'boolean',
      default: false,
      describe: `With ${stagesTaking('keep')}: keep the candidate at 0% with its tag; if it is not ready, it blocks all traffic`,
    })
  return changeOptions(own)
    .example('$0 pin shop.yaml --stable shop-00001', 'pin all traffic to the first revision')
    .example('$0 preview shop.yaml --candidate shop-00002 --tag v2', 'give the second one a tag URL')
    .example('$0 split shop.yaml --percent 10 | git apply', 'send it 10% of the traffic')
    .example('$0 split --overlay overlays/prod', 'change one environment, in the file that sets its traffic')
    .example("$0 promote --all --candidate '{{.Service}}-00002' --write", 'move every Service together')
}

export type ApplyOptions = Awaited<ReturnType<typeof applyOptions>['argv']>

/** The options of `next`. */
export function nextOptions<T>(yargs: Argv<T>) {
  const own = yargs
    .option('ignore-soak', {
      type: 'boolean',
      default: false,
      describe: 'Continue before the `soak` of a stage is over',
    })
    .option('ignore-freeze', { type: 'boolean', default: false, describe: 'Continue during a freeze' })
    .option('due', {
      type: 'boolean',
      default: false,
      describe: 'Skip Services that are idle, soaking or rolled back (for scheduled jobs)',
    })
    .option('ready', { type: 'boolean', default: false, describe: 'Former name of --due' })
    .hide('ready')
  return changeOptions(own)
    .example('$0 shop.yaml | git apply', 'move to the next stage of the plan')
    .example('$0 --all --due --write', 'move every Service whose soak is over')
}

export type NextOptions = Awaited<ReturnType<typeof nextOptions>['argv']>

/** The stages that take an option, as typed. */
const stagesFor = (flag: StageFlag): string => stagesTaking(flag).replaceAll(/(?<=^|or )[\w-]+/g, '`$&`')

/** Where an option belongs, and why not to a stage that does not take it: silence would look like consent. */
const homeOf: Readonly<Record<StageFlag, (stage: string) => string>> = {
  percent: (stage) => `the stage ${stagesFor('percent')}: \`${stage}\` has a fixed percent`,
  tag: (stage) => `a stage that adds a target for the candidate: \`${stage}\` does not`,
  keep: (stage) => `the stage ${stagesFor('keep')}: \`${stage}\` keeps the stable revision automatically`,
  'drop-stable': (stage) => `the stage ${stagesFor('drop-stable')}, not with \`${stage}\``,
  untag: (stage) => `the stage ${stagesFor('untag')}: \`${stage}\` keeps the tags; \`set --untag TAG\` removes one`,
  'restore-template': (stage) =>
    `the stage ${stagesFor('restore-template')}: \`${stage}\` leaves the template unchanged`,
}

/** Moves Services to one stage. Whether plans know a stage that is not built in is found out with the configuration. */
export async function runApply(options: ApplyOptions, terminal: Terminal): Promise<number> {
  const { stage, stable, candidate, tag } = options
  for (const [flag, value] of Object.entries({ stable, candidate, tag, percent: options.percent }))
    refuseRepeated(flag, value)
  if (options.untag && tag !== undefined)
    throw new UsageError(
      '--tag and --untag cannot be combined: one adds the tag of the candidate, the other removes it',
    )
  const percent = options.percent === undefined ? undefined : percentFrom(options.percent)
  for (const flag of stageFlags) {
    const isGiven = options[flag] !== undefined && options[flag] !== false
    if (isGiven && isMisplaced(flag, stage)) throw new UsageError(`--${flag} works only with ${homeOf[flag](stage)}`)
  }
  const keep = options.keep ? true : undefined
  const dropStable = options['drop-stable'] ? true : undefined
  const untag = options.untag ? true : undefined
  const restoreTemplate = options['restore-template'] ? true : undefined
  const flags = { stable, candidate, tag, percent, keep, dropStable, untag, restoreTemplate }
  const move = { command: 'apply', stage, ...given(flags) } as const
  const idle = `nothing to change: already at \`${stage}\``
  return change({ move, idle }, options, terminal)
}

function percentFrom(text: string): number {
  if (/^-?\d+(?:\.\d+)?%?$/.test(text)) return Number(text.replace('%', ''))
  throw new UsageError(`--percent is \`${text}\`; must be 1 to 99`)
}

/** Moves Services to the next stage of their plans. */
export async function runNext(options: NextOptions, terminal: Terminal): Promise<number> {
  const { stable, candidate, tag, 'ignore-soak': ignoreSoak, 'ignore-freeze': ignoreFreeze } = options
  for (const [flag, value] of Object.entries({ stable, candidate, tag })) refuseRepeated(flag, value)
  const isDue = options.due || options.ready
  const roles = given({ stable, candidate, tag })
  const move = { command: 'next', ready: isDue, ignoreSoak, ignoreFreeze, ...roles } as const
  return change({ move, idle: 'nothing to do', readsPast: true, ...(isDue && { isDue }) }, options, terminal)
}
