// The walls of the house: who may import whom, where the outside world comes in, how large a file may be.
import { readFileSync, readdirSync } from 'node:fs'
import { posix } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

/** File names below `src/` with their text. */
type House = Readonly<Record<string, string>>

const floors: Readonly<Record<string, number>> = {
  text: 0,
  codes: 0.5,
  manifest: 1,
  stages: 2,
  rules: 2,
  history: 3,
  guards: 4,
  pipeline: 5,
  io: 6,
  report: 6,
  cli: 7,
  'index.ts': 6,
  'main.ts': 8,
}
const packageRooms: Readonly<Record<string, string>> = {
  yaml: 'manifest',
  ajv: 'manifest',
  diff: 'text',
  'fastest-levenshtein': 'text',
  globby: 'io',
  yargs: 'cli',
}
/** The back room of io/: it may know these of the rooms around it, and only its runner starts other programs. */
const git = {
  room: 'io/git/',
  known: ['io/failure.ts', 'io/paths.ts'],
  runner: 'io/git/run.ts',
} as const

/** The only file that runs text as code: that of the program itself. */
const loader = 'cli/compiled.ts'

const importPattern = /\b(?:import|export)\b[^'"`;]*?\bfrom\s+'([^']+)'|\bimport\s+'([^']+)'|\bimport\(\s*'([^']+)'/g

function importsOf(text: string): readonly string[] {
  return [...text.matchAll(importPattern)].map(([, from, bare, lazy]) => from ?? bare ?? lazy ?? '')
}

/** The text without comments and strings that stand on one line. */
function codeOf(text: string): string {
  return text
    .replaceAll(/\/\*[^]*?\*\//g, '')
    .replaceAll(/^\s*\/\/.*$/gm, '')
    .replaceAll(/'(?:[^'\\\n]|\\.)*'/g, "''")
    .replaceAll(/`(?:[^`\\\n]|\\.)*`/g, '``')
    .replaceAll(/ \/\/ .*$/gm, '')
}

const roomOf = (name: string): string => name.split('/')[0] ?? ''

function importFaults(name: string, imported: string, isType: boolean): readonly string[] {
  const room = roomOf(name)
  const isOutside = room === 'io' || room === 'cli' || room === 'main.ts'
  if (/^(?:node:)?(?:vm|module|repl)$/.test(imported) && name !== loader)
    return [`${name}: imports ${imported}, which belongs to ${loader}`]
  if (/^(?:node:)?(?:child_process|cluster)$/.test(imported) && name !== git.runner)
    return [`${name}: imports ${imported}, which belongs to ${git.runner}`]
  if (imported.startsWith('node:')) return isOutside ? [] : [`${name}: imports ${imported}`]
  if (imported.startsWith('#')) return room === 'manifest' ? [] : [`${name}: imports ${imported}`]
  if (!imported.startsWith('.')) {
    const owner = packageRooms[/^(?:@[^/]+\/)?[^/]+/.exec(imported)?.[0] ?? '']
    return owner === room ? [] : [`${name}: imports ${imported}, which belongs to ${owner ?? 'no room'}`]
  }
  const target = posix.join(posix.dirname(name), imported).replace(/\.js$/, '.ts')
  if (target === '../package.json') return room === 'cli' ? [] : [`${name}: imports package.json`]
  if (name.startsWith(git.room) && room === roomOf(target) && !target.startsWith(git.room))
    return git.known.some((one) => one === target) ? [] : [`${name}: imports ${target} from the room around it`]
  const [own, other] = [floors[room], floors[roomOf(target)]]
  if (roomOf(target) === room) return []
  if (own === undefined || other === undefined) return [`${name}: imports ${target}, which stands in no room`]
  return other < own ? [] : [`${name}: imports ${target} ${isType ? 'as a type ' : ''}from a floor that is not below`]
}

/** How often a program is started, by any of the functions that can. */
function starts(code: string): number {
  return code.match(/(?<![.\w])(?:spawn|exec|execFile|fork)(?:Sync)?\(/g)?.length ?? 0
}

function textFaults(name: string, text: string): readonly string[] {
  const code = codeOf(text)
  const isOutside = ['io', 'cli', 'main.ts'].includes(roomOf(name))
  const checks: readonly (readonly [boolean, string])[] = [
    [!isOutside && /\b(?:async|await|Promise)\b/.test(code), 'is not synchronous'],
    [name !== 'main.ts' && /\bprocess\b/.test(code), 'names `process`'],
    [starts(code) > (name === git.runner ? 1 : 0), 'starts a program'],
    [name !== loader && /\bimport\((?!'')|\brequire\(|\bcreateRequire\b/.test(code), 'imports what is not named'],
    [/(?:[:<|&,(=]|\bas)\s*any\b/.test(code), 'says `any`'],
    [/[\w)\]]!(?=[.,;)\]\s[])(?!\s*=)/.test(code), 'asserts with `!`'],
    [/@ts-(?:ignore|expect-error|nocheck)|(?:eslint|oxlint)-disable/.test(text), 'silences a tool'],
    [
      /(?:^|\/)(?:utils?|helpers?|managers?|common|misc|index)(?:\/|\.ts$)/i.test(name) && name !== 'index.ts',
      'has a name that says nothing',
    ],
    [/^export \* from/m.test(code) && !name.endsWith('/table.ts'), 'is a barrel'],
  ]
  return checks.filter(([isFault]) => isFault).map(([, what]) => `${name}: ${what}`)
}

function faultsOf(house: House): readonly string[] {
  const names = Object.keys(house)
  return [
    ...names.flatMap((name) => textFaults(name, house[name] ?? '')),
    ...names.flatMap((name) => importsOf(house[name] ?? '').flatMap((imported) => importFaults(name, imported, false))),
  ]
}

function realHouse(): House {
  const folder = new URL('../src/', import.meta.url)
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  return Object.fromEntries(
    names.map((name) => [name.split('\\').join('/'), readFileSync(new URL(name, folder), 'utf8')]),
  )
}

const test = suite('house')

test('every file keeps to its floor', () => {
  const house = realHouse()
  assert.ok(Object.keys(house).length > 40, 'the files of src/ are found')
  assert.equal(faultsOf(house), [])
})

const broken: readonly (readonly [name: string, text: string, fault: RegExp])[] = [
  ['text/a.ts', "import { b } from '../manifest/b.js'", /floor that is not below/],
  ['stages/a.ts', "import type { b } from '../rules/b.js'", /floor that is not below/],
  ['report/a.ts', "export { b } from '../io/b.js'", /floor that is not below/],
  ['pipeline/a.ts', "const { b } = await import('../cli/b.js')", /floor that is not below/],
  ['index.ts', "export { b } from './io/b.js'", /floor that is not below/],
  ['manifest/a.ts', "import {\n  b,\n} from '../pipeline/b.js'", /floor that is not below/],
  ['cli/a.ts', "import '../main.js'", /floor that is not below/],
  ['cli/a.ts', "import b from '../elsewhere/b.js'", /stands in no room/],
  ['stages/a.ts', "import { parse } from 'yaml'", /belongs to manifest/],
  ['text/a.ts', "import x from 'left-pad'", /belongs to no room/],
  ['history/a.ts', "import { b } from '../guards/b.js'", /floor that is not below/],
  ['rules/a.ts', "import { b } from '../history/b.js'", /floor that is not below/],
  ['rules/a.ts', "import { readFileSync } from 'node:fs'", /imports node:fs/],
  ['io/a.ts', "import { spawn } from 'node:child_process'", /belongs to io\/git\/run\.ts/],
  ['cli/a.ts', "const { spawn } = await import('node:child_process')", /belongs to io\/git\/run\.ts/],
  ['cli/a.ts', "import { fork } from 'child_process'", /belongs to io\/git\/run\.ts/],
  ['io/a.ts', "import cluster from 'node:cluster'", /belongs to io\/git\/run\.ts/],
  ['io/a.ts', "execFileSync('git')", /starts a program/],
  ['io/git/run.ts', "spawn('git')\nspawn('git')", /starts a program/],
  ['cli/a.ts', 'await import(name)', /imports what is not named/],
  ['io/a.ts', "import vm from 'node:vm'", /belongs to cli\/compiled\.ts/],
  ['io/a.ts', "const a = createRequire(b)('child_process')", /imports what is not named/],
  ['io/git/a.ts', "import { b } from '../read.js'", /imports io\/read\.ts from the room around it/],
  ['stages/a.ts', "import { validate } from '#validators/service.js'", /imports #validators/],
  ['report/a.ts', 'export async function a() {}', /not synchronous/],
  ['cli/a.ts', 'const a = process.env', /names `process`/],
  ['text/a.ts', 'const a: any = 1', /says `any`/],
  ['text/a.ts', 'const a = b as any', /says `any`/],
  ['text/a.ts', 'const a = b!.c', /asserts with/],
  ['text/a.ts', '// @ts-ignore', /silences/],
  ['text/a.ts', '/* oxlint-disable */', /silences/],
  ['io/utils.ts', '', /says nothing/],
  ['io/helpers/a.ts', '', /says nothing/],
  ['io/index.ts', '', /says nothing/],
  ['io/all.ts', "export * from './read.js'", /barrel/],
]

for (const [name, text, fault] of broken) {
  test(`sees what is wrong with ${name}: ${text.split('\n')[0] ?? ''}`, () => {
    assert.match(faultsOf({ [name]: text }).join('\n'), fault)
  })
}

test('takes what is allowed', () => {
  const house: House = {
    'text/a.ts': "// async process\nexport const a = 'async process any'\nexport const b = a !== '!' && !a",
    'text/b.ts': "import { a } from './a.js'\nimport { structuredPatch } from 'diff'",
    'stages/table.ts': "export * from './pin.js'",
    'report/a.ts': "import { plan } from '../pipeline/plan.js'",
    'io/a.ts': "import fs from 'node:fs'\nexport const a = async () => (await import('globby')).globby()",
    'io/git/run.ts':
      "import { spawn } from 'node:child_process'\nimport { codeOf } from '../failure.js'\nspawn('git')\n/a/.exec('b')",
    'io/git/a.ts': "import { runGit } from './run.js'\nimport { decode } from '../../text/decode.js'",
    'io/b.ts': "import { a } from './git/a.js'",
    'cli/a.ts':
      "import yargs from 'yargs'\nimport m from '../../package.json' with { type: 'json' }\nimport '../io/a.js'",
    'index.ts': "export { plan } from './pipeline/plan.js'",
    'main.ts': "import { run } from './cli/run.js'\nprocess.exitCode = await run()",
  }
  assert.equal(faultsOf(house), [])
})

test.run()
