// What kustomizations build, feature by feature, and the line that decides each value. That the values are those of the
// real kustomize, test/builds-soak.test.ts asks.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import type { AppliedService, BuiltRoot } from '../src/kustomize/build.js'
import { meets } from '../src/kustomize/selector-text.js'
import { unrewritten } from '../src/kustomize/finished.js'
import { spotAt } from '../src/manifest/manifest.js'
import type { Path } from '../src/text/path.js'
import { lineNumber } from '../src/text/source.js'
import { sha256 } from '../src/text/hashes.js'
import { type Json, member } from '../src/yaml/json.js'
import { ours } from './soak/builds.js'
import type { Tree } from './trees.js'

const test = suite('build')

const shop = `apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: shop
spec:
  template:
    metadata:
      name: shop-v1
    spec:
      containers:
        - image: example.com/shop:1.0
          env:
            - name: TOKEN
              valueFrom:
                secretKeyRef: {name: sec, key: token}
          envFrom:
            - configMapRef: {name: cfg}
  traffic:
    - revisionName: shop-v1
      percent: 100
`
const base: Tree = { 'base/kustomization.yaml': 'resources: [shop.yaml]\n', 'base/shop.yaml': shop }
const image: Path = ['spec', 'template', 'spec', 'containers', 0, 'image']
const percent: Path = ['spec', 'traffic', 0, 'percent']
const token: Path = ['spec', 'template', 'spec', 'containers', 0, 'env', 0, 'valueFrom', 'secretKeyRef', 'name']
const config: Path = ['spec', 'template', 'spec', 'containers', 0, 'envFrom', 0, 'configMapRef', 'name']

function built(tree: Tree, folder = 'top'): BuiltRoot {
  const root = ours(tree, folder)
  if (!root) throw new Error(`no kustomization in ${folder}`)
  return root
}

function only(root: BuiltRoot): AppliedService {
  const [first] = root.services
  if (!first) throw new Error(`no Service: ${refusal(root)}`)
  return first
}

/** The value of a field of the only Service, and `file:line` of what decides it. */
function said(root: BuiltRoot, path: Path): readonly [Json | undefined, string] {
  const { manifest } = only(root)
  const { file, range } = spotAt(manifest, path)
  let value: Json | undefined = manifest.value
  for (const step of path)
    value = Array.isArray(value) ? (value as readonly Json[])[Number(step)] : member(value, String(step))
  return [value, `${file.path}:${lineNumber(file.text, range.start)}`]
}

function refusal(root: BuiltRoot): string {
  return root.faults.map(({ message }) => message).join('; ')
}

test('what nothing changes is decided by the resource', () => {
  const root = built({ ...base, 'top/kustomization.yaml': 'resources: [../base]\nnamePrefix: dev-\n' })
  assert.equal(said(root, percent), [100, 'base/shop.yaml:20'])
  assert.equal(said(root, ['metadata', 'name']), ['dev-shop', 'top/kustomization.yaml:2'])
  assert.equal(
    root.services[0]?.ids.map(({ name }) => name),
    ['shop', 'dev-shop'],
  )
  assert.equal(
    root.services[0]?.sources.map(({ path }) => path),
    ['base/shop.yaml', 'top/kustomization.yaml'],
  )
  assert.is(root.services[0]?.base.file.path, 'base/shop.yaml')
})

test('images are decided by the member that shows', () => {
  const top = 'resources: [../base]\nimages:\n  - name: example.com/shop\n    newTag: "2.0"\n'
  const root = built({ ...base, 'top/kustomization.yaml': top })
  assert.equal(said(root, image), ['example.com/shop:2.0', 'top/kustomization.yaml:4'])
  const odd = built({ ...base, 'top/kustomization.yaml': top.replace('"2.0"', '1.10') })
  assert.match(refusal(odd), /`newTag` is `1\.1` to kustomize; must be a string/)
  assert.equal(odd.faults[0]?.path, ['images', 0, 'newTag'])
})

