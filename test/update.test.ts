// The name-change rule as the webhook applies it: what is live, what an apply makes of it, and when two templates are one.
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { findManifests } from '../src/manifest/find.js'
import type { Manifest } from '../src/manifest/manifest.js'
import { changesUnderName } from '../src/rules/kept-name.js'
import { templateAsGo, liveTemplate, applied, canonicalQuantity } from '../src/rules/update.js'
import { formatPath } from '../src/text/path.js'
import type { Json } from '../src/yaml/json.js'

const test = suite('update')

const spec = (value: Json): Json => ({ spec: value })
const same = (a: string, b: string): boolean => canonicalQuantity(a) === canonicalQuantity(b)

test('quantities are the same when they are worth the same', () => {
  const groups = [
    ['1', '1.0', '1000m', '1e0', '0.001k', '1000000u', '+1', '01'],
    ['128Mi', '131072Ki', '134217728', '0.125Gi'],
    ['0', '0m', '0Gi', '-0', '0.0'],
    ['1500m', '1.5', '15e-1', '1500E-3'],
    ['-2k', '-2000'],
    ['100M', '100000k', '1e8', '0.1G'],
  ]
  for (const [index, group] of groups.entries()) {
    const [first = ''] = group
    for (const other of group) assert.ok(same(first, other), `${first} = ${other}`)
    for (const [foreign = ''] of groups.slice(index + 1)) assert.not(same(first, foreign), `${first} ≠ ${foreign}`)
  }
  assert.not(same('1M', '1Mi'))
  for (const text of ['', '1 Gi', '512MB', 'a', '1.2.3', '1e', '--1'])
    assert.is(canonicalQuantity(text), undefined, text)
})

test('a quantity is the same with another unit, and another with another number', () => {
  const units = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E']
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.nat(8),
      fc.integer({ min: 1, max: 999 }),
      (number, unit, more) => {
        const [large, small] = [units[unit + 1], units[unit]]
        assert.ok(same(`${number}${large}`, `${number}000${small}`))
        assert.ok(same(`${number}${large}`, `${number}.000${large}`))
        assert.not(same(`${number}${large}`, `${number + more}${large}`))
        assert.not(same(`${number}${large}`, `-${number}${large}`))
        assert.ok(same(`${number}Ki`, String(number * 1024)))
      },
    ),
  )
})

test('an apply merges mappings, replaces lists and takes away what left the file', () => {
  const cases: readonly (readonly [live: Json, before: Json, after: Json, result: Json])[] = [
    [{ a: 1, own: 2 }, { a: 1 }, { a: 3 }, { a: 3, own: 2 }],
    [{ a: 1, b: 2 }, { a: 1, b: 2 }, { a: 1 }, { a: 1 }],
    [{ a: { b: 1, own: 1 } }, { a: { b: 1 } }, { a: {} }, { a: { own: 1 } }],
    [{ list: [{ a: 1, own: 1 }] }, { list: [{ a: 1 }] }, { list: [{ a: 1 }] }, { list: [{ a: 1 }] }],
    [{ a: 1 }, { a: 1 }, { a: null }, {}],
    [{ own: 1 }, {}, { own: null }, {}],
    [{}, {}, { a: { b: null, c: 1 } }, { a: { c: 1 } }],
    [{ a: 'text' }, { a: 'text' }, { a: { b: 1 } }, { a: { b: 1 } }],
    [{ own: 1 }, { own: null }, {}, { own: 1 }],
  ]
  for (const [live, before, after, result] of cases) assert.equal(applied(live, before, after), result)
})

test('applying what is live already changes nothing', () => {
  const object = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 3 })
  fc.assert(
    fc.property(object, (value) => {
      const clean = JSON.parse(JSON.stringify(value, (_, item: unknown) => (item === null ? 0 : item))) as Json
      assert.equal(applied(clean, clean, clean), clean)
    }),
  )
})

test('a template is stored with the defaults of its creation', () => {
  assert.equal(liveTemplate({ spec: { containers: [{ image: 'example.com/shop' }] } }), {
    spec: {
      timeoutSeconds: 300,
      containerConcurrency: 0,
      enableServiceLinks: false,
      containers: [
        {
          image: 'example.com/shop',
          name: 'user-container',
          readinessProbe: { tcpSocket: {}, successThreshold: 1 },
        },
      ],
    },
  })
  const long = liveTemplate({ spec: { timeoutSeconds: 400, containers: [] } })
  assert.equal(long, {
    spec: {
      timeoutSeconds: 400,
      responseStartTimeoutSeconds: 300,
      containerConcurrency: 0,
      enableServiceLinks: false,
      containers: [],
    },
  })
  for (const odd of [undefined, null, 'x', [], { spec: 'x' }, { spec: { containers: [null, 'x'] } }] as const)
    assert.not.throws(() => liveTemplate(odd))
})

