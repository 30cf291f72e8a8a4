import { readdirSync, readFileSync } from 'node:fs'

import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { itemsOf, sharesFrom, tagsFrom } from '../src/cli/commands/set.js'
import { plan } from '../src/pipeline/plan.js'
import type { Outcome, Request } from '../src/pipeline/request.js'
import type { MoveRequest } from '../src/stages/apply.js'
import type { ReleaseRequest } from '../src/stages/release.js'
import { releaseFieldRows } from '../src/stages/release-fields.js'

/** Files as they are, the command, files as they must become. Each runs twice: the second time there is nothing to do. */
const root = new URL('../fixtures/', import.meta.url)

/** The whole procedure, as commands. Each takes up what the one before it left; the way back starts from the split. */
const steps = [
  ['0-created', 'apply pin --stable example-service-00001', '1-pin'],
  ['1-pin', 'apply preview --candidate example-service-00002 --tag v2', '2-preview'],
  ['2-preview', 'apply split', '3-split'],
  ['3-split', 'apply promote', '4-promote'],
  ['4-promote', 'apply retire', '5-retire'],
  ['3-split', 'apply rollback', 'rollback'],
] as const

const test = suite('fixtures')

for (const way of readdirSync(new URL('journey/', root))) {
  for (const [from, command, to] of steps) {
    const [before, after] = [from, to].map((name) => read(`journey/${way}/${name}.yaml`))
    test(`journey/${way}: ${command}`, () => leadsTo(`${from}.yaml`, before, command, after))
  }
}

for (const name of readdirSync(new URL('layouts/', root))) {
  const folder = new URL(`layouts/${name}/`, root)
  const file = readdirSync(folder).find((found) => found.startsWith('before.')) ?? ''
  const command = readFileSync(new URL('command.txt', folder), 'utf8').trim()
  const [before, after] = [file, file.replace('before', 'after')].map((found) => read(`layouts/${name}/${found}`))
  test(`layouts/${name}: ${command}`, () => leadsTo(file, before, command, after))
}

function leadsTo(path: string, before: string | undefined, command: string, after: string | undefined): void {
  assert.type(before, 'string')
  assert.type(after, 'string')
  const request = parse(command)
  const first = run(path, before ?? '', request)
  assert.is(first.changes[0]?.text ?? codes(first), after)
  assert.equal(refusals(first), [])
  const second = run(path, after ?? '', request)
  assert.is(second.changes[0]?.patch, undefined, 'the second run has nothing to do')
  assert.equal(refusals(second), [])
}

function run(path: string, text: string, request: Request): Outcome {
  return plan([{ path, text }], request)
}

function refusals({ diagnostics }: Outcome): readonly string[] {
  return diagnostics
    .filter(({ code, severity }) => code.startsWith('KN1') || (code.startsWith('KN4') && severity === 'error'))
    .map(({ code, message }) => `${code} ${message}`)
}

function codes(outcome: Outcome): string {
  return `no change: ${refusals(outcome).join('; ')}`
}

function parse(command: string): Request {
  const [name, ...words] = command.split(' ')
  const move = name === 'release' ? parseRelease(words) : name === 'set' ? parseSet(words) : parseApply(name, words)
  const services = valuesOf(words, 'service')
  return {
    all: words.includes('--all'),
    spell: words.includes('--spell'),
    move,
    ...(services.length === 0 ? {} : { services }),
  }
}

function parseApply(name: string | undefined, [stage, ...words]: readonly string[]): MoveRequest {
  if (name !== 'apply' || stage === undefined) throw new Error(`unknown command ${name} ${stage}`)
  const [percent] = valuesOf(words, 'percent')
  return {
    command: 'apply',
    stage,
    ...roles(words),
    ...(percent === undefined ? {} : { percent: Number(percent) }),
    ...(words.includes('--keep') && { keep: true }),
    ...(words.includes('--drop-stable') && { dropStable: true }),
  }
}

test('each field that a release sets has its fixture, and its place in the schema of reports', () => {
  const commands = readdirSync(new URL('layouts/', root)).map((name) => read(`layouts/${name}/command.txt`))
  const schema = readFileSync(new URL('../schemas/report.json', import.meta.url), 'utf8')
  for (const { key, option, reported } of releaseFieldRows) {
    assert.ok(
      commands.some((command) => command.startsWith('release ') && command.includes(`--${option} `)),
      `a folder of fixtures/layouts with --${option}`,
    )
    assert.match(schema, `"${key}": {\n          "description": ${JSON.stringify(reported)}`, '`npm run docs`')
  }
})

function parseSet(words: readonly string[]): MoveRequest {
  const [untag, tags, shares] = ['untag', 'tag', 'traffic'].map((flag) => valuesOf(words, flag)[0])
  return {
    command: 'set',
    allowUnknown: words.includes('--allow-unknown'),
    ...(untag === undefined ? {} : { untag: itemsOf('untag', [untag]) }),
    ...(tags === undefined ? {} : { tags: tagsFrom([tags]) }),
    ...(shares === undefined ? {} : { shares: sharesFrom([shares]) }),
  }
}

function parseRelease(words: readonly string[]): MoveRequest {
  const fields = releaseFieldRows.map(({ key, option, read: readValues }) => {
    const values = valuesOf(words, option)
    const wanted = values.length === 0 ? values : readValues(values)
    assert.not.type(wanted, 'string', `--${option}`)
    return [key, wanted]
  })
  const [image, container, revisionName] = ['image', 'container', 'revision-name'].map(
    (flag) => valuesOf(words, flag)[0],
  )
  return {
    command: 'release',
    ...roles(words),
    ...(image === undefined ? {} : { image }),
    ...(container === undefined ? {} : { container }),
    ...(revisionName === undefined ? {} : { revisionName }),
    ...Object.fromEntries(fields),
  }
}

function roles(words: readonly string[]): Pick<ReleaseRequest, 'stable' | 'candidate' | 'tag'> {
  const given = ['stable', 'candidate', 'tag'].flatMap((flag) => valuesOf(words, flag).map((value) => [flag, value]))
  return Object.fromEntries(given) as Pick<ReleaseRequest, 'stable' | 'candidate' | 'tag'>
}

function valuesOf(words: readonly string[], flag: string): readonly string[] {
  return words.flatMap((word, index) => (words[index - 1] === `--${flag}` ? [word] : []))
}

function read(path: string): string {
  return readFileSync(new URL(path, root), 'utf8')
}

test.run()
