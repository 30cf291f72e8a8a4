// `kn-rollout fn` as hosts of KRM functions run it: a ResourceList on the standard input, one on the standard output.
import { spawnSync } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'

import { service } from './manifests.js'
import { Sandbox, main, type Ran } from './sandbox.js'

type Result = {
  readonly message: string
  readonly severity: string
  readonly resourceRef?: object
  readonly field?: { readonly path: string }
  readonly file?: object
  readonly tags?: object
}

const traffic = `  traffic: # who answers
    - revisionName: shop-v1
      percent: 100
    - revisionName: shop-v2 # new
      percent: 0
      tag: v2
`
const shop = service(traffic, { name: 'shop', revision: 'shop-v2' })
const other = `apiVersion: v1
kind: Service # not one of ours
metadata: {name: shop, namespace: shop}
spec: {traffic: [], note: "{{ kept }}"}
`

/** A manifest as hosts annotate it. */
function noted(manifest: string, path: string, index: number): string {
  const notes = `  annotations:
    config.kubernetes.io/index: '${index}'
    config.kubernetes.io/path: '${path}'
    internal.config.kubernetes.io/index: '${index}'
    internal.config.kubernetes.io/path: '${path}'
    internal.config.kubernetes.io/seqindent: 'wide'
`
  return manifest.replace(/^metadata:\n/m, `metadata:\n${notes}`)
}

function item(manifest: string): string {
  return manifest
    .trimEnd()
    .split('\n')
    .map((line, index) => (index === 0 ? `- ${line}` : `  ${line}`))
    .join('\n')
}

function listOf(manifests: readonly string[], config = ''): string {
  const items = manifests.map(item).join('\n')
  return `apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n${items}\n${config}`
}

function configMap(data: string): string {
  return `functionConfig:\n  apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: move}\n  data: ${data}\n`
}

const box = new Sandbox()

function run(input: string): Ran & { readonly results: readonly Result[] } {
  const ran = box.run(['fn'], { stdin: input })
  const { results = [] } = (ran.stdout === '' ? {} : parse(ran.stdout)) as { readonly results?: readonly Result[] }
  return { ...ran, results }
}

/** The output without its results. */
function itemsOf({ stdout }: Ran): string {
  return stdout.replace(/^results:\n[^]*/m, '')
}

const annotated = noted(shop, 'apps/shop.yaml', 1)
const split = annotated.replace('percent: 100', 'percent: 50').replace('percent: 0', 'percent: 50')

const test = suite('fn')

test('moves a Service among the items; every other byte of the list stays', () => {
  const config = configMap('{stage: split, services: shop/shop}')
  const ran = run(listOf([other, `# above\n${annotated}`], config))
  assert.equal([ran.status, ran.stderr], [0, ''])
  assert.is(itemsOf(ran), listOf([other, `# above\n${split}`], config))
  assert.equal(ran.results, [
    {
      message: 'split: Moves 50% of the requests of `shop` from `shop-v1` to `shop-v2`.',
      severity: 'info',
      resourceRef: { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name: 'shop', namespace: 'shop' },
      file: { path: 'apps/shop.yaml', index: 1 },
      field: { path: 'spec.traffic' },
    },
  ])
  const again = run(itemsOf(ran))
  assert.equal([again.status, again.stdout], [0, itemsOf(ran)], 'a second run changes nothing')
})

test('takes its own kind, with roles and a share', () => {
  const spec = '{stage: split, percent: 10, stable: shop-v1, candidate: shop-v2, services: ["*"]}'
  const config = `functionConfig:\n  apiVersion: kn-rollout/v1\n  kind: RolloutStage\n  metadata: {name: x}\n  spec: ${spec}\n`
  const ran = run(listOf([shop], config))
  assert.is(ran.status, 0, ran.stderr)
  const wanted = shop.replace('percent: 100', 'percent: 90').replace('percent: 0', 'percent: 10')
  assert.is(itemsOf(ran), listOf([wanted], config))
})

test('without a stage it judges, and errors have places', () => {
  const bad = noted(shop.replace('percent: 100', 'percent: 90'), 'apps/shop.yaml', 0)
  for (const config of ['', 'functionConfig: {}\n', configMap('{}'), configMap('{services: shop}')]) {
    const ran = run(listOf([bad], config))
    assert.is(ran.status, 1)
    assert.is(itemsOf(ran), listOf([bad], config))
    const [found] = ran.results
    assert.match(
      found?.message ?? '',
      /`spec\.traffic` percents add up to 90, not 100 \(90 \+ 0\) \[KN301 traffic-sum\]; change the percents so that they add up to 100; a target without `percent` counts as 0; Knative says: Traffic targets sum to 90, want 100/,
    )
    assert.equal(
      { ...found, message: '' },
      {
        message: '',
        severity: 'error',
        resourceRef: { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name: 'shop', namespace: 'shop' },
        file: { path: 'apps/shop.yaml', index: 0 },
        field: { path: 'spec.traffic' },
        tags: { code: 'KN301' },
      },
    )
  }
})

