import { stageNamed, stages } from '../stages/stages.js'
import { nearest, type Shell, wordFor } from '../text/words.js'
import type { Command } from './commands.js'
import { recordedOptions } from './options.js'
import { flagsInQuotes } from './terminal.js'

/** The commands by their names. They are handed over, as a copy of their code would have to be loaded here. */
type Commands = Readonly<Record<string, Command>>

/** How to begin, where something has to be named: each runs as it stands where there is one Service. */
const examples: Readonly<Record<string, string>> = {
  apply: 'apply split .',
  check: 'check --since origin/main .',
  completion: 'completion bash',
  create: 'create shop --image ghcr.io/acme/shop:1.0',
  history: "history '*'",
}

/** The words of a command line, and the shell that they were typed into. */
type Line = { readonly words: readonly string[]; readonly shell: Shell }

/** What is wrong with a command line, by what yargs says of it, in the words of this program. */
export function complaint(said: string, line: Line, commands: Commands): string {
  const [name = '', ...words] = line.words
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) return seeing(aboutNoCommand(said, line, Object.keys(commands)), 'kn-rollout --help')
  const example = examples[name] === undefined ? '' : `, such as \`kn-rollout ${examples[name]}\``
  return seeing(aboutCommand(said, { name, command, words, example }), `kn-rollout ${name} --help`)
}

function seeing(what: string, help: string): string {
  return `${flagsInQuotes(what)}${what.endsWith('?') ? ' See' : '; see'} \`${help}\``
}

function aboutNoCommand(said: string, { words, shell }: Line, names: readonly string[]): string {
  const [name = '', ...rest] = words
  if (name === '' || name.startsWith('-')) return uncapitalized(said)
  const meant = commandFor({ word: name, rest, shell }, names)
  return `unknown command \`${name}\`${meant === undefined ? '' : `: ${meant}`}`
}

type Typed = {
  readonly name: string
  readonly command: Command
  readonly words: readonly string[]
  readonly example: string
}

function aboutCommand(said: string, { name, command, words, example }: Typed): string {
  const [, got] = /^Not enough non-option arguments: got (\d+)/.exec(said) ?? []
  if (got !== undefined) {
    const missing = [...command.positionals.matchAll(/<([\w-]+)>/g)][Number(got)]?.[1] ?? 'path'
    return `\`${name}\` needs a ${missing}${example}`
  }
  const [, required] = /^Missing required arguments?: (.+)$/.exec(said) ?? []
  if (required !== undefined) return `\`${name}\` needs --${required.split(', ').join(' and --')}${example}`
  const [, valueless] = /^Not enough arguments following: (.+)$/.exec(said) ?? []
  if (valueless !== undefined) return `--${valueless} needs a value`
  const [, option, found, choices] = /Argument: (\S+), Given: (.*), Choices: (.*)/.exec(said) ?? []
  if (option !== undefined) {
    const isOption = recordedOptions(command.options).some((one) => one.name === option)
    return `\`${isOption ? '--' : ''}${option}\` is \`${unquoted(found)}\`; must be one of ${unquoted(choices)}`
  }
  const [, unknown] = /^Unknown arguments?: (.+)$/.exec(said) ?? []
  if (unknown === undefined) return uncapitalized(said)
  return unknown
    .split(', ')
    .map((word) => aboutUnknown(word, name, command, words))
    .join('; ')
}

function aboutUnknown(word: string, name: string, command: Command, words: readonly string[]): string {
  const flag = [`--${word}`, `--no-${word}`].find((one) => words.some((typed) => typed.split('=')[0] === one))
  if (flag === undefined && words.includes(word)) return `\`${name}\` does not accept \`${word}\``
  const names = recordedOptions(command.options).map((option) => `--${option.name}`)
  const other = optionFor(flag ?? `-${word}`)
  const close = nearest(flag ?? '', names)
  const hint = other === undefined ? (close === undefined ? '' : `: did you mean \`${close}\`?`) : `: ${other}`
  return `\`${name}\` has no option \`${flag ?? `-${word}`}\`${hint}`
}

function unquoted(list = ''): string {
  return list.replaceAll('"', '')
}

function uncapitalized(text: string): string {
  return `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`
}

/** What other tools call a command of this program. */
const foreignCommands: Readonly<Record<string, string>> = {
  lint: 'validate',
  verify: 'validate',
  vet: 'validate',
  list: 'status',
  ls: 'status',
  get: 'status',
  describe: 'status',
  update: 'set',
  'update-traffic': 'set',
  traffic: 'set',
  deploy: 'release',
  step: 'next',
  advance: 'next',
  fix: 'validate --fix',
  init: 'create',
  new: 'create',
}

/** What was typed for a command that there is not, the words behind it, and the shell that it was typed into. */
type TypedCommand = { readonly word: string; readonly rest: readonly string[]; readonly shell: Shell }

/** What to type for a command that there is not: a stage, a command by the name of another tool, or one that is misspelt. */
function commandFor({ word, rest, shell }: TypedCommand, known: readonly string[]): string | undefined {
  const run = (...words: readonly string[]): string =>
    `run \`kn-rollout ${[...words, ...rest].map((one) => wordFor(one, shell)).join(' ')}\``
  if (word === 'undo' || word === 'abort') return run('apply', 'rollback')
  const other = Object.hasOwn(foreignCommands, word) ? foreignCommands[word] : undefined
  if (other !== undefined) return run(...other.split(' '))
  if (stageNamed(word)) return run('apply', word)
  const close = nearest(word, [...known, ...stages.map(({ name }) => name)])
  if (close === undefined) return undefined
  return stageNamed(close) ? `did you mean \`kn-rollout apply ${close}\`?` : `did you mean \`${close}\`?`
}

const dryRun = 'nothing is changed without `--write`: leave it out to see the diff'
const file = 'name the file without an option, such as `shop.yaml`'
const shares = 'use `kn-rollout set` with `--traffic REVISION=PERCENT`'

/** What to type for an option of kn, kubectl or gcloud. */
const options: Readonly<Record<string, string>> = {
  '--dry-run': dryRun,
  '-f': file,
  '--filename': file,
  '--file': file,
  '--to-revisions': `${shares}, such as \`--traffic shop-v1=90,shop-v2=10\``,
  '--to-latest': `${shares}, such as \`--traffic @latest=100\``,
  '--to-tags': `${shares}: a tag works in place of a revision, such as \`--traffic v2=10\``,
  '--set-tags': 'use `kn-rollout set` with `--tag REVISION=TAG`',
  '--update-tags': 'use `kn-rollout set` with `--tag REVISION=TAG`',
  '--remove-tags': 'use `kn-rollout set` with `--untag TAG`',
  '--min-scale': 'use `--scale-min`',
  '--max-scale': 'use `--scale-max`',
  '--min-instances': 'use `--scale-min`',
  '--max-instances': 'use `--scale-max`',
  '--concurrency': 'use `--concurrency-limit`',
  '--set-env-vars': 'use `--env NAME=VALUE`',
  '--update-env-vars': 'use `--env NAME=VALUE`',
  '--no-traffic': 'use `kn-rollout release`: it previews the new revision at 0%',
  '--yes': 'leave it out: `kn-rollout` never prompts',
  '-y': 'leave it out: `kn-rollout` never prompts',
}

/** What to type for an option that a command does not have, where another tool has it. */
function optionFor(flag: string): string | undefined {
  return Object.hasOwn(options, flag) ? options[flag] : undefined
}
