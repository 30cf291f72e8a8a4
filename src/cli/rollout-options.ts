import type { Argv } from 'yargs'

import { stages, stagesTaking } from '../stages/stages.js'
import { changeOptions } from './edit-options.js'

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
      describe: `the candidate's share in a ${stagesTaking('percent')}, 1 to 99`,
    })
    .option('drop-stable', {
      type: 'boolean',
      default: false,
      describe: `with ${stagesTaking('drop-stable')}: remove the stable revision; use it if that one is not ready, because it would block all traffic`,
    })
    .option('restore-template', {
      type: 'boolean',
      default: false,
      describe: `with ${stagesTaking('restore-template')}: also restore, from Git, the template that made the stable revision`,
    })
    .option('keep', {
      type: 'boolean',
      default: false,
      describe: `with ${stagesTaking('keep')}: keep the candidate at 0% with its tag; if it is not ready, it blocks all traffic`,
    })
  return changeOptions(own)
    .example('$0 pin shop.yaml --stable shop-00001', 'tie all traffic to the first revision')
    .example('$0 preview shop.yaml --candidate shop-00002 --tag v2', 'give the second one a route of its own')
    .example('$0 split shop.yaml --percent 10 | git apply', 'send it 10 % of the traffic')
    .example('$0 split --overlay overlays/prod', 'move one environment, in whichever file decides for it')
    .example("$0 promote --all --candidate '{{.Service}}-00002' --write", 'move every Service at once')
}

export type ApplyOptions = Awaited<ReturnType<typeof applyOptions>['argv']>

/** The options of `next`. */
export function nextOptions<T>(yargs: Argv<T>) {
  const own = yargs
    .option('ignore-soak', { type: 'boolean', default: false, describe: 'go on before the `soak` of a stage is over' })
    .option('ready', {
      type: 'boolean',
      default: false,
      describe: 'leave out what must wait or was rolled back instead of failing, for scheduled jobs',
    })
  return changeOptions(own)
    .example('$0 shop.yaml | git apply', "take the plan's next step")
    .example('$0 --all --ready --write', 'move every Service whose time has come')
}

export type NextOptions = Awaited<ReturnType<typeof nextOptions>['argv']>
