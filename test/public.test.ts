// What programs import: the bundle that the package exports, and the types beside it.
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import type * as source from '../src/index.js'
import { service } from './cli/manifests.js'

const root = new URL('../', import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
  readonly files: readonly string[]
  readonly exports: {
    readonly '.': Readonly<Record<'import' | 'require', { readonly types: string; readonly default: string }>>
  }
}
const face = manifest.exports['.'].import
const {
  applyEdits,
  builtInPlans,
  explain,
  explanations,
  fix,
  plan,
  positionOf,
  readConfiguration,
  render,
  reportFormats,
  stages,
  statusOf,
} = (await import(new URL(face.default, root).href)) as typeof source

const traffic = `  traffic:
    - revisionName: example-service-00001
      percent: 100
    - revisionName: example-service-00002
      percent: 0
      tag: v2
`
const file = { path: 'shop.yaml', text: service(traffic) }

const test = suite('public')

test('plan moves, and its edits give its text', () => {
  const { changes, diagnostics } = plan([file], { move: { command: 'apply', stage: 'split' } })
  assert.equal(diagnostics, [])
  const [change] = changes
  assert.is(applyEdits(file.text, change?.edits ?? []), change?.text)
  assert.match(change?.patch ?? '', /\+ {6}percent: 50\n/)
})

test('fix mends, and says where in the text that it was given', () => {
  const broken = { ...file, text: file.text.replace('percent: 100', 'percent: "100"') }
  const { changes, fixes } = fix([broken], {})
  assert.is(changes[0]?.text, file.text)
  const [range] = fixes?.map((one) => one.range) ?? []
  assert.is(broken.text.slice(range?.start, range?.end), '"100"')
})

test('statusOf tells the stage', () => {
  assert.equal(
    statusOf([file], {}).rows.map(({ name, stage, next }) => [name, stage, next?.stage]),
    [['example-service', 'preview', 'split']],
  )
})

test('a position counts from 1, and a byte order mark has no column', () => {
  const text = '\uFEFFa: 1\r\nb: 2\n'
  assert.equal(positionOf({ path: 'a', text }, { start: 1, end: 2 }), { line: 1, column: 1, endLine: 1, endColumn: 2 })
  assert.equal(positionOf({ path: 'a', text }, { start: 7, end: 11 }), { line: 2, column: 1, endLine: 2, endColumn: 5 })
  assert.equal(positionOf({ path: 'a', text }, undefined), { line: 1, column: 1, endLine: 1, endColumn: 1 })
})

test('every format renders, and text lets nothing act on a terminal', () => {
  const hostile = { ...file, text: service(traffic).replace('example.com/shop:1.0', '"a\\e[31m"') }
  const outcome = plan([hostile], {})
  assert.ok(outcome.diagnostics.length > 0)
  for (const format of reportFormats) assert.type(render(outcome, format), 'string')
  assert.equal((JSON.parse(render(outcome, 'json')) as { readonly schemaVersion: string }).schemaVersion, '1')
  assert.not.match(render(outcome, 'text'), '\u001B')
  assert.match(render(outcome, 'text', { color: true }), '\u001B[1;31merror')
  assert.equal(reportFormats.includes('sarif'), true)
})

test('codes are explained by number and by name', () => {
  assert.is(explain('kn301')?.name, 'traffic-sum')
  assert.is(explain('traffic-sum')?.code, 'KN301')
  assert.is(explain('KN999'), undefined)
  assert.ok(explanations().every(({ why }) => why.length > 20))
})

test('a configuration is read, and what is wrong with it has its place', () => {
  const text =
    'plan: canary\nrules: {traffic-sum: warning}\ndomain: acme.dev\nplans: {slow: [preview, promote]}\nplam: 1\n'
  const read = readConfiguration({ path: '.kn-rollout.yaml', text })
  assert.equal([read.plan, read.severities, read.domain], ['canary', { KN301: 'warning' }, 'acme.dev'])
  assert.equal(
    read.plans.map(({ name }) => name),
    ['blue-green', 'canary', 'slow'],
  )
  assert.equal(
    read.diagnostics.map(({ code, range }) => [code, text.slice(range?.start, range?.end)]),
    [['KN191', 'plam']],
  )
})

test('stages and plans are data', () => {
  assert.ok(stages.some(({ name }) => name === 'rollback'))
  assert.equal(
    builtInPlans.map(({ name }) => name),
    ['blue-green', 'canary'],
  )
})

