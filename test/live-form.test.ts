// The forms of a template that no cluster keeps: what becomes of each, what stays, and that no cluster sees a change.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { argoDiff } from '../src/kustomize/appliers.js'
import { findManifests } from '../src/manifest/find.js'
import { fix } from '../src/pipeline/fix.js'
import { plan } from '../src/pipeline/plan.js'
import { judge } from '../src/rules/judge.js'
import { liveTemplate, templateAsGo } from '../src/rules/update.js'
import { liveQuantity } from '../src/text/words.js'
import { member } from '../src/yaml/json.js'
import { baseOf } from './passages.js'

const test = suite('live form')
const code = 'KN379'

/** A Service whose container has these lines, with a revision name of its own or without one. */
function shop(lines: string, { name = '', volumes = '' } = {}): string {
  const own = name === '' ? '' : `    metadata:\n      name: ${name}\n`
  const spelled =
    name === ''
      ? ''
      : '          name: user-container\n          readinessProbe:\n            successThreshold: 1\n            tcpSocket: {}\n'
  return `apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: shop
spec:
  template:
${own}    spec:
      containers:
        - image: ghcr.io/acme/shop:1.0
${spelled}${lines}${volumes}`
}

function mended(text: string): string {
  const { changes } = fix([{ path: 'shop.yaml', text }], {}, true)
  return changes[0]?.text ?? text
}

const limit = (value: string): string => `          resources:\n            limits:\n              ${value}\n`
const scratch = (more: string, readOnly = ''): string =>
  `          volumeMounts:\n            - name: v\n              mountPath: /v\n${readOnly}      volumes:\n        - name: v\n          emptyDir:\n            ${more}\n`

const forms: readonly (readonly [written: string, live: string])[] = [
  [limit('memory: 1024Mi'), limit('memory: 1Gi')],
  [limit('memory: 0.5Gi'), limit('memory: 512Mi')],
  [limit('memory: 134217728'), limit('memory: "134217728"')],
  [limit('cpu: 1000m'), limit('cpu: "1"')],
  [limit('cpu: "0.5"'), limit('cpu: "500m"')],
  [limit('cpu: 1'), limit('cpu: "1"')],
  [limit('cpu: 0.25'), limit('cpu: 250m')],
  [scratch('sizeLimit: 1024Mi'), scratch('sizeLimit: 1Gi')],
  [scratch('sizeLimit: 1Gi', '              readOnly: false\n'), scratch('sizeLimit: 1Gi')],
  [
    '          env:\n            - name: A\n              value: ""\n            - name: B\n              value:\n',
    '          env:\n            - name: A\n            - name: B\n',
  ],
  ['          args: []\n          command: null\n', ''],
  [
    '          ports:\n            - containerPort: 8080\n              name: ""\n',
    '          ports:\n            - containerPort: 8080\n',
  ],
  [
    '          livenessProbe:\n            httpGet:\n              path: /\n              host: ""\n            initialDelaySeconds: 0\n',
    '          livenessProbe:\n            httpGet:\n              path: /\n',
  ],
]

const fine: readonly string[] = [
  limit('cpu: "1"'),
  limit('cpu: 500m'),
  limit('memory: 1000Mi'),
  limit('memory: "134217728"'),
  '          env:\n            - name: A\n',
  '          resources: {}\n',
  '          securityContext: {}\n',
  '  traffic:\n    - latestRevision: false\n      revisionName: shop-v1\n      percent: 100\n',
  scratch('medium: Memory'),
  '          volumeMounts:\n            - name: v\n              mountPath: /v\n      volumes:\n        - name: v\n          emptyDir: {}\n',
  // What an empty one means here is not nothing.
  '          livenessProbe:\n            httpGet:\n              httpHeaders:\n                - name: A\n                  value: ""\n',
]

for (const [written, live] of forms)
  for (const name of ['', 'shop-v1'])
    test(`${JSON.stringify(written)} under ${name || 'a generated name'} is mended, and no cluster sees it`, () => {
      const [before, after] = [shop(written, { name }), shop(live, { name })]
      assert.is(mended(before), after)
      assert.is(mended(after), after)
      const [old, fresh] = [before, after].map((text) => {
        return member(findManifests({ path: 'shop.yaml', text }).manifests[0]?.value, 'spec', 'template')
      })
      assert.equal(templateAsGo(fresh), templateAsGo(old))
      assert.equal(templateAsGo(liveTemplate(fresh)), templateAsGo(liveTemplate(old)))
      const base = { ...baseOf([before], 'shop.yaml'), asked: new Set(['shop.yaml']) }
      assert.equal(plan([{ path: 'shop.yaml', text: after }], { base }).diagnostics, [])
    })

