import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { findManifests } from '../src/manifest/find.js'
import { plan } from '../src/pipeline/plan.js'
import { unspelled } from '../src/rules/kept-name.js'
import { readByYaml3 } from '../src/yaml/scalar.js'

const head = 'apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata:\n  name: shop\nspec:\n'
const template = '  template:\n    spec:\n      containers:\n        - image: ghcr.io/acme/shop:2.1.0\n'
const pinned = `${head}${template}  traffic:\n    - revisionName: shop-v1\n      percent: 100\n`
const admin = `${head}${template}`.replace('shop', 'admin-shop')

function file(text: string, path = 'shop.yaml') {
  return { path, text }
}

test('an optional rule speaks only where it is enabled', () => {
  const files = [file(`${head}${template}`)]
  assert.equal(plan(files, {}).diagnostics, [])
  const { diagnostics } = plan(files, { enabled: ['KN315'] })
  assert.equal(
    diagnostics.map(({ code }) => code),
    ['KN315'],
  )
})

test('a value that a variable stands in is not checked, and what says so has its place', () => {
  const text = `${head}${template}`.replace('ghcr.io/acme/shop:2.1.0', 'ghcr.io/acme/shop:${TAG:-2.1.0}')
  const { diagnostics } = plan([file(`${text}  traffic:\n    - revisionName: $BLUE\n      percent: 100\n`)], {})
  assert.equal(
    diagnostics.map(({ code, severity, path }) => [code, severity, path]),
    ['spec.template.spec.containers[0].image', 'spec.traffic[0].revisionName'].map((path) => ['KN126', 'note', path]),
  )
  assert.match(
    diagnostics[0]?.message ?? '',
    /not checked: `spec\.template\.spec\.containers\[0\]\.image` \(`\$\{TAG:-2\.1\.0\}` is filled in before the manifest is applied\)/,
  )
})

test('a stage says what its result will run into, where the edit is', () => {
  const move = { command: 'apply', stage: 'preview', tag: 'admin', candidate: 'shop-v2' } as const
  const { diagnostics, changes } = plan([file(pinned), file(admin, 'admin.yaml')], { services: ['shop'], move })
  assert.is(changes.length, 1)
  assert.equal(
    diagnostics.map(({ code }) => code),
    ['KN311'],
  )
  assert.is(diagnostics[0]?.range?.start, pinned.indexOf('traffic'))
})

test('a stage does not repeat what it has settled', () => {
  const tagged = `${pinned}    - revisionName: shop-v2\n      tag: admin\n`
  const move = { command: 'apply', stage: 'retire', stable: 'shop-v2', candidate: 'shop-v1' } as const
  const files = [file(tagged), file(admin, 'admin.yaml')]
  assert.is(plan(files, {}).diagnostics.length, 1)
  const { diagnostics, changes } = plan(files, { services: ['shop'], move })
  assert.is(changes.length, 1)
  assert.equal(diagnostics, [])
})

test('what is unspelled is the smallest set, in the order of the file', () => {
  const text = `${head}  template:
    metadata:
      name: shop-v1
    spec:
      timeoutSeconds: 0
      containers:
        - image: ghcr.io/acme/log:1.0.3
          name: user-container-0
        - image: ghcr.io/acme/shop:2.1.0
          ports: [{containerPort: 8080}]
          readinessProbe: {periodSeconds: 5, failureThreshold: 2}
          volumeMounts:
            - {name: config, mountPath: /etc/shop, readOnly: false}
            - {name: scratch, mountPath: /scratch}
      volumes:
        - {name: config, secret: {secretName: shop}}
        - {name: scratch, emptyDir: {}}
`
  const [manifest] = findManifests(file(text)).manifests
  assert.ok(manifest)
  const found = unspelled(manifest).map(({ path, value }) => [path.slice(3).join('.'), value])
  assert.equal(found, [
    ['timeoutSeconds', 300],
    ['containers.1.name', 'user-container-1'],
    ['containers.1.readinessProbe.tcpSocket', {}],
    ['containers.1.readinessProbe.successThreshold', 1],
    ['containers.1.readinessProbe.timeoutSeconds', 1],
    ['containers.1.volumeMounts.0.readOnly', true],
  ])
})

test('kustomize and kubectl read these alike, or not', () => {
  const alike = ['true', 'FALSE', '050', '0x1F', '1e3', '~', '', '12:30:45', '2024-13-01', '2024-01-31T12:00:00+01:00']
  for (const text of [...alike, '2024-01-31T12:00:00', '2024-01-31 12:00:00Z', 'yesterday'])
    assert.is(readByYaml3(text), undefined, text)
  assert.is(readByYaml3('On'), 'On')
  assert.is(readByYaml3('2024-1-5'), '2024-01-05T00:00:00Z')
  assert.is(readByYaml3('2024-01-31 1:02:03.50'), '2024-01-31T01:02:03.5Z')
  assert.is(readByYaml3('2024-01-31t12:00:00-00:00'), '2024-01-31T12:00:00Z')
})

test.run()
