// The namespace that Argo CD gives to what has none after the build.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { plan } from '../src/pipeline/plan.js'
import type { Request } from '../src/pipeline/request.js'
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

function routed(name: string, more: string): string {
  return service('example.com/shop:1').replaceAll('shop', name) + more
}

test('a plain folder counts as what it is applied to: rows, tags of one namespace, and repeated documents', () => {
  const tagged = '  traffic: [{latestRevision: true, percent: 100, tag: v2}]\n'
  const clashes = (second: string): readonly string[] =>
    run({
      'a/shop.yaml': routed('shop', tagged),
      'b/v2-shop.yaml': routed('v2-shop', ''),
      'argo.yaml': application('a', 'a', `${own}prod`) + application('b', 'b', second),
    }).diagnostics.flatMap(({ code, service: label }) => (code === 'KN311' ? [label ?? ''] : []))
  assert.equal(clashes(`${own}prod`), ['prod/shop'])
  assert.equal(clashes(`${own}dev`), [])
  const twice = {
    'a/shop.yaml': `${service('example.com/shop:1', '\n  namespace: prod')}---\n${service('example.com/shop:1')}`,
    'argo.yaml': application('a', 'a', `${own}prod`),
  }
  const { diagnostics, services } = run(twice)
  assert.equal(
    diagnostics.map(({ code }) => code),
    ['KN328'],
  )
  assert.equal(
    services.map(({ namespace }) => namespace),
    ['prod', 'prod'],
  )
  const elsewhere = run({ ...twice, 'argo.yaml': application('a', 'a', `${own}dev`) })
  assert.equal(elsewhere.diagnostics, [])
})

test('a plain folder is in conflict with another one, or with a root, in one namespace of one cluster', () => {
  const conflicts = (second: string, more: Tree = {}): readonly string[] =>
    run({
      'a/shop.yaml': service('example.com/shop:1'),
      'b/shop.yaml': service('example.com/shop:2'),
      'argo.yaml': application('a', 'a', `${own}prod`) + application('b', 'b', second),
      ...more,
    }).diagnostics.flatMap(({ code, file }) => (code === 'KN621' ? [file] : []))
  assert.equal(conflicts(`${own}prod`), ['a/shop.yaml', 'b/shop.yaml'])
  assert.equal(conflicts(`${own}dev`), [])
  assert.equal(conflicts('server: https://other.example.com, namespace: prod'), [])
  assert.equal(conflicts(`${own}prod`, { 'b/kustomization.yaml': 'resources: [shop.yaml]\n' }).toSorted(), [
    'a/shop.yaml',
    'b/kustomization.yaml',
  ])
})

function plainSide(text: string, destination: string): ReturnType<typeof sourcesIn> {
  return sourcesIn({ 'a/shop.yaml': text, 'argo.yaml': application('a', 'a', `${own}${destination}`) })
}

function changed(older: ReturnType<typeof sourcesIn>, newer: ReturnType<typeof sourcesIn>): readonly string[] {
  const base = { files: older.sources, surroundings: older.surroundings, touched: new Set(['a/shop.yaml']) }
  const { diagnostics } = plan(newer.sources, { surroundings: newer.surroundings, base })
  return diagnostics.map(({ code, severity, service: label }) => `${code} ${severity} ${label}`)
}

test('a change of a plain folder is compared with the Service that had the namespace before', () => {
  const named = service('example.com/shop:1', '\n  namespace: prod')
  const fresh = service('example.com/shop:2')
  // What leaves its namespace to the Application, in the one that it had, is the same Service.
  assert.equal(changed(plainSide(named, 'prod'), plainSide(fresh, 'prod')), ['KN501 error prod/shop'])
  assert.ok(!changed(plainSide(named, 'dev'), plainSide(fresh, 'dev')).includes('KN501 error dev/shop'))
})

test('a move of a plain folder names the URL in the namespace of its Application', () => {
  const { sources, surroundings } = sourcesIn({
    'a/shop.yaml': `${service('example.com/shop:1')}  traffic: [{revisionName: shop-v1, percent: 100}]\n`,
    'argo.yaml': application('a', 'a', `${own}prod`),
  })
  const move = { command: 'apply', stage: 'preview', stable: 'shop-v1', candidate: 'shop-v2', tag: 'next' } as const
  const { changes } = plan(sources, { surroundings, all: true, move })
  assert.equal(
    changes.flatMap((file) => file.changes.map(({ address }) => address.namespace)),
    ['prod'],
  )
})

function codes({ diagnostics }: ReturnType<typeof run>): readonly string[] {
  return diagnostics.map(({ code }) => code ?? '')
}

const moving = { command: 'apply', stage: 'preview', stable: 'shop-v1', candidate: 'shop-v2', tag: 'v2' } as const

test('a move sees a Service of a plain folder among those of the namespace of its Application', () => {
  const shop = routed('shop', '  traffic: [{revisionName: shop-v1, percent: 100}]\n')
  const moved = (destination: string, request: Request = {}): ReturnType<typeof run> =>
    run(
      {
        'a/shop.yaml': shop,
        'b/v2-shop.yaml': routed('v2-shop', '').replace('name: v2-shop\n', 'name: v2-shop\n  namespace: prod\n'),
        'argo.yaml': application('a', 'a', `${own}${destination}`),
      },
      { services: ['shop'], move: moving, ...request },
    )
  assert.equal(codes(moved('prod')), ['KN311'])
  assert.equal(codes(moved('dev')), [])
  const named = moved('prod', { services: ['prod/shop'] })
  assert.equal(
    named.changes.flatMap(({ changes }) => changes.map(({ service: label }) => label)),
    ['prod/shop'],
  )
  assert.equal(codes(moved('dev', { services: ['prod/shop'] })), ['KN420'])
})

test('a move is compared with what is committed of the Service without its namespace, as `check` compares it', () => {
  const base = routed('shop', '  traffic: [{revisionName: shop-v1, percent: 100}]\n')
  const { sources, surroundings } = sourcesIn({
    'a/shop.yaml': base.replace('shop:1', 'shop:2'),
    'argo.yaml': application('a', 'a', `${own}prod`),
  })
  const version = { commit: 'c1', time: 1, path: 'a/shop.yaml', text: base }
  const histories = new Map([['a/shop.yaml', { versions: [version], isCut: false }]])
  const { diagnostics, changes } = plan(sources, { surroundings, histories, all: true, move: moving })
  assert.equal(changes, [])
  assert.match(diagnostics.map(({ code, message }) => `${code} ${message}`).join('\n'), /^KN417 .*`shop-v1`/m)
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
