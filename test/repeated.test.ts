// One Service twice: in one file the documents are applied in order; elsewhere they are other environments, or parts.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { plan } from '../src/pipeline/plan.js'
import type { SourceFile } from '../src/text/source.js'

const test = suite('repeated')

function service(image: string, revision = '', namespace = ''): string {
  const name = revision === '' ? '' : `    metadata:\n      name: ${revision}\n`
  const probe =
    revision === ''
      ? ''
      : '          name: app\n          readinessProbe: {tcpSocket: {port: 0}, successThreshold: 1}\n'
  const within = namespace === '' ? '' : `  namespace: ${namespace}\n`
  return `apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata:\n  name: shop\n${within}spec:\n  template:\n${name}    spec:\n      containers:\n        - image: ${image}\n${probe}`
}

function said(...files: readonly SourceFile[]): readonly string[] {
  const { diagnostics } = plan(files, {})
  return diagnostics.flatMap(({ code, file, message }) => {
    const line = /in line (\d+)/.exec(message)?.[1] ?? ''
    return /^KN32[89]$/.test(code) ? [`${file} ${code} ${line}`] : []
  })
}
const inOne = (...documents: readonly string[]): readonly string[] =>
  said({ path: 'a.yaml', text: documents.join('---\n') })

test('documents of one file are told apart by name and namespace', () => {
  assert.equal(inOne(service('shop:1'), service('shop:1')), ['a.yaml KN328 4'])
  assert.equal(inOne(service('shop:1'), service('shop:2'), service('shop:3')), ['a.yaml KN328 4', 'a.yaml KN328 14'])
  assert.equal(inOne(service('shop:1'), service('shop:1', '', 'test')), [])
  assert.equal(inOne(service('shop:1', '', 'a'), service('shop:1', '', 'b')), [])
})

test('under one revision name only the very same, spelled template is admitted', () => {
  assert.equal(inOne(service('shop:1', 'shop-v1'), service('shop:1', 'shop-v1')), ['a.yaml KN328 4'])
  assert.equal(inOne(service('shop:1', 'shop-v1'), service('shop:2', 'shop-v1')), ['a.yaml KN329 4'])
  assert.equal(inOne(service('shop:1', 'shop-v1'), service('shop:2', 'shop-v2')), ['a.yaml KN328 4'])
  const unspelled = service('shop:1', 'shop-v1').replace(/ {10}name: app\n.*\n/, '')
  assert.equal(inOne(unspelled, unspelled), ['a.yaml KN329 4'])
})

test('Cloud Run, which fills in defaults whatever the name, is no reason to refuse the second', () => {
  const unspelled = service('shop:1', 'shop-v1').replace(/ {10}name: app\n.*\n/, '')
  const own = unspelled.replace('  name: shop\n', '  name: shop\n  annotations: {run.googleapis.com/ingress: all}\n')
  assert.equal(inOne(own, own), ['a.yaml KN328 4'])
})

test('a plain list is judged by it, other files, patches and lists of functions are not', () => {
  const [first, second] = [service('shop:1', 'shop-v1'), service('shop:2', 'shop-v1')]
  assert.equal(said({ path: 'a.yaml', text: first }, { path: 'b.yaml', text: second }), [])
  assert.equal(said({ path: 'a.yaml', text: `${first}---\n${second}`, isPatch: true }), [])
  const items = [first, second].map((text) => `- ${text.trimEnd().replaceAll('\n', '\n  ')}\n`).join('')
  const list = (kind: string): string => `apiVersion: v1\nkind: ${kind}\nitems:\n${items}`
  assert.equal(said({ path: 'a.yaml', text: list('List') }), ['a.yaml KN329 7'])
  assert.equal(said({ path: 'a.yaml', text: list('ResourceList') }), [])
})

test.run()