test('templates are the same as Go holds them', () => {
  const alike: readonly (readonly [Json, Json])[] = [
    [{ metadata: {} }, {}],
    [spec({ containers: [null] }), spec({ containers: [{}] })],
    [spec({ containers: [{ args: [] }] }), spec({ containers: [{}] })],
    [{ metadata: { labels: {} } }, {}],
    [{ metadata: { labels: { a: null } } }, { metadata: { labels: { a: '' } } }],
    [spec({ containers: [{ env: [] }] }), spec({ containers: [{}] })],
    [spec({ containers: [{ env: [{ name: 'A', value: '' }] }] }), spec({ containers: [{ env: [{ name: 'A' }] }] })],
    [
      spec({ containers: [{ resources: { limits: { cpu: 1 } } }] }),
      spec({ containers: [{ resources: { limits: { cpu: '1000m' } } }] }),
    ],
    [spec({ containers: [{ resources: {} }] }), spec({ containers: [{}] })],
    [
      spec({ containers: [{ ports: [{ containerPort: 80 }] }] }),
      spec({ containers: [{ ports: [{ containerPort: 80, protocol: 'TCP' }] }] }),
    ],
    [
      spec({ containers: [{ readinessProbe: { tcpSocket: { port: 0 } } }] }),
      spec({ containers: [{ readinessProbe: { tcpSocket: {} } }] }),
    ],
    [spec({ containers: [{ readinessProbe: null }] }), spec({ containers: [{}] })],
  ]
  for (const [a, b] of alike) assert.equal(templateAsGo(a), templateAsGo(b))
  const different: readonly (readonly [Json, Json])[] = [
    [spec({ containerConcurrency: 0 }), spec({})],
    [spec({ enableServiceLinks: false }), spec({})],
    [spec({ containers: [{ securityContext: { privileged: false } }] }), spec({ containers: [{}] })],
    [spec({ containers: [{ args: ['a', 'b'] }] }), spec({ containers: [{ args: ['b', 'a'] }] })],
    [spec({ containers: [{ env: [{ name: 'A' }] }] }), spec({ containers: [{ env: [{ name: 'B' }] }] })],
    [{ metadata: { annotations: { a: '' } } }, { metadata: { annotations: {} } }],
  ]
  for (const [a, b] of different) assert.not.equal(templateAsGo(a), templateAsGo(b))
})

const indent = (lines: readonly string[]): string => lines.map((line) => `          ${line}\n`).join('')

/** A manifest with a name of its own: lines of its container, of its pod, its name. */
function manifest(
  container: readonly string[],
  { pod = '', name = 'shop-v1', image = 'example.com/shop:1.0', percent = 100 } = {},
): Manifest {
  const metadata = name === '' ? '' : `    metadata:\n      name: ${name}\n`
  const text = `apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: shop
spec:
  template:
${metadata}    spec:
${pod}      containers:
        - image: ${image}
${indent(container)}  traffic:
    - revisionName: shop-v1
      percent: ${percent}
`
  const [found] = findManifests({ path: 'shop.yaml', text }).manifests
  if (!found) throw new Error(text)
  return found
}

const changes = (before: Manifest, after = before): string =>
  changesUnderName(before, after)
    .map((path) => formatPath(path).replace(/^spec\.template\.spec\.(?:containers\[0\]\.)?/, ''))
    .join(' ')

const name = 'name: user-container'
const probe = ['readinessProbe:', '  tcpSocket: {}', '  successThreshold: 1']

const volumes = (kind: string): string => `      volumes: [{name: v, ${kind}}]\n`

const mount = (more: string): readonly string[] => [name, ...probe, `volumeMounts: [{name: v, mountPath: /v${more}}]`]