// As `kubectl kustomize` builds it: the name is an expression, and a dot in it stands for every character.
const meant: readonly (readonly [image: string, name: string, built: string])[] = [
  ['example.com/shop:1.0', 'example.com/shop', 'example.com/shop:2'],
  ['example.com/shop:1.0', 'example.com/sho', 'example.com/shop:1.0'],
  ['example.com/shop:1.0', 'example.com/shop:1.0', 'example.com/shop:2'],
  ['example.com/shop:1.0', 'example.com/shop:1', 'example.com/shop:1.0'],
  ['example.com/shop:1.0', 'examp.e.com/sh.p', 'example.com/shop:2'],
  ['example.com/shop:1.0', 'example.com/sho.x', 'example.com/shop:1.0'],
  ['example.com/shop:1.0', 'xample.com/shop', 'example.com/shop:1.0'],
  ['example.com/shop:1.0', '.*shop', 'example.com/shop:2'],
  ['example.com/shop:1.0', 'example.com/(shop|x)', 'example.com/shop:2'],
  ['example.com/shop:1.0', 'Example.com/shop', 'example.com/shop:1.0'],
  ['example.com/sh\u{f6}p:1', 'example.com/sh.p', 'example.com/sh\u{f6}p:2'],
  ['example.com/sh\u{1f600}p:1', 'example.com/sh.p', 'example.com/sh\u{1f600}p:2'],
  ['shop:1@sha256:abc', 'shop:1', 'shop:2'],
  ['shop', 'shop.', 'shop'],
  ['shop:', 'shop.', 'shop:2'],
]

test('which images the name of an entry means', () => {
  for (const [own, name, now] of meant) {
    const root = built({
      'top/kustomization.yaml': `resources: [shop.yaml]\nimages:\n  - name: ${JSON.stringify(name)}\n    newTag: "2"\n`,
      'top/shop.yaml': shop.replace('example.com/shop:1.0', JSON.stringify(own)),
    })
    assert.is(said(root, image)[0], now, `${own} by ${name}`)
  }
})

test('an entry for nothing still makes a list of null, and each is refused for what is no text', () => {
  const settings = 'images:\n  - {path: "spec/extra[]/image", kind: Service, group: serving.knative.dev}\n'
  const top = `resources: [shop.yaml]\nconfigurations: [c.yaml]\nimages:\n  - {name: other, newTag: "2"}\n  - {name: more, newTag: "2"}\n`
  const tree = { 'top/kustomization.yaml': top, 'top/c.yaml': settings }
  const root = built({ ...tree, 'top/shop.yaml': shop.replace('  traffic:', '  extra:\n  traffic:') })
  assert.equal(said(root, ['spec', 'extra'])[0], [])
  const odd = built({ ...tree, 'top/shop.yaml': shop.replace('image: example.com/shop:1.0', 'image: {a: b}') })
  assert.match(refusal(odd), /`image` is not a string/)
})

test('a patch in a file, and the lists that it replaces', () => {
  const root = built({
    ...base,
    'top/kustomization.yaml': 'resources: [../base]\npatches: [{path: p.yaml}]\n',
    'top/p.yaml':
      'apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: shop}\nspec:\n  traffic:\n    - latestRevision: true\n      percent: 100\n',
  })
  assert.equal(said(root, ['spec', 'traffic']), [[{ latestRevision: true, percent: 100 }], 'top/p.yaml:6'])
  assert.equal(said(root, percent), [100, 'top/p.yaml:7'])
  assert.equal(said(root, ['spec', 'template', 'metadata', 'name']), ['shop-v1', 'base/shop.yaml:8'])
})

test('a patch inside of the kustomization stands at its own lines there', () => {
  const patch = `apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: shop

spec:
  template:
    metadata:
      name: shop-v2
`.replaceAll(/^(?=.)/gm, '      ')
  const root = built({
    ...base,
    'top/kustomization.yaml': `resources: [../base]\npatches:\n  - target: {kind: Service}\n    patch: |-\n${patch}`,
  })
  assert.equal(said(root, ['spec', 'template', 'metadata', 'name']), ['shop-v2', 'top/kustomization.yaml:13'])
})

