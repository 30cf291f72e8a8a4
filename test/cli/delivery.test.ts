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

test.run()
