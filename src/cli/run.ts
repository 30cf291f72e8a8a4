import yargs, { type Argv } from 'yargs'

import manifest from '../../package.json' with { type: 'json' }
import { IoFailure } from '../io/failure.js'
import { apply } from './apply.js'
import { check } from './check.js'
import { createOptions, type CreateOptions } from './create-options.js'
import { create } from './create.js'
import { explain } from './explain.js'
import { next } from './next.js'
import {
  checkOptions,
  explainOptions,
  stagesOptions,
  validateOptions,
  type CheckOptions,
  type ExplainOptions,
  type StagesOptions,
  type ValidateOptions,
} from './options.js'
import { applyOptions, nextOptions, type ApplyOptions, type NextOptions } from './rollout-options.js'
import { set } from './set.js'
import { setOptions, type SetOptions } from './set-options.js'
import { release } from './release.js'
import { releaseOptions, type ReleaseOptions } from './release-options.js'
import { stages } from './stages.js'
import { statusOptions, type StatusOptions } from './status-options.js'
import { status } from './status.js'
import { printable } from '../report/colour.js'
import { print, say, type Terminal } from './terminal.js'
import { UsageError } from './usage.js'
import { validate } from './validate.js'

/** Runs the command line and gives back the exit code. The only place that catches. */
export async function run(terminal: Terminal): Promise<number> {
  try {
    return await dispatch(terminal)
  } catch (error) {
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

/** One command: the words behind its name, what it is for, its options, what it does. */
type Command = {
  readonly positionals: string
  readonly summary: string
  readonly options: (yargs: Argv) => Argv
  readonly run: (options: unknown, terminal: Terminal) => Promise<number>
}

/** Every command. yargs has checked the options against the builder of their own row, so the row may name their type. */
const commands: Readonly<Record<string, Command>> = {
  apply: {
    positionals: '<stage> [path..]',
    summary: 'show or write the diff of one stage',
    options: applyOptions,
    run: (options, terminal) => apply(options as ApplyOptions, terminal),
  },
  next: {
    positionals: '[path..]',
    summary: "show or write the diff of the plan's next stage",
    options: nextOptions,
    run: (options, terminal) => next(options as NextOptions, terminal),
  },
  set: {
    positionals: '[path..]',
    summary: 'show or write shares and tags, in the words of kn',
    options: setOptions,
    run: (options, terminal) => set(options as SetOptions, terminal),
  },
  release: {
    positionals: '[path..]',
    summary: 'show or write the diff of a new revision, previewed beside the stable one',
    options: releaseOptions,
    run: (options, terminal) => release(options as ReleaseOptions, terminal),
  },
  validate: {
    positionals: '[path..]',
    summary: 'judge manifests as the cluster would',
    options: validateOptions,
    run: (options, terminal) => validate(options as ValidateOptions, terminal),
  },
  check: {
    positionals: '[path..]',
    summary: 'judge a change: base against head',
    options: checkOptions,
    run: (options, terminal) => check(options as CheckOptions, terminal),
  },
  status: {
    positionals: '[path..]',
    summary: 'show where the rollout of every Service stands',
    options: statusOptions,
    run: (options, terminal) => status(options as StatusOptions, terminal),
  },
  create: {
    positionals: '<name>',
    summary: 'write the manifest of a new Service',
    options: createOptions,
    run: (options, terminal) => create(options as CreateOptions, terminal),
  },
  stages: {
    positionals: '',
    summary: 'list the stages of a rollout',
    options: stagesOptions,
    run: (options, terminal) => stages(options as StagesOptions, terminal),
  },
  explain: {
    positionals: '[code]',
    summary: 'say what is behind a code, with examples',
    options: explainOptions,
    run: (options, terminal) => explain(options as ExplainOptions, terminal),
  },
}

/**
 * Runs the command that the first word names. yargs gets to know that one only: it would set up all of them, and format
 * the whole help, before the command even starts.
 */
async function dispatch(terminal: Terminal): Promise<number> {
  const [name = '', ...rest] = terminal.arguments
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
    .recommendCommands()
    .version('version', 'show the version', manifest.version)
    .epilogue('Exit codes: 0 fine, 1 errors found or changes pending under --check, 2 usage, 3 files or internal.')
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
      const what = (message || error?.message || '').replace(/^Did/, 'unknown command; did')
      throw new UsageError(`${what.replace(/[.?]$/, '')}; see \`${scriptName} --help\``)
    })
}