test('operations below the traffic', () => {
  const operations =
    '- op: replace\n  path: /spec/traffic/0/percent\n  value: 90\n- op: add\n  path: /spec/traffic/-\n  value: {revisionName: shop-v2, percent: 10}\n- {op: add, path: /metadata/labels, value: {a~b/c: d}}\n- {op: remove, path: "/metadata/labels/a~0b~1c"}\n'
  const root = built({
    ...base,
    'top/kustomization.yaml': 'resources: [../base]\npatches: [{path: ops.yaml, target: {name: sh.*}}]\n',
    'top/ops.yaml': operations,
  })
  assert.equal(said(root, percent), [90, 'top/ops.yaml:3'])
  assert.equal(said(root, ['spec', 'traffic', 1, 'revisionName']), ['shop-v2', 'top/ops.yaml:6'])
  assert.equal(said(root, ['metadata', 'labels'])[0], {})
})

const generators = (value: string): string =>
  `resources: [../base]\nsecretGenerator:\n  - name: sec\n    literals: [token=${value}]\nconfigMapGenerator:\n  - {name: cfg, literals: [a=b]}\n`

test('generated names follow their content, and only one reference follows them', () => {
  const root = built({ ...base, 'top/kustomization.yaml': generators('one') })
  assert.equal(said(root, token), ['sec-tgbh45kd9f', 'top/kustomization.yaml:3'])
  assert.is.not(said(built({ ...base, 'top/kustomization.yaml': generators('two') }), token)[0], 'sec-tgbh45kd9f')
  assert.equal(said(root, config), ['cfg', 'base/shop.yaml:17'])
  assert.equal(unrewritten(only(root), root), [
    { path: config, name: 'cfg', kind: 'ConfigMap', builtName: 'cfg-4h2mbtbbt6' },
  ])
})

test('configurations make other references follow', () => {
  const root = built({
    ...base,
    'top/kustomization.yaml':
      'resources: [../base]\nconfigMapGenerator: [{name: cfg, literals: [a=b]}]\nconfigurations: [c.yaml]\n',
    'top/c.yaml':
      'nameReference:\n  - kind: ConfigMap\n    fieldSpecs:\n      - {path: spec/template/spec/containers/envFrom/configMapRef/name, kind: Service}\n',
  })
  assert.equal(said(root, config)[0], 'cfg-4h2mbtbbt6')
  assert.equal(unrewritten(only(root), root), [])
})

test('a replacement is decided by its source', () => {
  const root = built({
    ...base,
    'top/kustomization.yaml': `resources: [../base, values.yaml]
replacements:
  - source: {kind: ConfigMap, name: values, fieldPath: data.share}
    targets:
      - select: {kind: Service, name: shop}
        fieldPaths: ['spec.traffic.[revisionName=shop-v1].percent']
`,
    'top/values.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: values}\ndata:\n  share: "40"\n',
  })
  assert.equal(said(root, percent), [40, 'top/values.yaml:5'])
})

function replaced(create: boolean, field: string): BuiltRoot {
  return built({
    ...base,
    'base/shop.yaml': shop.replace('      name: shop-v1\n', '      name: shop-v1\n      annotations: null\n'),
    'top/kustomization.yaml': `resources: [../base]
replacements:
  - source: {kind: Service, name: shop, fieldPath: metadata.name}
    targets:
    - select: {kind: Service}
      fieldPaths: ['spec.template.metadata.annotations.${field}']
      options: {create: ${create}}
`,
  })
}

test('what a replacement makes below a null is lost', () => {
  for (const field of ['owner', 'a.b', '0', '[name=a].b'])
    assert.is(said(replaced(true, field), ['spec', 'template', 'metadata', 'annotations'])[0], null, field)
  assert.match(refusal(replaced(true, '*')), /does not follow a list|leads to no field/)
  assert.match(refusal(replaced(false, 'owner')), /leads to no field/)
})