for (const lines of fine)
  test(`${JSON.stringify(lines)} stays`, () => {
    assert.is(mended(shop(lines)), shop(lines))
    assert.equal(plan([{ path: 'shop.yaml', text: shop(lines) }], { enabled: [code] }).diagnostics, [])
  })

test('a word is said only where Argo CD compares the Service, or where it is asked for', () => {
  const text = shop(limit('memory: 1024Mi'))
  assert.equal(plan([{ path: 'shop.yaml', text }], {}).diagnostics, [])
  const manifests = findManifests({ path: 'shop.yaml', text }).manifests
  const [manifest] = manifests
  assert.ok(manifest)
  const said = (isSynced: boolean): readonly string[] =>
    judge(manifest, { manifests, isSyncedByArgoCD: () => isSynced }).map((one) => `${one.code} ${one.message}`)
  assert.equal(said(false), [])
  assert.equal(said(true), [
    `${code} \`spec.template.spec.containers[0].resources.limits.memory\` is stored as "1Gi": Argo CD will stay OutOfSync without server-side diff`,
  ])
  const { diagnostics } = plan([{ path: 'shop.yaml', text }], { severities: { [code]: 'warning' } })
  assert.is(diagnostics.length, 1)
})

test('what is off, ignored, or a patch is left alone', () => {
  const text = shop(limit('memory: 1024Mi'))
  assert.equal(fix([{ path: 'shop.yaml', text }], { severities: { [code]: 'off' } }).changes, [])
  const ignored = text.replace('1024Mi', `1024Mi # kn-rollout: ignore ${code}`)
  const run = fix([{ path: 'shop.yaml', text: ignored }], {})
  assert.equal([run.changes, run.diagnostics], [[], []])
  const patch = shop('          args: []\n          command: null\n')
  assert.equal(fix([{ path: 'patch.yaml', text: patch, isPatch: true }], {}).changes, [])
  const google = text.replace('  name: shop', '  name: shop\n  labels:\n    cloud.googleapis.com/location: a')
  assert.equal(fix([{ path: 'shop.yaml', text: google }], {}).changes, [])
})

test('the only member of a mapping stays: without it the mapping would go', () => {
  const text = shop('          securityContext:\n            runAsUser: null\n')
  assert.is(mended(text), text)
})

test('quantities as Kubernetes writes them', () => {
  // Each as Quantity.MarshalJSON of apimachinery 0.36 has it.
  const written: Readonly<Record<string, string>> = {
    '1024Mi': '1Gi',
    '0.5Gi': '512Mi',
    '1.5Ki': '1536',
    '0.5Ki': '512',
    '1023Ki': '1023Ki',
    '1000': '1k',
    '1e3': '1e3',
    '12e2': '1200',
    '1000m': '1',
    '1.5': '1500m',
    '1.500': '1.500',
    '2048.704': '2048.704',
    '-0.5': '-500m',
    '+1': '+1',
    '007': '007',
    '0Mi': '0',
    '.5': '500m',
    '1000000n': '1m',
    '9223372036854775807': '9223372036854775807',
    '1024E-3': '1024E-3',
    '1e99': '1e99',
  }
  for (const [text, live] of Object.entries(written)) assert.is(liveQuantity(text), live, text)
  for (const text of ['', '1 Gi', '512MB', '0.1n', '9'.repeat(50)]) assert.is(liveQuantity(text), undefined, text)
})

const application = (options: readonly string[], compare?: string) => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: compare === undefined ? {} : { annotations: { 'argocd.argoproj.io/compare-options': compare } },
  spec: { syncPolicy: { syncOptions: options } },
})

test('an Application that applies on the side of the server has to compare there as well', () => {
  const path = ['spec', 'syncPolicy', 'syncOptions', 1]
  const options = ['CreateNamespace=true', 'ServerSideApply=true']
  assert.equal(argoDiff(application(options)), { isServerSide: false, mismatch: path })
  assert.equal(argoDiff(application(options, 'IgnoreExtraneous')), { isServerSide: false, mismatch: path })
  assert.equal(argoDiff(application(options, 'IgnoreExtraneous, ServerSideDiff=true')), {
    isServerSide: true,
    mismatch: undefined,
  })
  assert.equal(argoDiff(application(['ServerSideApply=false'])), { isServerSide: false, mismatch: undefined })
  const set = { apiVersion: 'argoproj.io/v1alpha1', kind: 'ApplicationSet', spec: { template: application(options) } }
  assert.equal(argoDiff(set), { isServerSide: false, mismatch: ['spec', 'template', ...path] })
  assert.is(argoDiff({ ...application(options), apiVersion: 'app.k8s.io/v1beta1' }), undefined)
  const odd = { apiVersion: 'argoproj.io/v1alpha1', kind: 'toString' }
  for (const one of [null, [], 'a', {}, odd]) assert.is(argoDiff(one), undefined)
})

test.run()
