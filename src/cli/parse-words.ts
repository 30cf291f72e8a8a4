import type { Argv } from 'yargs'

import { releaseFieldRows } from '../stages/release-fields.js'
import type { Command } from './commands.js'
import { type RecordedOption, recordedOptions } from './options.js'
import { type Terminal, Unparsed } from './terminal.js'
import { versionText } from './version.js'

/** What a command line says: options for its command, or a page of help in their place. */
export type Read = { readonly options: Readonly<Record<string, unknown>> } | { readonly help: string }

/** What reading needs to know of the program. */
type Known = {
  readonly terminal: Pick<Terminal, 'stdout'>
  readonly commands: Readonly<Record<string, Command>>
}

/**
 * Reads a command line with yargs. It gets to know the named command only: otherwise it would set up all of them, and format
 * the whole help, before the command even starts.
 *
 * @throws Unparsed where the words mean nothing.
 */
export async function parseWords(words: readonly string[], { terminal, commands }: Known): Promise<Read> {
  const [name = '', ...rest] = words
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  const { default: yargs } = await import('yargs')
  const blank = withHabits(yargs(), terminal, command ? `kn-rollout ${name}` : 'kn-rollout')
  const parser = command ? parserFor(blank, command) : overview(blank, commands)
  let help = ''
  const options = await parser.parse(command ? dashesLast(rest) : [...words], {}, (_error, _options, output) => {
    help = output
  })
  if (help !== '' || !command) return { help: withoutKinds(help) }
  const { path, _: behindDashes } = options
  const named: readonly unknown[] = Array.isArray(path) ? path : []
  return { options: { ...options, path: [...named, ...behindDashes.map(String)] } }
}

/** Moves `-` behind `--`, with whatever stands there already: yargs loses it from a list of positionals. */
function dashesLast(words: readonly string[]): readonly string[] {
  const end = words.includes('--') ? words.indexOf('--') : words.length
  const isStdin = (word: string, index: number): boolean =>
    index < end && word === '-' && words[index - 1] !== '--output'
  const others = words.filter((word, index) => index < end && !isStdin(word, index))
  return [...others, '--', ...words.filter(isStdin), ...words.slice(end + 1)]
}

function parserFor(blank: Argv, { positionals, summary, options }: Command): Argv {
  const build = (yargs: Argv): Argv => inGroups(options(yargs), recordedOptions(options))
  return blank.command(`$0 ${positionals}`.trim(), summary, build).strict()
}

/** Under which heading the options of commands stand that have many; the others come last. */
export const groups: Readonly<Record<string, readonly string[]>> = {
  'Command:': [
    'percent',
    'keep',
    'drop-stable',
    'restore-template',
    'untag',
    'traffic',
    'allow-unknown',
    'image',
    'adopt',
    'container',
    ...releaseFieldRows.map(({ option }) => option),
    'revision-name',
    'ignore-soak',
    'ignore-freeze',
    'due',
    'fix',
    'since',
    'head',
    'stage',
    'in-progress',
    'git',
    'domain',
    'url-template',
  ],
  'Services:': ['service', 'namespace', 'all', 'overlay', 'shared', 'init', 'kustomize'],
  'Revisions:': ['stable', 'candidate', 'tag', 'live'],
  'Changes:': ['write', 'write-defaults', 'check', 'force'],
  'Output:': ['format', 'output', 'step-summary', 'changed-since', 'strict', 'color'],
  'Rules:': ['profile', 'schema', 'config', 'cluster'],
}

/** So many options need no headings. */
const few = 12

function inGroups(yargs: Argv, options: readonly RecordedOption[]): Argv {
  if (options.length <= few) return yargs
  const names = options.map(({ name }) => name)
  for (const [heading, members] of Object.entries(groups))
    yargs.group(
      names.filter((name) => members.includes(name)),
      heading,
    )
  return yargs
}

/** Help without the types and defaults that yargs repeats for each option. */
function withoutKinds(help: string): string {
  const lines = help.split('\n').flatMap((line) => {
    const left = line.replaceAll(/ *\[(?:boolean|string|array|default: false)\]/g, '').trimEnd()
    return left === '' && line.trim() !== '' ? [] : [left]
  })
  return lines.join('\n')
}

/** What the program is for, and what its ends mean: as `--help` and the manual have it. */
export const about = {
  purpose: 'Move Knative traffic through Git: one command, one reviewable diff, no cluster access',
  exitCodes:
    'Exit codes: 0 success, 1 errors found or (`--check`) changes pending, 2 usage or configuration, 3 I/O or internal error.',
  plugin: 'On the PATH as kn-rollout it is also a plugin of kn: kn rollout <command>.',
} as const

/** What there is, for `--help`, `--version` and words that are no command. */
function overview(blank: Argv, commands: Known['commands']): Argv {
  const all = blank
    .usage(`$0 <command>\n\n${about.purpose}`)
    .demandCommand(1, 'a command is missing')
    .strictCommands()
    .strictOptions()
    .version('version', 'Show the version', versionText)
    .epilogue(`${about.exitCodes}\n${about.plugin}`)
  for (const [name, { positionals, summary }] of Object.entries(commands))
    all.command(`${name} ${positionals}`.trim(), summary)
  return all
}

function withHabits(blank: Argv, { stdout }: Known['terminal'], scriptName: string): Argv {
  return blank
    .scriptName(scriptName)
    .help('help', 'Show this help')
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