test('labels and annotations reach a template only where they are sent', () => {
  const top = `resources: [../base]
commonAnnotations: {note: all}
labels:
  - pairs: {env: dev}
    includeTemplates: true
  - pairs: {tier: web}
    fields: [{path: spec/template/metadata/labels, create: true}]
`
  const root = built({ ...base, 'top/kustomization.yaml': top })
  assert.equal(said(root, ['metadata', 'labels', 'env']), ['dev', 'top/kustomization.yaml:4'])
  assert.equal(said(root, ['metadata', 'annotations', 'note']), ['all', 'top/kustomization.yaml:2'])
  assert.equal(said(root, ['spec', 'template', 'metadata']), [
    { name: 'shop-v1', labels: { tier: 'web' } },
    'base/shop.yaml:8',
  ])
})

test('components work on what is there, and have their own lines', () => {
  const root = built({
    ...base,
    'top/kustomization.yaml': 'resources: [../base]\ncomponents: [../c]\nnamespace: prod\n',
    'c/kustomization.yaml':
      'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nimages:\n  - {name: example.com/shop, newTag: "3"}\n',
  })
  assert.equal(said(root, image), ['example.com/shop:3', 'c/kustomization.yaml:4'])
  assert.equal(said(root, ['metadata', 'namespace']), ['prod', 'top/kustomization.yaml:3'])
  assert.is(root.services[0]?.manifest.label, 'prod/shop')
})

test('what is missing is shown at the nearest field around it', () => {
  const root = built(base, 'base')
  assert.equal(said(root, ['spec', 'template', 'metadata', 'labels', 'x']), [undefined, 'base/shop.yaml:7'])
  assert.equal(said(root, []), [root.services[0]?.manifest.value, 'base/shop.yaml:1'])
})

test('what kustomize refuses', () => {
  const top = (more: string): Tree => ({ ...base, 'top/kustomization.yaml': `resources: [../base]\n${more}` })
  assert.match(refusal(built(top('resourcess: []\n'))), /unknown field/)
  assert.match(refusal(built(top('patches: [{patch: "- {op: remove, path: /a}"}]\n'))), /a JSON patch has no `target`/)
  assert.match(refusal(built(top('components: [../base]\n'))), /kind: Component/)
  assert.match(
    refusal(built({ ...base, 'top/kustomization.yaml': 'resources: [gone.yaml]\n' })),
    /`gone\.yaml` does not exist; must be a file or a directory with a kustomization/,
  )
  assert.match(
    refusal(built({ ...base, 'top/kustomization.yaml': 'resources: [../base, ../base]\n' })),
    /Service `shop` is twice in the build/,
  )
  const other = 'apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: other}\n'
  assert.match(
    refusal(built({ ...top('patches: [{path: p.yaml}]\n'), 'top/p.yaml': other })),
    /the patch matches no object \(Service `other`\)/,
  )
  assert.match(
    refusal(built({ ...base, 'base/shop.yaml': shop.replace('percent: 100', 'percent: !!int x') }, 'base')),
    /./,
  )
})

test('what cannot be built here leaves the rest', () => {
  const root = built({
    ...base,
    'top/kustomization.yaml': `resources:
  - ../base
  - https://github.com/org/repo//deploy?ref=v1
helmCharts:
  - name: chart
transformers: [t.yaml]
`,
  })
  assert.equal(
    root.notBuilt.map(({ why, name, path }) => [why, name, path.join('/')]),
    [
      ['remote', 'https://github.com/org/repo//deploy?ref=v1', 'resources/1'],
      ['chart', 'chart', 'helmCharts/0'],
      ['plugin', 't.yaml', 'transformers/0'],
    ],
  )
  assert.equal(said(root, percent)[0], 100)
})

