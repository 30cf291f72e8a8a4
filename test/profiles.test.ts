// Whose rules judge: a stock Knative's, Cloud Run's, and what is left of either for a patch.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { patchPaths } from '../src/kustomize/patch-paths.js'
import { plan } from '../src/pipeline/plan.js'
import type { Request } from '../src/pipeline/request.js'
import { summaryText } from '../src/report/text.js'
import type { SourceFile } from '../src/text/source.js'

const key = '  annotations:\n    run.googleapis.com/ingress: all\n'

/** A Service; `spec` is what its pod has besides the container. */
function manifest({ metadata = '', template = '', spec = '', container = '', traffic = '' } = {}): string {
  return `apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: shop
${metadata}spec:
  template:
${template}    spec:
${spec}      containers:
        - image: ghcr.io/acme/shop:2.1.0
${container}${traffic}`
}

function codes(text: string, request: Request = {}, marks: Pick<SourceFile, 'isPatch'> = {}): readonly string[] {
  return plan([{ path: 'shop.yaml', text, ...marks }], request).diagnostics.map(({ code }) => code)
}

const volume = (source: string): string => `      volumes:\n        - name: data\n          ${source}\n`
const mounted = '          volumeMounts:\n            - name: data\n              mountPath: /data\n'
const sidecar =
  '          ports:\n            - containerPort: 8080\n        - image: ghcr.io/acme/cache:1\n          startupProbe:\n            tcpSocket:\n              port: 6379\n'

const test = suite('profiles')

const taken: readonly (readonly [what: string, parts: Parameters<typeof manifest>[0], stock: readonly string[]])[] = [
  ['an e-mail account', { spec: '      serviceAccountName: a@b.iam.gserviceaccount.com\n' }, ['KN362']],
  ['an hour', { spec: '      timeoutSeconds: 3600\n' }, ['KN360']],
  ['a GPU', { spec: '      nodeSelector:\n        run.googleapis.com/accelerator: nvidia-l4\n' }, ['KN364']],
  ['a bucket', { spec: volume('csi: {driver: gcsfuse.run.googleapis.com}'), container: mounted }, ['KN392']],
  ['an NFS share', { spec: volume('nfs: {server: 10.0.0.2, path: /a}'), container: mounted }, ['KN392', 'KN202']],
  ['a sidecar with a probe', { container: sidecar }, ['KN378']],
  ['the number of a project', { metadata: '  namespace: 123456789\n' }, ['KN201']],
  ['the id of a project in a domain', { metadata: '  namespace: "example.com:shop"\n' }, ['KN332']],
  ['a copy of a live object', { metadata: '  resourceVersion: AAYJHbf3eCM\n' }, ['KN339']],
]

for (const [what, parts, stock] of taken)
  test(`Cloud Run takes ${what}, a stock Knative does not`, () => {
    assert.equal(codes(manifest(parts), { profile: 'knative' }), stock)
    assert.equal(codes(manifest(parts), { profile: 'cloudrun' }), [])
  })

test('Cloud Run has no feature flags, and no stock cluster', () => {
  const parts = [
    { spec: '      runtimeClassName: gvisor\n' },
    { spec: volume('hostPath: {path: /a}'), container: mounted },
    { container: '          env:\n            - name: A\n              valueFrom: {fieldRef: {fieldPath: a}}\n' },
    { container: '          securityContext: {capabilities: {add: [A]}}\n' },
  ]
  for (const part of parts) {
    const said = (profile: 'knative' | 'cloudrun'): readonly string[] =>
      plan([{ path: 'a.yaml', text: manifest(part) }], { profile }).diagnostics.map(
        ({ message, help }) => `${message}; ${help}`,
      )
    assert.match(
      said('knative')[0] ?? '',
      / needs the feature flag `kubernetes\.[\w-]+`, which is off by default; .*, or enable the flag in the ConfigMap `config-features` and pass it with `--cluster FILE`$/,
    )
    assert.match(said('cloudrun')[0] ?? '', / is not supported on Cloud Run; /)
    assert.not.match(said('cloudrun')[0] ?? '', /stock cluster|enabled|config-features/)
  }
})

