// The cluster's own settings on the command line: --cluster with every command that judges or writes names, and `cluster`
// of the configuration, which `check` takes from the base commit.
import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'

import { Sandbox, type Ran } from './sandbox.js'

const test = suite('cluster settings on the command line')

const shop = `apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: shop
spec:
  template:
    metadata:
      name: shop-v1
    spec:
      nodeSelector:
        disk: ssd
      containers:
        - name: user-container
          image: ghcr.io/acme/shop:1.0
          readinessProbe:
            tcpSocket: {}
            successThreshold: 1
  traffic:
    - revisionName: shop-v1
      percent: 100
`
const cluster = `apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: ConfigMap
    metadata:
      name: config-defaults
    data:
      _example: "none"
      revision-cpu-request: 100m
  - apiVersion: v1
    kind: ConfigMap
    metadata:
      name: config-features
    data:
      kubernetes.podspec-nodeselector: "Allowed"
`
const stated =
  'cluster:\n  defaults:\n    revision-cpu-request: 100m\n  features:\n    kubernetes.podspec-nodeselector: allowed\n'
const given = ['--cluster', 'cluster.yaml'] as const

function codes({ stdout, stderr }: Ran): string {
  return [...`${stdout}${stderr}`.matchAll(/\[(KN\d+) [\w-]+\]$/gm)].map(([, code]) => code).join(' ')
}

test('every command that judges or writes names knows --cluster', () => {
  const box = Sandbox.committed({ 'shop.yaml': shop, 'cluster.yaml': cluster })
  assert.is(codes(box.run(['validate', 'shop.yaml'])), 'KN364')
  assert.is(codes(box.run(['validate', 'shop.yaml', ...given])), 'KN326')
  assert.is(codes(box.run(['validate', '--fix', 'shop.yaml', ...given])), 'KN326')
  const release = ['release', 'shop.yaml', '--image', ':2.0']
  const moves: readonly (readonly string[])[] = [
    ['apply', 'preview', 'shop.yaml', '--candidate', 'shop-v2', '--stable', 'shop-v1', '--tag', 'v2'],
    release,
    ['set', 'shop.yaml', '--tag', 'shop-v1=v1'],
  ]
  for (const move of moves) {
    const spelled = box.run([...move, '--spell', ...given])
    assert.is(spelled.status, 0, spelled.stderr)
    assert.match(spelled.stdout, /^\+ +requests:\n\+ +cpu: 100m$/m)
    assert.not.match(box.run([...move, '--spell', '--force']).stdout, /cpu/)
  }
  box.run([...release, '--spell', '--write', ...given])
  box.commit()
  assert.match(box.run(['next', 'shop.yaml', ...given]).stdout, /^\+ +percent: 50$/m)
  assert.is(codes(box.run(['check', '--since', 'HEAD~1', ...given])), '')
  const created = box.run(['create', 'cart', '--image', 'ghcr.io/acme/cart:1.0', ...given])
  assert.match(created.stdout, /requests:\n +cpu: 100m/)
})

test('the configuration says the same, and create goes by it', () => {
  const box = Sandbox.committed({ 'shop.yaml': shop, '.kn-rollout.yaml': stated })
  assert.is(codes(box.run(['validate', 'shop.yaml'])), 'KN326')
  assert.is(codes(box.run(['validate', 'shop.yaml', '--no-config'])), 'KN364')
  const create = ['create', 'cart', '--image', 'ghcr.io/acme/cart:1.0']
  assert.match(box.run(create).stdout, /cpu: 100m/)
  assert.not.match(box.run([...create, '--no-config']).stdout, /cpu: 100m/)
  box.write({ '.kn-rollout.yaml': 'cluster: {features: {multi-contaner: enabled}}\n' })
  const broken = box.run(create)
  assert.is(broken.status, 2)
  assert.match(broken.stderr, /did you mean `multi-container`\?/m)
})

