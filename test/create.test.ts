import { readdirSync, readFileSync } from 'node:fs'

import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import type { CreateFlags } from '../src/pipeline/create-flags.js'
import { createService, listResource } from '../src/pipeline/create.js'

/** New manifests: what flags must not say, and how a kustomization comes to list a new file. */
const test = suite('create')
const flags: CreateFlags = { name: 'shop', image: 'ghcr.io/acme/shop:1.0' }

function faultOf(more: Partial<CreateFlags>): string {
  const created = createService({ ...flags, ...more }, 'shop.yaml')
  return 'fault' in created ? created.fault : 'none'
}

const faults: readonly (readonly [more: Partial<CreateFlags>, fault: string])[] = [
  [{ name: '' }, 'NAME must not be empty'],
  [{ image: '' }, '--image must not be empty'],
  [{ namespace: '' }, '--namespace must not be empty'],
  [{ 'revision-name': '' }, '--revision-name must not be empty; --generated-names has the cluster name revisions'],
  [
    { 'revision-name': 'shop-v1', 'generated-names': true },
    '--generated-names and --revision-name must not be given together',
  ],
  [
    { 'revision-name': '{{.Service}}-{{.Random 5}}' },
    '--revision-name must not hold a placeholder besides {{.Service}}, but holds `{{.Random 5}}`',
  ],
  [
    { 'revision-name': '{{.Service' },
    '--revision-name must not hold a placeholder besides {{.Service}}, but holds `{{.Service`',
  ],
  [
    { scale: '1', 'scale-min': '1' },
    '--scale and --scale-min must not be given together; --scale 1..5 sets both bounds',
  ],
  [
    { scale: '1', 'scale-max': '1' },
    '--scale and --scale-max must not be given together; --scale 1..5 sets both bounds',
  ],
  [{ scale: 'many' }, '--scale must be N, N..M, N.. or ..M, but is `many`'],
  [{ scale: '..' }, '--scale must be N, N..M, N.. or ..M, but is `..`'],
  [{ scale: '1-5' }, '--scale must be N, N..M, N.. or ..M, but is `1-5`'],
  [{ 'scale-max': 'ten' }, '--scale-max must be a number, but is `ten`'],
  [{ port: 'http' }, '--port must be a port or NAME:PORT, as in 8080 or h2c:8080, but is `http`'],
  [{ port: 'h2c:' }, '--port must be a port or NAME:PORT, as in 8080 or h2c:8080, but is `h2c:`'],
  [{ timeout: '5m' }, '--timeout must be a whole number of seconds, but is `5m`'],
  [{ 'concurrency-limit': '1.5' }, '--concurrency-limit must be a whole number of requests, but is `1.5`'],
  [{ env: ['A'] }, '--env must be KEY=VALUE, but is `A`'],
  [{ env: ['=a'] }, '--env must be KEY=VALUE, but is `=a`'],
  [{ label: ['a=1', 'a=2'] }, '--label must be given once for each key, but twice for `a`'],
  [{ limit: ['cpu=1', 'memory'] }, '--limit must be as cpu=100m,memory=256Mi, but has `memory`'],
  [{ request: ['cpu=1,cpu=2'] }, '--request must be given once for each key, but twice for `cpu`'],
  [{ 'env-from': ['volume:a'] }, '--env-from must be config-map:NAME or secret:NAME, but is `volume:a`'],
  [{ 'env-from': ['secret:'] }, '--env-from must be config-map:NAME or secret:NAME, but is `secret:`'],
  [{ 'env-from': ['constructor:a'] }, '--env-from must be config-map:NAME or secret:NAME, but is `constructor:a`'],
]

for (const [more, fault] of faults) test(`refuses ${JSON.stringify(more)}`, () => assert.is(faultOf(more), fault))

function linesOf(more: Partial<CreateFlags>): readonly string[] {
  const created = createService({ ...flags, ...more }, 'shop.yaml')
  assert.ok('file' in created)
  return created.file.text.split('\n').map((line) => line.trim())
}