// The table that was tried on a live control plane: what a file must spell so that its next apply gets in.
test('a file that spells the defaults may be applied again, another may not', () => {
  const rows: readonly (readonly [what: string, lines: readonly string[], differs: string])[] = [
    ['nothing', [], 'name readinessProbe'],
    ['the name alone', [name], 'readinessProbe'],
    ['the probe alone', probe, 'name'],
    ['the smallest set', [name, ...probe], ''],
    ['port 0', [name, ...probe.slice(0, 1), '  tcpSocket: {port: 0}', '  successThreshold: 1'], ''],
    [
      'ports, resources, command',
      [name, ...probe, 'ports: [{containerPort: 80}]', 'resources: {limits: {cpu: 1}}', 'command: [a]'],
      '',
    ],
    [
      'another probe without a threshold',
      [name, 'readinessProbe: {httpGet: {path: /}}'],
      'readinessProbe.successThreshold',
    ],
    ['another probe with one', [name, 'readinessProbe: {httpGet: {path: /}, successThreshold: 1}'], ''],
    [
      'a period',
      [name, 'readinessProbe: {httpGet: {path: /}, successThreshold: 1, periodSeconds: 5}'],
      'readinessProbe.failureThreshold readinessProbe.timeoutSeconds',
    ],
    [
      'a period with its numbers',
      [
        name,
        'readinessProbe: {httpGet: {}, successThreshold: 1, periodSeconds: 5, failureThreshold: 3, timeoutSeconds: 1}',
      ],
      '',
    ],
    ['a liveness probe', [name, ...probe, 'livenessProbe: {httpGet: {path: /}}'], ''],
  ]
  for (const [what, lines, differs] of rows) {
    assert.is(changes(manifest(lines)), differs, what)
    assert.is(changes(manifest(lines), manifest(lines, { percent: 50 })), differs, `${what}: traffic alone`)
  }
})

test('mounts of what is read-only must say so', () => {
  const config = { pod: volumes('configMap: {name: c}') }
  assert.is(changes(manifest(mount(''), config)), 'volumeMounts[0].readOnly')
  assert.is(changes(manifest(mount(', readOnly: false'), config)), 'volumeMounts[0].readOnly')
  assert.is(changes(manifest(mount(', readOnly: true'), config)), '')
  assert.is(changes(manifest(mount(''), { pod: volumes('emptyDir: {}') })), '')
})

test('defaults that are spelled along with another change get in', () => {
  assert.is(changes(manifest([]), manifest([name, ...probe], { percent: 50 })), '')
  assert.is(changes(manifest([]), manifest([name, ...probe], { image: 'example.com/shop:2.0' })), 'image')
  assert.is(
    changes(
      manifest([name, ...probe]),
      manifest([name, 'readinessProbe: {tcpSocket: {port: 9}, successThreshold: 1}']),
    ),
    'readinessProbe.tcpSocket.port',
  )
})

test('another name, and none, are not compared', () => {
  assert.is(changes(manifest([]), manifest([], { name: 'shop-v2' })), '')
  assert.is(changes(manifest([]), manifest([], { name: '' })), '')
  assert.is(changes(manifest([], { name: '' }), manifest([])), '')
})

test('members that only the cluster has are kept, those that left the file are gone', () => {
  const spelled = [name, ...probe]
  assert.is(
    changes(
      manifest(spelled),
      manifest(spelled, { pod: '      timeoutSeconds: 300\n      containerConcurrency: 0\n' }),
    ),
    '',
  )
  assert.is(changes(manifest(spelled, { pod: '      timeoutSeconds: 60\n' }), manifest(spelled)), 'timeoutSeconds')
  assert.is(changes(manifest(spelled, { pod: '      timeoutSeconds: 0\n' })), 'timeoutSeconds')
})

function withContainer(members: Record<string, Json>): Pick<Manifest, 'value'> {
  const template = { metadata: { name: 'shop-v1' }, spec: { containers: [{ image: 'a', ...members }] } }
  return { value: { spec: { template } } }
}

/** The members that come, in the order in which they are told. */
function comingIn(members: Record<string, Json>): readonly string[] {
  const changed = changesUnderName(withContainer({}), withContainer(members))
  return changed.map((path) => String(path.at(-1))).filter((key) => key in members)
}

test('what differs is told in the order of the templates, whatever was compared before', () => {
  const told = comingIn({ workingDir: '/a', tty: true })
  assert.is(told.length, 2)
  assert.equal(comingIn({ tty: true, workingDir: '/a' }), told.toReversed())
  assert.equal(comingIn({ workingDir: '/a', tty: true }), told)
})

test.run()
