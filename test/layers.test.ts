// What controllers lay over the build of a folder: variables, and what they write into its kustomization.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { type Laid, laidOver, noLayers, type Substitution } from '../src/kustomize/layers/layer.js'
import { filled } from '../src/kustomize/layers/flux.js'
import type { Json, JsonObject } from '../src/yaml/json.js'

const test = suite('layers')

function laid<Value>(value: Value, start = 0): Laid<Value> {
  return { value, spot: { file: { path: 'flux.yaml', text: '' }, range: { start, end: start } } }
}

function substitution(values: Readonly<Record<string, string>>, ...from: readonly string[]): Substitution {
  return {
    values: new Map(Object.entries(values).map(([key, value]) => [key, laid(value)])),
    from: from.map((one) => laid(one)),
  }
}

const values = { APP: 'abcdEF', NUMBER: '90', EMPTY: '', YES: 'true', LONG: 'bar-baz' }

/** What becomes of one text. */
function of(text: string, ...from: readonly string[]): Json | undefined {
  const { value, unknown } = filled({ a: text }, substitution(values, ...from))
  return unknown.length > 0 ? undefined : value['a']
}

test('variables are filled in as Flux does', () => {
  const cases: Readonly<Record<string, Json>> = {
    'plain $APP text': 'plain $APP text',
    '${APP}': 'abcdEF',
    'ghcr.io/acme/${APP}:${NUMBER}': 'ghcr.io/acme/abcdEF:90',
    '${NUMBER}': 90,
    '${YES}': true,
    '${EMPTY}': null,
    '"${NUMBER}"': '"90"',
    'two: ${NUMBER}': 'two: 90',
    '$${APP}': '${APP}',
    '${EMPTY:-x}': 'x',
    '${NONE:=shop-dev}': 'shop-dev',
    '${NONE:-${NUMBER}}': 90,
    '${NONE=a${APP}b}': 'aabcdEFb',
    '${APP:-x}': 'abcdEF',
    '${#APP}': 6,
    '${APP^}': 'AbcdEF',
    '${APP^^}': 'ABCDEF',
    '${APP,,}': 'abcdef',
    '${LONG:4}': 'baz',
    '${LONG:0:3}': 'bar',
  }
  for (const [text, value] of Object.entries(cases)) assert.equal(of(text), value, text)
})

test('what the files do not tell is left alone, and named', () => {
  for (const text of ['${NONE}', '${APP', '${APP#a*}', '${LONG:x}', '${NONE:-${OTHER}}', '${}'])
    assert.is(of(text), undefined, text)
  assert.is(of('${NONE:-x}', 'ConfigMap/vars'), undefined)
  assert.is(of('${APP:-x}', 'ConfigMap/vars'), 'abcdEF')
  const { unknown, value } = filled({ spec: { list: ['${NONE}'] } }, substitution(values))
  assert.equal(unknown, [{ path: ['spec', 'list', 0], name: 'NONE' }])
  assert.equal(value, { spec: { list: ['${NONE}'] } })
})

test('each value that a variable decides on is known, unless the object takes none', () => {
  const object: JsonObject = { spec: { traffic: [{ percent: '${NUMBER}' }] } }
  const { used, value } = filled(object, substitution(values))
  assert.equal(value, { spec: { traffic: [{ percent: 90 }] } })
  assert.equal(
    used.map(({ path, value: text }) => [path, text]),
    [[['spec', 'traffic', 0, 'percent'], '90']],
  )
  const off = { ...object, metadata: { annotations: { 'kustomize.toolkit.fluxcd.io/substitute': 'disabled' } } }
  assert.equal(filled(off, substitution(values)), { value: off, used: [], unknown: [] })
})

test('a text with many variables takes no more than linear time', () => {
  const deep = '${A:-'.repeat(40_000)
  assert.is(of(deep), undefined)
  const long = substitution({ A: 'x'.repeat(10_000) })
  assert.is(filled({ a: '${A}'.repeat(10_000) }, long).unknown.length, 1)
})

test('a controller writes into the kustomization of the folder', () => {
  const own = {
    namePrefix: 'old-',
    images: [
      { name: 'a', newTag: '1', newName: 'x' },
      { name: 'b', newTag: '1' },
    ],
    patches: [{ path: 'p.yaml' }],
    commonAnnotations: { kept: 'yes', team: 'old' },
  }
  const layers = {
    ...noLayers,
    namePrefix: laid('new-', 1),
    namespace: laid('prod', 2),
    images: [laid({ name: 'a', newTag: '2' }, 3)],
    patches: [laid<Json>({ patch: '[]' }, 4)],
    annotations: laid<Json>({ team: 'web' }, 5),
  }
  const { value, spotOf } = laidOver(own, { layers, controller: 'Argo CD' })
  assert.equal(value, {
    namePrefix: 'new-',
    namespace: 'prod',
    images: [
      { name: 'b', newTag: '1' },
      { name: 'a', newTag: '2' },
    ],
    patches: [{ path: 'p.yaml' }, { patch: '[]' }],
    commonAnnotations: { kept: 'yes', team: 'web' },
  })
  const paths = [
    ['namePrefix'],
    ['images', 0],
    ['images', 1, 'newTag'],
    ['patches', 0],
    ['patches', 1],
    ['commonAnnotations', 'team'],
  ]
  assert.equal(
    paths.map((path) => spotOf(path)?.range.start),
    [1, undefined, 3, undefined, 4, 5],
  )
})

test.run()