test('both bounds, one bound', () => {
  assert.ok(linesOf({ scale: '3' }).includes('autoscaling.knative.dev/max-scale: "3"'))
  const upper = linesOf({ scale: '..3' })
  assert.ok(upper.includes('autoscaling.knative.dev/max-scale: "3"'))
  assert.not.ok(upper.some((line) => line.includes('min-scale')))
})

test('the short names of kn for ConfigMaps and Secrets', () => {
  const lines = linesOf({ 'env-from': ['cm:a', 'sc:b:c'] })
  assert.equal(
    lines.filter((line) => /Ref:$|^name: [ab]/.test(line)),
    ['- configMapRef:', 'name: a', '- secretRef:', 'name: b:c'],
  )
})

test('a timeout of 0 is the default, which is not written', () => {
  assert.not.ok(linesOf({ timeout: '0' }).some((line) => line.startsWith('timeoutSeconds')))
})

test('the name of the Service is taken literally in its revision name', () => {
  assert.ok(linesOf({ name: 'a$&b', 'revision-name': '{{ .Service }}-x' }).includes('name: a$&b-x'))
})

const folder = new URL('../fixtures/kustomizations/', import.meta.url)
for (const name of readdirSync(folder)) {
  const [before = '', after = ''] = ['before', 'after'].map((file) =>
    readFileSync(new URL(`${name}/${file}.yaml`, folder), 'utf8'),
  )
  test(`kustomizations/${name}`, () => {
    const listed = listResource({ path: 'kustomization.yaml', text: before }, 'shop.yaml')
    assert.ok('text' in listed, JSON.stringify(listed))
    assert.is(listed.text, after)
    const second = listResource({ path: 'kustomization.yaml', text: after }, 'shop.yaml')
    assert.ok('text' in second)
    assert.is(second.text, after, 'the second run has nothing to do')
  })
}

const byHand = 'or print the manifest, save it, and add `- shop.yaml` to `resources` by hand'
const refused: readonly (readonly [what: string, text: string, code: string, message: RegExp])[] = [
  [
    'an alias',
    'x: &all [a.yaml]\nresources: *all\n',
    'KN411',
    /^alias `\*all` must not stand on the way to `resources`$/,
  ],
  ['an anchor in use', 'resources: &all [a.yaml]\nx: *all\n', 'KN412', /^`&all` must not be used elsewhere/],
  ['a merge key', 'x: &x\n  resources: [a.yaml]\n<<: *x\n', 'KN411', /^`resources` must not come from a merge key/],
  ['a key that stands twice', 'resources: [a.yaml]\nresources: [b.yaml]\n', 'KN105', /stand twice/],
  ['a text', 'resources: a.yaml\n', 'KN414', /^`resources` must be a list$/],
  ['a mapping', 'resources:\n  a: b\n', 'KN414', /^`resources` must be a list$/],
  ['a list at the top', '- a.yaml\n', 'KN414', /^a kustomization must be a mapping/],
  ['two documents', 'resources: []\n---\nresources: []\n', 'KN414', /^a kustomization must be one document/],
  ['no YAML', 'resources: [\n', 'KN101', /must be valid YAML/],
  ['a template', 'resources: [{{ .Values.files }}]\n', 'KN1', /./],
]
for (const [what, text, code, message] of refused) {
  test(`a kustomization with ${what} is refused with what to add by hand`, () => {
    const found = listResource({ path: 'kustomization.yaml', text }, 'shop.yaml')
    assert.not.ok('text' in found)
    const [first] = 'text' in found ? [] : found
    assert.ok(first?.code.startsWith(code), JSON.stringify(found))
    assert.match(first?.message ?? '', message)
    assert.is(first?.severity, 'error')
    assert.ok(first?.help?.endsWith(byHand), first?.help)
  })
}

test('the namespace of a kustomization is told', () => {
  const listed = listResource({ path: 'kustomization.yaml', text: 'namespace: prod\nresources: []\n' }, 'shop.yaml')
  assert.ok('namespace' in listed)
  assert.is(listed.namespace, 'prod')
})

test.run()
