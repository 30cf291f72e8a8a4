import type { Options } from 'yargs'

import type { Command } from './commands.js'
import { declarationsOf } from './options.js'

type Given = Readonly<Record<string, unknown>>

/** A value that every reader of command lines takes as it is. */
const plain = /^[^-'"\s][^'"\s]*$/

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
      if (!plain.test(word)) return undefined
      free.push(word)
      continue
    }
    const [, name = '', inline] = /^--([a-z][a-z-]*)(?:=(.*))?$/.exec(word) ?? []
    const declared = options.get(name)
    if (!declared) return undefined
    const isSwitch = declared.type === 'boolean'
    const value = isSwitch ? inline : (inline ?? words[++index])
    if (isSwitch ? value !== undefined || /^(?:true|false)$/.test(words[index + 1] ?? '') : !plain.test(value ?? ''))
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