test('a file outside of the folder is read, and told apart', () => {
  const root = built({ 'shop.yaml': shop, 'top/kustomization.yaml': 'resources: [../shop.yaml]\n' })
  assert.equal(said(root, percent), [100, 'shop.yaml:20'])
  assert.match(
    root.outside[0]?.message ?? '',
    /`\.\.\/shop\.yaml` is outside of the directory: kubectl and Argo CD will reject the build/,
  )
})

test('folders that lead to themselves', () => {
  const tree = { 'a/kustomization.yaml': 'resources: [../b]\n', 'b/kustomization.yaml': 'resources: [../a]\n' }
  assert.match(refusal(built(tree, 'a')), /the kustomization builds on itself or on a directory above/)
  assert.match(
    refusal(
      built(
        {
          'a/b/kustomization.yaml': 'resources: [../]\n',
          'a/kustomization.yaml': 'resources: [x.yaml]\n',
          'a/x.yaml': shop,
        },
        'a/b',
      ),
    ),
    /the kustomization builds on itself or on a directory above/,
  )
})

test('folders that double with every step come to an end', () => {
  const tree: Record<string, string> = { 'l0/kustomization.yaml': 'resources: [shop.yaml]\n', 'l0/shop.yaml': shop }
  for (let level = 1; level <= 30; level++) {
    tree[`l${level}/kustomization.yaml`] = `resources: [../a${level}, ../b${level}]\n`
    for (const side of ['a', 'b'])
      tree[`${side}${level}/kustomization.yaml`] = `resources: [../l${level - 1}]\nnamePrefix: ${side}-\n`
  }
  const before = process.cpuUsage()
  const root = built(tree, 'l30')
  assert.ok(root.notBuilt.some(({ why }) => why === 'too many'))
  assert.ok(process.cpuUsage(before).user < 20_000_000)
})

test('a long chain of folders comes to an end', () => {
  const tree: Record<string, string> = { 'l0/kustomization.yaml': 'resources: [shop.yaml]\n', 'l0/shop.yaml': shop }
  for (let level = 1; level <= 3000; level++) tree[`l${level}/kustomization.yaml`] = `resources: [../l${level - 1}]\n`
  assert.ok(built(tree, 'l3000').notBuilt.some(({ why }) => why === 'too many'))
})

// What the real kustomize made of each, on an object labelled `app: a, n: "1"`.
const selectors = {
  met: [
    'n>0',
    'n<99',
    'n > 0',
    'n>0,app',
    'app in (a,)',
    'app in (a,b,)',
    'app in (a,,b)',
    'app in(a)',
    'app=a\t,n',
    'app!=',
    'app notin ()',
    'app notin (b),n',
    ' ',
  ],
  unmet: [
    'app in ()',
    'app=',
    'app==,n',
    '! app',
    'in=a',
    'notin',
    'in in (a)',
    'app in (in)',
    'app>1',
    'x.y.z/app',
    'app in (),n',
  ],
  refused: [
    'app=a,',
    '!app=a',
    'app>x',
    'app>1.5',
    'app>',
    'n>-1',
    'app=a b',
    'app=-a',
    'app=a.',
    'a/b/c=d',
    ',app=a',
    'n in (a, b',
    'app in a',
    'app=a=b',
    'app!a',
    '(app=a)',
    'app in (-)',
    'app in (a b)',
    'app in (a=b)',
    'app===a',
    'app,,n',
    '!!app',
    '/app',
    'app/',
    'APP/x',
    'a~b',
    `app=${'a'.repeat(64)}`,
  ],
} as const

test('selectors of labels', () => {
  const marks = new Map([
    ['app', 'a'],
    ['n', '1'],
  ])
  const meaning = (text: string): boolean | undefined => meets(text, (key) => marks.get(key))
  for (const text of selectors.met) assert.is(meaning(text), true, text)
  for (const text of selectors.unmet) assert.is(meaning(text), false, text)
  for (const text of selectors.refused) assert.is(meaning(text), undefined, text)
})

