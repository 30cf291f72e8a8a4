// What there is to say of kustomizations and of other controllers, shown by small trees of files. A tree carries its own
// expectations: ` # KN601` at the end of a line means that a diagnostic of that code starts on the line.
import { readFileSync, readdirSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { reachRemarks } from '../src/pipeline/delivery-remarks.js'
import { overlayRules } from '../src/rules/overlays.js'
import { variableRemarks } from '../src/rules/judge.js'
import { run, type Tree } from './trees.js'

const test = suite('overlay rules')
const root = new URL('../fixtures/overlays/', import.meta.url)

function treeOf(code: string): Tree {
  const folder = new URL(`${code}/`, root)
  const names = readdirSync(folder, { recursive: true }).map(String)
  return Object.fromEntries(
    names
      .filter((name) => name.endsWith('.yaml'))
      .toSorted()
      .map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]),
  )
}

function expectations(tree: Tree): readonly string[] {
  return Object.entries(tree).flatMap(([name, text]) =>
    text.split('\n').flatMap((line, index) => {
      const code = / # (KN\d{3})$/.exec(line)?.[1]
      return code === undefined ? [] : [`${name}:${index + 1} ${code}`]
    }),
  )
}

const codes = readdirSync(root).toSorted()

// What is only said of edits, or of the real kustomize, is shown there: test/cli/overlay.test.ts, test/cli/real-kustomize.test.ts.
const ofEdits = new Set(['KN606', 'KN607', 'KN608', 'KN609', 'KN611', 'KN626'])

test('every code has a tree, and every tree a code', () => {
  const known = [...overlayRules.map(({ code }) => code), ...Object.keys(reachRemarks), ...Object.keys(variableRemarks)]
  assert.equal(codes, known.filter((code) => !ofEdits.has(code)).toSorted())
})

