// What of the objects that have folders applied is not read: said where it matters, and only there.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { statusOf } from '../src/pipeline/status.js'
import type { Surroundings } from '../src/pipeline/request.js'
import { plan } from '../src/pipeline/plan.js'
import { run, sourcesIn, type Tree } from './trees.js'

const test = suite('applier remarks')

const service =
  'apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: shop}\nspec:\n  template: {spec: {containers: [{name: a, image: b}]}}\n'

function set(name: string, path: string): string {
  return `---
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: ${name}}
spec:
  generators: [{clusters: {}}]
  template:
    spec:
      source: {repoURL: https://git.example.com/a.git, path: ${path}}
`
}

const tree: Tree = {
  'apps/shop/service.yaml': service,
  'argo.yaml': `${set('one', "'apps/{{name}}'")}${set('two', 'other')}`,
}

const both = [
  'argo.yaml:6 not checked: objects that `ApplicationSet one` applies (a generator `clusters`)',
  'argo.yaml:15 not checked: objects that `ApplicationSet two` applies (a generator `clusters`)',
]

function notesIn({ diagnostics }: Pick<ReturnType<typeof run>, 'diagnostics'>): readonly string[] {
  return diagnostics.flatMap(({ code, file, range, message }) => {
    const line = (tree[file] ?? '').slice(0, range?.start).split('\n').length
    return code === 'KN625' ? [`${file}:${line} ${message}`] : []
  })
}

function surroundedBy(askedAppliers: readonly string[]): Surroundings {
  return { ...sourcesIn(tree).surroundings, askedAppliers: new Set(askedAppliers) }
}

test('each is said once, at its line, by validate and status, where their file is looked at', () => {
  assert.equal(notesIn(run(tree)), both)
  const { sources, surroundings } = sourcesIn(tree)
  const status = statusOf(sources, { surroundings })
  assert.equal(notesIn(status), both)
  assert.ok(status.files.some(({ path }) => path === 'argo.yaml'))
})

test('of a file that is not looked at, what may apply a Service of the run is said', () => {
  const { sources } = sourcesIn(tree)
  assert.equal(notesIn(plan(sources, { surroundings: surroundedBy([]) })), both.slice(0, 1))
  assert.equal(notesIn(statusOf(sources, { surroundings: surroundedBy([]) })), both.slice(0, 1))
})

test('a change of something else has nothing to do with it', () => {
  const { sources } = sourcesIn(tree)
  const surroundings = surroundedBy(['argo.yaml'])
  const base = { files: sources, surroundings }
  const about = new Set<string>()
  assert.equal(notesIn(plan(sources, { surroundings, base: { ...base, touched: new Set(['a.md']) }, about })), [])
  assert.equal(
    notesIn(plan(sources, { surroundings, base: { ...base, touched: new Set(['argo.yaml']) }, about })),
    both,
  )
})

test('without Knative Services, and of what moves, nothing is said', () => {
  assert.equal(notesIn(run({ 'argo.yaml': tree['argo.yaml'] ?? '' })), [])
  assert.equal(notesIn(run(tree, { move: { command: 'apply', stage: 'pin', stable: 'shop-v1' } })), [])
})

function flux(spec: string): Tree {
  return {
    'apps/shop/service.yaml': service,
    'flux.yaml': `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps}
spec:
  path: ./apps
${spec}`,
  }
}

function messagesIn({ diagnostics }: Pick<ReturnType<typeof run>, 'diagnostics'>): readonly string[] {
  return diagnostics.flatMap(({ code, message }) => (code === 'KN625' ? [message] : []))
}

test('what Flux writes into the kustomization that it makes for a plain folder is not checked, and said so', () => {
  const prefixed = flux('  namePrefix: x-\n')
  const of = 'not checked: objects that `Kustomization apps` applies'
  assert.equal(messagesIn(run(prefixed)), [`${of} (\`namePrefix\` for \`apps\`, which has no kustomization)`])
  assert.equal(messagesIn(run({ ...prefixed, 'apps/kustomization.yaml': 'resources: [shop/service.yaml]\n' })), [])
  const renamed = flux('  images: [{name: b, newTag: "2"}]\n')
  assert.equal(messagesIn(run(renamed)), [`${of} (\`images\` for \`apps\`, which has no kustomization)`])
  // Flux builds that, and so does this program.
  assert.equal(messagesIn(run({ ...renamed, 'apps/shop/kustomization.yaml': 'resources: [service.yaml]\n' })), [])
})

test('values of variables are filled into plain files, but a change of them alone is not compared', () => {
  const [older, newer] = ['1', '2'].map((tag) => sourcesIn(flux(`  postBuild: {substitute: {TAG: "${tag}"}}\n`)))
  assert.ok(older && newer)
  assert.equal(messagesIn(plan(newer.sources, { surroundings: newer.surroundings })), [])
  const base = { files: [], surroundings: older.surroundings, touched: new Set(['flux.yaml']) }
  assert.equal(
    messagesIn(plan(newer.sources, { surroundings: newer.surroundings, base, about: new Set(['flux.yaml']) })),
    [
      'not checked: objects that `Kustomization apps` applies (the values of variables for `apps`, which has no kustomization)',
    ],
  )
})

test.run()
