import yargs from 'yargs'

import manifest from '../../package.json' with { type: 'json' }
import { IoFailure } from '../io/failure.js'
import { formatNames } from '../report/table.js'
import { apply, applyOptions } from './apply.js'
import { stages } from './stages.js'
import { print, say, type Terminal } from './terminal.js'
import { UsageError } from './usage.js'
import { validate, validateOptions } from './validate.js'

/** Runs the command line and gives back the exit code. The only place that catches. */
export async function run(terminal: Terminal): Promise<number> {
  try {
    return await dispatch(terminal)
  } catch (error) {
    if (error instanceof UsageError || (error instanceof IoFailure && error.kind === 'usage')) {
      await say(terminal, `kn-rollout: ${error.message}\n`)
      return 2
    }
    if (error instanceof IoFailure) await say(terminal, `kn-rollout: ${error.message}\n`)
    else
      await say(
        terminal,
        `kn-rollout: internal error, please report it: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
      )
    return 3
  }
}

/** Lets yargs choose the command and runs it afterwards: yargs formats all of its help before it waits for a handler. */
async function dispatch(terminal: Terminal): Promise<number> {
  let command: (() => Promise<number>) | undefined
  const parser = yargs()
    .scriptName('kn-rollout')
    .usage(
      '$0 <command>\n\nMoves Knative traffic through Git: one command, one reviewable diff. Never touches a cluster.',
    )
    .command('apply <stage> [path..]', 'show or write the diff of one stage', applyOptions, (options) => {
      command = () => apply(options, terminal)
    })
    .command('validate [path..]', 'judge manifests as the cluster would', validateOptions, (options) => {
      command = () => validate(options, terminal)
    })
    .command(
      'stages',
      'list the stages of a rollout',
      (options) =>
        options
          .option('format', { type: 'string', choices: formatNames.slice(0, 2), default: 'text' })
          .example('$0 stages', 'what each stage does'),
      (options) => {
        command = () => stages(options, terminal)
      },
    )
    .demandCommand(1, 'name a command; `kn-rollout --help` lists them')
    .strict()
    .recommendCommands()
    .version(manifest.version)
    .help()
    .alias('help', 'h')
    .epilogue('Exit codes: 0 fine, 1 errors found or changes pending under --check, 2 usage, 3 files or internal.')
    .wrap(Math.min(terminal.stdout.columns ?? 100, 120))
    .exitProcess(false)
    .locale('en')
    .parserConfiguration({ 'camel-case-expansion': false, 'duplicate-arguments-array': true })
    .fail((message, error) => {
      throw error ?? new UsageError(message)
    })
  let help = ''
  await parser.parseAsync([...terminal.arguments], {}, (_error, _options, output) => {
    help = output
  })
  if (help !== '') await print(terminal, `${help}\n`)
  return command ? command() : 0
}