for (const code of codes) {
  const tree = treeOf(code)
  const { diagnostics, files } = run(tree)
  const found = diagnostics.filter((one) => one.code === code || one.severity === 'error')

  test(`${code} is said where its comments expect it`, () => {
    const lines = found.map(({ file, range, code: said }) => {
      const before = (tree[file] ?? '').slice(0, range?.start ?? 0)
      return `${file}:${before.split('\n').length} ${said}`
    })
    assert.equal([...new Set(lines)].toSorted(), expectations(tree).toSorted())
    assert.ok(lines.length > 0)
  })

  test(`${code} speaks in one line, of fields, and says what must be and what to do`, () => {
    for (const { message, help, severity, range, service, file } of found) {
      assert.match(message, /`[^`]+`/)
      assert.not.match(message, /[\n\r]|undefined/)
      if (severity !== 'note' && code !== 'KN612') assert.not.match(message, /\bmust not\b/)
      if (severity !== 'note') assert.ok(help)
      assert.ok(range && range.end > range.start)
      // Of what cannot be built nobody knows the Services.
      if (code !== 'KN620' && code !== 'KN625') assert.ok(service)
      assert.ok(files.some(({ path }) => path === file))
    }
  })
}

const only = (tree: Tree, ...wanted: readonly string[]): readonly string[] =>
  run(tree).diagnostics.flatMap((one) => (wanted.includes(one.code) ? [one.message] : []))

const said = (code: string): readonly string[] => only(treeOf(code), code)

test('the messages name the folder, the file, and the words of the cluster', () => {
  assert.is(
    said('KN601')[0],
    '`spec.traffic` of `base/service.yaml` has no effect in `overlays/file`: `overlays/file/traffic-patch.yaml` overrides the whole list',
  )
  assert.ok(
    said('KN602').includes(
      '`images` of `overlays/tag` sets "ghcr.io/acme/shop:1.0" but keeps the revision name `shop-v1`: Knative will reject the change',
    ),
  )
  assert.ok(
    said('KN603').includes(
      '`namePrefix` of `overlays/prefix` renames the Service to `prod-shop`, but `spec.template.metadata.name` stays `shop-v1` (base/service.yaml): Knative will reject it',
    ),
  )
  assert.ok(
    said('KN603').includes(
      '`namePrefix` of `generated` renames the Service to `prod-shop`, but `spec.traffic` stays `shop-00001` (generated/service.yaml): no traffic moves (`RevisionMissing`)',
    ),
  )
  assert.equal(said('KN610'), [
    'the `containers` patch of `overlays/image` replaces the list: `env` and `ports` of base/service.yaml will be removed',
    'the `containers` patch of `overlays/inline` replaces the list: `image`, `ports` and the container `proxy` of base/two.yaml will be removed',
  ])
  assert.ok(said('KN604').every((message) => message.includes('which Kubernetes will reject')))
  assert.ok(
    said('KN605').includes(
      'Flagger manages `spec.traffic` of `prod/shop` (apps/shop/service.yaml): it reverts what a commit sets',
    ),
  )
})

test('a name that a renamed Service keeps is shown in the file that says it', () => {
  const tree = treeOf('KN603')
  const patch = `apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata:\n  name: shop\nspec:\n  traffic:\n    - revisionName: shop-00007\n      percent: 100\n`
  const kustomization = `${tree['generated/kustomization.yaml'] ?? ''}patches:\n  - path: traffic-patch.yaml\n`
  const said603 = only(
    { ...tree, 'generated/kustomization.yaml': kustomization, 'generated/traffic-patch.yaml': patch },
    'KN603',
  )
  assert.ok(said603.some((message) => message.includes('stays `shop-00007` (generated/traffic-patch.yaml):')))
})

test('comments and severities silence what is said of a kustomization', () => {
  const tree = treeOf('KN604')
  const name = 'common/kustomization.yaml'
  const hushed = { ...tree, [name]: (tree[name] ?? '').replace('# KN604', '# kn-rollout: ignore KN604') }
  assert.is(only(hushed, 'KN604').length, only(tree, 'KN604').length - 1)
  assert.is(run(hushed).silenced, 1)
  assert.is(run(tree, { severities: { KN604: 'off' } }).diagnostics.length, run(tree).diagnostics.length - 2)
  const raised = run(tree, { severities: { KN604: 'error' } }).diagnostics.filter(({ code }) => code === 'KN604')
  assert.equal([...new Set(raised.map(({ severity }) => severity))], ['error'])
})

const settings = (key: string, value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: argocd-cm\ndata:\n  ${key}: |\n    ${value}\n`

test('settings of Argo CD count for every Service', () => {
  const service = treeOf('KN605')['apps/shop/service.yaml'] ?? ''
  const key = 'resource.customizations.ignoreDifferences.serving.knative.dev_Service'
  const saidOf = (text: string): readonly string[] => only({ 'a.yaml': service, 'argocd-cm.yaml': text }, 'KN605')
  assert.match(
    saidOf(settings(key, 'jsonPointers: [/spec/traffic]'))[0] ?? '',
    /^Argo CD manages `spec\.traffic` of `prod\/shop` \(a\.yaml\): it does not see a change of it, so no sync applies the commit/,
  )
  assert.is(saidOf(settings('resource.customizations.ignoreDifferences.all', 'jsonPointers: [/spec]')).length, 1)
  assert.is(saidOf(settings(key, 'jsonPointers: [/spec/template]')).length, 0)
  assert.is(saidOf(settings(key, '"')).length, 0)
  assert.is(saidOf(settings('other', 'jsonPointers: [/spec/traffic]')).length, 0)
})

const running = (image: string): string =>
  `apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata:\n  name: shop\nspec:\n  template:\n    spec:\n      containers:\n        - image: ${image}\n`
const images = (...rows: readonly string[]): string => `resources: [../base]\nimages:\n${rows.join('')}`
const overlay = (text: string, name = 'prod'): Tree => ({ [`${name}/kustomization.yaml`]: text })

const verdict = (image: string, overlays: Tree): readonly string[] =>
  only(
    { 'base/kustomization.yaml': 'resources: [service.yaml]\n', 'base/service.yaml': running(image), ...overlays },
    'KN370',
    'KN615',
  )

test('an image is judged only where some cluster can see it', () => {
  const named = '  - name: IMAGE\n    newName: ghcr.io/acme/shop\n'
  assert.equal(verdict('IMAGE', overlay(images(named))), [])
  assert.equal(verdict('IMAGE:1.0', overlay(images(named))), [])
  assert.is(verdict('IMAGE', {}).length, 1, 'nothing replaces it')
  assert.is(verdict('IMAGE', overlay(images('  - name: IMAGE\n    newTag: v2\n'))).length, 1, 'the name stays')
  assert.is(verdict('IMAGES', overlay(images(named))).length, 1, 'another image is replaced')
  assert.is(
    verdict('IMAGE', { ...overlay(images(named)), ...overlay('resources: [../base]\n', 'test') }).length,
    1,
    'one overlay leaves it',
  )
})

test('the single key of older settings counts, with its kinds inside', () => {
  const service = treeOf('KN605')['apps/shop/service.yaml'] ?? ''
  const saidOf = (kind: string, pointer: string): readonly string[] => {
    const lines = [`${kind}:`, '  ignoreDifferences: |', '    jsonPointers:', `      - ${pointer}`].join('\n    ')
    return only({ 'a.yaml': service, 'argocd-cm.yaml': settings('resource.customizations', lines) }, 'KN605')
  }
  for (const kind of ['serving.knative.dev/Service', '"*/*"', '"*.knative.dev/*"'])
    assert.match(
      saidOf(kind, '/spec/traffic')[0] ?? '',
      /^Argo CD manages `spec\.traffic` of `prod\/shop` \(a\.yaml\): it does not see a change of it, so no sync applies the commit/,
      kind,
    )
  assert.equal(saidOf('serving.knative.dev/Service', '/spec/template'), [])
  for (const kind of ['serving.knative.dev/Route', 'apps/*', 'Service', '""'])
    assert.equal(saidOf(kind, '/spec/traffic'), [], kind)
  const odd = settings('resource.customizations', 'serving.knative.dev/Service: [1]')
  assert.equal(only({ 'a.yaml': service, 'argocd-cm.yaml': `${odd}# ignoreDifferences\n` }, 'KN605'), [])
})

test('an owner is one for the name that an overlay gives', () => {
  const base = treeOf('KN601')
  const canary = `apiVersion: flagger.app/v1beta1\nkind: Canary\nmetadata:\n  name: c\nspec:\n  provider: knative\n  targetRef:\n    kind: Service\n    name: prod-shop\n`
  const tree = {
    'base/kustomization.yaml': base['base/kustomization.yaml'] ?? '',
    'base/service.yaml': base['base/service.yaml'] ?? '',
    'prod/kustomization.yaml': 'resources: [../base]\nnamePrefix: prod-\n',
    'prod/canary.yaml': canary,
  }
  assert.is(only(tree, 'KN605').length, 1)
  assert.is(only({ ...tree, 'prod/canary.yaml': canary.replace('prod-shop', 'shop') }, 'KN605').length, 0)
})

test('trees of any shape are taken', () => {
  const shapes = [
    'null',
    '[]',
    '{}',
    'x',
    '1',
    '[null]',
    '[[]]',
    '[{}]',
    '[{path: null}]',
    '[{patch: "{"}]',
    '[{name: 1}]',
  ]
  const keys = ['resources', 'components', 'patches', 'patchesStrategicMerge', 'patchesJson6902', 'images', 'labels']
  const service = treeOf('KN601')['base/service.yaml'] ?? ''
  for (const key of [...keys, 'namePrefix', 'namespace', 'commonLabels'])
    for (const shape of shapes) {
      const tree = { 'a.yaml': service, 'kustomization.yaml': `resources: [a.yaml]\n${key}: ${shape}\n` }
      assert.is(run(tree).services.length, 1, `${key}: ${shape}`)
      for (const spec of ['spec', 'metadata', 'data', 'items']) {
        const owner = `${spec}: ${shape}\n# flagger.app/ ignoreDifferences serving.kserve.io/\n`
        for (const kind of ['Canary', 'Application', 'ApplicationSet', 'ConfigMap', 'InferenceService'])
          assert.is(run({ 'a.yaml': service, 'b.yaml': `kind: ${kind}\n${owner}` }).services.length, 1)
      }
    }
})

test.run()
