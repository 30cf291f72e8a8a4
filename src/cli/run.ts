import path from 'node:path'

import type { Options } from 'yargs'

import { Interrupted, IoFailure } from '../io/failure.js'
import { displayPath } from '../io/paths.js'
import { shellHere } from '../io/system.js'
import type { Killed, LeftFile } from '../io/writing/killed.js'
import { roomsInUse } from '../io/writing/record.js'
import { printable } from '../text/printable.js'
import { plural } from '../text/words.js'
import { type Command, commands } from './commands.js'
import { declarationsOf } from './options.js'
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
  const { path: given } = options
  const paths: readonly unknown[] = Array.isArray(given) ? given : []
  if (command.isAboutFiles) await attendToKilled(paths.map(String), isWriting(options), terminal)
  return command.run(options, terminal)
}

/** Whether a command is to change files of the repository. `create` does where it is given a place for its manifest. */
function isWriting({ write, output }: Given): boolean {
  return write === true || (typeof output === 'string' && output !== '' && output !== '-')
}

type Given = Readonly<Record<string, unknown>>

/** A value that every reader of command lines takes as it is. */
const plainWord = /^[^-'"\s][^'"\s]*$/

/**
 * Reads the words behind a command where they are plain: options by their whole names, each followed by its value, and
 * words. Undefined where there is anything else, a mistake included: then yargs reads them, which takes ten times as long.
 * What both read, they read the same.
 */
export function plainWords(words: readonly string[], command: Command): Given | undefined {
  const { options, positionals, others } = declarationsOf(command.options)
  if (others.size > 0) return undefined
  const found = new Map<string, unknown>()
  const free: string[] = []
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? ''
    if (!word.startsWith('--')) {
      if (!plainWord.test(word)) return undefined
      free.push(word)
      continue
    }
    const [, name = '', inline] = /^--([a-z][a-z-]*)(?:=(.*))?$/.exec(word) ?? []
    const declared = options.get(name)
    if (!declared) return undefined
    const isSwitch = declared.type === 'boolean'
    const value = isSwitch ? inline : (inline ?? words[++index])
    if (
      isSwitch ? value !== undefined || /^(?:true|false)$/.test(words[index + 1] ?? '') : !plainWord.test(value ?? '')
    )
      return undefined
    if (!take(found, name, declared, value)) return undefined
  }
  return place(free, command.positionals, positionals, found) ? complete(found, options, positionals) : undefined
}

/** Notes one option. False where yargs would make something else of it, or refuse it. */
function take(found: Map<string, unknown>, name: string, declared: Options, value: string | undefined): boolean {
  const { type, array, choices, coerce } = declared
  if (type === 'boolean') found.set(name, true)
  else if (type !== 'string' || (choices && !choices.includes(value))) return false
  else if (array) found.set(name, [...((found.get(name) ?? []) as readonly unknown[]), value])
  else if (found.has(name)) return false
  else found.set(name, coerce ? (coerce(value) as unknown) : value)
  return true
}

/** Gives each word its name: `<stage> [path..]`. False where there are too few or too many. */
function place(
  free: readonly string[],
  pattern: string,
  declared: ReadonlyMap<string, Options>,
  found: Map<string, unknown>,
): boolean {
  const left = [...free]
  for (const [, bracket, name = '', dots] of pattern.matchAll(/([<[])([\w-]+)(\.\.)?[>\]]/g)) {
    const { type, choices } = declared.get(name) ?? {}
    const given = left.splice(0, dots === undefined ? 1 : left.length)
    if (type !== 'string' || choices || (bracket === '<' && given.length === 0)) return false
    if (dots !== undefined) found.set(name, given)
    else if (given.length > 0) found.set(name, given[0])
  }
  return left.length === 0
}

/** Adds what holds unless it is said otherwise, and the short names. Undefined where something must be given. */
function complete(
  found: ReadonlyMap<string, unknown>,
  options: ReadonlyMap<string, Options>,
  positionals: ReadonlyMap<string, Options>,
): Given | undefined {
  const all: Record<string, unknown> = { _: [] }
  for (const [name, { alias, default: preset, demandOption }] of [...options, ...positionals]) {
    const value = found.has(name) ? found.get(name) : preset
    if (value === undefined && demandOption === true) return undefined
    if (value === undefined) continue
    all[name] = value
    for (const other of [alias ?? []].flat()) all[other] = value
  }
  return { path: [], ...all }
}

/**
 * Says what a run left that was killed while it wrote files of the repositories that these paths are in. A command that
 * writes puts it in order first, so that it begins with what was there before.
 *
 * @throws IoFailure where a command would write into half a write that cannot be undone.
 */
async function attendToKilled(paths: readonly string[], isToWrite: boolean, terminal: Terminal): Promise<void> {
  const { workingDirectory, environment } = terminal
  const folders = [...new Set([workingDirectory, ...paths.map((one) => path.resolve(workingDirectory, one))])]
  const rooms = roomsInUse(folders, environment)
  if (rooms.length === 0) return
  const { killedIn, settle } = await import('../io/writing/killed.js')
  for (const killed of killedIn(rooms, folders)) {
    const isMeant = isToWrite && killed.fate !== 'gone-on'
    const failure = isMeant ? await settle(killed, terminal) : undefined
    const isSettled = isMeant && failure === undefined
    const lines = [...headOf(killed), ...(isSettled ? settledLines(killed, terminal) : leftLines(killed, terminal))]
    await say(terminal, lines.map((line) => `${line}\n`).join(''))
    if (isToWrite && !isSettled)
      throw new IoFailure(`${failure ?? 'the files of the killed run need attention first'}; nothing was written`)
  }
}

function headOf({ record: { owner, begun }, files }: Killed): readonly string[] {
  const changed = files.filter(({ state }) => state === 'changed').length
  const killed = `a run was killed while it wrote ${plural(files.length, 'file')}`
  return [`kn-rollout: ${killed} (process ${owner.pid} on ${owner.host}, ${begun}): ${changed} of them changed`]
}

function settledLines({ files, fate }: Killed, { workingDirectory }: Terminal): readonly string[] {
  const changed = fate === 'half' ? files.filter(({ state }) => state === 'changed') : []
  const back = changed.map((file) => `  restored: ${displayPath(file.path, workingDirectory)}`)
  return [...back, '  its leftover files were removed']
}

function leftLines(killed: Killed, { workingDirectory }: Terminal): readonly string[] {
  const { file: record, files, fate, leftovers } = killed
  const shown = (absolute: string): string => displayPath(absolute, workingDirectory)
  const told = files.filter(({ state }) => state !== 'unchanged')
  const named = new Set(told.map(({ backup }) => backup))
  const others = leftovers.filter((one) => !named.has(one))
  return [
    ...told.map((file) => fileLine(file, shown)),
    ...others.map((one) => `  left over: ${shown(one)}`),
    `  left over: ${shown(record)}`,
    `  ${remedies[fate]}`,
  ]
}

function fileLine({ path: file, state, isNew, backup }: LeftFile, shown: (absolute: string) => string): string {
  const what = state === 'changed' ? (isNew ? 'new' : 'changed') : 'changed elsewhere since'
  return `  ${what}: ${shown(file)}${backup === undefined ? '' : ` (its former text is in ${shown(backup)})`}`
}

const remedies = {
  untouched: 'the next command with --write removes the leftover files',
  finished: 'the next command with --write removes the leftover files',
  half: 'the next command with --write first restores these files',
  'gone-on': 'check these files, then remove the leftover ones',
} as const
