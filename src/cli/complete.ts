import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'

import { pathsAndNames } from '../io/discover.js'
import { GitRepository } from '../io/git/repository.js'
import { findManifests, matchManifests } from '../manifest/find.js'
import type { Manifest } from '../manifest/manifest.js'
import { readTraffic } from '../manifest/traffic.js'
import { allCodes } from '../pipeline/codes.js'
import { settingsOf } from '../pipeline/settings.js'
import { shells } from '../report/completion-script.js'
import { isMisplaced, stages } from '../stages/stages.js'
import { knownRevisions } from '../stages/standing.js'
import { append } from '../text/collections.js'
import { printable } from '../text/printable.js'
import { isPlainWord } from '../text/words.js'
import { commands } from './commands.js'
import { type RecordedOption, recordedOptions } from './options.js'
import { print, type Terminal } from './terminal.js'
import { openWorkspace, requestIn } from './workspace.js'

/** A word that can come next, and what it means. */
export type Candidate = {
  readonly word: string
  readonly summary: string
  /** Set where the word is none of this program's own. */
  readonly isName?: boolean
}

/** What stands on the line before the word that is asked for; positionals have the name `''`. */
export type Asked = {
  readonly command: string
  readonly given: readonly (readonly [option: string, value: string])[]
  readonly terminal: Terminal
}

/** Milliseconds after which a shell gets what has been found so far, if that is a fair number of Services. */
const patience = 150
const fair = 50

/** The words that can stand at the next place without an option. */
export async function positionals(asked: Asked, typed: string): Promise<readonly Candidate[]> {
  const { command, given, terminal } = asked
  const isFirst = given.every(([option]) => option !== '')
  if (command === 'apply' && isFirst) return stageNames(terminal)
  if (commands[command]?.positionals.includes('[path..]') && command !== 'diff')
    return typed === '' ? [] : serviceNames(asked, typed)
  if (!isFirst) return []
  if (command === 'history') return services(asked)
  if (command === 'explain')
    return allCodes().flatMap(({ code, name, title }) => [code, name].map((word) => ({ word, summary: title })))
  if (command === 'completion') return shells.map((shell) => ({ word: shell, summary: `the script for ${shell}` }))
  return []
}

/** The Services that a word can name; none where a path begins so, which the shell completes. */
async function serviceNames(asked: Asked, typed: string): Promise<readonly Candidate[]> {
  const { workingDirectory } = asked.terminal
  const beside = path.resolve(workingDirectory, path.dirname(`${typed}x`))
  const start = path.basename(`${typed}x`).slice(0, -1)
  const isPath = existsSync(beside) && readdirSync(beside).some((name) => name.startsWith(start))
  if (isPath) return []
  const found = await manifests(asked)
  return unique(found.flatMap(({ name, label, file }) => [[name, file.path] as const, [label, file.path] as const]))
}

/** The branches and tags of the repository. */
async function refs({ workingDirectory, environment }: Terminal): Promise<readonly Candidate[]> {
  const git = GitRepository.around(workingDirectory, environment)
  const found = await git.list([
    'for-each-ref',
    '--format=%(refname:short)%00',
    'refs/heads',
    'refs/remotes',
    'refs/tags',
  ])
  return found.map((name) => ({ word: name.trim(), summary: 'branch or tag' })).filter(({ word }) => word !== '')
}

/** The values that an option can have; none where it takes a file or anything else. */
export async function values(option: RecordedOption, asked: Asked, typed: string): Promise<readonly Candidate[]> {
  const { name, choices } = option
  if (choices.length > 0) return choices.map((word) => ({ word, summary: '' }))
  if (name === 'service') return services(asked)
  if (name === 'namespace')
    return unique(
      (await manifests(asked)).flatMap(({ namespace, file }) => (namespace ? [[namespace, file.path]] : [])),
    )
  if (name === 'since' || name === 'head' || name === 'changed-since') return refs(asked.terminal)
  if (name === 'stable' || name === 'candidate') return [...(await revisions(asked, '')), ...latestWords]
  if (name === 'untag') return tags(await manifests(asked), '')
  if (asked.command !== 'set' || (name !== 'traffic' && name !== 'tag')) return []
  // Only the last item of a list with commas is being typed, and only its left side is known.
  const list = typed.slice(0, typed.lastIndexOf(',') + 1)
  const left = [...(await revisions(asked, '=')), { word: '@latest=', summary: 'the latest revision' }]
  const all = name === 'traffic' ? [...left, ...tags(await manifests(asked), '=')] : left
  return all.map(({ word, summary }) => ({ word: `${list}${word}`, summary }))
}

async function services(asked: Asked): Promise<readonly Candidate[]> {
  return unique((await manifests(asked)).map(({ label, file }) => [label, file.path]))
}

const latestWords: readonly Candidate[] = [
  { word: '@latest', summary: 'the latest revision' },
  { word: '@current', summary: 'the stable revision' },
  { word: '@candidate', summary: 'the revision being rolled out' },
  { word: '@previous', summary: 'the revision that served before' },
]

async function revisions(asked: Asked, end: string): Promise<readonly Candidate[]> {
  const found = await manifests(asked)
  return unique(found.flatMap((one) => knownRevisions(one).map((name) => [`${name}${end}`, one.label] as const)))
}

