// What others run by our words: the hooks of pre-commit.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse, stringify } from 'yaml'

import { service } from './manifests.js'
import { Sandbox, main, type Ran } from './sandbox.js'

type Hook = { readonly id: string; readonly entry: string; readonly files: string; readonly pass_filenames?: boolean }

const root = fileURLToPath(new URL('../../', import.meta.url))
const read = (name: string): unknown => parse(readFileSync(path.join(root, name), 'utf8'))
const hooks = read('.pre-commit-hooks.yaml') as readonly Hook[]

const good = service('', { name: 'shop' })
const bad = service('  traffic:\n    - latestRevision: true\n      percent: 90\n', { name: 'shop' })

function repository(): Sandbox {
  const box = Sandbox.committed({
    'a b.yaml': good,
    'kustomization.yaml': 'resources: []\n',
    'notes.json': '{}',
    'x.md': '',
  })
  mkdirSync(box.path('.git/bin'))
  symlinkSync(main, box.path('.git/bin/kn-rollout'))
  return box
}

function shell(box: Sandbox, line: string, environment: Readonly<Record<string, string>> = {}): Ran {
  const PATH = `${box.path('.git/bin')}${path.delimiter}${process.env['PATH'] ?? ''}`
  return box.shell(line, { environment: { ...environment, PATH } })
}

/** Runs a hook on the staged files that it asks for, as pre-commit does. */
function commit(box: Sandbox, { entry, files, pass_filenames: takesFiles = true }: Hook): Ran | undefined {
  box.git('add', '--all')
  const staged = box
    .git('diff', '--cached', '--name-only', '-z')
    .split('\0')
    .filter((name) => new RegExp(files).test(name))
  if (staged.length === 0) return undefined
  const words = takesFiles ? staged.map((name) => ` '${name}'`).join('') : ''
  return shell(box, `${entry}${words}`)
}

const test = suite('hooks')

for (const hook of hooks)
  test(`${hook.id} lets good commits pass and stops bad ones`, () => {
    const box = repository()
    box.write({ 'x.md': 'x' })
    assert.is(commit(box, hook), undefined)
    box.write({
      'a b.yaml': `${good}# changed\n`,
      'kustomization.yaml': 'resources: ["a b.yaml"]\n',
      'notes.json': '{"a": 1}',
    })
    const passed = commit(box, hook)
    assert.is(passed?.status, 0, passed?.stderr)
    box.write({ 'a b.yaml': bad })
    const stopped = commit(box, hook)
    assert.is(stopped?.status, 1)
    assert.match(`${stopped?.stdout}${stopped?.stderr}`, /^a b\.yaml:\d+:\d+: error: .*\[KN301 traffic-sum\]$/m)
  })

test('the hooks are there, and those that get names of files end their options first', () => {
  assert.equal(
    hooks.map(({ id }) => id),
    ['kn-rollout-validate', 'kn-rollout-fix', 'kn-rollout-check'],
  )
  for (const { entry, pass_filenames: takesFiles = true } of hooks) assert.is(entry.endsWith(' --'), takesFiles)
})

/** Files that are called like options: taken for them, they silence rules or overwrite files. */
const hostile = {
  '--config=pol.yaml': 'a: 1\n',
  'pol.yaml': 'rules:\n  KN301: off\n',
  '--format=json': 'a: 1\n',
  '--output=.github/workflows/ci.yml': 'a: 1\n',
  '.github/workflows/ci.yml': 'on: push\n',
  '--no-config.yaml': 'a: 1\n',
  '--write.json': '{}\n',
  '-w.yml': 'a: 1\n',
}

for (const hook of hooks)
  test(`${hook.id} takes no name of a file for an option`, () => {
    const box = repository()
    box.write({ ...hostile, 'a b.yaml': bad })
    const ran = commit(box, hook)
    assert.is(ran?.status, 1, ran?.stderr)
    assert.match(`${ran?.stdout}${ran?.stderr}`, /^a b\.yaml:\d+:\d+: error: .*\[KN301 traffic-sum\]$/m)
    for (const [name, text] of Object.entries(hostile)) assert.is(box.read(name), text)
  })

test('the hook that fixes writes what has one right answer, and lets the rest of the file be', () => {
  const box = repository()
  const fixable = service('  traffic:\n    - latestRevision: true\n      percent: "100" # all\n', { name: 'shop' })
  box.write({ ...hostile, 'a b.yaml': fixable, '--fix.yaml': fixable.replace('name: shop', 'name: other') })
  const hook = hooks.find(({ id }) => id === 'kn-rollout-fix')
  assert.ok(hook)
  const ran = commit(box, hook)
  assert.is(ran?.status, 0, ran?.stderr)
  for (const name of ['a b.yaml', '--fix.yaml']) assert.match(box.read(name), '      percent: 100 # all\n')
  for (const [name, text] of Object.entries(hostile)) assert.is(box.read(name), text)
})

if (spawnSync('pre-commit', ['--version']).status === 0)
  test('pre-commit itself runs them', () => {
    const box = repository()
    const local = hooks.map((hook) => ({ ...hook, language: 'system' }))
    box.write({
      ...hostile,
      'a b.yaml': bad,
      '.pre-commit-config.yaml': stringify({ repos: [{ repo: 'local', hooks: local }] }),
    })
    box.git('add', '--all')
    const { status, stdout } = shell(box, 'pre-commit run --color never')
    assert.is(status, 1, stdout)
    assert.is(stdout.match(/^a b\.yaml:\d+:\d+: error: .*\[KN301 traffic-sum\]$/gm)?.length, hooks.length, stdout)
    for (const [name, text] of Object.entries(hostile)) assert.is(box.read(name), text)
  })
else console.log('skipped: pre-commit is not installed')

test.run()
