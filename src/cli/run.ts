import yargs, { type Argv } from 'yargs'

import manifest from '../../package.json' with { type: 'json' }
import { IoFailure } from '../io/failure.js'
import { commands, type Command } from './commands.js'
import { printable } from '../text/printable.js'
import { print, say, type Terminal } from './terminal.js'
import { Unparsed, UsageError } from './usage.js'

/** What the scripts of `completion` call: no command for people. */
const completing = '__complete'

/** Runs the command line and gives back the exit code. The only place that catches. */
export async function run(terminal: Terminal): Promise<number> {
  try {
    return await dispatch(terminal)
  } catch (error) {
    // A shell that completes a line has nowhere to show what is wrong with it.
    if (terminal.arguments[0] === completing) return 0
    if (error instanceof Unparsed) {
      const { complaint } = await import('./complaint.js')
      await say(terminal, `kn-rollout: ${printable(complaint(error.message, terminal.arguments, commands))}\n`)
      return 2
    }
    if (error instanceof UsageError || (error instanceof IoFailure && error.kind === 'usage')) {
      await say(terminal, `kn-rollout: ${printable(error.message)}\n`)
      return 2
    }
    if (error instanceof IoFailure) await say(terminal, `kn-rollout: ${printable(error.message)}\n`)
    else
      await say(
        terminal,
        `kn-rollout: internal error, please report it: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
      )
    return 3
  }
}

/**
 * Runs the command that the first word names. yargs gets to know that one only: it would set up all of them, and format
 * the whole help, before the command even starts.
 */
async function dispatch(terminal: Terminal): Promise<number> {
  const [name = '', ...rest] = terminal.arguments
  if (name === completing) return (await import('./complete.js')).complete(rest, terminal)
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  const parser = command ? parserFor(name, command, terminal) : overview(terminal)
  let help = ''
  const options = await parser.parse(
    command ? dashesLast(rest) : [...terminal.arguments],
    {},
    (_error, _options, output) => {
      help = output
    },
  )
  if (help === '' && command) {
    const { path, _: behindDashes } = options
    const named: readonly unknown[] = Array.isArray(path) ? path : []
    return command.run({ ...options, path: [...named, ...behindDashes.map(String)] }, terminal)
  }
  await print(terminal, `${help}\n`)
  return 0
}

/** Moves `-` behind `--`, with whatever stands there already: yargs loses it from a list of positionals. */
function dashesLast(words: readonly string[]): readonly string[] {
  const end = words.includes('--') ? words.indexOf('--') : words.length
  const isStdin = (word: string, index: number): boolean =>
    index < end && word === '-' && words[index - 1] !== '--output'
  const others = words.filter((word, index) => index < end && !isStdin(word, index))
  return [...others, '--', ...words.filter(isStdin), ...words.slice(end + 1)]
}

function parserFor(name: string, { positionals, summary, options }: Command, terminal: Terminal): Argv {
  return base(terminal, `kn-rollout ${name}`).command(`$0 ${positionals}`.trim(), summary, options).strict()
}

/** What there is, for `--help`, `--version` and words that are no command. */
function overview(terminal: Terminal): Argv {
  const all = base(terminal, 'kn-rollout')
    .usage(
      '$0 <command>\n\nMoves Knative traffic through Git: one command, one reviewable diff. Never touches a cluster.',
    )
    .demandCommand(1, 'a command must be named')
    .strictCommands()
    .strictOptions()
    .version('version', 'show the version', manifest.version)
    .epilogue(
      'Exit codes: 0 fine, 1 errors found or changes pending under --check, 2 usage, 3 files or internal.\nOn the PATH as kn-rollout it is a plugin of kn as well: kn rollout <command>.',
    )
  for (const [name, { positionals, summary }] of Object.entries(commands))
    all.command(`${name} ${positionals}`.trim(), summary)
  return all
}

function base({ stdout }: Terminal, scriptName: string): Argv {
  return yargs()
    .scriptName(scriptName)
    .help('help', 'show this help')
    .alias('help', 'h')
    .version(false)
    .wrap(Math.min(stdout.columns ?? 100, 120))
    .exitProcess(false)
    .locale('en')
    .parserConfiguration({ 'camel-case-expansion': false, 'dot-notation': false, 'parse-positional-numbers': false })
    .fail((message, error) => {
      if (error && error.name !== 'YError') throw error
      throw new Unparsed((message || error?.message || '').replace(/[.?]$/, ''))
    })
}
