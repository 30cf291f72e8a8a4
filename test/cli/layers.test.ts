// What Argo CD and Flux lay over the build, found by the real program in real repositories.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { service } from './manifests.js'
import { Sandbox } from './sandbox.js'

const test = suite('layers')
const pinned = '  traffic:\n    - revisionName: example-service-v1\n      percent: 100\n'
const shop = service(pinned, { revision: 'example-service-v2' })
const kustomization = 'resources: [shop.yaml]\n'

function application(name: string, kustomize: string): string {
  return `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: ${name}}
spec:
  source:
    repoURL: https://git.example.com/acme/fleet.git
    path: apps
    kustomize:
${kustomize}`
}

const traffic = `      patches:
        - target: {kind: Service}
          patch: |-
            - {op: replace, path: /spec/traffic, value: [{latestRevision: true, percent: 100}]}
`

function flux(spec: string): string {
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: shop, namespace: flux-system}
spec:
  path: ./apps
  sourceRef: {kind: GitRepository, name: flux-system}
${spec}`
}

function boxOf(files: Readonly<Record<string, string>>): Sandbox {
  return Sandbox.committed({ 'apps/shop.yaml': shop, 'apps/kustomization.yaml': kustomization, ...files })
}

test('a patch of an Application that sets the traffic is named, and the edit refused, unless that is forced', () => {
  const box = boxOf({ 'argo.yaml': application('shop', traffic) })
  const untouched = box.snapshot()
  for (const words of [
    ['apply', 'split'],
    ['apply', 'split', 'apps/shop.yaml'],
    ['apply', 'split', '--overlay', 'apps'],
  ]) {
    const refused = box.run([...words, '--write'])
    assert.is(refused.status, 1)
    assert.match(
      refused.stderr,
      /cannot edit `spec\.traffic` of `shop\/example-service`: Argo CD overrides it at argo\.yaml:11 \(a patch of the Application\)/,
    )
    assert.match(refused.stderr, /help: change the patch at argo\.yaml:11, or add `--force` to edit it anyway/)
  }
  assert.equal(box.snapshot(), untouched)
  const forced = box.run(['apply', 'split', '--force', '--write'])
  assert.is(forced.status, 0, forced.stderr)
  assert.match(
    forced.stderr,
    /Argo CD overrides `spec\.traffic` of `shop\/example-service` \(a patch of the Application\): an edit of apps\/shop\.yaml has no effect/m,
  )
  assert.match(box.read('apps/shop.yaml'), /percent: 50/)
})

test('where only one of several Applications overrides it, the edit is made and the others are named', () => {
  const box = boxOf({
    'argo.yaml': `${application('shop', traffic)}---\n${application('other', '      namespace: other\n')}`,
  })
  const { status, stderr } = box.run(['apply', 'split'])
  assert.is(status, 0)
  assert.match(stderr, /^argo\.yaml:11:\d+: warning: .* \[KN611 layer-override\]$/m)
})

test('images of a layer hold a release, and nothing else', () => {
  for (const [files, place] of [
    [{ 'argo.yaml': application('shop', '      images:\n        - ghcr.io/acme/shop:7\n') }, 'argo\\.yaml:10'],
    [
      { 'apps/.argocd-source-shop.yaml': 'kustomize:\n  images: ["ghcr.io/acme/shop:7"]\n' },
      'apps/\\.argocd-source-shop\\.yaml:2',
    ],
    [{ 'flux.yaml': flux('  images:\n    - name: ghcr.io/acme/shop\n      newTag: "7"\n') }, 'flux\\.yaml:9'],
  ] as const) {
    const box = boxOf({ ...files, 'apps/shop.yaml': shop.replace(/image: .*/, 'image: ghcr.io/acme/shop:1') })
    const held = box.run(['release', '--image', ':8', '--tag', 'v3'])
    assert.is(held.status, 1, held.stdout)
    assert.match(
      held.stderr,
      new RegExp(`overrides it at ${place} \\(\`images\` of the \\w+\\) \\[KN467 layer-edit\\]`),
    )
    assert.is(box.run(['apply', 'split']).status, 0)
  }
})

test('what a sync of Argo CD leaves alone is not edited, and where another root takes it, that is a warning', () => {
  const ignoring = `${application('shop', '      namespace: other\n')}  ignoreDifferences:
    - {group: serving.knative.dev, kind: Service, jsonPointers: [/spec/template/spec/containers]}
  syncPolicy: {syncOptions: [RespectIgnoreDifferences=true]}
`
  const files = { 'argo.yaml': ignoring, 'apps/shop.yaml': shop.replace(/image: .*/, 'image: ghcr.io/acme/shop:1') }
  const release = ['release', '--image', ':8', '--tag', 'v3', '--write']
  const { status, stderr } = boxOf(files).run(release)
  assert.is(status, 1)
  assert.match(
    stderr,
    /cannot edit `spec\.template\.spec\.containers\[0\]\.image` of `shop\/example-service`: Argo CD overrides it at argo\.yaml:11 \(`ignoreDifferences` of the Application\)/,
  )
  const elsewhere = boxOf({ ...files, 'dev/kustomization.yaml': 'resources: [../apps/shop.yaml]\n' }).run(release)
  assert.is(elsewhere.status, 0, elsewhere.stderr)
})

