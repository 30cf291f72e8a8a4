// Profiles and patches through the real program: flags, kustomizations on the disk, the report.
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { service } from './manifests.js'
import { Sandbox, type Ran } from './sandbox.js'

type Row = Readonly<Record<string, unknown>>
const schema = JSON.parse(readFileSync(new URL('../../schemas/report.json', import.meta.url), 'utf8')) as object
const isReport = new Ajv2020({ strictRequired: false }).compile(schema)

function services({ stdout }: Ran): readonly Row[] {
  const report = JSON.parse(stdout) as { readonly services: readonly Row[] }
  assert.ok(isReport(report))
  return report.services
}

const patches = (ran: Ran): unknown => services(ran).map(({ file, patch }) => [file, patch])

const cloudRun = service()
  .replace('  namespace: shop\n', '  namespace: "123"\n  labels:\n    cloud.googleapis.com/location: a\n')
  .replace('      containers:', '      timeoutSeconds: 900\n      containers:')
const patch = `apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: example-service
spec:
  template:
    spec:
      timeoutSeconds: 60
`
const test = suite('profiles')

test('a manifest of Cloud Run is recognised, and the report says so', () => {
  const box = new Sandbox()
  box.write({ 'a.yaml': service(), 'b.yaml': cloudRun })
  const { status, stderr } = box.run(['validate'])
  assert.is(status, 0)
  assert.is(stderr, 'validated 2 Knative Services in 2 files (1 as Cloud Run): 0 errors, 0 warnings\n')
  assert.equal(
    services(box.run(['validate', '--format', 'json'])).map(({ profile }) => profile),
    ['knative', 'cloudrun'],
  )
})

test('--profile overrules what the manifest tells', () => {
  const box = new Sandbox()
  box.write({ 'b.yaml': cloudRun })
  const { status, stdout, stderr } = box.run(['validate', '--profile', 'knative'])
  assert.is(status, 1)
  assert.match(stdout, /\[KN360 timeout-range\]/)
  assert.match(stderr, /^validated 1 Knative Service in 1 file: 1 error/)
  const pin = ['apply', 'pin', '--stable', 'example-service-00001', '--write']
  assert.is(box.run([...pin, '--profile', 'knative']).status, 1)
  assert.is(box.read('b.yaml'), cloudRun)
  assert.is(box.run(pin).status, 0)
  assert.match(box.read('b.yaml'), /revisionName: example-service-00001/)
})

test('--profile takes one of two names, once', () => {
  const box = new Sandbox()
  box.write({ 'b.yaml': cloudRun })
  for (const args of [
    ['validate', '--profile', 'gke'],
    ['validate', '--profile', 'knative', '--profile', 'cloudrun'],
    ['apply', 'pin', '--profile', 'knative', '--profile', 'cloudrun'],
  ]) {
    const { status, stderr } = box.run(args)
    assert.is(status, 2)
    assert.match(stderr, /profile/)
  }
})

const tree = {
  'base/service.yaml': service('', { namespace: '' }),
  'base/kustomization.yaml': 'resources: [service.yaml]\n',
  'overlays/prod/kustomization.yaml':
    'resources: [../../base]\npatches:\n  - path: scale.yaml\n  - path: ../patches/limits.yaml\n',
  'overlays/prod/scale.yaml': patch,
  'overlays/patches/limits.yaml': patch,
}

for (const [where, create] of [
  ['in a repository', () => Sandbox.committed(tree)],
  [
    'not yet committed',
    () => {
      const box = Sandbox.committed({ 'x.yaml': '' })
      box.write(tree)
      return box
    },
  ],
  [
    'outside of any repository',
    () => {
      const box = new Sandbox()
      box.write(tree)
      return box
    },
  ],
] as const)
  test(`what a kustomization names as a patch is judged in what is built: ${where}`, () => {
    const box = create()
    const { status, stdout, stderr } = box.run(['validate'])
    assert.is(status, 0, stdout)
    assert.is(stderr, 'validated 1 Knative Service in 3 files: 0 errors, 0 warnings\n')
    assert.equal(patches(box.run(['validate', '--format', 'json'])), [['base/service.yaml', undefined]])
  })

test('a patch is known by its name alone: kustomizations beside and above it count', () => {
  const box = Sandbox.committed({
    'kustomization.yml': 'resources: [https://example.com/base]\npatchesStrategicMerge:\n  - deep/down/a.yaml\n',
    'deep/down/a.yaml': patch,
    'deep/down/b.yaml': patch,
    'deep/down/Kustomization': 'resources: [https://example.com/base]\npatches:\n  - path: b.yaml\n',
  })
  assert.is(box.run(['validate', 'deep/down/a.yaml', 'deep/down/b.yaml']).status, 0)
  assert.is(box.run(['validate', 'a.yaml'], { folder: 'deep/down' }).status, 0)
})

test('a kustomization counts under each of its names, and is no manifest itself', () => {
  const box = Sandbox.committed({
    'a/kustomization.yml': 'patchesStrategicMerge: [a.yaml]\n',
    'a/a.yaml': patch,
    'b/Kustomization': `# ${patch.replaceAll('\n', '\n# ')}\npatchesJson6902:\n  - path: ../c/b.yaml\n`,
    'c/b.yaml': patch,
    'd/Kustomization': patch,
    'd/words.yaml': '# patches, and no kustomization\na: b\n',
  })
  assert.equal(patches(box.run(['validate', '--format', 'json'])), [
    ['a/a.yaml', true],
    ['c/b.yaml', true],
  ])
})

test('what no kustomization names is judged as a whole', () => {
  const box = Sandbox.committed({
    'kustomization.yaml': 'resources: [a.yaml]\npatches:\n  - path: other/a.yaml\n  - path: gone.yaml\n',
    'a.yaml': patch,
  })
  const { status, stdout } = box.run(['validate'])
  assert.is(status, 1)
  assert.match(stdout, /\[KN203 missing-field\]/)
})

test('a kustomization that cannot be read is said to be broken, marks nothing and stops nothing', () => {
  const box = Sandbox.committed({
    'a.yaml': service(),
    'kustomization.yaml': 'patches: [a.yaml\n',
    Kustomization: new Uint8Array([0xff, 0xfe, 0x00]),
    'kustomization.yml/a.txt': '',
  })
  const { status, stdout, stderr } = box.run(['validate'])
  assert.is(status, 1)
  assert.equal(stdout.match(/^\S+: error: .*$/gm), [
    'kustomization.yaml:1:1: error: file is not valid YAML: flow sequence in block collection must be sufficiently indented and end with a ] [KN620 build-fails]',
  ])
  assert.is(stderr, 'validated 1 Knative Service in 1 file: 1 error, 0 warnings\n')
  const moved = box.run(['apply', 'pin', 'a.yaml', '--stable', 'shop-00001'])
  assert.match(moved.stdout, /^\+.*shop-00001/m)
  assert.match(moved.stderr, /^kustomization\.yaml:1:1: error: .* \[KN620 build-fails\]$/m)
})

test.run()
