// What is said of plain files because of the controller that applies their folder.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { Sandbox } from './sandbox.js'

const test = suite('delivery')

const service = `apiVersion: serving.knative.dev/v1
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
          resources:
            limits:
              memory: 1024Mi
`
const flux = `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: flux-system}
spec:
  interval: 10m
  path: ./apps
  prune: true
  sourceRef: {kind: GitRepository, name: flux-system}
`
const argo = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: apps, namespace: argocd}
spec:
  project: default
  source: {repoURL: https://git.example.com/a.git, targetRevision: main, path: apps}
  destination: {server: https://kubernetes.default.svc, namespace: shop}
  syncPolicy:
    syncOptions: [ServerSideApply=true]
`

test('under Flux, an explicit name without its defaults is an error, as it fails at the second reconciliation', () => {
  const alone = Sandbox.committed({ 'apps/shop.yaml': service }).run(['validate'])
  assert.is(alone.status, 0)
  assert.match(alone.stdout, /warning: .*\[KN326 missing-defaults\]/)
  const { status, stdout } = Sandbox.committed({ 'apps/shop.yaml': service, 'flux.yaml': flux }).run(['validate'])
  assert.is(status, 1)
  assert.match(stdout, /error: .*\[KN326 missing-defaults\]/)
})

test('under Argo CD, a spelling that never gets in sync is said, and so is a comparison that never is', () => {
  const alone = Sandbox.committed({ 'apps/shop.yaml': service }).run(['validate'])
  assert.not.match(alone.stdout, 'KN379')
  const { status, stdout } = Sandbox.committed({ 'apps/shop.yaml': service, 'argo.yaml': argo }).run(['validate'])
  assert.is(status, 0)
  assert.match(stdout, /^apps\/shop\.yaml:14:\d+: warning: .*\[KN379 out-of-sync-spelling\]$/m)
  assert.match(stdout, /^argo\.yaml:9:\d+: warning: .*\[KN624 client-side-diff\]$/m)
})

// One Service that is refused holds back all that its Kustomization applies: two documents and a List beside it.
const broken = service.replace('memory: 1024Mi', 'memory: 64Mi\n            requests:\n              memory: 1Gi')
const several = `apiVersion: v1
kind: ConfigMap
metadata: {name: a}
---
apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}
  - apiVersion: v1
    kind: ConfigMapList
    items: [{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}, {apiVersion: v1, kind: Secret, metadata: {name: d}}]
---
# Nothing
`
const one = 'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: e}\n'
const heldIn = (stdout: string): readonly string[] =>
  [...stdout.matchAll(/error: .*\(blocks (.*) of the Kustomization\).*\[(KN\d+) [a-z-]+\]/g)].map(
    ([, count = '', code = '']) => `${code} ${count}`,
  )

test('under Flux, an error says what else of the plain folder is held back', () => {
  const files = { 'apps/shop.yaml': broken, 'apps/more/several.yml': several, 'apps/one.yaml': one, 'flux.yaml': flux }
  const other = { 'apps/notes.md': 'x', 'apps/values.json': one, 'one.yaml': one, 'app/one.yaml': one }
  const sandbox = Sandbox.committed(other)
  sandbox.write(files)
  sandbox.commit()
  const { status, stdout } = sandbox.run(['validate'])
  assert.is(status, 1)
  assert.equal(heldIn(stdout), ['KN326 5 other objects', 'KN387 5 other objects'])
  assert.equal(heldIn(sandbox.run(['check', '--since', 'HEAD~', 'apps']).stdout), heldIn(stdout))
  assert.equal(heldIn(sandbox.run(['check', '--since', 'HEAD~', '--head', 'HEAD', 'apps']).stdout), heldIn(stdout))
})

test('the Service alone holds back nothing, and what cannot be counted makes it the least', () => {
  const alone = Sandbox.committed({ 'apps/shop.yaml': broken, 'flux.yaml': flux })
  assert.equal(heldIn(alone.run(['validate']).stdout), [])
  const unread = Sandbox.committed({
    'apps/shop.yaml': broken,
    'apps/a.yaml': one,
    'apps/b.yaml': 'a: {{ .b }}\n',
    'flux.yaml': flux,
  })
  assert.equal(heldIn(unread.run(['validate']).stdout), [
    'KN326 at least 1 other object',
    'KN387 at least 1 other object',
  ])
})

test('the same of a folder with a kustomization, which builds what it lists, and of one below a plain folder', () => {
  const built = {
    'shop.yaml': broken,
    'several.yaml': several,
    'unlisted.yaml': one,
    'kustomization.yaml': 'resources: [shop.yaml, several.yaml]\nconfigMapGenerator: [{name: g, literals: [a=b]}]\n',
  }
  const inside = (folder: string): Readonly<Record<string, string>> =>
    Object.fromEntries(Object.entries(built).map(([name, text]) => [`${folder}/${name}`, text]))
  const root = Sandbox.committed({ ...inside('apps'), 'flux.yaml': flux })
  assert.equal(heldIn(root.run(['validate']).stdout), ['KN326 5 other objects', 'KN387 5 other objects'])
  const below = Sandbox.committed({ ...inside('apps/shop'), 'apps/one.yaml': one, 'flux.yaml': flux })
  const { status, stdout } = below.run(['validate'])
  assert.is(status, 1)
  assert.equal(heldIn(stdout), ['KN326 6 other objects', 'KN387 6 other objects'])
})

test('a plain folder is compared in the namespace of its Application on both sides, with all that its file has been', () => {
  const spelled = service.replace(
    /          resources:[^]*/,
    '          name: user-container\n          readinessProbe: {successThreshold: 1, tcpSocket: {port: 0}}\n',
  )
  const box = Sandbox.committed({ 'apps/shop.yaml': spelled, 'argo.yaml': argo })
  box.write({ 'apps/shop.yaml': spelled.replace('shop:1.0', 'shop:1.1') })
  const { status, stdout } = box.run(['check', '--since', 'HEAD'])
  assert.is(status, 1)
  assert.match(stdout, /^apps\/shop\.yaml:8:\d+: error: .*\[KN501 revision-name-kept\]$/m)
  assert.not.match(stdout, 'KN529')
  box.write({ 'apps/shop.yaml': spelled.replace('shop:1.0', 'shop:2.0').replace('shop-v1', 'shop-v2') })
  box.commit()
  box.write({ 'apps/shop.yaml': spelled.replace('shop:1.0', 'shop:3.0') })
  const again = box.run(['check', '--since', 'HEAD']).stdout
  assert.match(again, /had another template in \w+.*\[KN510 revision-name-reused\]$/m)
})

test.run()
