// One cause gives one finding, however many fields, files or objects it is seen in.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { findManifests } from '../src/manifest/find.js'
import { isNamed, removedServices } from '../src/pipeline/pairs.js'
import { plan } from '../src/pipeline/plan.js'
import type { Diagnostic } from '../src/text/diagnostic.js'
import type { FileHistory } from '../src/text/words.js'

const service = (name: string, spec = '{template: {spec: {containers: [{image: example.com/shop}]}}}'): string =>
  `apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: ${name}}\nspec: ${spec}\n`

const codes = (found: readonly Diagnostic[]): readonly string[] => found.map(({ code }) => code)

const env = (count: number): string =>
  Array.from({ length: count }, (_, index) => `{name: A, containerPort: "$PORT_${index}"}`).join(', ')

const owner = (at: number): string =>
  `apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {name: shop, namespace: team-${at}}\n`

const fillersOf = (count: number): readonly Diagnostic[] => {
  const ports = `{template: {spec: {containers: [{image: example.com/shop, ports: [${env(count)}]}]}}}`
  return plan([{ path: 'shop.yaml', text: service('shop', ports) }], {}).diagnostics.filter(
    (one) => one.code === 'KN126',
  )
}

test('a Service of v1alpha1 is told once, with where its parts belong', () => {
  const mode = '{runLatest: {configuration: {revisionTemplate: {spec: {container: {image: a}}}}}}'
  const old = (spec: string): readonly Diagnostic[] =>
    plan([{ path: 'shop.yaml', text: service('shop', spec).replace('/v1', '/v1alpha1') }], {}).diagnostics
  const [first, second] = old(mode)
  assert.is(first?.code, 'KN204')
  assert.match(first?.help ?? '', /move its `configuration\.revisionTemplate` to `spec\.template`/)
  assert.is(second, undefined)
  assert.equal(codes(old('{traffic: [{percent: 50, revisionName: a}], template: {}}')), ['KN204'])
  assert.equal(codes(plan([{ path: 'shop.yaml', text: service('shop', mode) }], {}).diagnostics), [
    'KN203',
    'KN202',
    'KN327',
  ])
})

test('many values that are filled in later are one note of their Service, a few are one each', () => {
  assert.is(fillersOf(3).length, 3)
  const [first, ...more] = fillersOf(20)
  assert.equal(more, [])
  assert.match(
    first?.message ?? '',
    /^not checked: 20 fields \(`\$PORT_0`, `\$PORT_1`, `\$PORT_2` and 17 more are filled in before the manifest is applied\)$/,
  )
})

test('a Service that several objects of one controller may own is told once', () => {
  const owners = Array.from({ length: 5 }, (_, at) => ({ path: `inference-${at}.yaml`, text: owner(at) }))
  const files = ['shop-predictor', 'shop-transformer', 'cart'].map((name) => {
    return { path: `${name}.yaml`, text: service(name) }
  })
  const { diagnostics } = plan(files, { surroundings: { kustomizations: [], files: [], owners } })
  assert.equal(
    diagnostics.map(({ code, file, service: name }) => [code, file, name]),
    ['shop-predictor', 'shop-transformer'].map((name) => ['KN605', 'inference-0.yaml', name]),
  )
})

test('the copies of a Service that a change removes are one finding with their places', () => {
  const copies = Array.from({ length: 6 }, (_, at) => `env-${at}/shop.yaml`)
  const gone = copies.flatMap((path) => findManifests({ path, text: service('shop') }).manifests)
  const other = findManifests({ path: 'cart.yaml', text: service('cart') }).manifests
  const asked = new Set([...copies, 'cart.yaml'])
  const [shop, cart, ...more] = removedServices({
    gone: [...gone, ...other],
    head: [],
    asked,
    files: new Set(),
    patterns: [],
  })
  assert.equal(more, [])
  assert.is(shop?.file, 'env-0/shop.yaml')
  assert.match(shop?.message ?? '', /^this change removes `shop` from 6 places: /)
  assert.match(shop?.help ?? '', /^restore it in `env-0\/shop\.yaml`, .*`env-2\/shop\.yaml` and 3 more, /)
  assert.match(cart?.message ?? '', /^this change removes `cart`: /)
  const left = removedServices({ gone: gone.slice(1), head: gone.slice(0, 1), asked, files: new Set(), patterns: [] })
  assert.match(left.map(({ message }) => message).join('\n'), /from 5 places \(`env-0\/shop\.yaml` keeps a copy\)/)
})

test('whether another file names a revision is known for one name as for many', () => {
  const [after] = findManifests({ path: 'new/shop.yaml', text: service('shop') }).manifests
  assert.ok(after)
  const withName = (name: string): string =>
    service('shop', `{template: {metadata: {name: ${name}}, spec: {containers: [{image: example.com/shop}]}}}`)
  const version = { commit: 'a'.repeat(40), time: 1, path: 'old/shop.yaml', text: withName('shop-v1') }
  const histories = new Map<string, FileHistory>([['old/shop.yaml', { versions: [version], isCut: false }]])
  const base = (): Parameters<typeof isNamed>[2] => {
    return { files: [{ path: 'old/shop.yaml', text: withName('shop-v2') }], histories }
  }
  const [head] = findManifests({ path: 'other/shop.yaml', text: withName('shop-v3') }).manifests
  assert.ok(head)
  const names = { 'shop-v1': true, 'shop-v2': true, 'shop-v3': true, 'shop-v4': false, 'shop-v': false }
  const shared = base()
  for (const [name, expected] of Object.entries(names)) {
    assert.is(isNamed(name, after, base(), [head]), expected, name)
    assert.is(isNamed(name, after, shared, [head]), expected, `${name}, not the first`)
  }
})

test('a word that is no path and no Service is all that is said', () => {
  const files = [
    { path: 'bad.yaml', text: 'apiVersion: serving.knative.dev/v1\nkind: Service\n\tx: 1\n' },
    { path: 'wrong.yaml', text: service('cart', '{traffic: [{percent: 50}]}') },
    { path: 'shop.yaml', text: service('shop') },
  ]
  const said = (word: string, move = {}): readonly Diagnostic[] =>
    plan(files, { services: ['shop', word], typed: new Map([[word, 'word']]), ...move }).diagnostics
  const move = { move: { command: 'apply', stage: 'pin', stable: 'shop-v1' } } as const
  for (const request of [{}, move]) {
    assert.equal(codes(said('shopp', request)), ['KN426'])
    assert.match(said('shopp', request)[0]?.help ?? '', /^did you mean `shop`\?/)
    assert.match(said('zzzzzz', request)[0]?.help ?? '', /to see the files that cannot be read$/)
  }
  assert.ok(codes(plan(files, {}).diagnostics).includes('KN101'))
})

test.run()