test('check goes by the settings of the base commit, and tells what a change makes of them', () => {
  const box = Sandbox.committed({ 'shop.yaml': shop, '.kn-rollout.yaml': 'rules: {}\n' })
  box.write({ 'shop.yaml': shop.replace('1.0', '2.0').replaceAll('shop-v1', 'shop-v2'), '.kn-rollout.yaml': stated })
  const ran = box.run(['check', '--since', 'HEAD'])
  assert.is(ran.status, 1)
  assert.match(ran.stdout, /  Knative says: must not set the field\(s\): spec\.template\.spec\.nodeSelector/)
  assert.match(
    ran.stdout,
    /`cluster\.features\.kubernetes\.podspec-nodeselector` changes from unset to `allowed`: later checks will report less/m,
  )
  assert.match(
    ran.stdout,
    /`cluster\.defaults\.revision-cpu-request` changes from unset to `100m`: this takes effect after the merge/m,
  )
  box.commit()
  box.write({ 'shop.yaml': shop, '.kn-rollout.yaml': 'rules: {}\n' })
  const back = box.run(['check', '--since', 'HEAD']).stdout
  assert.not.match(back, /KN364/)
  assert.match(
    back,
    /`cluster\.features\.kubernetes\.podspec-nodeselector` changes from `allowed` to unset: this takes effect after the merge/m,
  )
  assert.match(
    back,
    /`cluster\.defaults\.revision-cpu-request` changes from `100m` to unset: later checks will report less/m,
  )
})

test('a file that is none, or is wrong, ends the run with exit code 2', () => {
  const box = new Sandbox()
  box.write({ 'shop.yaml': shop, 'cluster.yaml': cluster.replace('"Allowed"', 'perhaps') })
  const wrong = box.run(['validate', 'shop.yaml', ...given])
  assert.is(wrong.status, 2)
  assert.match(
    wrong.stdout,
    /`data\.kubernetes\.podspec-nodeselector` is `perhaps`; must be `enabled`, `allowed` or `disabled`/m,
  )
  const none = box.run(['validate', 'shop.yaml', '--cluster', 'shop.yaml'])
  assert.is(none.status, 2)
  assert.match(none.stdout, /`shop\.yaml` has neither the ConfigMap `config-defaults` nor `config-features`/)
  assert.match(
    none.stdout,
    /run `kubectl get cm -n knative-serving config-defaults config-features -o yaml > cluster\.yaml`/,
  )
  for (const args of [['--cluster', 'gone.yaml'], ['--cluster='], [...given, ...given]]) {
    const ran = box.run(['validate', 'shop.yaml', ...args])
    assert.is(ran.status, 2)
    assert.is(ran.stdout, '')
  }
  box.write({ 'base.yaml': shop })
  assert.is(box.run(['apply', 'pin', 'shop.yaml', '--stable', 'shop-v1', ...given]).status, 2)
})

const list = (spec: string): string => `apiVersion: config.kubernetes.io/v1
kind: ResourceList
functionConfig:
  apiVersion: kn-rollout/v1
  kind: RolloutStage
  spec: ${spec}
items:
- ${shop.trimEnd().replaceAll('\n', '\n  ')}
`

test('a function is told by its configuration', () => {
  const box = new Sandbox()
  const run = (spec: string): Ran => box.run(['fn'], { stdin: list(spec) })
  assert.match(run('{services: shop}').stdout, /KN364/)
  assert.not.match(
    run('{services: shop, cluster: {features: {kubernetes.podspec-nodeselector: enabled}}}').stdout,
    /KN364/,
  )
  assert.match(
    run('{cluster: {features: {kubernetes.podspec-nodeselector: on}}}').stdout,
    /  - message: "`spec\.cluster\.features\.kubernetes\.podspec-nodeselector` is `true`; must be `enabled`, `allowed` or `disabled`"/,
  )
})

test('the published schema of the configuration knows the same words', () => {
  const schema = JSON.parse(readFileSync(new URL('../../schemas/config.json', import.meta.url), 'utf8')) as object
  const isConfig = new Ajv({ strict: false }).compile(schema)
  const box = new Sandbox()
  box.write({ 'shop.yaml': shop })
  const texts: readonly (readonly [text: string, isGood: boolean])[] = [
    [stated, true],
    ['cluster:\n', true],
    [
      'cluster: {defaults: {revision-timeout-seconds: 60, container-name-template: web, enable-service-links: Default}}',
      true,
    ],
    ['cluster: {defaults: {revision-memory-limit: 1Gi, allow-container-concurrency-zero: true}}', true],
    ['cluster: {features: {secure-pod-defaults: AllowRootBounded}}', true],
    ['cluster: {features: {secure-pod-defaults: Allowed}}', false],
    ['cluster: {features: {multi-container: on}}', false],
    ['cluster: {features: {multi: enabled}}', false],
    ['cluster: {default: {}}', false],
    ['cluster: {defaults: {revision-timeout-seconds: -1}}', false],
    ['cluster: {defaults: {revision-memory-limit: 1GB}}', false],
  ]
  for (const [text, isGood] of texts) {
    assert.is(isConfig(parse(text)), isGood, text)
    box.write({ '.kn-rollout.yaml': text })
    assert.is(box.run(['validate', 'shop.yaml']).status === 2, !isGood, text)
  }
})

test.run()