test('all items move or none: what is refused leaves the list as it was', () => {
  const second = service('', { name: 'cart' })
  const input = listOf([shop, second], configMap('{stage: split, services: "*"}'))
  const ran = run(input)
  assert.is(ran.status, 1)
  assert.is(itemsOf(ran), input)
  assert.ok(ran.results.some(({ severity, message }) => severity === 'error' && /`stable`|`candidate`/.test(message)))
  assert.not.match(ran.stdout, '--stable')
})

const refused: readonly (readonly [config: string, path: string | undefined, message: RegExp])[] = [
  [configMap('{stage: splt}'), undefined, /^unknown stage `splt`.*did you mean `split`/],
  [
    configMap('{stage: split}'),
    undefined,
    /cannot choose a Service to move: 2 match \(shop\/shop \(\(stdin\)\), shop\/cart \(\(stdin\)\)\) \[KN422 ambiguous-service\]; name them in `services`, or use `services: "\*"` for all/,
  ],
  [
    configMap('{stage: split, services: nix}'),
    undefined,
    /^`services` `nix` matches none of the 2 Knative Services in the files \[KN420 service-not-found\]; run `kn-rollout status` to list them/,
  ],
  [configMap('{stge: split}'), 'data.stge', /^unknown field `data\.stge`; did you mean `stage`\?/],
  [
    configMap('{oddity: split}'),
    'data.oddity',
    /it may have stage, stable, candidate, tag, percent, services, cluster$/,
  ],
  [configMap('{stage: ""}'), 'data.stage', /`data\.stage` is ``; must be a string/],
  [configMap('{stage: split, percent: many}'), 'data.percent', /`data\.percent` is `many`; must be a number/],
  [
    configMap('{stage: split, services: "a,,b"}'),
    'data.services',
    /`data\.services` is neither a list nor names with commas between them/,
  ],
  [
    configMap('{stage: split, services: {}}'),
    'data.services',
    /`data\.services` is neither a list nor names with commas between them/,
  ],
  [configMap('{tag: v2}'), 'data.tag', /`data\.tag` is set without `stage`/],
  [configMap('[]'), 'data', /`data` is not a mapping/],
  [
    'functionConfig: {kind: Other, apiVersion: v1}\n',
    'kind',
    /`functionConfig` has the kind `Other`; must be `ConfigMap` or `RolloutStage`/,
  ],
  [
    'functionConfig: {kind: RolloutStage}\n',
    'apiVersion',
    /`apiVersion` of the RolloutStage is missing; must be `kn-rollout\/v1`/,
  ],
]
for (const [config, path, message] of refused)
  test(`refuses ${config.trim().split('\n').at(-1)?.trim() ?? ''}`, () => {
    const input = listOf([shop, service('', { name: 'cart' })], config)
    const ran = run(input)
    assert.equal([ran.status, itemsOf(ran)], [1, input])
    const error = ran.results.find(({ severity }) => severity === 'error')
    assert.match(error?.message ?? '', message)
    if (path !== undefined) assert.is(error?.field?.path, path)
  })

test('JSON stays JSON', () => {
  const manifest: unknown = parse(shop)
  const config = { apiVersion: 'v1', kind: 'ConfigMap', data: { stage: 'promote' } }
  const list = {
    apiVersion: 'config.kubernetes.io/v1',
    kind: 'ResourceList',
    items: [manifest],
    functionConfig: config,
  }
  for (const indent of [0, 2]) {
    const ran = run(JSON.stringify(list, undefined, indent))
    assert.is(ran.status, 0, ran.stderr)
    const { results, ...rest } = JSON.parse(ran.stdout) as typeof list & { readonly results: readonly Result[] }
    const wanted = structuredClone(list) as unknown as { items: { spec: { traffic: { percent: number }[] } }[] }
    for (const [index, target] of wanted.items[0]?.spec.traffic.entries() ?? []) target.percent = index === 0 ? 0 : 100
    assert.equal(rest, wanted)
    assert.is(results.length, 1)
  }
})

