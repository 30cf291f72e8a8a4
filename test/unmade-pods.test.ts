import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { plan } from '../src/pipeline/plan.js'
import { podCodes } from '../src/rules/judge.js'

// What Knative admits and Kubernetes refuses to make a Pod of: each with a twin one step away, of which nothing is said.
// The function is the one of k8s.io/kubernetes/pkg/apis/core/validation that refuses it.

const head = 'apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: shop}\n'

function found(spec: string, configuration?: string): readonly string[] {
  const text = `${head}spec: {template: {spec: ${spec}}}\n`
  const request =
    configuration === undefined ? {} : { configuration: { path: '.kn-rollout.yaml', text: configuration } }
  const { diagnostics } = plan([{ path: 'shop.yaml', text }], request)
  return diagnostics.map(({ code, severity, path = '' }) => {
    return `${severity} ${code} ${path.replace('spec.template.spec.', '').replace('containers[0].', '')}`
  })
}

const container = (fields: string): string => `{containers: [{image: shop, ${fields}}]}`
const volume = (fields: string, mount = ''): string =>
  `{volumes: [{name: v, ${fields}}], containers: [{image: shop, volumeMounts: [{name: v, mountPath: /v${mount}}]}]}`
const projected = (sources: string): string => volume(`projected: {sources: [${sources}]}`)
const variable = (fields: string): string => container(`env: [{name: A, ${fields}}]`)
const secretKey = (fields: string): string => variable(`valueFrom: {secretKeyRef: {${fields}}}`)
const resources = (limits: string, requests: string): string =>
  container(`resources: {limits: {${limits}}, requests: {${requests}}}`)
const seccomp = (fields: string): string => container(`securityContext: {seccompProfile: {${fields}}}`)

type Case = readonly [source: string, code: string, path: string, refused: string, fine: string]

