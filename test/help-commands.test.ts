// Every command that a help shows is run in the tree that showed it: the program knows it, and does not refuse it. What
// the reader has to fill in is in capitals, and such commands are only read.
import { readdirSync, readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { commands } from '../src/cli/commands.js'
import { parseWords } from '../src/cli/parse-words.js'
import { plan } from '../src/pipeline/plan.js'
import type { Request } from '../src/pipeline/request.js'
import type { MoveRequest } from '../src/stages/apply.js'
import type { Diagnostic } from '../src/text/diagnostic.js'
import { stages } from '../src/stages/stages.js'
import { bannedWords, faultsIn, habits } from './language.js'
import { baseOf } from './passages.js'

const root = new URL('../fixtures/', import.meta.url)
const path = 'shop.yaml'
const test = suite('commands in helps')
const terminal = { stdout: { columns: 100 } } as unknown as Parameters<typeof parseWords>[1]['terminal']

/** A help of some tree, with the command in it. */
type Shown = { readonly text: string; readonly command: string; readonly found: Diagnostic }

/** A finding with the text that it is about. */
type Finding = { readonly text: string; readonly found: Diagnostic }

/** The commands in backquotes, each with the program's name before it. */
function shownIn({ text, found }: Finding): readonly Shown[] {
  const commandLines = [...(found.help ?? '').matchAll(/`(kn-rollout [^`]+)`/g)]
  return commandLines.map(([, command = '']) => ({ text, command, found }))
}

function runOn(text: string, request: Request): readonly Diagnostic[] {
  return plan([{ path, text }], { all: true, ...request }).diagnostics
}

function findingsOf(text: string, request: Request): readonly Finding[] {
  return runOn(text, request).map((found) => ({ text, found }))
}

/** The requests that make helps: every stage, and what names no stage. */
const requests: readonly Request[] = [
  {},
  ...stages.map(({ name }): Request => ({ move: { command: 'apply', stage: name } })),
  { move: { command: 'apply', stage: 'split', percent: 30 } },
  { move: { command: 'release', image: 'ghcr.io/acme/shop:9.9', env: [], annotations: [] } },
  { move: { command: 'next', ready: false, ignoreSoak: true } },
]

const shares = (...percents: readonly number[]): string =>
  `apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: shop
spec:
  template:
    metadata:
      name: shop-v${percents.length}
    spec:
      containers:
        - name: user-container
          image: ghcr.io/acme/shop:1.0
          readinessProbe:
            successThreshold: 1
            tcpSocket:
              port: 0
  traffic:
${percents.map((percent, index) => `    - revisionName: shop-v${index + 1}\n      percent: ${percent}\n`).join('')}`

/** Texts in every state that matters, without what cannot be read at all. */
function texts(): readonly string[] {
  const read = (name: string): string => readFileSync(new URL(name, root), 'utf8')
  const journey = readdirSync(new URL('journey/block/', root)).map((name) => read(`journey/block/${name}`))
  const documents = ['rules', 'guards'].flatMap((room) =>
    readdirSync(new URL(`${room}/`, root)).flatMap((name) => read(`${room}/${name}`).split(/^---\n/m)),
  )
  return [...journey, shares(100), shares(40, 30, 30), shares(70, 30), shares(0, 100), shares(0, 0, 100), ...documents]
}

/** What some commits left, the last one being the text: a rollback, a change that is not committed, a cut history. */
function historical(): readonly Finding[] {
  const lines = [[shares(100, 0), shares(50, 50), shares(100, 0)], [shares(100, 0)], [shares(50, 50)]]
  return lines.flatMap((commits) =>
    [false, true].flatMap((isCut) => {
      const { histories = new Map() } = baseOf(commits, path, { isCut })
      const heads = [commits.at(-1) ?? '', shares(70, 30), shares(100, 0)]
      return heads.flatMap((text) =>
        requests.flatMap((request) => findingsOf(text, { ...request, histories, now: 1e6 })),
      )
    }),
  )
}

/** All findings that these texts make, each kind once. */
function everyFinding(): readonly Finding[] {
  const all = texts().flatMap((text) => [
    ...requests.flatMap((request) => findingsOf(text, request)),
    ...findingsOf(text, { base: { ...baseOf([shares(100), text], path), asked: new Set([path]) } }),
    ...findingsOf(text, { base: { ...baseOf([shares(50, 50)], path), asked: new Set([path]) } }),
  ])
  const kinds = new Map([...all, ...historical()].map((one) => [`${one.found.code} ${one.found.message}`, one]))
  return [...kinds.values()]
}

const findings = everyFinding()

/** The move that a command line stands for, or undefined for commands that edit nothing. */
function moveOf(name: string, options: Readonly<Record<string, unknown>>): MoveRequest | undefined {
  const given = (...keys: readonly string[]): object =>
    Object.fromEntries(keys.flatMap((key) => (options[key] === undefined ? [] : [[key, options[key]]])))
  if (name === 'apply') {
    const flags = { keep: options['keep'] === true, dropStable: options['drop-stable'] === true }
    const percent = options['percent'] === undefined ? {} : { percent: Number(options['percent']) }
    const { stage } = options
    return { command: 'apply', stage: String(stage), ...given('stable', 'candidate', 'tag'), ...percent, ...flags }
  }
  if (name === 'next') return { command: 'next', ...given('stable', 'candidate'), ready: false, ignoreSoak: true }
  if (name === 'release')
    return {
      command: 'release',
      ...given('image', 'stable', 'candidate', 'tag'),
      env: [],
      annotations: [],
    }
  return undefined
}

test('every command in a help is one that the program knows and does not refuse', async () => {
  const helps = findings.flatMap(shownIn)
  assert.ok(new Set(helps.map(({ found }) => found.code)).size >= 8, 'helps with commands are found')
  const faults: string[] = []
  let ran = 0
  for (const { text, command, found } of helps) {
    const about = `${found.code} in the help "${found.help}"`
    const [, name = '', ...words] = command.split(' ')
    if (!Object.hasOwn(commands, name)) {
      faults.push(`${about}: unknown command \`${name}\``)
      continue
    }
    const read = await parseWords([name, ...words], { terminal, commands }).catch((error: unknown) => String(error))
    if (typeof read === 'string' || 'help' in read) {
      faults.push(`${about}: \`${command}\` cannot be read: ${typeof read === 'string' ? read : 'it prints help'}`)
      continue
    }
    if (/\b[A-Z]{2,}\b|\b(?:STAGE|NAME|FILE)\b/.test(command)) continue
    const move = moveOf(name, read.options)
    if (!move) continue
    ran++
    // What the layout of a file rules out, it rules out for every command.
    const refusal = runOn(text, { move }).find(({ code, severity }) => /^KN4(?!1)/.test(code) && severity === 'error')
    if (refusal) faults.push(`${about}: \`${command}\` is refused: ${refusal.code} ${refusal.message}`)
  }
  assert.ok(ran >= 9, `only ${ran} commands were run`)
  assert.equal([...new Set(faults)], [])
})