test('results of an earlier function give way; without anything to say the list is handed on as it came', () => {
  const earlier = 'results:\n- message: old\n  severity: info\n'
  const ran = run(listOf([shop.replace('percent: 100', 'percent: 90')]).replace('items:', `${earlier}items:`))
  assert.is(ran.status, 1)
  assert.not.match(ran.stdout, 'message: old')
  assert.is(ran.results.length, 1)
  const quiet = listOf([other])
  assert.equal([run(quiet).status, run(quiet).stdout], [0, quiet])
  assert.is(run(quiet.trimEnd()).stdout, quiet.trimEnd())
  assert.is(run(listOf([shop], configMap('{stage: split}')).trimEnd()).results.length, 1)
})

const unreadable: readonly (readonly [input: string | Uint8Array, said: RegExp])[] = [
  [
    shop,
    /^kn-rollout: \(stdin\):1:1: the input is not one document of `kind: ResourceList`.*\[KN111 not-kubernetes-object\]\n$/,
  ],
  ['', /the input is not one document of `kind: ResourceList`/],
  [`${listOf([shop])}---\n${listOf([shop])}`, /the input is not one document/],
  ['kind: ResourceList\nitems: {}\n', /with a list of `items`/],
  [
    'kind: ResourceList\nitems: [\n',
    /\(stdin\):2:8: file is not valid YAML: flow sequence in block collection must be sufficiently indented and end with a \] \[KN101 invalid-yaml\]/,
  ],
  [Buffer.from([0x6b, 0xff]), /\(stdin\): is not UTF-8: invalid bytes in line 1 \(byte 2\)/],
  [
    `results: &r\n- {message: a}\n${listOf([shop.replace('100', '90')])}x: *r\n`,
    /\(stdin\): cannot add `results` at the end of the list/,
  ],
]
for (const [input, said] of unreadable)
  test(`an input that is no ResourceList ends with 2: ${said.source}`, () => {
    const { status, stdout, stderr } = box.run(['fn'], { stdin: input })
    assert.equal([status, stdout], [2, ''])
    assert.match(stderr, said)
  })

test('takes no paths', () => {
  const { status, stderr } = box.run(['fn', '--', 'apps'])
  assert.is(status, 2)
  assert.match(stderr, '`fn` reads stdin and accepts no paths, but gets `apps`')
})

function isInstalled(program: string): boolean {
  return spawnSync(program, ['version']).status === 0
}

/** A package with the function as one program, for hosts that take no arguments. */
function packaged(files: Readonly<Record<string, string>>): Sandbox {
  const made = Sandbox.committed({ ...files, 'bin/fn': `#!/bin/sh\nexec '${process.execPath}' '${main}' fn\n` })
  chmodSync(made.path('bin/fn'), 0o755)
  return made
}

if (isInstalled('kpt'))
  test('kpt runs it, and the files keep their comments', () => {
    const kptfile = 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\n'
    const made = packaged({ 'p/Kptfile': kptfile, 'p/shop.yaml': `${shop}---\n${other}` })
    const kpt = (rest: string): Ran => made.shell(`kpt fn eval p --exec "$PWD/bin/fn" -- ${rest}`)
    const ran = kpt('stage=split')
    assert.is(ran.status, 0, ran.stderr)
    assert.match(
      ran.stderr,
      '    [info] serving.knative.dev/v1/Service/shop/shop spec.traffic: split: Moves 50% of the requests of `shop` from `shop-v1` to `shop-v2`.',
    )
    const wanted = shop.replace('percent: 100', 'percent: 50').replace('percent: 0', 'percent: 50')
    assert.is(made.read('p/shop.yaml'), `${wanted}---\n${other}`)
    const failed = kpt('stage=retire')
    assert.is(failed.status, 1)
    assert.match(failed.stderr, '[KN408 retire-too-early]')
    assert.is(made.read('p/shop.yaml'), `${wanted}---\n${other}`)
  })
else console.log('skipped: kpt is not on the PATH, so it cannot run the function')

if (isInstalled('kustomize'))
  test('kustomize runs it as a transformer', () => {
    const note = "config.kubernetes.io/function: 'exec: {path: ./bin/fn}'"
    const made = packaged({
      'kustomization.yaml': 'resources: [shop.yaml]\ntransformers: [move.yaml]\n',
      'shop.yaml': shop,
      'move.yaml': `apiVersion: kn-rollout/v1\nkind: RolloutStage\nmetadata:\n  name: move\n  annotations:\n    ${note}\nspec:\n  stage: split\n`,
    })
    const ran = made.shell('kustomize build --enable-alpha-plugins --enable-exec .')
    assert.is(ran.status, 0, ran.stderr)
    assert.is((ran.stdout.match(/percent: 50/g) ?? []).length, 2)
  })
else
  console.log(
    'skipped: kustomize is not on the PATH (kubectl kustomize cannot run programs), so it cannot run the function',
  )

test.run()