const cases: readonly Case[] = [
  // Seen on a cluster: admitted, and no Deployment was ever made.
  [
    'ValidatePortNumOrName',
    'KN383',
    'startupProbe.tcpSocket.port',
    container('startupProbe: {tcpSocket: {}}'),
    container('startupProbe: {tcpSocket: {port: 8080}}'),
  ],
  [
    'ValidatePortNumOrName',
    'KN383',
    'startupProbe.httpGet.port',
    container('startupProbe: {httpGet: {port: 0}}'),
    container('startupProbe: {httpGet: {port: 1}}'),
  ],
  [
    'validateGRPCAction',
    'KN383',
    'startupProbe.grpc.port',
    container('startupProbe: {grpc: {}}'),
    container('startupProbe: {grpc: {port: 8080}}'),
  ],
  [
    'validateGRPCAction',
    'KN383',
    'livenessProbe.grpc.port',
    container('livenessProbe: {grpc: {}}'),
    container('livenessProbe: {tcpSocket: {}}'),
  ],
  [
    'validateLivenessProbe',
    'KN383',
    'livenessProbe.successThreshold',
    container('livenessProbe: {httpGet: {}, successThreshold: 2}'),
    container('readinessProbe: {httpGet: {}, successThreshold: 2}'),
  ],
  [
    'validateStartupProbe',
    'KN383',
    'startupProbe.successThreshold',
    container('startupProbe: {exec: {command: [a]}, successThreshold: 3}'),
    container('startupProbe: {exec: {command: [a]}, successThreshold: 1}'),
  ],
  [
    'validateHTTPGetAction',
    'KN383',
    'livenessProbe.httpGet.scheme',
    container('livenessProbe: {httpGet: {scheme: http}}'),
    container('livenessProbe: {httpGet: {scheme: HTTP}}'),
  ],
  [
    'validateProbe',
    'KN383',
    'livenessProbe.timeoutSeconds',
    container('livenessProbe: {httpGet: {}, timeoutSeconds: -1}'),
    container('livenessProbe: {httpGet: {}, timeoutSeconds: 0}'),
  ],
  [
    'validateHTTPGetAction',
    'KN383',
    'livenessProbe.httpGet.httpHeaders[0].name',
    container('livenessProbe: {httpGet: {httpHeaders: [{name: X A, value: a}]}}'),
    container('livenessProbe: {httpGet: {httpHeaders: [{name: X-A, value: a}]}}'),
  ],
  [
    'validateExecAction',
    'KN383',
    'readinessProbe.exec.command',
    container('readinessProbe: {exec: {}}'),
    container('readinessProbe: {exec: {command: ["true"]}}'),
  ],
  [
    'validateResourceRequirements',
    'KN387',
    'resources.requests.memory',
    resources('memory: 128Mi', 'memory: 129Mi'),
    resources('memory: 128Mi', 'memory: 0.125Gi'),
  ],
  [
    'validateContainerResourceName',
    'KN387',
    'resources.limits.foo',
    resources('foo: 1', ''),
    resources('ephemeral-storage: 1Gi', ''),
  ],
  [
    'validateResourceRequirements',
    'KN387',
    'resources.limits["example.com/gpu"]',
    resources('', 'example.com/gpu: 1'),
    resources('example.com/gpu: 1', ''),
  ],
  ['ValidateNonnegativeQuantity', 'KN387', 'resources.limits.cpu', resources('cpu: -1', ''), resources('cpu: 0', '')],
  [
    'ValidateEnv',
    'KN388',
    'env[0].name',
    container('env: [{name: A=B, value: c}]'),
    container('env: [{name: A B, value: c}]'),
  ],
  [
    'validateEnvVarValueFrom',
    'KN399',
    'env[0].valueFrom',
    variable('value: a, valueFrom: {secretKeyRef: {name: a, key: b}}'),
    variable('value: "", valueFrom: {secretKeyRef: {name: a, key: b}}'),
  ],
  [
    'validateSecretKeySelector',
    'KN388',
    'env[0].valueFrom.secretKeyRef.key',
    secretKey('name: a, key: a b'),
    secretKey('name: a, key: a_b'),
  ],
  [
    'validateSecretKeySelector',
    'KN388',
    'env[0].valueFrom.secretKeyRef.name',
    secretKey('key: a'),
    secretKey('name: a.b, key: a'),
  ],
  [
    'validateConfigMapEnvSource',
    'KN388',
    'envFrom[0].configMapRef.name',
    container('envFrom: [{configMapRef: {name: A}}]'),
    container('envFrom: [{configMapRef: {name: a}}]'),
  ],
  [
    'validateSecretEnvSource',
    'KN388',
    'envFrom[0].secretRef.name',
    container('envFrom: [{secretRef: {}}]'),
    container('envFrom: [{secretRef: {name: a-}}]'),
  ],
  [
    'validatePullPolicy',
    'KN366',
    'imagePullPolicy',
    container('imagePullPolicy: Sometimes'),
    container('imagePullPolicy: IfNotPresent'),
  ],
  ['ValidateDNS1123Label', 'KN366', 'name', container('name: Web'), container('name: web')],
  ['ValidateDNS1123Label', 'KN366', 'name', container(`name: ${'a'.repeat(64)}`), container(`name: ${'a'.repeat(63)}`)],
  [
    'validateSeccompProfileField',
    'KN389',
    'securityContext.seccompProfile.localhostProfile',
    seccomp('type: Localhost'),
    seccomp('type: Localhost, localhostProfile: a/b.json'),
  ],
  [
    'validateSeccompProfileType',
    'KN389',
    'securityContext.seccompProfile.type',
    seccomp('type: Default'),
    seccomp('type: RuntimeDefault'),
  ],
  [
    'validateLocalDescendingPath',
    'KN384',
    'volumes[0].configMap.items[0].path',
    volume('configMap: {name: a, items: [{key: a, path: /a}]}'),
    volume('configMap: {name: a, items: [{key: a, path: a/b}]}'),
  ],
  [
    'validatePathNoBacksteps',
    'KN384',
    'volumes[0].secret.items[0].path',
    volume('secret: {secretName: a, items: [{key: a, path: a/../b}]}'),
    volume('secret: {secretName: a, items: [{key: a, path: a..b}]}'),
  ],
  [
    'validateSecretVolumeSource',
    'KN384',
    'volumes[0].secret.defaultMode',
    volume('secret: {secretName: a, defaultMode: 01000}'),
    volume('secret: {secretName: a, defaultMode: 0777}'),
  ],
  [
    'validateSecretVolumeSource',
    'KN384',
    'volumes[0].secret.secretName',
    volume('secret: {}'),
    volume('secret: {secretName: A_b}'),
  ],
  [
    'ValidateVolumeMounts',
    'KN384',
    'volumeMounts[0].subPath',
    volume('emptyDir: {}', ', subPath: ../a'),
    volume('emptyDir: {}', ', subPath: ..a'),
  ],
  [
    'validateProjectionSources',
    'KN384',
    'volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds',
    projected('{serviceAccountToken: {path: a, expirationSeconds: 599}}'),
    projected('{serviceAccountToken: {path: a, expirationSeconds: 600}}'),
  ],
  [
    'validateProjectionSources',
    'KN384',
    'volumes[0].projected.sources[1].configMap.items[0].path',
    projected('{secret: {name: a, items: [{key: a, path: x}]}}, {configMap: {name: a, items: [{key: a, path: x}]}}'),
    projected('{secret: {name: a, items: [{key: a, path: x}]}}, {configMap: {name: a, items: [{key: a, path: z}]}}'),
  ],
  [
    'imagePullSecrets',
    'KN366',
    'imagePullSecrets[0].name',
    '{imagePullSecrets: [{}], containers: [{image: shop}]}',
    '{imagePullSecrets: [{name: A}], containers: [{image: shop}]}',
  ],
  // Others of their kind.
  [
    'validateEnvVarValueFrom',
    'KN399',
    'env[0].valueFrom',
    variable('value: "0", valueFrom: {configMapKeyRef: {name: a, key: b}}'),
    variable('value: ~, valueFrom: {configMapKeyRef: {name: a, key: b}}'),
  ],
  [
    'validateEnvVarValueFrom',
    'KN399',
    'env[0].valueFrom',
    variable('value: " ", valueFrom: {secretKeyRef: {name: a, key: b, optional: true}}'),
    variable('valueFrom: {secretKeyRef: {name: a, key: b, optional: true}}'),
  ],
  [
    'validateProbe',
    'KN383',
    'startupProbe.failureThreshold',
    container('startupProbe: {grpc: {port: 1}, failureThreshold: -3}'),
    container('startupProbe: {grpc: {port: 1}, failureThreshold: 300}'),
  ],
  [
    'ValidatePortNumOrName',
    'KN383',
    'startupProbe.httpGet.port',
    container('startupProbe: {httpGet: {port: 65536}}'),
    container('livenessProbe: {httpGet: {port: 65536}}'),
  ],
  [
    'validateContainerResourceName',
    'KN387',
    'resources.requests.storage',
    resources('', 'storage: 1Gi'),
    resources('', 'memory: 1Gi'),
  ],
  [
    'ValidateResourceQuantityValue',
    'KN387',
    'resources.limits["example.com/gpu"]',
    resources('example.com/gpu: 500m', ''),
    resources('example.com/gpu: 1000m', ''),
  ],
  [
    'validateResourceQuantityHugePageValue',
    'KN387',
    'resources.limits.hugepages-2Mi',
    resources('memory: 1Gi, hugepages-2Mi: 3Mi', ''),
    resources('memory: 1Gi, hugepages-2Mi: 4096Ki', ''),
  ],
  ['validateEnvVarValueFrom', 'KN388', 'env[0].valueFrom', variable('valueFrom: {}'), variable('valueFrom: ~')],
  [
    'ValidateEnvFrom',
    'KN388',
    'envFrom[0].prefix',
    container('envFrom: [{prefix: A=, secretRef: {name: a}}]'),
    container('envFrom: [{prefix: A., secretRef: {name: a}}]'),
  ],
  [
    'validatePullPolicy',
    'KN366',
    'imagePullPolicy',
    container('imagePullPolicy: always'),
    container('imagePullPolicy: Always'),
  ],
  ['ValidateDNS1123Label', 'KN366', 'name', container('name: a.b'), container('name: 1-a')],
  [
    'validateSeccompProfileField',
    'KN389',
    'securityContext.seccompProfile.localhostProfile',
    seccomp('type: Unconfined, localhostProfile: a'),
    seccomp('type: Unconfined, localhostProfile: ~'),
  ],
  [
    'validateSeccompProfileType',
    'KN389',
    'securityContext.seccompProfile.type',
    seccomp(''),
    container('securityContext: {}'),
  ],
  [
    'ValidateLocalNonReservedPath',
    'KN384',
    'volumes[0].configMap.items[0].path',
    volume('configMap: {name: a, items: [{key: a, path: ..a}]}'),
    volume('configMap: {name: a, items: [{key: a, path: .a}]}'),
  ],
  [
    'validateObjectFieldSelector',
    'KN384',
    'volumes[0].projected.sources[0].downwardAPI.items[0].fieldRef.fieldPath',
    projected('{downwardAPI: {items: [{path: a, fieldRef: {fieldPath: spec.nodeName}}]}}'),
    projected('{downwardAPI: {items: [{path: a, fieldRef: {fieldPath: metadata.labels}}]}}'),
  ],
  [
    'validateContainerResourceFieldSelector',
    'KN384',
    'volumes[0].projected.sources[0].downwardAPI.items[0].resourceFieldRef.containerName',
    projected('{downwardAPI: {items: [{path: a, resourceFieldRef: {resource: limits.cpu}}]}}'),
    projected('{downwardAPI: {items: [{path: a, resourceFieldRef: {containerName: a, resource: limits.cpu}}]}}'),
  ],
]