const refused: readonly (readonly [what: string, parts: Parameters<typeof manifest>[0], code: string])[] = [
  ['more than an hour', { spec: '      timeoutSeconds: 3601\n' }, 'KN360'],
  ['an account that is neither', { spec: '      serviceAccountName: A_B\n' }, 'KN362'],
  ['a toleration', { spec: '      tolerations:\n        - key: a\n' }, 'KN364'],
  ['a folder of the host', { spec: volume('hostPath: {path: /a}'), container: mounted }, 'KN392'],
  ['PORT', { container: '          env:\n            - name: PORT\n              value: "1"\n' }, 'KN373'],
  ['traffic that is no 100 percent', { traffic: '  traffic:\n    - percent: 90\n' }, 'KN301'],
]

for (const [what, parts, code] of refused)
  test(`Cloud Run does not take ${what} either`, () => {
    assert.equal(codes(manifest(parts), { profile: 'cloudrun' }), [code])
  })

test('what is said about a limit is what Cloud Run has', () => {
  const text = manifest({ spec: '      timeoutSeconds: 3601\n' })
  const { diagnostics } = plan([{ path: 'shop.yaml', text }], { profile: 'cloudrun' })
  assert.is(diagnostics[0]?.message, '`spec.template.spec.timeoutSeconds` is 3601; must be 0 to 3600 on Cloud Run')
  assert.is(diagnostics[0]?.help, undefined)
})

const signs: readonly Parameters<typeof manifest>[0][] = [
  { metadata: key },
  { metadata: '  labels:\n    cloud.googleapis.com/location: europe-west1\n' },
  { template: '    metadata:\n      annotations:\n        run.googleapis.com/cpu-throttling: "false"\n' },
  { template: '    metadata:\n      labels:\n        run.googleapis.com/startupProbeType: Default\n' },
  { spec: '      nodeSelector:\n        run.googleapis.com/accelerator: nvidia-l4\n' },
]

const profiles = (text: string, request: Request = {}): unknown =>
  plan([{ path: 'shop.yaml', text }], request).services.map(({ profile }) => profile)

test('a key of Google tells whose rules count, and the request overrules it', () => {
  for (const parts of signs) assert.equal(profiles(manifest(parts)), ['cloudrun'])
  assert.equal(profiles(manifest()), ['knative'])
  assert.equal(profiles(manifest({ metadata: '  labels:\n    a: run.googleapis.com/b\n' })), ['knative'])
  assert.equal(profiles(manifest({ metadata: key }), { profile: 'knative' }), ['knative'])
})

const quoted = (first: string, second: string): string =>
  `  traffic:\n    - revisionName: shop-v1\n      percent: ${first}\n    - {revisionName: shop-v2, percent: ${second}}\n`

const textAfter = (text: string, request: Request): string | undefined =>
  plan([{ path: 'shop.yaml', text }], request).changes[0]?.text

const cloudRun = (parts: Parameters<typeof manifest>[0]): readonly string[] =>
  codes(manifest({ metadata: key, ...parts }))

const port = (number: string): string =>
  `          ports: [{containerPort: '${number}'}]\n          startupProbe: {tcpSocket: {port: '5002'}}\n`

test('a percent in quotes counts on Cloud Run, and is edited in quotes', () => {
  const move = { command: 'apply', stage: 'split', percent: 20 } as const
  for (const [metadata, request] of [
    [key, {}],
    ['', { profile: 'cloudrun' }],
  ] as const) {
    const text = manifest({ metadata, traffic: quoted("'100'", '"0"') })
    assert.is(textAfter(text, { ...request, move }), text.replace("'100'", "'80'").replace('"0"', '"20"'))
    const added = {
      command: 'set',
      shares: [{ target: 'shop-v3', percent: 5 }],
      tags: [],
      untag: [],
      allowUnknown: true,
    } as const
    const alone = manifest({ metadata, traffic: `  traffic:\n    - revisionName: shop-v1\n      percent: '100'\n` })
    assert.is(
      textAfter(alone, { ...request, move: added }),
      alone.replace("'100'", "'95'") + `    - revisionName: shop-v3\n      percent: '5'\n`,
    )
  }
  const stock = manifest({ traffic: quoted("'100'", '0') })
  assert.is(textAfter(stock, { move }), undefined)
  assert.equal(codes(stock, { move }), ['KN201', 'KN415'])
  const mixed = manifest({ metadata: key, traffic: quoted("'100'", '0') })
  assert.is(textAfter(mixed, { move }), mixed.replace("'100'", "'80'").replace('percent: 0', 'percent: 20'))
})

