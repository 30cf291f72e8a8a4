// The namespace that Argo CD gives to what has none after the build.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { plan } from '../src/pipeline/plan.js'
import { statusOf } from '../src/pipeline/status.js'
import { run, sourcesIn, type Tree } from './trees.js'

const test = suite('delivered namespaces')

function service(image: string, namespace = ''): string {
  return `apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: shop${namespace}
spec:
  template:
    metadata:
      name: shop-v1
    spec:
      containers:
        - name: user-container
          image: ${image}
          readinessProbe: {successThreshold: 1, tcpSocket: {port: 0}}
`
}

function application(name: string, path: string, destination: string): string {
  return `---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: ${name}}
spec:
  source: {repoURL: https://git.example.com/a.git, path: ${path}}
  destination: {${destination}}
`
}

const one = 'resources: [service.yaml]\n'
const own = 'server: https://kubernetes.default.svc, namespace: '

function delivered(image: string): Tree {
  return {
    'a/kustomization.yaml': one,
    'a/service.yaml': service(image),
    'argo.yaml': application('a', 'a', `${own}prod`),
  }
}

function rowsOf(tree: Tree): readonly string[] {
  const { sources, surroundings } = sourcesIn(tree)
  return statusOf(sources, { surroundings }).rows.map(({ label, url }) => `${label} ${url}`)
}

test('a build without a namespace is in that of its Application, and what has one keeps it', () => {
  const tree = {
    'a/kustomization.yaml': one,
    'a/service.yaml': service('example.com/shop:1'),
    'b/kustomization.yaml': `${one}namespace: mine\n`,
    'b/service.yaml': service('example.com/shop:1'),
    'argo.yaml': application('a', 'a', `${own}prod`) + application('b', 'b', `${own}prod`),
  }
  assert.equal(
    run(tree).services.map(({ namespace, root }) => `${root} ${namespace}`),
    ['a prod', 'b mine'],
  )
  assert.equal(rowsOf(tree), ['mine/shop http://shop.mine.example.com', 'prod/shop http://shop.prod.example.com'])
})

test('one folder that is applied to two namespaces is two Services', () => {
  const tree = {
    'a/kustomization.yaml': one,
    'a/service.yaml': service('example.com/shop:1'),
    'argo.yaml':
      application('a', 'a', `${own}dev`) + application('b', 'a', `${own}prod`) + application('c', 'a', `${own}prod`),
  }
  assert.equal(
    run(tree).services.map(({ namespace }) => namespace),
    ['dev', 'prod'],
  )
})

test('a namespace that nothing fills in is none', () => {
  const tree = {
    'a/kustomization.yaml': one,
    'a/service.yaml': service('example.com/shop:1'),
    'argo.yaml': application('a', 'a', "namespace: '{{x}}'"),
  }
  assert.equal(
    run(tree).services.map(({ namespace }) => namespace),
    [undefined],
  )
})

test('a plain folder is shown in the namespace of its Application', () => {
  const tree = { 'a/service.yaml': service('example.com/shop:1'), 'argo.yaml': application('a', 'a', `${own}prod`) }
  assert.equal(rowsOf(tree), ['prod/shop http://shop.prod.example.com'])
})

test('two folders in one namespace of one cluster are in conflict, and not those of two clusters', () => {
  const conflicts = (second: string): number =>
    run({
      'a/kustomization.yaml': one,
      'a/service.yaml': service('example.com/shop:1'),
      'b/kustomization.yaml': one,
      'b/service.yaml': service('example.com/shop:2'),
      'argo.yaml': application('a', 'a', `${own}prod`) + application('b', 'b', second),
    }).diagnostics.filter(({ code }) => code === 'KN621').length
  assert.is(conflicts(`${own}prod`), 2)
  assert.is(conflicts(`${own}dev`), 0)
  assert.is(conflicts('server: https://other.example.com, namespace: prod'), 0)
})

test('a change of a build is compared with the Service that had the namespace before', () => {
  const [older, newer] = [delivered('example.com/shop:1'), delivered('example.com/shop:2')].map(sourcesIn)
  assert.ok(older && newer)
  const base = { files: older.sources, surroundings: older.surroundings, touched: new Set(['a/service.yaml']) }
  const { diagnostics } = plan(newer.sources, { surroundings: newer.surroundings, base })
  assert.equal(
    diagnostics.map(({ code, service: label }) => `${code} ${label}`),
    ['KN501 prod/shop'],
  )
})

test.run()
