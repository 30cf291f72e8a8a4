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
  [{ name: '' }, 'NAME is empty'],
  [{ image: '' }, '--image is empty'],
  [{ namespace: '' }, '--namespace is empty'],
  [{ 'revision-name': '' }, '--revision-name is empty; use --generated-names to let Knative generate the names'],
  [{ 'revision-name': 'shop-v1', 'generated-names': true }, '--generated-names and --revision-name cannot be combined'],
  [
    { 'revision-name': '{{.Service}}-{{.Random 5}}' },
    '--revision-name has `{{.Random 5}}`; the only placeholder is {{.Service}}',
  ],
  [{ 'revision-name': '{{.Service' }, '--revision-name has `{{.Service`; the only placeholder is {{.Service}}'],
  [{ scale: '1', 'scale-min': '1' }, '--scale and --scale-min cannot be combined; --scale 1..5 sets both bounds'],
  [{ scale: '1', 'scale-max': '1' }, '--scale and --scale-max cannot be combined; --scale 1..5 sets both bounds'],
  [{ scale: 'many' }, '--scale is `many`; must be N, N..M, N.. or ..M'],
  [{ scale: '..' }, '--scale is `..`; must be N, N..M, N.. or ..M'],
  [{ scale: '1-5' }, '--scale is `1-5`; must be N, N..M, N.. or ..M'],
  [{ 'scale-max': 'ten' }, '--scale-max is `ten`; must be a number'],
  [{ port: 'http' }, '--port is `http`; must be a port or NAME:PORT, as in 8080 or h2c:8080'],
  [{ port: 'h2c:' }, '--port is `h2c:`; must be a port or NAME:PORT, as in 8080 or h2c:8080'],
  [{ timeout: '5m' }, '--timeout is `5m`; must be a whole number of seconds'],
  [{ 'concurrency-limit': '1.5' }, '--concurrency-limit is `1.5`; must be a whole number of requests'],
  [{ env: ['A'] }, '--env is `A`; must be KEY=VALUE'],
  [{ env: ['=a'] }, '--env is `=a`; must be KEY=VALUE'],
  [{ label: ['a=1', 'a=2'] }, '--label sets `a` twice'],
  [{ limit: ['cpu=1', 'memory'] }, '--limit has `memory`; must be like cpu=100m,memory=256Mi'],
  [{ request: ['cpu=1,cpu=2'] }, '--request sets `cpu` twice'],
  [{ 'env-from': ['volume:a'] }, '--env-from is `volume:a`; must be config-map:NAME or secret:NAME'],
  [{ 'env-from': ['secret:'] }, '--env-from is `secret:`; must be config-map:NAME or secret:NAME'],
  [{ 'env-from': ['constructor:a'] }, '--env-from is `constructor:a`; must be config-map:NAME or secret:NAME'],
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

const byHand = 'or print the manifest, save it, and add `- shop.yaml` to `resources` manually'
const refused: readonly (readonly [what: string, text: string, code: string, message: RegExp])[] = [
  [
    'an alias',
    'x: &all [a.yaml]\nresources: *all\n',
    'KN411',
    /^cannot edit `resources`: the alias `\*all` is in the way/,
  ],
  [
    'an anchor in use',
    'resources: &all [a.yaml]\nx: *all\n',
    'KN412',
    /^cannot edit the text of the anchor `&all`: other places of the file use it/,
  ],
  [
    'a merge key',
    'x: &x\n  resources: [a.yaml]\n<<: *x\n',
    'KN411',
    /^cannot edit `resources`: it comes from a merge key `<<`/,
  ],
  [
    'a key that stands twice',
    'resources: [a.yaml]\nresources: [b.yaml]\n',
    'KN105',
    /key `resources` appears twice in one mapping: kubectl uses the last one, kustomize rejects the file/,
  ],
  ['a text', 'resources: a.yaml\n', 'KN414', /^cannot edit `resources`: it is not a list/],
  ['a mapping', 'resources:\n  a: b\n', 'KN414', /^cannot edit `resources`: it is not a list/],
  ['a list at the top', '- a.yaml\n', 'KN414', /^cannot edit the kustomization: it is not a mapping with members/],
  [
    'two documents',
    'resources: []\n---\nresources: []\n',
    'KN414',
    /^cannot edit the kustomization: it is not one document/,
  ],
  [
    'no YAML',
    'resources: [\n',
    'KN101',
    /file is not valid YAML: flow sequence in block collection must be sufficiently indented and end with a \]/,
  ],
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
