// What this tool believes a kustomization builds, beside what the real one prints.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { array, assert as assertProperty, boolean, constant, constantFrom, option, property, record } from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseAllDocuments } from 'yaml'

import { builtId, type Built } from '../src/kustomize/kustomization.js'
import { member, type Json } from '../src/yaml/json.js'
import { hasKubectl, kustomize } from './kubectl.js'
import { repositoryOf, type Tree } from './trees.js'

const test = suite('kustomize builds')

type Seen = { readonly name: string; readonly namespace: Json; readonly traffic: Json; readonly revision: Json }

/** The Knative Services that kubectl prints for a folder of the tree; undefined where it refuses. */
function printed(tree: Tree, folder: string): readonly Seen[] | undefined {
  const root = mkdtempSync(path.join(tmpdir(), 'kn-rollout-builds-'))
  try {
    for (const [name, text] of Object.entries(tree)) {
      mkdirSync(path.dirname(path.join(root, name)), { recursive: true })
      writeFileSync(path.join(root, name), text)
    }
    const { status, stdout } = kustomize(path.join(root, folder))
    if (status !== 0) return undefined
    return parseAllDocuments(stdout)
      .map((document): Json => document.toJS() as Json)
      .filter((object) => JSON.stringify(member(object, 'apiVersion')).includes('serving.knative.dev/'))
      .map((object) => ({
        name: JSON.stringify(member(object, 'metadata', 'name') ?? '').slice(1, -1),
        namespace: member(object, 'metadata', 'namespace') ?? null,
        traffic: member(object, 'spec', 'traffic') ?? null,
        revision: member(object, 'spec', 'template', 'metadata', 'name') ?? null,
      }))
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

function builtIn(tree: Tree, folder: string): readonly Built[] {
  const { builds } = repositoryOf(tree)
  const kustomization = builds.folders.in(folder)
  return kustomization ? builds.build(kustomization) : []
}

/** Says where the two disagree. What this tool leaves open is no disagreement. */
function compare(tree: Tree, folder: string): 'same' | 'refused' {
  const theirs = printed(tree, folder)
  if (!theirs) return 'refused'
  const ours = builtIn(tree, folder)
  const shown = JSON.stringify(tree, undefined, 1)
  assert.equal(ours.map((one) => builtId(one).name).toSorted(), theirs.map(({ name }) => name).toSorted(), shown)
  for (const built of ours) {
    const { name, namespace } = builtId(built)
    const their = theirs.find((one) => one.name === name)
    assert.is(namespace, their?.namespace ?? '', shown)
    if (!built.traffic.over) assert.equal(built.traffic.value ?? null, their?.traffic ?? null, shown)
    if (!built.revision.over) assert.equal(built.revision.value ?? null, their?.revision ?? null, shown)
  }
  return 'same'
}

const service = (name = 'shop', more = ''): string => `apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: ${name}
  labels: {team: a}
${more}spec:
  template:
    metadata:
      name: ${name}-v1
    spec:
      containers:
        - image: example.com/shop:1.0
  traffic:
    - revisionName: ${name}-v1
      percent: 100
`
const patch = (traffic: string, metadata = '{name: shop}'): string =>
  `apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: ${metadata}\nspec: {${traffic}}\n`
const all = 'traffic: [{latestRevision: true, percent: 100}]'
const half = 'traffic: [{latestRevision: true, percent: 50}, {revisionName: shop-v1, percent: 50}]'
const base: Tree = { 'base/kustomization.yaml': 'resources: [shop.yaml]\n', 'base/shop.yaml': service() }
const indented = (text: string): string => text.replaceAll(/^(?=.)/gm, '      ')

/** What stands in `top/`, upon the base. */
const tops: Readonly<Record<string, Tree>> = {
  nothing: { 'top/kustomization.yaml': 'resources: [../base]\n' },
  'bases of old': { 'top/kustomization.yaml': 'bases: [../base/]\n' },
  'a patch': {
    'top/kustomization.yaml': 'resources: [../base]\npatches: [{path: p.yaml}]\n',
    'top/p.yaml': patch(all),
  },
  'a target overrules the name in the patch': {
    'top/kustomization.yaml': 'resources: [../base]\npatches: [{path: p.yaml, target: {kind: Service, name: sh.*}}]\n',
    'top/p.yaml': patch(all, '{name: other}'),
  },
  'a target that only begins like the name': {
    'top/kustomization.yaml': 'resources: [../base]\npatches: [{path: p.yaml, target: {kind: Service, name: sho}}]\n',
    'top/p.yaml': patch(all),
  },
  'targets by label': {
    'top/kustomization.yaml':
      'resources: [../base]\npatches: [{path: p.yaml, target: {labelSelector: "team=a,!x"}}, {path: q.yaml, target: {labelSelector: "team!=a"}}]\n',
    'top/p.yaml': patch(all),
    'top/q.yaml': patch(half),
  },
  'an inline patch': {
    'top/kustomization.yaml': `resources: [../base]\npatches:\n  - patch: |-\n${indented(patch(half))}`,
  },
  'the order of patches': {
    'top/kustomization.yaml': `resources: [../base]\npatches: [{path: p.yaml}]\npatchesStrategicMerge: [q.yaml]\n`,
    'top/p.yaml': patch(all),
    'top/q.yaml': patch(half),
  },
  'several documents in one patch': {
    'top/kustomization.yaml': 'resources: [../base]\npatches: [{path: p.yaml}]\n',
    'top/p.yaml': `---\n${patch('template: {metadata: {name: shop-v9}}')}---\n${patch(all)}`,
  },
  'a list that is taken away': {
    'top/kustomization.yaml': 'resources: [../base]\npatches: [{path: p.yaml}]\n',
    'top/p.yaml': patch('traffic: null'),
  },
  'a Service that is taken away': {
    'top/kustomization.yaml': 'resources: [../base]\npatches: [{path: p.yaml}]\n',
    'top/p.yaml': `$patch: delete\n${patch(all)}`,
  },
  'a directive in the list': {
    'top/kustomization.yaml': 'resources: [../base]\npatches: [{path: p.yaml}]\n',
    'top/p.yaml': patch('traffic: [{$patch: delete, percent: 3}]'),
  },
  'a replaced spec': {
    'top/kustomization.yaml': 'resources: [../base]\npatches: [{path: p.yaml}]\n',
    'top/p.yaml': patch(`$patch: replace, ${all}`),
  },
  'a JSON patch of the whole list': {
    'top/kustomization.yaml': 'resources: [../base]\npatches: [{path: j.yaml, target: {kind: Service}}]\n',
    'top/j.yaml': '- op: replace\n  path: /spec/traffic\n  value: [{latestRevision: true, percent: 100}]\n',
  },
  'a JSON patch of old, after the names changed': {
    'top/kustomization.yaml':
      'resources: [../base]\nnamePrefix: p-\npatchesJson6902:\n  - path: j.yaml\n    target: {group: serving.knative.dev, version: v1, kind: Service, name: shop}\n',
    'top/j.yaml': '- op: replace\n  path: /spec/template/metadata/name\n  value: p-shop-v1\n',
  },
  'a JSON patch of another kind': {
    'top/kustomization.yaml': 'resources: [../base]\npatches: [{path: j.yaml, target: {kind: Deployment}}]\n',
    'top/j.yaml': '- op: remove\n  path: /spec/traffic\n',
  },
  'a namespace, then a patch without one': {
    'mid/kustomization.yaml': 'resources: [../base]\nnamespace: prod\nnameSuffix: -x\n',
    'top/kustomization.yaml': 'resources: [../mid]\nnamePrefix: p-\npatches: [{path: p.yaml}]\n',
    'top/p.yaml': patch(all),
  },
  'a patch for another namespace': {
    'top/kustomization.yaml': 'resources: [../base]\npatches: [{path: p.yaml}]\n',
    'top/p.yaml': patch(all, '{name: shop, namespace: prod}'),
  },
  'a component': {
    'part/kustomization.yaml':
      'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches: [{path: p.yaml}]\nnameSuffix: -c\n',
    'part/p.yaml': patch(half),
    'top/kustomization.yaml': 'resources: [../base]\ncomponents: [../part]\n',
  },
  'a component, then a patch': {
    'part/kustomization.yaml':
      'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches: [{path: p.yaml}]\n',
    'part/p.yaml': patch(half),
    'top/kustomization.yaml': 'resources: [../base]\ncomponents: [../part]\npatches: [{path: p.yaml}]\n',
    'top/p.yaml': patch(all),
  },
  'one base twice': {
    'top/blue/kustomization.yaml': 'resources: [../../base]\nnamePrefix: blue-\n',
    'top/green/kustomization.yaml': 'resources: [../../base]\nnamePrefix: green-\npatches: [{path: p.yaml}]\n',
    'top/green/p.yaml': patch(all),
    'top/kustomization.yaml': 'resources: [blue, ./green]\n',
  },
}

/** kustomize wants a patch to have an object. */
const refused = new Set(['a patch for another namespace'])

for (const [name, top] of Object.entries(tops)) {
  if (hasKubectl)
    test(`builds as kubectl does: ${name}`, () => {
      assert.is(compare({ ...base, ...top }, 'top'), refused.has(name) ? 'refused' : 'same')
    })
  else test(`builds without a fault: ${name}`, () => assert.type(builtIn({ ...base, ...top }, 'top').length, 'number'))
}

test('a kustomization that lists itself builds nothing', () => {
  const tree = { 'a/kustomization.yaml': 'resources: [../b]\n', 'b/kustomization.yaml': 'resources: [../a]\n' }
  assert.equal(builtIn(tree, 'a'), [])
})

test('a target that is no regular expression means no Service', () => {
  for (const [name, traffic] of [
    ['sho[p]', 'latestRevision'],
    ['sho[p', 'revisionName'],
  ] as const) {
    const tree = {
      ...base,
      'top/kustomization.yaml': `resources: [../base]\npatches: [{path: p.yaml, target: {name: "${name}"}}]\n`,
      'top/p.yaml': patch(all),
    }
    const [built] = builtIn(tree, 'top')
    assert.match(JSON.stringify(built?.traffic.value), traffic)
  }
})

const traffics = constantFrom(all, half, 'template: {metadata: {name: shop-v2}}', 'traffic: null')
const layer = record({
  namePrefix: option(constantFrom('a-', 'b-'), { nil: undefined }),
  nameSuffix: option(constant('-s'), { nil: undefined }),
  namespace: option(constantFrom('prod', 'dev'), { nil: undefined }),
  merge: option(traffics, { nil: undefined }),
  strategic: option(traffics, { nil: undefined }),
  inline: option(traffics, { nil: undefined }),
  json: boolean(),
  target: constantFrom('', 'name: shop', 'name: .*shop', 'kind: Service', 'name: a-shop', 'namespace: prod'),
})

if (hasKubectl)
  test('stacks of overlays build as with kubectl', () => {
    let same = 0
    assertProperty(
      property(array(layer, { minLength: 1, maxLength: 3 }), (layers) => {
        const tree: Record<string, string> = { ...base }
        let below = 'base'
        for (const [index, one] of layers.entries()) {
          const folder = `o${index}`
          const target = one.target === '' ? '' : `, target: {${one.target}}`
          const lines = [`resources: [../${below}]`]
          for (const key of ['namePrefix', 'nameSuffix', 'namespace'] as const)
            if (one[key] !== undefined) lines.push(`${key}: ${one[key]}`)
          if (one.strategic !== undefined) lines.push('patchesStrategicMerge: [s.yaml]')
          const patches = [
            ...(one.merge === undefined ? [] : [`  - {path: p.yaml${target}}`]),
            ...(one.json ? ['  - {path: j.yaml, target: {kind: Service}}'] : []),
            ...(one.inline === undefined ? [] : [`  - patch: |-\n${indented(patch(one.inline))}`]),
          ]
          if (patches.length > 0) lines.push('patches:', ...patches)
          tree[`${folder}/kustomization.yaml`] = `${lines.join('\n')}\n`
          tree[`${folder}/p.yaml`] = patch(one.merge ?? all)
          tree[`${folder}/s.yaml`] = patch(one.strategic ?? all)
          tree[`${folder}/j.yaml`] = '- op: add\n  path: /spec/traffic\n  value: [{percent: 7}]\n'
          below = folder
        }
        if (compare(tree, below) === 'same') same++
      }),
      { seed: 20240229, numRuns: 40 },
    )
    assert.ok(same >= 5, `${same} of the stacks can be built`)
  })
else console.log('skipped: kubectl is not on the PATH, so nothing tells what kustomize builds')

test.run()