test('it is one library, however it is loaded', () => {
  const required = createRequire(import.meta.url)(
    fileURLToPath(new URL(manifest.exports['.'].require.default, root)),
  ) as typeof source
  assert.is(required.plan, plan)
  assert.equal(Object.keys(required).toSorted(), [
    'applyEdits',
    'builtInPlans',
    'check',
    'explain',
    'explanations',
    'fix',
    'plan',
    'positionOf',
    'readConfiguration',
    'render',
    'reportFormats',
    'stages',
    'statusOf',
  ])
})

test('the types are those of what is exported, and need no package', () => {
  const folder = new URL('dist/types/', root)
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.d\.m?ts$/.test(name))
  assert.ok(files.length > 20)
  for (const name of files) {
    const wanted = [...readFileSync(new URL(name, folder), 'utf8').matchAll(/\bfrom '([^']+)'/g)].map(
      ([, from = '']) => from,
    )
    assert.equal(
      wanted.filter((from) => !from.startsWith('.')),
      [],
      name,
    )
    assert.not.match(name, /cli\/|io\//)
  }
})

/** What a package has that a clone with this remote, or a runner of GitHub, packs. */
function packed(remote: string | undefined, environment: Readonly<Record<string, string>> = {}): unknown {
  const folder = mkdtempSync(path.join(tmpdir(), 'kn-rollout-packed-'))
  try {
    mkdirSync(path.join(folder, '.ci'))
    for (const name of ['package.json', '.ci/manifest.mjs']) copyFileSync(new URL(name, root), path.join(folder, name))
    spawnSync('git', ['init', '--quiet'], { cwd: folder })
    if (remote !== undefined) spawnSync('git', ['remote', 'add', 'origin', remote], { cwd: folder })
    const { GITHUB_REPOSITORY: _own, ...env } = process.env
    const run = (step: string): void => {
      spawnSync(process.execPath, ['.ci/manifest.mjs', step], {
        cwd: folder,
        env: { ...env, KN_ROLLOUT_BUILT: '1', ...environment },
      })
    }
    const original = readFileSync(path.join(folder, 'package.json'), 'utf8')
    run('prepack')
    const { repository } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Record<
      string,
      unknown
    >
    run('postpack')
    assert.is(readFileSync(path.join(folder, 'package.json'), 'utf8'), original)
    return repository
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('links of the README lead somewhere on npm: relative ones to files of the package, by the repository that it names', () => {
  const { files } = manifest
  const matchers = files.map(
    (one) => new RegExp(`^${one.replaceAll('.', String.raw`\.`).replaceAll('*', '[^/]*')}(?:/|$)`),
  )
  const page = readFileSync(new URL('README.md', root), 'utf8')
  const links = [...page.matchAll(/\]\((?!https:|#)([^)#\s]+)/g)].map(([, link = '']) => link)
  assert.ok(links.length > 20)
  assert.equal(
    links.filter((link) => !matchers.some((one) => one.test(link))),
    [],
  )
  const github = { type: 'git', url: 'git+https://github.com/acme/kn-rollout.git' }
  assert.equal(packed('git@github.com:acme/kn-rollout.git'), github)
  assert.equal(packed('https://github.com/acme/kn-rollout'), github)
  assert.equal(packed(undefined, { GITHUB_REPOSITORY: 'acme/kn-rollout' }), github)
  assert.is(packed('https://git.example.com/acme/kn-rollout.git'), undefined)
})

test('every export says what it is', () => {
  const [, entry = ''] = /^export \* from '([^']+)'\n$/.exec(readFileSync(new URL(face.types, root), 'utf8')) ?? []
  const place = new URL(entry.replace(/\.js$/, '.d.ts'), new URL(face.types, root))
  const types = readFileSync(place, 'utf8')
  const undocumented = [...types.matchAll(/export (?:type )?\{ ([^}]+) \} from '([^']+)'/g)].flatMap(
    ([, names = '', from = '']) => {
      const text = readFileSync(new URL(from.replace(/\.js$/, '.d.ts'), place), 'utf8')
      return names
        .split(', ')
        .map((name) => name.replace(/^type | as \w+$/g, ''))
        .filter((name) => !new RegExp(`\\*/\\nexport (?:declare )?(?:type|function|const) ${name}\\b`).test(text))
    },
  )
  assert.ok(types.includes('MoveRequest') && types.includes('statusOf'))
  assert.equal(undocumented, [])
})

test.run()