function tags(found: readonly Manifest[], end: string): readonly Candidate[] {
  const targets = found.flatMap((one) => (readTraffic(one) ?? []).map(({ tag }) => ({ tag, label: one.label })))
  return unique(targets.flatMap(({ tag, label }) => (tag === undefined ? [] : [[`${tag}${end}`, label] as const])))
}

function unique(rows: readonly (readonly [word: string, summary: string])[]): readonly Candidate[] {
  const first = new Map(rows.toReversed())
  return [...new Set(rows.map(([word]) => word))].map((word) => ({ word, summary: first.get(word) ?? '' }))
}

function stageNames(terminal: Terminal): readonly Candidate[] {
  const { plans } = settingsOf(requestIn({}, terminal.workingDirectory))
  const own = plans.flatMap(({ name, steps }) => steps.map(({ stage }) => [stage.name, `a stage of ${name}`] as const))
  return unique([...stages.map(({ name, summary }) => [name, summary] as const), ...own])
}

/** The Services that the line is about: those of its paths, those that it names. */
async function manifests({ command, given, terminal }: Asked): Promise<readonly Manifest[]> {
  const start = performance.now()
  const paths = given.flatMap(([option, value]) => (option === '' ? [value] : []))
  const words = (command === 'apply' ? paths.slice(1) : paths).filter((one) => one !== '-')
  const meant = await pathsAndNames(words, terminal.workingDirectory, terminal.environment)
  const { sources } = (await openWorkspace({ config: false }, terminal, { meant })).loaded
  const found: Manifest[] = []
  for (const source of sources) {
    if (found.length >= fair && performance.now() - start > patience) break
    append(found, findManifests(source).manifests)
  }
  const patterns = given.flatMap(([option, value]) => (option === 'service' ? [value] : [])).concat(meant.names)
  if (patterns.length === 0) return found
  return found.filter((one) => patterns.some((pattern) => matchManifests([one], pattern).length > 0))
}

/**
 * Answers a shell: the words that can stand in place of the last one, a line each, with a tab and what it means. No
 * answer leaves it to the shell, which completes names of files.
 */
export async function complete(words: readonly string[], terminal: Terminal): Promise<number> {
  // PowerShell before 7.3 loses empty words: it says that there is one.
  const given = words[0] === '--blank' ? [...words.slice(1), ''] : words
  const typed = given[0] === '--' ? given.slice(1) : given
  const current = typed.at(-1) ?? ''
  const found = await candidates(typed.slice(0, -1), current, terminal)
  // Shells take what is offered as it is: a name in a file must not become a command.
  // One that begins with a dash would be an option of this program, where it is not one of its own.
  const fitting = found.filter(({ word, isName }) => {
    return word.startsWith(current) && isPlainWord(word) && !(isName === true && word.startsWith('-'))
  })
  await print(terminal, fitting.map(({ word, summary }) => `${word}\t${printable(summary)}\n`).join(''))
  return 0
}

async function candidates(
  [name, ...before]: readonly string[],
  current: string,
  terminal: Terminal,
): Promise<readonly Candidate[]> {
  if (name === undefined) {
    const rows = Object.entries(commands).map(([word, { summary }]) => ({ word, summary }))
    return [...rows, { word: '--help', summary: 'show help' }, { word: '--version', summary: 'show the version' }]
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) return []
  const options = recordedOptions(command.options)
  const { given, pending, isEnded } = read(before, options)
  const asked: Asked = { command: name, given, terminal }
  if (pending) return (await values(pending, asked, current)).map((one) => ({ ...one, isName: true }))
  const [, flag, value] = /^(--[\w-]+=)(.*)$/.exec(current) ?? []
  if (!isEnded && flag !== undefined) {
    const option = options.find((one) => flag === `--${one.name}=`)
    const found = option ? await values(option, asked, value ?? '') : []
    return found.map(({ word, summary }) => ({ word: `${flag}${word}`, summary }))
  }
  return !isEnded && current.startsWith('-') ? flags(options, asked) : positionals(asked, current)
}

type Given = Asked['given']

/** What the words before the current one say, and the option that still waits for its value. */
function read(
  words: readonly string[],
  options: readonly RecordedOption[],
): { readonly given: Given; readonly pending?: RecordedOption; readonly isEnded: boolean } {
  const given: (readonly [name: string, value: string])[] = []
  let pending: RecordedOption | undefined
  let isEnded = false
  for (const word of words) {
    const [, long, value] = /^--([\w-]+)(?:=(.*))?$/.exec(word) ?? []
    if (pending) {
      given.push([pending.name, word])
      pending = undefined
    } else if (isEnded || word === '-' || !word.startsWith('-')) given.push(['', word])
    else if (word === '--') isEnded = true
    else {
      const option = options.find((one) => one.name === long || `-${one.alias}` === word)
      if (option?.takesValue && value === undefined) pending = option
      else given.push([option?.name ?? long ?? word, value ?? ''])
    }
  }
  return { given, ...(pending && { pending }), isEnded }
}

function flags(options: readonly RecordedOption[], { command, given }: Asked): readonly Candidate[] {
  const stage = command === 'apply' ? given.find(([option]) => option === '')?.[1] : undefined
  const left = options.filter(({ name, isList }) => {
    if (stage !== undefined && isMisplaced(name, stage)) return false
    return isList || !given.some(([one]) => one === name)
  })
  const rows = left.map(({ name, summary }) => ({ word: `--${name}`, summary }))
  return [...rows, { word: '--help', summary: 'show help' }]
}
