import yargs, { type Argv } from 'yargs'

import manifest from '../../package.json' with { type: 'json' }
import { IoFailure } from '../io/failure.js'
import { apply } from './apply.js'
import {
  applyOptions,
  stagesOptions,
  validateOptions,
  type ApplyOptions,
  type StagesOptions,
  type ValidateOptions,
} from './options.js'
import { stages } from './stages.js'
import { print, say, type Terminal } from './terminal.js'
import { UsageError } from './usage.js'
import { validate } from './validate.js'

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

/** One command: how it is typed, what it is for, its options, what it does. */
type Command = {
  readonly signature: string
  readonly summary: string
  readonly options: (yargs: Argv) => Argv
  readonly run: (options: unknown, terminal: Terminal) => Promise<number>
}

/** Every command. yargs has checked the options against the builder of their own row, so the row may name their type. */
const commands: Readonly<Record<string, Command>> = {
  apply: {
    signature: 'apply <stage> [path..]',
    summary: 'show or write the diff of one stage',
    options: applyOptions,
    run: (options, terminal) => apply(options as ApplyOptions, terminal),
  },
  validate: {
    signature: 'validate [path..]',
    summary: 'judge manifests as the cluster would',
    options: validateOptions,
    run: (options, terminal) => validate(options as ValidateOptions, terminal),
  },
  stages: {
    signature: 'stages',
    summary: 'list the stages of a rollout',
    options: stagesOptions,
    run: (options, terminal) => stages(options as StagesOptions, terminal),
  },
}

/** yargs only chooses: with a handler it would format its whole help each time, before the command even starts. */
async function dispatch(terminal: Terminal): Promise<number> {
  let help = ''
  const chosen = parser(terminal).parse([...terminal.arguments], {}, (_error, _options, output) => {
    help = output
  })
  if (help !== '') {
    await print(terminal, `${help}\n`)
    return 0
  }
  const { _: names } = await chosen
  const command = commands[String(names[0])]
  if (!command) throw new UsageError(`unknown command \`${names.join(' ')}\`; \`kn-rollout --help\` lists them`)
  return command.run(await chosen, terminal)
}

function parser({ stdout }: Terminal): Argv {
  const all = yargs()
    .scriptName('kn-rollout')
    .usage(
      '$0 <command>\n\nMoves Knative traffic through Git: one command, one reviewable diff. Never touches a cluster.',
    )
    .demandCommand(1, 'a command must be named')
    .strict()
    .recommendCommands()
    .version(manifest.version)
    .help()
    .alias('help', 'h')
    .epilogue('Exit codes: 0 fine, 1 errors found or changes pending under --check, 2 usage, 3 files or internal.')
    .wrap(Math.min(stdout.columns ?? 100, 120))
    .exitProcess(false)
    .locale('en')
    .parserConfiguration({ 'camel-case-expansion': false, 'duplicate-arguments-array': true })
    .fail((message, error) => {
      throw error ?? new UsageError(`${message.replace(/^Did/, 'unknown command; did')}; see \`kn-rollout --help\``)
    })
  for (const { signature, summary, options } of Object.values(commands)) all.command(signature, summary, options)
  return all
}