for (const [source, code, path, refused, fine] of cases) {
  test(`${source} refuses ${refused}`, () => {
    assert.equal(found(refused), [`warning ${code} ${path}`])
    assert.ok(podCodes.has(code))
  })

  test(`${source} takes ${fine}`, () => assert.equal(found(fine), []))
}

test('nothing is said of Pods where Knative refuses the field, or what holds it', () => {
  assert.equal(found(container('livenessProbe: {grpc: {}, exec: {}}')), ['error KN381 livenessProbe'])
  assert.equal(found(variable('valueFrom: {fieldRef: {fieldPath: nope}}')), ['error KN374 env[0].valueFrom.fieldRef'])
  assert.equal(found('{initContainers: [{image: shop, name: A}], containers: [{image: shop}]}'), [
    'error KN364 initContainers',
  ])
  assert.equal(found(container('imagePullPolicy: 1')), ['error KN201 imagePullPolicy'])
})

const on = (features: string): string => `cluster: {features: {${features}}}\n`

test('what an operator has set counts', () => {
  assert.equal(
    found(
      '{initContainers: [{image: shop, name: A}], containers: [{image: shop}]}',
      on('kubernetes.podspec-init-containers: enabled'),
    ),
    ['warning KN366 initContainers[0].name'],
  )
  assert.equal(
    found(variable('valueFrom: {fieldRef: {fieldPath: nope}}'), on('kubernetes.podspec-fieldref: enabled')),
    ['warning KN388 env[0].valueFrom.fieldRef.fieldPath'],
  )
  const probed = container('livenessProbe: {tcpSocket: {port: 70000}}')
  assert.equal(found(probed), [])
  assert.equal(found(probed, on('multi-container-probing: enabled')), ['warning KN383 livenessProbe.tcpSocket.port'])
  assert.equal(found(resources('cpu: 100m', ''), 'cluster: {defaults: {revision-cpu-request: 400m}}\n'), [
    'warning KN387 resources.requests.cpu',
  ])
  assert.equal(found(seccomp('localhostProfile: ~'), on('secure-pod-defaults: enabled')), [])
})

test('Cloud Run makes no Pods', () => {
  const text = `${head.replace('}', ', labels: {cloud.googleapis.com/location: a}}')}spec: {template: {spec: ${secretKey('name: API_KEY, key: latest')}}}\n`
  assert.equal(plan([{ path: 'shop.yaml', text }], {}).diagnostics, [])
})

test.run()