/** A text without the length of what the file has in it. */
function withBriefValues(text: string): string {
  return text.replaceAll(/(["`])([^"`]{30})[^"`]+(?=\1)/g, (all, quote: string, start: string) => {
    return all.startsWith('`spec.') || all.startsWith('`metadata.') ? all : `${quote}${start}`
  })
}

test('a message and a help fit into a line, and a warning never says must', () => {
  assert.ok(findings.length > 200, 'findings are made')
  const faults = findings.flatMap(({ found: { code, severity, ...found } }) =>
    [found].flatMap((one) => {
      const [message, help] = [withBriefValues(one.message), withBriefValues(one.help ?? '')]
      return [
        ...(message.length > 160 ? [`${code}: a message of ${message.length} characters: ${message}`] : []),
        ...(help.length > 200 ? [`${code}: a help of ${help.length} characters: ${help}`] : []),
        ...(severity !== 'error' && /\bmust\b/.test(message) ? [`${code}: a ${severity} with must: ${message}`] : []),
        ...(/[.]$|[\n\r]/.test(message) ? [`${code}: not one sentence without an end: ${message}`] : []),
      ]
    }),
  )
  assert.equal(faults, [])
})

test('the words of every message and help', () => {
  const said = findings.flatMap(({ found: { code, message, help = '' } }) => [
    { where: `${code} message`, text: message },
    { where: `${code} help`, text: help },
  ])
  assert.equal(faultsIn(said, [...bannedWords, ...habits]), [])
})

test.run()
