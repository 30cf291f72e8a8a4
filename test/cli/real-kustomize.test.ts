// `--kustomize`: the installed program builds as well, where nothing of a root leads to a server or another program.
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { hasKubectl } from '../kubectl.js'
import { service } from './manifests.js'
import { Sandbox } from './sandbox.js'

const test = suite('real kustomize')
if (!hasKubectl) console.log('skipped in part: kubectl is not on the PATH, so no real build is compared')

const outside = realpathSync(mkdtempSync(path.join(tmpdir(), 'kn-rollout-programs-')))
process.on('exit', () => rmSync(outside, { recursive: true, force: true }))

/** A folder with a `kustomize` that is this script; it leaves what it was given in `log`. */
function programIn(folder: string, script: string, log: string): string {
  mkdirSync(folder, { recursive: true })
  const file = path.join(folder, 'kustomize')
  const told = `echo "$@ HOME=$HOME PATH=$PATH SECRET=$SECRET" >> '${log}'; cd "$HOME"; for one in * .[!.]*; do [ -e "$one" ] && echo "left $one" >> '${log}'; done`
  writeFileSync(file, `#!/bin/sh\n${told}\n${script}\n`)
  chmodSync(file, 0o755)
  return folder
}

function logOf(box: Sandbox): readonly string[] {
  try {
    return box.read('.git/log').trimEnd().split('\n')
  } catch {
    return []
  }
}

const traffic = '  traffic:\n    - revisionName: example-service-v1\n      percent: 100\n'
const own = service(traffic, { revision: 'example-service-v1' })
const tree = { 'app/kustomization.yaml': 'resources: [service.yaml]\n', 'app/service.yaml': own }
const printed = (text: string): string => `echo '${text.replaceAll("'", String.raw`'\''`)}'`

type Found = { readonly code: string; readonly file: string; readonly line: number; readonly message: string }

function run(box: Sandbox, script: string, ...more: readonly string[]): readonly Found[] {
  const folder = programIn(path.join(outside, path.basename(box.root)), script, box.path('.git/log'))
  const words = more.length > 0 ? more : ['validate']
  const { stdout, stderr } = box.run([...words, '--kustomize', '--format', 'json'], {
    environment: { PATH: [folder, process.env['PATH'] ?? ''].join(path.delimiter), SECRET: 'secret' },
  })
  assert.is(stderr, '')
  return (JSON.parse(stdout) as { diagnostics: readonly Found[] }).diagnostics
}

test('it gets the folder, an empty home and nothing to start other programs by, and one build is no news', () => {
  const box = Sandbox.committed(tree)
  assert.equal(run(box, printed(own)), [])
  const [call = '', ...others] = logOf(box)
  assert.equal(others, [], 'the home is empty')
  assert.match(call, new RegExp(`^build ${box.path('app')} HOME=(\\S+) PATH=\\1 SECRET=$`))
})

test('what it builds counts, and a difference is said', () => {
  const box = Sandbox.committed(tree)
  const found = run(box, printed(own.replace('percent: 100', 'percent: 90')))
  assert.equal(
    found.map(({ code, file, line }) => `${file}:${line} ${code}`),
    ['app/service.yaml:18 KN301', 'app/kustomization.yaml:1 KN626'],
  )
  assert.match(
    found[1]?.message ?? '',
    'the installed kustomize builds `spec.traffic[0].percent` of `shop/example-service` as 90, `kn-rollout` as 100',
  )
  const other = run(box, printed(own.replace('name: example-service\n', 'name: other-service\n')))
  assert.is(other.filter(({ code }) => code === 'KN626').length, 2)
})

test('where it fails, that is said and our own build stands', () => {
  const box = Sandbox.committed(tree)
  const found = run(box, 'echo "Error: no such thing" >&2; exit 1')
  assert.equal(
    found.map(({ code }) => code),
    ['KN626'],
  )
  assert.match(found[0]?.message ?? '', '"no such thing"')
})

const kept: readonly (readonly [what: string, files: Readonly<Record<string, string>>])[] = [
  ['a remote resource', { 'app/kustomization.yaml': 'resources: [service.yaml, https://example.com/a.yaml]\n' }],
  [
    'a remote file of a generator',
    {
      'app/kustomization.yaml':
        'resources: [service.yaml]\nconfigMapGenerator: [{name: a, files: [b=https://example.com/a]}]\n',
    },
  ],
  [
    'a remote patch',
    { 'app/kustomization.yaml': 'resources: [service.yaml]\npatches: [{path: https://example.com/a.yaml}]\n' },
  ],
  ['a chart', { 'app/kustomization.yaml': 'resources: [service.yaml]\nhelmCharts: [{name: a}]\n' }],
  [
    'a plugin',
    {
      'app/kustomization.yaml': 'resources: [service.yaml]\ngenerators: [a.yaml]\n',
      'app/a.yaml': 'apiVersion: a/v1\nkind: A\nmetadata: {name: a}\n',
    },
  ],
  ['a transformer', { 'app/kustomization.yaml': 'resources: [service.yaml]\ntransformers: [a.yaml]\n' }],
  ['a validator', { 'app/kustomization.yaml': 'resources: [service.yaml]\nvalidators: [a.yaml]\n' }],
  ['what is not at hand', { 'app/kustomization.yaml': 'resources: [service.yaml, lost]\n' }],
  [
    'a remote base of a base',
    {
      'app/kustomization.yaml': 'resources: [service.yaml, ../b]\n',
      'b/kustomization.yaml': 'resources: [github.com/a/b?ref=c]\n',
    },
  ],
]
for (const [what, files] of kept)
  test(`it is not asked for ${what}`, () => {
    const box = Sandbox.committed({ ...tree, ...files })
    run(box, 'exit 1')
    assert.equal(logOf(box), [])
  })

test('a program of the repository is none, and neither is one that a relative PATH leads to', () => {
  const box = Sandbox.committed(tree)
  programIn(box.path('bin'), 'exit 1', box.path('.git/log'))
  for (const PATH of [box.path('bin'), 'bin', '']) {
    const { status, stderr } = box.run(['validate', '--kustomize'], { environment: { PATH } })
    assert.is(status, 2)
    assert.match(stderr, '`--kustomize` needs `kustomize` or `kubectl` on the PATH, outside of the repository')
  }
  assert.equal(logOf(box), [])
})

test('check builds the roots of the change, in the working tree alone', () => {
  const box = Sandbox.committed({
    ...tree,
    'other/kustomization.yaml': 'resources: [service.yaml]\n',
    'other/service.yaml': own,
  })
  box.write({ 'app/service.yaml': own.replace('shop:1.0', 'shop:1.1') })
  const found = run(box, 'exit 1', 'check', '--since', 'HEAD')
  assert.ok(found.some(({ code }) => code === 'KN626'))
  assert.is(logOf(box).length, 1)
  assert.is(box.run(['check', '--since', 'HEAD', '--head', 'HEAD', '--kustomize']).status, 2)
})

if (hasKubectl)
  test('kubectl builds what is read here', () => {
    const box = Sandbox.committed({
      ...tree,
      'prod/kustomization.yaml':
        'resources: [../app]\nnamespace: prod\ncommonAnnotations: {docs: "https://example.com/a"}\nimages: [{name: example.com/shop, newTag: "2"}]\npatches: [{patch: "- {op: replace, path: /spec/template/metadata/name, value: example-service-v2}", target: {kind: Service}}]\n',
    })
    const validated = box.run(['validate', '--kustomize', '--format', 'json'])
    assert.not.match(validated.stdout, 'KN626')
    assert.is(box.run(['status', '--kustomize']).status, 0)
  })

test.run()
