// What a saved answer of a cluster says of a Service, and how the tool complains about files that are none.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { plan } from '../src/pipeline/plan.js'
import { parse, stringify } from 'yaml'

import { liveOf, readLive } from '../src/manifest/live.js'
import { explanationOf } from '../src/pipeline/explain.js'
import { service } from './cli/manifests.js'

const test = suite('live')

const status = `status:
  conditions:
    - status: "True"
      type: Ready
  latestCreatedRevisionName: example-service-00003
  latestReadyRevisionName: example-service-00002
  observedGeneration: 7
  traffic:
    - latestRevision: false
      percent: 100
      revisionName: example-service-00001
    - latestRevision: true
      revisionName: example-service-00002
      tag: v2
      url: http://v2-example-service.shop.example.com
    - latestRevision: true
      percent: 0
  url: http://example-service.shop.example.com
`
const live = service(status).replace('  namespace:', '  generation: 8\n  namespace:')
const path = 'live.yaml'

test('reads one Service, as YAML and as JSON', () => {
  const { services, faults } = readLive({ path, text: live })
  assert.equal(faults, [])
  const [found] = services
  assert.match(JSON.stringify(found?.template), /"image":"example\.com\/shop:1\.0"/)
  assert.equal(
    { ...found, template: undefined },
    {
      name: 'example-service',
      namespace: 'shop',
      label: 'shop/example-service',
      file: path,
      latestCreated: 'example-service-00003',
      latestReady: 'example-service-00002',
      generation: 8,
      observedGeneration: 7,
      traffic: [
        { revisionName: 'example-service-00001', percent: 100, latestRevision: false },
        { revisionName: 'example-service-00002', percent: 0, latestRevision: true, tag: 'v2' },
      ],
      wanted: [],
      revisions: [],
      named: [],
      ready: 'True',
      troubles: [],
      template: undefined,
    },
  )
  const json = JSON.stringify(parse(live), undefined, 4)
  assert.equal(readLive({ path, text: json }), { services, faults })
})

test('reads several documents and a List', () => {
  const other = live.replaceAll('example-service', 'other')
  const list = stringify({ apiVersion: 'v1', items: [parse(live), parse(other)], kind: 'List', metadata: {} })
  for (const text of [`${live}---\n${other}`, list]) {
    const { services, faults } = readLive({ path, text })
    assert.equal(faults, [])
    assert.equal(
      services.map(({ label, latestReady }) => `${label} ${latestReady}`),
      ['shop/example-service example-service-00002', 'shop/other other-00002'],
    )
  }
})

test('a Service that never became ready has no names', () => {
  const { services, faults } = readLive({ path, text: service('status:\n  observedGeneration: 1\n') })
  assert.equal(faults, [])
  assert.equal(services[0]?.traffic, [])
  assert.is(services[0]?.latestReady, undefined)
})

test('finds the live object of a Service by name and namespace', () => {
  const elsewhere = live.replace('namespace: shop', 'namespace: elsewhere')
  const newer = live.replace('00003', '00004')
  const { services } = readLive({ path, text: [live, elsewhere, newer].join('---\n') })
  const name = 'example-service'
  assert.is(liveOf(services, { name, namespace: 'shop' })?.latestCreated, `${name}-00004`)
  assert.is(liveOf(services, { name, namespace: 'elsewhere' })?.latestCreated, `${name}-00003`)
  assert.is(liveOf(services, { name, namespace: 'nowhere' }), undefined)
  assert.is(liveOf(services, { name: 'other', namespace: 'shop' }), undefined)
  assert.is(liveOf(services, { name, namespace: undefined }), undefined, 'it may be either')
  assert.is(liveOf(services.slice(0, 1), { name, namespace: undefined })?.label, `shop/${name}`)
})

/** What is said about a file, with the line and the column. */
function complaints(text: string): readonly string[] {
  return readLive({ path, text }).faults.map(({ code, severity, message, file, range, help }) => {
    const before = text.slice(0, range?.start ?? 0).split('\n')
    return `${file}:${before.length}:${(before.at(-1) ?? '').length + 1}: ${severity}: ${message} [${code}]\n  help: ${help}`
  })
}

const saving =
  'help: run `kubectl get ksvc,revisions --namespace NAMESPACE -o yaml > live.yaml` (or `oc`), and pass that file'

test('says how to save a live object where there is none', () => {
  const none = `live.yaml:1:1: error: \`live.yaml\` has no Knative Service [KN192]\n  ${saving}`
  for (const text of ['', 'NAME   URL\nshop   http://shop\n', 'apiVersion: v1\nkind: List\nitems: []\n', '{}'])
    assert.equal(complaints(text), [none])
  for (const text of [service(), service('status: {}\n'), service('status:\n')])
    assert.equal(complaints(text), [
      `live.yaml:2:7: error: \`shop/example-service\` has no \`status\`: it is a manifest, not a snapshot [KN192]\n  ${saving}`,
    ])
  const mixed = readLive({ path, text: `${live}---\n${service()}` })
  assert.is(mixed.services.length, 1)
  assert.is(mixed.faults.length, 1)
})

test('says what is wrong with the YAML', () => {
  assert.match(complaints(`${live}\n\tx: [`).join('\n'), /file is not valid YAML: tabs are not allowed as indentation/)
  assert.match(complaints(live.replace('observedGeneration: 7', 'observedGeneration: .nan')).join('\n'), /\[KN108\]/)
  const [template] = complaints(live.replace('example.com/shop:1.0', '{{ .Values.image }}'))
  assert.match(template ?? '', /error: .*\[KN10[36]\]/)
})

test('is explained', () => {
  assert.match(
    explanationOf('KN192')?.why ?? '',
    /A snapshot shows revisions and traffic in its `status`, which a manifest from Git does not have\. Save the object with `kubectl get ksvc NAME -o yaml`, and pass that file\./,
  )
})

const condition = (type: string, reason: string, holds = 'False'): string =>
  `    - {type: ${type}, status: "${holds}", reason: ${reason}, message: because}\n`

test('says of a Service that does not become ready what gets out of it, once a reason', () => {
  const text = `apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: shop}\nstatus:\n  latestCreatedRevisionName: shop-v2\n  conditions:\n${condition('RoutesReady', 'RevisionMissing')}${condition('Ready', 'RevisionMissing')}${condition('ConfigurationsReady', 'RevisionFailed')}${condition('Other', 'ContainerMissing', 'True')}`
  const file = {
    path: 'shop.yaml',
    text: 'apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: shop}\nspec:\n  template:\n    spec:\n      containers:\n        - image: example.com/shop:1\n  traffic:\n    - revisionName: shop-v1\n      percent: 100\n',
  }
  const { diagnostics } = plan([file], {
    live: { path: 'live.yaml', text },
    move: { command: 'apply', stage: 'pin' },
  })
  const found = diagnostics.filter(({ code }) => code === 'KN469')
  assert.equal(
    found.map(({ file: at, severity, range }) => [at, severity, text.slice(range?.start, range?.end)]),
    [
      ['live.yaml', 'warning', 'RevisionMissing'],
      ['live.yaml', 'warning', 'RevisionFailed'],
    ],
  )
  for (const { message, help } of found) {
    assert.match(message, /^`shop` is not ready in this snapshot, so no traffic moves/)
    assert.match(help ?? '', /`kn-rollout /)
  }
})

test.run()