test('numbers in quotes are held to the same bounds, and texts that are called like them stay texts', () => {
  assert.equal(cloudRun({ traffic: quoted("'100'", "'0'") }), [])
  assert.equal(cloudRun({ traffic: quoted("'50'", "'20'") }), ['KN301'])
  assert.equal(cloudRun({ traffic: quoted("'101'", "'0'") }), ['KN301', 'KN302', 'KN313'])
  assert.equal(cloudRun({ spec: "      containerConcurrency: '1'\n      timeoutSeconds: '1500'\n" }), [])
  assert.equal(cloudRun({ spec: "      containerConcurrency: '1001'\n      timeoutSeconds: '9999'\n" }), [
    'KN361',
    'KN360',
  ])
  assert.equal(cloudRun({ container: port('5002') }), [])
  assert.equal(cloudRun({ container: port('70000') }), ['KN376'])
  assert.equal(cloudRun({ spec: "      nodeSelector: {port: '80'}\n" }), [])
  assert.equal(cloudRun({ container: '          env: [{name: A, valueFrom: {secretKeyRef: {name: a, key: 1}}}]\n' }), [
    'KN201',
  ])
})

test('a stage proves its result by the same rules', () => {
  const text = manifest({ spec: '      timeoutSeconds: 900\n' })
  const request: Request = { move: { command: 'apply', stage: 'pin', stable: 'shop-00001' } }
  assert.equal(codes(text, request), ['KN360'])
  assert.equal(codes(text, { ...request, profile: 'cloudrun' }), [])
})

const head = 'apiVersion: serving.knative.dev/v1\nkind: Service\n'
const patched: readonly (readonly [what: string, text: string, patch: readonly string[]])[] = [
  ['nothing but traffic', `${head}metadata:\n  name: shop\nspec:\n  traffic:\n    - percent: 100\n`, []],
  ['traffic that does not add up', `${head}spec:\n  traffic:\n    - percent: 90\n`, ['KN301']],
  ['no name', `${head}spec:\n  template:\n    metadata:\n      name: shop-v1\n`, []],
  ['a container to complete', `${head}spec:\n  template:\n    spec:\n      containers:\n        - name: a\n`, []],
  ['a volume alone', `${head}spec:\n  template:\n    spec:\n${volume('emptyDir: {}')}`, []],
  ['a directive', `${head}metadata:\n  name: shop\nspec:\n  template:\n    $patch: delete\n`, []],
  ['a field that there is not', `${head}spec:\n  template:\n    spec:\n      containres: []\n`, ['KN202']],
  ['a limit', `${head}spec:\n  template:\n    spec:\n      timeoutSeconds: 900\n`, ['KN360']],
]

for (const [what, text, expected] of patched)
  test(`a patch with ${what} is judged for what it has`, () => {
    assert.equal(codes(text, {}, { isPatch: true }), expected)
    assert.ok(codes(text).length > expected.length)
  })

test('the summary tells whose rules judged', () => {
  const files: readonly SourceFile[] = [
    { path: 'a.yaml', text: manifest() },
    { path: 'b.yaml', text: manifest({ metadata: key }) },
  ]
  assert.is(summaryText(plan(files.slice(0, 1), {})), '1 Knative Service in 1 file: 0 errors, 0 warnings\n')
  const two = '2 Knative Services in 2 files (1 as Cloud Run'
  assert.is(summaryText(plan(files, {})), `${two}): 0 errors, 0 warnings\n`)
  const marked = files.map((file): SourceFile => ({ ...file, isPatch: true }))
  assert.is(summaryText(plan(marked, {})), `${two}, 2 as patches): 0 errors, 0 warnings\n`)
})

test('a kustomization names its patches in three ways', () => {
  const text = `patches:
  - path: a.yaml
    target: {kind: Service}
  - patch: |-
      - op: remove
        path: /spec/traffic
  - target: {kind: Service}
patchesStrategicMerge:
  - ../b.yaml
  - |-
    kind: Service
    spec: {}
patchesJson6902:
  - path: c.json
resources: [d.yaml]
`
  assert.equal(patchPaths('kustomization.yaml', text), ['a.yaml', '../b.yaml', 'c.json'])
})

test('what is no kustomization names nothing', () => {
  for (const text of [
    '',
    'patches',
    'patches: x',
    'patches: [1, [], null]',
    'patches: [',
    '- patches',
    'patches: {{ x }}',
  ])
    assert.equal(patchPaths('kustomization.yaml', text), [])
})

test.run()