const patched = (patch: string): BuiltRoot =>
  built({
    ...base,
    'top/kustomization.yaml': 'resources: [../base]\npatches: [{path: p.yaml, target: {kind: Service}}]\n',
    'top/p.yaml': patch,
  })

test('a JSON patch that begins with a bracket is JSON, or refused', () => {
  assert.match(refusal(patched('[{op: replace, path: /spec/traffic/0/percent, value: 7}]\n')), /is not JSON/)
  assert.match(refusal(patched('[{"op": "replace", "path": "/spec/traffic/0/percent", "value": 7},]\n')), /is not JSON/)
  for (const text of [
    '[{"op": "replace", "path": "/spec/traffic/0/percent", "value": 7}]\n',
    ' [{op: replace, path: /spec/traffic/0/percent, value: 7}]\n',
    '- {op: replace, path: /spec/traffic/0/percent, value: 7}\n',
  ])
    assert.is(said(patched(text), percent)[0], 7)
})

test('a key in other capitals is not read, and said so', () => {
  const root = built({ ...base, 'top/kustomization.yaml': 'resources: [../base]\nNamePrefix: dev-\n' })
  assert.equal(
    root.notBuilt.map(({ why, name }) => [why, name]),
    [['unclear', 'NamePrefix']],
  )
})

test('a file of configurations that kustomize refuses', () => {
  const top = { ...base, 'top/kustomization.yaml': 'resources: [../base]\nconfigurations: [c.yaml]\n' }
  for (const [text, message] of [
    ['foo: 1\n', /unknown field/],
    ['- a\n', /not a mapping/],
    ['hello\n', /not a mapping/],
    ['images: [{pathh: a}]\n', /unknown field/],
    ['nameReference: [{kind: ConfigMap, fieldSpecs: [{path: a, foo: 1}]}]\n', /unknown field/],
  ] as const)
    assert.match(refusal(built({ ...top, 'top/c.yaml': text })), message)
  assert.equal(built({ ...top, 'top/c.yaml': '' }).services.length, 1)
})

test('what grows with every operation comes to an end', () => {
  const doubling = Array.from({ length: 30 }, (_, index) => `- {op: copy, from: /spec, path: /spec/x${index}}\n`).join(
    '',
  )
  const patches = 'patches: [{path: p.yaml, target: {kind: Service}}]\n'
  const root = built({ ...base, 'top/kustomization.yaml': `resources: [../base]\n${patches}`, 'top/p.yaml': doubling })
  assert.equal([root.services.length, root.notBuilt.map(({ why }) => why)], [0, ['too many']])
  const targets = '[{select: {kind: Service}, fieldPaths: [spec.a.b, spec.c.d], options: {create: true}}]'
  const replacements = Array.from(
    { length: 30 },
    () => `- {source: {kind: Service, name: shop, fieldPath: spec}, targets: ${targets}}\n`,
  ).join('')
  const other = built({ ...base, 'top/kustomization.yaml': `resources: [../base]\nreplacements:\n${replacements}` })
  assert.equal([other.services.length, other.notBuilt[0]?.why], [0, 'too many'])
})

test('components that double with every step come to an end', () => {
  const tree: Record<string, string> = {
    ...base,
    'top/kustomization.yaml': 'resources: [../base]\ncomponents: [../c0]\n',
  }
  const kind = 'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n'
  for (let index = 0; index < 24; index++)
    tree[`c${index}/kustomization.yaml`] = `${kind}components: [../c${index + 1}, ../c${index + 1}]\n`
  tree['c24/kustomization.yaml'] = `${kind}commonAnnotations: {a: b}\n`
  const root = built(tree)
  assert.equal([root.services.length, new Set(root.notBuilt.map(({ why }) => why))], [0, new Set(['too many'])])
})

test('SHA-256', () => {
  assert.is(sha256(''), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  assert.is(sha256('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  assert.is(sha256('é'.repeat(100)), 'f42ec48e1e4b487e590e0b3d4e58437c8327efa855d769709f4942a4f73a7eb6')
})

test.run()
