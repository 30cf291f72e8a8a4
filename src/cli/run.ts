import { IoFailure } from '../io/failure.js'
import { Interrupted } from '../io/signals.js'
import { shellHere } from '../io/system.js'
import { printable } from '../text/printable.js'
import { plainWords } from './command-line.js'
import { type Command, commands } from './commands.js'
import { attendToKilled } from './killed-runs.js'
import { print, say, type Terminal, Unparsed, UsageError } from './terminal.js'

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
      const line = { words: asked(terminal.arguments), shell: shellHere(terminal.environment) }
      await say(terminal, `kn-rollout: ${printable(complaint(error.message, line, commands))}\n`)
      return 2
    }
    if (error instanceof UsageError || (error instanceof IoFailure && error.kind === 'usage')) {
      await say(terminal, `kn-rollout: ${printable(error.message)}\n`)
      return 2
    }
    if (error instanceof Interrupted) {
      await say(terminal, `kn-rollout: ${printable(error.message)}\n`)
      return error.status
    }
    if (error instanceof IoFailure) await say(terminal, `kn-rollout: ${printable(error.message)}\n`)
    else
      await say(
        terminal,
        `kn-rollout: internal error; report it with this text: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
      )
    return 3
  }
}

/** Runs the command that the first word names. */
async function dispatch(terminal: Terminal): Promise<number> {
  const [name = '', ...rest] = terminal.arguments
  if (name === completing) return (await import('./complete.js')).complete(rest, terminal)
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  const plain = command && plainWords(rest, command)
  if (plain) return start(command, plain, terminal)
  const { parseWords } = await import('./parse-words.js')
  const read = await parseWords(asked(terminal.arguments), { terminal, commands })
  if (command && 'options' in read) return start(command, read.options, terminal)
  await print(terminal, 'help' in read ? `${read.help}\n` : '')
  return 0
}

/** What is said without the words of `--help` and `--version`: nothing at all, `help`, `help COMMAND`, `version`. */
function asked([name = '', ...rest]: readonly string[]): readonly string[] {
  if (name === 'version' && rest.length === 0) return ['--version']
  if (name === '') return ['--help']
  const [about = '--help', ...more] = rest
  if (name !== 'help' || more.length > 0) return name === 'help' ? [about, '--help'] : [name, ...rest]
  return Object.hasOwn(commands, about) ? [about, '--help'] : [about]
}

/** Runs a command, and before that says what a killed run left where this one looks. */
async function start(command: Command, options: Given, terminal: Terminal): Promise<number> {
  const { path } = options
  const paths: readonly unknown[] = Array.isArray(path) ? path : []
  if (command.isAboutFiles) await attendToKilled(paths.map(String), isWriting(options), terminal)
  return command.run(options, terminal)
}

type Given = Readonly<Record<string, unknown>>

/** Whether a command is to change files of the repository. `create` does where it is given a place for its manifest. */
function isWriting({ write, output }: Given): boolean {
  return write === true || (typeof output === 'string' && output !== '' && output !== '-')
}