test('an object that Flux leaves alone is not edited', () => {
  for (const [key, value] of [
    ['ssa', 'IfNotPresent'],
    ['ssa', 'ignore'],
    ['reconcile', 'disabled'],
  ] as const) {
    const annotated = shop.replace(
      'metadata:\n',
      `metadata:\n  annotations:\n    kustomize.toolkit.fluxcd.io/${key}: ${value}\n`,
    )
    const box = Sandbox.committed({ 'apps/shop.yaml': annotated })
    const { status, stderr } = box.run(['apply', 'split', 'apps/shop.yaml'])
    assert.is(status, 1)
    assert.match(stderr, /Flux overrides it at apps\/shop\.yaml:5 .*\[KN467 layer-edit\]/)
    assert.is(box.run(['apply', 'split', 'apps/shop.yaml', '--force']).status, 0)
  }
})

test('a suspended Kustomization is a warning where Services are validated, checked and moved', () => {
  const box = boxOf({ 'flux.yaml': flux('  suspend: true\n') })
  for (const words of [['validate'], ['apply', 'split'], ['check', '--since', 'HEAD', '.']]) {
    const { status, stdout, stderr } = box.run(words)
    assert.is(status, 0, stderr)
    assert.match(
      stdout + stderr,
      /`suspend` is true: Flux will not apply `shop\/example-service` \(apps\/shop\.yaml\) until the Kustomization `shop` is resumed/m,
      words[0],
    )
  }
})

const variables = shop.replace('percent: 100', 'percent: ${PERCENT}')

test('variables with a value in the file are judged by it, and edited where it is', () => {
  const box = boxOf({
    'apps/shop.yaml': variables,
    'flux.yaml': flux('  postBuild:\n    substitute: {PERCENT: "100"}\n'),
  })
  assert.is(box.run(['validate']).stdout, '')
  assert.is(box.run(['check', '--since', 'HEAD', '.']).status, 0)
  const refused = box.run(['apply', 'split'])
  assert.is(refused.status, 1)
  assert.match(
    refused.stderr,
    /cannot edit `spec\.traffic\[0\]\.percent` of `shop\/example-service`: Flux overrides it at flux\.yaml:8 \(the value of a variable\)/,
  )
  box.write({ 'flux.yaml': flux('  postBuild:\n    substitute: {PERCENT: "90"}\n') })
  const { status, stdout } = box.run(['validate'])
  assert.is(status, 1)
  assert.match(stdout, /KN301/)
})

function tagged(tag: string): string {
  return `  postBuild:\n    substitute: {PERCENT: "100", TAG: "${tag}"}\n`
}

test('a value that changes is a change of the Service, found at its line, and status shows what it makes', () => {
  const named = variables.replace(/image: \S+/, 'image: example.com/shop:${TAG}')
  const box = boxOf({ 'apps/shop.yaml': named, 'flux.yaml': flux(tagged('1.0')) })
  assert.match(box.run(['status']).stdout, / 100 +example-service-v1/)
  box.write({ 'flux.yaml': flux(tagged('1.1')) })
  const { status, stdout } = box.run(['check', '--since', 'HEAD'])
  assert.is(status, 1, stdout)
  assert.match(stdout, /^flux\.yaml:8:\d+: error: .* stays .*\[KN501 revision-name-kept\]$/m)
})

test('variables whose values no file has are one note', () => {
  const substitute = '  postBuild:\n    substituteFrom: [{kind: ConfigMap, name: vars}]\n'
  const box = boxOf({ 'apps/shop.yaml': variables, 'flux.yaml': flux(substitute) })
  const { status, stdout } = box.run(['validate'])
  assert.is(status, 0)
  assert.match(stdout, /not checked: `\$\{PERCENT\}` \(Flux fills in values that no file here has\)/)
  assert.is(box.run(['apply', 'split']).status, 1)
  const without = boxOf({ 'apps/shop.yaml': variables }).run(['validate'])
  assert.match(without.stdout, /note: .* \[KN126 placeholder\]/)
})

test('a commit is checked with the layers that it has', () => {
  const box = boxOf({
    'apps/shop.yaml': variables,
    'flux.yaml': flux('  postBuild:\n    substitute: {PERCENT: "100"}\n'),
  })
  const { status, stdout, stderr } = box.run(['check', '--since', 'HEAD', '--head', 'HEAD', '.'])
  assert.is(status, 0, stdout + stderr)
})

test.run()
