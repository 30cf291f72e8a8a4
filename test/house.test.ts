// The walls of the house. Who may import whom, circles and lengths are held by the linter, whose walls stand in
// `.oxlint.mjs`; here is what it cannot say, and proof that it sees what it should.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

/** File names below `src/` with their text. */
type House = Readonly<Record<string, string>>

const root = fileURLToPath(new URL('../', import.meta.url))
/** The only file that runs text as code: that of the program itself. */
const loader = 'cli/compiled.ts'
/** The only file that starts other programs, and those that have it do so, each for one program. */
const runner = 'io/program.ts'
const starters = ['io/git/run.ts', 'io/kustomize.ts']

/** The text without comments and strings that stand on one line. */
function codeOf(text: string): string {
  return text
    .replaceAll(/\/\*[^]*?\*\//g, '')
    .replaceAll(/^\s*\/\/.*$/gm, '')
    .replaceAll(/'(?:[^'\\\n]|\\.)*'/g, "''")
    .replaceAll(/`(?:[^`\\]|\\.)*`/g, '``')
    .replaceAll(/ \/\/ .*$/gm, '')
}

const roomOf = (name: string): string => name.split('/')[0] ?? ''

/** Whether a program is started; by the one file that may, more than once in each of its two ways. */
function startsPrograms(name: string, code: string): boolean {
  const starts = code.match(/(?<![.\w])(?:spawn(?:Now)?|startNow|exec|execFile|fork)(?:Sync)?\(/g) ?? []
  return name === runner ? starts.length > new Set(starts).size : starts.length > 0
}

function textFaults(name: string, text: string): readonly string[] {
  const code = codeOf(text)
  const isOutside = ['io', 'lsp', 'cli', 'main.ts'].includes(roomOf(name))
  const checks: readonly (readonly [boolean, string])[] = [
    [!isOutside && /\b(?:async|await|Promise)\b/.test(code), 'is not synchronous'],
    [name !== 'main.ts' && /\bprocess\b/.test(code), 'names `process`'],
    [startsPrograms(name, code), 'starts a program'],
    [/\brunProgram(?:Now)?\b/.test(code) && ![runner, ...starters].includes(name), 'has a program started'],
    [name !== loader && /\bimport\((?!'')|\brequire\(|\bcreateRequire\b/.test(code), 'imports what is not named'],
    [/@ts-(?:ignore|expect-error|nocheck)|(?:eslint|oxlint)-disable/.test(text), 'silences a tool'],
    [
      /(?:^|\/)(?:utils?|helpers?|managers?|common|misc|index)(?:\/|\.ts$)/i.test(name) && name !== 'index.ts',
      'has a name that says nothing',
    ],
    [/^export \* from/m.test(code), 'is a barrel'],
  ]
  return checks.filter(([isFault]) => isFault).map(([, what]) => `${name}: ${what}`)
}

function faultsOf(house: House): readonly string[] {
  return Object.entries(house).flatMap(([name, text]) => textFaults(name, text))
}

function realHouse(): House {
  const folder = path.join(root, 'src')
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  return Object.fromEntries(
    names.map((name) => [name.split('\\').join('/'), readFileSync(path.join(folder, name), 'utf8')]),
  )
}

type Said = { readonly filename: string; readonly message: string; readonly help?: string }

/** What the linter says of these files, if they stood in src/: by file. */
function linted(house: House): ReadonlyMap<string, string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'kn-rollout-house-'))
  try {
    for (const [name, text] of Object.entries(house)) {
      const file = path.join(folder, 'src', name)
      mkdirSync(path.dirname(file), { recursive: true })
      writeFileSync(file, text)
    }
    writeFileSync(path.join(folder, '.oxlint.mjs'), readFileSync(path.join(root, '.oxlint.mjs')))
    const oxlint = path.join(root, 'node_modules/oxlint/bin/oxlint')
    const { stdout } = spawnSync(process.execPath, [oxlint, '-c', '.oxlint.mjs', '--format', 'json', 'src'], {
      cwd: folder,
      encoding: 'utf8',
    })
    const { diagnostics } = JSON.parse(stdout) as { readonly diagnostics: readonly Said[] }
    const said = new Map<string, string>()
    for (const { filename, message, help = '' } of diagnostics)
      said.set(filename, `${said.get(filename) ?? ''}${message} ${help}\n`)
    return said
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const test = suite('house')

test('every file keeps to what the linter cannot say', () => {
  const house = realHouse()
  assert.ok(Object.keys(house).length > 40, 'the files of src/ are found')
  assert.equal(faultsOf(house), [])
})

test('every room has its walls, and every wall its room', async () => {
  const { floors } = (await import(path.join(root, '.oxlint.mjs'))) as { floors: readonly (readonly string[])[] }
  const rooms = new Set(Object.keys(realHouse()).flatMap((name) => (name.includes('/') ? [roomOf(name)] : [])))
  assert.equal([...rooms].toSorted(), floors.flat().toSorted())
})

test('every path that ARCHITECTURE.md names is there', () => {
  const page = readFileSync(path.join(root, 'ARCHITECTURE.md'), 'utf8')
  const named = [...page.matchAll(/`((?:src|fixtures|docs|schemas)\/[\w./-]*|\.[\w.]+\.mjs)`/g)].map(
    ([, name = '']) => name,
  )
  assert.ok(named.length > 20, 'paths are found')
  assert.equal(
    named.filter((name) => !existsSync(path.join(root, name))),
    [],
  )
})

const walls: readonly (readonly [name: string, text: string, fault: RegExp])[] = [
  ['text/a.ts', "import { b } from '../yaml/b.js'\nb()", /floor is not below/],
  ['stages/a.ts', "import type { b } from '../rules/b.js'\nexport type A = b", /floor is not below/],
  ['rules/a.ts', "import { b } from '../stages/b.js'\nb()", /floor is not below/],
  ['report/a.ts', "export { b } from '../io/b.js'", /floor is not below/],
  ['pipeline/a.ts', "const { b } = await import('../cli/b.js')\nb()", /floor is not below/],
  ['text/b.ts', "import { b } from '../index.js'\nb()", /floor is not below/],
  ['manifest/a.ts', "import {\n  b,\n} from '../pipeline/b.js'\nb()", /floor is not below/],
  ['edit/a.ts', "import { b } from '../kustomize/b.js'\nb()", /floor is not below/],
  ['history/a.ts', "import { b } from '../guards/b.js'\nb()", /floor is not below/],
  ['stages/b.ts', "import { parse } from 'yaml'\nparse('')", /belongs to another room/],
  ['rules/b.ts', "import { readFileSync } from 'node:fs'\nreadFileSync('')", /outside world/],
  ['io/a.ts', "import { spawn } from 'node:child_process'\nspawn('')", /belongs to src/],
  ['cli/a.ts', "const { spawn } = await import('node:child_process')\nspawn('')", /belongs to src/],
  ['io/b.ts', "import vm from 'node:vm'\nvm.x()", /belongs to src/],
  ['io/git/run.ts', "import { b } from '../../cli/b.js'\nb()", /floor is not below/],
  ['lsp/a.ts', "import { b } from '../cli/b.js'\nb()", /floor is not below/],
  ['lsp/b.ts', "import { readFileSync } from 'node:fs'\nreadFileSync('')", /outside world/],
  ['cli/c.ts', "import { createConnection } from 'vscode-languageserver'\ncreateConnection", /belongs to another room/],
  ['stages/c.ts', "import { validate } from '#validators/service.js'\nvalidate()", /generated/],
  ['text/c.ts', 'export const a: any = 1', /any/],
  ['text/d.ts', 'export const a = (b: string | null) => b!.length', /non-null/i],
  ['text/e.ts', `export function a(): void {\n${'  a()\n'.repeat(61)}}`, /too many lines/],
  ['text/f.ts', 'export const a = (b: 1, c: 1, d: 1, e: 1, f: 1, g: 1): number => b + c + d + e + f + g', /parameters/],
  ['yaml/g.ts', "import type { H } from './h.js'\nexport type G = { h: H }", /cycle/],
  ['yaml/h.ts', "import type { G } from './g.js'\nexport type H = { g: G }", /cycle/],
]

test('the linter sees each broken wall, and nothing in what is allowed', () => {
  const allowed: House = {
    'text/z.ts': "import { structuredPatch } from 'diff'\nexport const z = structuredPatch",
    'report/z.ts': "import { plan } from '../pipeline/z.js'\nexport const z = plan",
    'pipeline/z.ts': "import { z } from '../text/z.js'\nexport const plan = z",
    'io/z.ts': "import { readFileSync } from 'node:fs'\nexport const z = readFileSync",
    'cli/compiled.ts': "import { Script } from 'node:vm'\nexport const z = Script",
    'cli/commands/z.ts': "import yargs from 'yargs'\nimport { z } from '../../io/z.js'\nexport const y = [yargs, z]",
  }
  const said = linted({ ...Object.fromEntries(walls.map(([name, text]) => [name, text])), ...allowed })
  for (const [name, text, fault] of walls) assert.match(said.get(`src/${name}`) ?? '', fault, `${name}: ${text}`)
  for (const name of Object.keys(allowed)) assert.is(said.get(`src/${name}`), undefined, name)
})

const broken: readonly (readonly [name: string, text: string, fault: RegExp])[] = [
  ['io/a.ts', "execFileSync('git')", /starts a program/],
  ['io/program.ts', "spawn('git')\nspawn('git')", /starts a program/],
  ['io/git/run.ts', "spawn('git')", /starts a program/],
  ['io/git/log.ts', "import { runProgram } from '../program.js'", /has a program started/],
  ['cli/a.ts', 'await import(name)', /imports what is not named/],
  ['io/git/a.ts', "const a = createRequire(b)('child_process')", /imports what is not named/],
  ['report/a.ts', 'export async function a() {}', /not synchronous/],
  ['cli/b.ts', 'const a = process.env', /names `process`/],
  ['text/a.ts', '// @ts-ignore', /silences/],
  ['text/b.ts', '/* oxlint-disable */', /silences/],
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
    'text/a.ts': "// async process\nexport const a = 'async process'\nexport const b = a",
    'io/a.ts': "import fs from 'node:fs'\nexport const a = async () => (await import('globby')).globby()",
    'io/program.ts': "import { spawn } from 'node:child_process'\nspawn('git')\n/a/.exec('b')",
    'io/git/run.ts': "import { runProgram } from '../program.js'\nrunProgram()",
    'main.ts': "import { run } from './cli/run.js'\nprocess.exitCode = await run()",
  }
  assert.equal(faultsOf(house), [])
})

test.run()
