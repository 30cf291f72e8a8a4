import { findManifests } from '../manifest/find.js'
import type { Manifest } from '../manifest/manifest.js'
import { matchManifests } from '../manifest/select.js'
import { readTraffic } from '../manifest/traffic.js'
import { allCodes } from '../pipeline/codes.js'
import { settingsOf } from '../pipeline/settings.js'
import { shells } from '../report/completion-script.js'
import { knownRevisions } from '../stages/known-revisions.js'
import { stages } from '../stages/stages.js'
import type { RecordedOption } from './recorded-options.js'
import type { Terminal } from './terminal.js'
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
export async function positionals({ command, given, terminal }: Asked): Promise<readonly Candidate[]> {
  if (given.some(([option]) => option === '')) return []
  if (command === 'apply') return stageNames(terminal)
  if (command === 'explain') return allCodes().map(({ code, title }) => ({ word: code, summary: title }))
  if (command === 'completion') return shells.map((shell) => ({ word: shell, summary: `the script for ${shell}` }))
  return []
}

/** The values that an option can have; none where it takes a file or anything else. */
export async function values(option: RecordedOption, asked: Asked, typed: string): Promise<readonly Candidate[]> {
  const { name, choices } = option
  if (choices.length > 0) return choices.map((word) => ({ word, summary: '' }))
  if (name === 'service') return unique((await manifests(asked)).map(({ label, file }) => [label, file.path]))
  if (name === 'stable' || name === 'candidate') return [...(await revisions(asked, '')), ...words]
  if (name === 'untag') return tags(await manifests(asked), '')
  if (asked.command !== 'set' || (name !== 'traffic' && name !== 'tag')) return []
  // Only the last item of a list with commas is being typed, and only its left side is known.
  const list = typed.slice(0, typed.lastIndexOf(',') + 1)
  const left = [...(await revisions(asked, '=')), { word: '@latest=', summary: 'whatever revision is the latest' }]
  const all = name === 'traffic' ? [...left, ...tags(await manifests(asked), '=')] : left
  return all.map(({ word, summary }) => ({ word: `${list}${word}`, summary }))
}

const words: readonly Candidate[] = [
  { word: '@latest', summary: 'whatever revision is the latest' },
  { word: '@current', summary: 'the stable revision' },
  { word: '@candidate', summary: 'the revision being rolled out' },
  { word: '@previous', summary: 'what served before' },
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
  const path = (command === 'apply' ? paths.slice(1) : paths).filter((one) => one !== '-')
  const { sources } = (await openWorkspace({ path, config: false }, terminal)).loaded
  const found: Manifest[] = []
  for (const source of sources) {
    if (found.length >= fair && performance.now() - start > patience) break
    found.push(...findManifests(source).manifests)
  }
  const patterns = given.flatMap(([option, value]) => (option === 'service' ? [value] : []))
  if (patterns.length === 0) return found
  return found.filter((one) => patterns.some((pattern) => matchManifests([one], pattern).length > 0))
}
