import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'

import { findManifests } from '../src/manifest/find.js'
import type { CreateFlags } from '../src/pipeline/create-flags.js'
import { createService, listResource } from '../src/pipeline/create.js'
import { plan } from '../src/pipeline/plan.js'
import { unspelled } from '../src/rules/kept-name.js'
import { liveQuantity } from '../src/text/words.js'
import type { Json, JsonObject } from '../src/yaml/json.js'

/** The laws of new manifests. Another seed or more cases: `KN_SEED=7 KN_RUNS=20000 node test/run.mjs create.property`. */
const seed = Number(process.env['KN_SEED'] ?? 20_240_229)
const numRuns = Number(process.env['KN_RUNS'] ?? 400)
const test = suite('create, by property')

const words = [
  '',
  'on',
  'y',
  'No',
  '1e3',
  '007',
  '0o7',
  '1:30',
  '2024-01-01',
  '~',
  'null',
  '.5',
  '.inf',
  '<<',
  '=',
  '- a',
  '---',
  '...',
]
const marks = [
  'a: b',
  'a #b',
  '# kn-rollout: ignore KN326',
  '"a"',
  "'a'",
  '{{ .x }}',
  '[a',
  '*a',
  '&a',
  '!!int 1',
  '%a',
  '@a',
  '| ',
  '>',
]
const spaces = [
  ' a',
  'a ',
  '\ta',
  'a\tb',
  'a\n',
  '\na',
  'a\n\nb',
  ' a\n b',
  'a\r\nb',
  'a\n---\nb',
  'a\n\n',
  '\n',
  'a \n b',
  '# a\nb: c',
]
const characters = [
  'é',
  '😀',
  'a\u00a0b',
  '\u2028',
  '\u0085',
  '\u007f',
  '\ufeff',
  '\u200b',
  'a\u0001',
  '\ufffe',
  '\u{e0001}',
  'a\u0308',
]
const values = fc.oneof(
  fc.constantFrom(...words, ...marks, ...spaces, ...characters),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.stringMatching(/^[ a-z:#\n'"{}[\],&*!|>%@\\-]{0,16}$/),
)
const names = fc.stringMatching(/^[a-z](?:[a-z0-9-]{0,8}[a-z0-9])?$/)
const variables = fc.stringMatching(/^X[A-Za-z0-9_.-]{0,6}$/)
const keys = fc.oneof(fc.constantFrom('on', '1e3', '007', 'null', 'y', 'acme.example/on', 'a_b.c'), names)
const labels = fc.dictionary(
  keys,
  fc.oneof(fc.constantFrom('', 'on', '1', '1e3', '00002', 'a.b-c', '2024-01-01'), names),
)
const counts = (most: number): fc.Arbitrary<string> => fc.integer({ min: 0, max: most }).map(String)

/** The Service as a plain object beside the flags that ask for it. */
type Case = { readonly flags: CreateFlags; readonly value: Json }

const cases: fc.Arbitrary<Case> = fc
  .record(
    {
      name: names,
      namespace: names,
      image: fc.constantFrom(
        'nginx',
        'ghcr.io/acme/shop:1.0',
        'localhost:5000/shop',
        `nginx@sha256:${'ab'.repeat(32)}`,
      ),
      port: fc.constantFrom('8080', 'h2c:8080', 'http1:3000'),
      env: fc.uniqueArray(fc.tuple(variables, values), { maxLength: 5, selector: ([name]) => name }),
      from: fc.array(fc.tuple(fc.constantFrom('config-map', 'secret'), names), { maxLength: 2 }),
      requests: fc.dictionary(fc.constantFrom('cpu', 'memory'), fc.constantFrom('1', '100m', '0.5', '1000m')),
      limits: fc.dictionary(fc.constantFrom('cpu', 'memory'), fc.constantFrom('1', '1Gi')),
      scale: fc.constantFrom('3', '1..5', '2..', '..4', '0..0'),
      target: fc.constantFrom('1', '0.5', '100'),
      concurrency: counts(1000),
      timeout: fc.integer({ min: 1, max: 600 }).map(String),
      account: names,
      labels,
      annotations: fc.dictionary(keys, values),
      revision: fc.constantFrom('{{.Service}}-v1', '{{.Service}}-blue', '{{ .Service }}-2024-01-01'),
      isGenerated: fc.boolean(),
      container: names.filter((name) => name !== 'queue-proxy'),
    },
    { requiredKeys: ['name', 'image', 'isGenerated'] },
  )
  .map((ask) => ({ flags: flagsOf(ask), value: valueOf(ask) }))

type Ask = {
  readonly name: string
  readonly image: string
  readonly isGenerated: boolean
  readonly namespace?: string
  readonly port?: string
  readonly env?: readonly (readonly [string, string])[]
  readonly from?: readonly (readonly [string, string])[]
  readonly requests?: Readonly<Record<string, string>>
  readonly limits?: Readonly<Record<string, string>>
  readonly scale?: string
  readonly target?: string
  readonly concurrency?: string
  readonly timeout?: string
  readonly account?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly revision?: string
  readonly container?: string
}

const pairs = (map: Readonly<Record<string, string>> | undefined): readonly string[] | undefined =>
  map && Object.entries(map).map(([key, value]) => `${key}=${value}`)

function flagsOf(ask: Ask): CreateFlags {
  const requests = pairs(ask.requests) ?? []
  return {
    name: ask.name,
    image: ask.image,
    namespace: ask.namespace,
    port: ask.port,
    env: ask.env?.map(([name, value]) => `${name}=${value}`),
    'env-from': ask.from?.map(([kind, name]) => `${kind}:${name}`),
    request: requests.length > 0 ? [requests.join(',')] : undefined,
    limit: pairs(ask.limits),
    scale: ask.scale,
    'scale-target': ask.target,
    'concurrency-limit': ask.concurrency,
    timeout: ask.timeout,
    'service-account': ask.account,
    label: pairs(ask.labels),
    annotation: pairs(ask.annotations),
    'container-name': ask.container,
    'revision-name': ask.isGenerated ? undefined : ask.revision,
    'generated-names': ask.isGenerated,
  }
}

/** What was asked for, written down a second time: nothing of it knows the code under test. */
function valueOf(ask: Ask): Json {
  const [low = '', high = low] = ask.scale?.split('..') ?? []
  const revision = ask.isGenerated ? undefined : (ask.revision ?? '{{.Service}}-v1').replace(/\{\{.*?\}\}/, ask.name)
  const [portNumber, portName] = ask.port?.split(':').toReversed() ?? []
  const scaling = lean({
    'autoscaling.knative.dev/min-scale': low,
    'autoscaling.knative.dev/max-scale': high,
    'autoscaling.knative.dev/target': ask.target ?? '',
  })
  return lean({
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    metadata: lean({
      name: ask.name,
      namespace: ask.namespace,
      labels: { ...ask.labels },
      annotations: { ...ask.annotations },
    }),
    spec: lean({
      template: lean({
        metadata: lean({ name: revision, annotations: scaling }),
        spec: lean({
          containers: [
            lean({
              name: ask.container ?? (revision === undefined ? undefined : 'user-container'),
              image: ask.image,
              ports: portNumber === undefined ? [] : [lean({ name: portName, containerPort: Number(portNumber) })],
              env: (ask.env ?? []).map(([name, value]) => (value === '' ? { name } : { name, value })),
              envFrom: (ask.from ?? []).map(([kind, name]) =>
                kind === 'secret' ? { secretRef: { name } } : { configMapRef: { name } },
              ),
              resources: lean({ requests: asStored(ask.requests), limits: asStored(ask.limits) }),
              readinessProbe: revision === undefined ? undefined : { tcpSocket: {}, successThreshold: 1 },
            }),
          ],
          containerConcurrency: ask.concurrency === undefined ? undefined : Number(ask.concurrency),
          timeoutSeconds: ask.timeout === undefined ? undefined : Number(ask.timeout),
          serviceAccountName: ask.account,
        }),
      }),
      traffic: revision === undefined ? [] : [{ revisionName: revision, percent: 100 }],
    }),
  })
}

function isEmpty(value: Json | undefined): boolean {
  return value === undefined || value === '' || (typeof value === 'object' && Object.keys(value ?? {}).length === 0)
}

/** Without what is empty. */
function lean(members: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(members).flatMap(([key, value]) => (value === undefined || isEmpty(value) ? [] : [[key, value]])),
  )
}

test('a new manifest reads as what was asked for, is admitted without a word, and spells what it must', () => {
  let [several, own] = [0, 0]
  fc.assert(
    fc.property(cases, ({ flags, value }) => {
      const created = createService(flags, 'apps/shop.yaml')
      assert.ok('file' in created, JSON.stringify(created))
      const { file } = created
      const [manifest] = findManifests(file).manifests
      assert.equal(manifest?.value, value)
      assert.equal(parse(file.text, { version: '1.2' }), value, 'a reader of YAML 1.2 agrees')
      assert.equal(parse(file.text, { version: '1.1' }), value, 'a reader of YAML 1.1 agrees')
      const outcome = plan([file], { enabled: flags['generated-names'] === true ? [] : ['KN315'] })
      assert.equal(
        outcome.diagnostics.filter(({ severity }) => severity !== 'note'),
        [],
      )
      assert.is(outcome.silenced, undefined)
      assert.match(file.text, /^apiVersion: [^]*[^\n]\n$/)
      if (file.text.includes('|')) several++
      if (flags['generated-names'] === true) return
      own++
      assert.equal(manifest && unspelled(manifest), [])
      const candidate = `${flags.name}-v2`
      const moved = plan([file], { move: { command: 'apply', stage: 'preview', candidate, tag: 'v2' } })
      assert.equal(moved.diagnostics, [])
      assert.equal(moved.changes[0]?.changes[0]?.after.length, 2)
      assert.ok(moved.changes[0]?.text.startsWith(file.text), 'the preview adds to the end and changes nothing else')
    }),
    { seed, numRuns },
  )
  assert.ok(several > 20 && own > 100, `${several} with several lines, ${own} with own names`)
})

const files = fc.constantFrom(
  'a.yaml',
  './a.yaml',
  '"b.yaml"',
  "'c.yaml'",
  '../base',
  'https://example.com/x?ref=v1',
  '*x',
  'on',
)
const comment = fc.constantFrom('', '', ' # why', ' #[ -')
const kustomizations = fc
  .record({
    head: fc.constantFrom(
      '',
      'kind: Kustomization\n',
      '# ours\n---\nx: &x b.yaml\n',
      'x: &x b.yaml\nnamespace: prod # here\n',
    ),
    items: fc.array(fc.tuple(files, comment, fc.constantFrom('', '', '\n', '  # of the next\n')), { maxLength: 4 }),
    indent: fc.constantFrom('', '  ', '    '),
    isFlow: fc.boolean(),
    tail: fc.constantFrom('', 'patches: []\n', '\n# the end\n', 'images:\n  - name: a # b\n', 'y: |\n  a\n\n'),
    lineEnds: fc.constantFrom('\n', '\r\n'),
    isCut: fc.boolean(),
  })
  .map(({ head, items, indent, isFlow, tail, lineEnds, isCut }) => {
    const kept = head.includes('&x') ? items : items.filter(([item]) => item !== '*x')
    const block = kept.map(([item, why, gap]) => `${indent}- ${item}${why}\n${gap}`).join('')
    const flow = ` [${kept.map(([item]) => `${item} `).join(', ')}]\n`
    const text = `${head}resources:${isFlow ? flow : `\n${block}`}${tail}`.replaceAll('\n', lineEnds)
    return isCut ? text.trimEnd() : text
  })

const withoutLayout = (text: string): string => text.replaceAll(/[\s,[\]-]/g, '')

test('a kustomization lists one resource more, and every line that it had stands as it stood', () => {
  let changed = 0
  fc.assert(
    fc.property(kustomizations, (text) => {
      const listed = listResource({ path: 'kustomization.yaml', text }, 'shop.yaml')
      if (!('text' in listed)) return
      changed++
      const again = listResource({ path: 'kustomization.yaml', text: listed.text }, 'shop.yaml')
      assert.equal(again, listed, 'the second run has nothing to do')
      const left = listed.text.replace(/(?:, )?(?<=[\s[])"?'?(?:\.\/)?shop\.yaml'?"?/, '')
      assert.is(withoutLayout(left), withoutLayout(text))
    }),
    { seed, numRuns },
  )
  assert.ok(changed > numRuns * 0.8, `${changed} changed`)
})

/** As a cluster writes them. */
function asStored(amounts: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, liveQuantity(amount) ?? amount]))
}

test.run()
