// Controllers that own the traffic of a Service, found by the real program in real repositories.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { service } from './manifests.js'
import { Sandbox } from './sandbox.js'

const test = suite('owners')
const pinned = '  traffic:\n    - revisionName: example-service-v1\n      percent: 100\n'
const shop = service(pinned, { revision: 'example-service-v2' })
const canary = `apiVersion: flagger.app/v1beta1
kind: Canary
metadata:
  name: example-service
  namespace: shop
spec:
  provider: knative
  targetRef:
    apiVersion: serving.knative.dev/v1
    kind: Service
    name: example-service
`
const application = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: shop
spec:
  source: {path: apps}
  ignoreDifferences:
    - group: serving.knative.dev
      kind: Service
      jsonPointers: [/spec/traffic]
`
const model = `apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: example-service
  namespace: shop
`
const pipeline = `apiVersion: deploy.cloud.google.com/v1
kind: DeliveryPipeline
metadata: {name: front}
serialPipeline:
  stages:
    - targetId: run-dev
    - targetId: run-prod
      strategy:
        canary: {runtimeConfig: {cloudRun: {automaticTrafficControl: true}}}
`
const owners: Readonly<Record<string, readonly [controller: string, file: string, text: string, line: number]>> = {
  Flagger: ['Flagger', 'canaries/shop.yaml', canary, 11],
  'Argo CD': ['Argo CD', 'argo/shop.yaml', application, 10],
  KServe: ['KServe', 'models/shop.yaml', model, 4],
  'Cloud Deploy': ['Cloud Deploy', 'clouddeploy.yaml', pipeline, 9],
}

for (const [name, [controller, file, text, line]] of Object.entries(owners))
  for (const [where, create] of [
    ['committed', (tree: Readonly<Record<string, string>>) => Sandbox.committed(tree)],
    [
      'not yet committed',
      (tree: Readonly<Record<string, string>>) => {
        const box = Sandbox.committed({ 'x.txt': '' })
        box.write(tree)
        return box
      },
    ],
    [
      'in no repository',
      (tree: Readonly<Record<string, string>>) => {
        const box = new Sandbox()
        box.write(tree)
        return box
      },
    ],
  ] as const)
    test(`${name}, ${where}: the traffic is not moved, unless that is forced`, () => {
      const box = create({ 'apps/shop.yaml': shop, [file]: text })
      const untouched = box.snapshot()
      const refused = box.run(['apply', 'split', '--write'])
      assert.is(refused.status, 1)
      assert.equal(box.snapshot(), untouched)
      assert.match(
        refused.stderr,
        new RegExp(
          `error: cannot move the traffic: ${controller} manages it \\(${file}\\) and .* \\[KN463 managed-traffic-edit\\]`,
        ),
      )
      assert.match(refused.stderr, /help: .*, or add `--force` to continue/)
      assert.match(
        refused.stderr,
        new RegExp(`^${file}:${line}:\\d+: note: ${controller} manages .* \\[KN605 managed-traffic\\]$`, 'm'),
      )
      const forced = box.run(['apply', 'split', '--write', '--force'])
      assert.is(forced.status, 0, forced.stderr)
      assert.match(forced.stderr, /\[KN605 managed-traffic\]/)
      assert.match(box.read('apps/shop.yaml'), /percent: 50/)
      const judged = box.run(['validate'])
      assert.is(judged.status, 0)
      assert.match(judged.stdout, new RegExp(`^${file}:${line}:\\d+: note: ${controller} manages `))
      assert.match(judged.stderr, /^validated 1 Knative Service in /)
    })

test('a file that is named alone is read alone, unless a kustomization stands around it', () => {
  const box = Sandbox.committed({ 'apps/shop.yaml': shop, 'canaries/shop.yaml': canary })
  assert.is(box.run(['apply', 'split', 'apps/shop.yaml']).status, 0)
  assert.is(box.run(['apply', 'split', 'apps/shop.yaml', 'canaries/shop.yaml']).status, 1)
  box.write({ 'apps/kustomization.yaml': 'resources: [shop.yaml]\n' })
  assert.match(box.run(['apply', 'split', 'apps/shop.yaml']).stderr, /\[KN463 managed-traffic-edit\]/)
  assert.match(box.run(['apply', 'split', '--overlay', 'apps']).stderr, /\[KN463 managed-traffic-edit\]/)
})

test('an owner in the very file of the Service counts', () => {
  const box = Sandbox.committed({ 'shop.yaml': `${shop}---\n${canary}` })
  const { status, stderr } = box.run(['apply', 'split', 'shop.yaml'])
  assert.is(status, 1)
  assert.match(stderr, /move it with Flagger, remove the Service from `shop\.yaml`, or add `--force` to continue/)
})

test('what only looks like an owner is passed over', () => {
  const box = Sandbox.committed({
    'apps/shop.yaml': shop,
    'a.yaml': canary
      .replace('name: example-service\n  namespace', 'name: x\n  namespace')
      .replace(/example-service\n$/, 'x\n'),
    'b.yaml': '# ignoreDifferences, flagger.app/\na: [\n',
    'c.yaml': '{{ if .Values.canary }}\napiVersion: flagger.app/v1beta1\n',
  })
  const { status, stderr } = box.run(['apply', 'split'])
  assert.is(status, 0, stderr)
  assert.not.match(stderr, /KN[46]\d\d/)
})

test('reports for programs hold to their promise', () => {
  const box = Sandbox.committed({ 'apps/shop.yaml': shop, 'canary.yaml': canary })
  const report = JSON.parse(box.run(['apply', 'split', '--format', 'json']).stdout) as {
    readonly diagnostics: readonly { readonly code: string; readonly file: string; readonly line: number }[]
  }
  assert.equal(
    report.diagnostics.map(({ code, file, line }) => [code, file, line]),
    [
      ['KN463', 'apps/shop.yaml', 18],
      ['KN605', 'canary.yaml', 11],
    ],
  )
})

test.run()
