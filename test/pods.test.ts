import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { plan } from '../src/pipeline/plan.js'

// What a stock cluster says of the pods of a Service, where defaults, nulls and Go's types make the answer no matter of
// course: the field and the cluster's own words, or nothing.

function said(spec: string): readonly string[] {
  const text = `apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: shop}\nspec: {template: {spec: ${spec}}}\n`
  const { diagnostics } = plan([{ path: 'shop.yaml', text }], {})
  return diagnostics
    .filter(({ severity }) => severity === 'error')
    .map(
      ({ path = '', says }) =>
        `${path.replace('spec.template.spec.', '')}: ${says?.text.replace(/(?<=set the field\(s\)): spec.*/, '')}`,
    )
}

function container(fields: string): string {
  return `{containers: [{image: shop, ${fields}}]}`
}

function sidecar(fields: string): string {
  return `{containers: [{image: shop, ports: [{containerPort: 8080}]}, {image: proxy, ${fields}}]}`
}

function volume(fields: string): string {
  return `{volumes: [{name: v, ${fields}}], containers: [{image: shop, volumeMounts: [{name: v, mountPath: /v}]}]}`
}

function mounted(...places: readonly string[]): string {
  const mounts = places.map((place) => `{name: v, mountPath: ${place}}`)
  return `{volumes: [{name: v, configMap: {name: v}}], containers: [{image: shop, volumeMounts: [${mounts.join(', ')}]}]}`
}

const notSet = 'must not set the field(s)'
const cases: readonly (readonly [spec: string, ...said: string[]])[] = [
  // An empty readiness probe is filled in, the others stay empty.
  [sidecar('livenessProbe: {}, startupProbe: {periodSeconds: 0}')],
  [sidecar('readinessProbe: ~')],
  [sidecar('readinessProbe: {}'), `containers[1].readinessProbe: ${notSet}`],
  [sidecar('readinessProbe: {periodSeconds: 0}'), `containers[1].readinessProbe: ${notSet}`],
  // Members that are null are gone before anything looks; null items are not.
  ['{nodeSelector: {disk: ~}, tolerations: [], containers: [{image: shop}]}'],
  ['{nodeSelector: {disk: ssd}, containers: [{image: shop}]}', `nodeSelector: ${notSet}`],
  ['{tolerations: [~], containers: [{image: shop}]}', `tolerations: ${notSet}`],
  // Only what stands before an exponent makes a quantity less than nothing.
  [volume('emptyDir: {sizeLimit: "-0e5"}')],
  [volume('emptyDir: {sizeLimit: -0.0}')],
  [volume('emptyDir: {sizeLimit: "-0.5"}'), 'volumes[0].emptyDir.sizeLimit: invalid value: -0.5'],
  [volume('emptyDir: {sizeLimit: -1e-3}'), 'volumes[0].emptyDir.sizeLimit: invalid value: -0.001'],
  // Fields of list items have an index in Go's brackets.
  [
    container('env: [{value: a}]'),
    'containers[0].env[0].name: missing field(s): spec.template.spec.containers[0].env[0].name',
  ],
  ['{containers: [~]}', 'containers[0].image: missing field(s): spec.template.spec.containers[0].image'],
  [
    volume('secret: {items: [{key: a}]}'),
    'volumes[0].secret.items[0].path: missing field(s): spec.template.spec.volumes[0].secret.items[0].path',
  ],
  [
    '{volumes: [{secret: {}}], containers: [{image: shop}]}',
    'volumes[0].name: missing field(s): spec.template.spec.volumes[0].name',
  ],
  [volume('secret: {}').replaceAll('name: v', 'name: V'), 'volumes[0].name: invalid value: V'],
  // A file about the pod has one source.
  [volume('projected: {sources: [{downwardAPI: {items: [{path: a, fieldRef: {}}]}}]}')],
  [
    volume('projected: {sources: [{downwardAPI: {items: [{path: a}]}}]}'),
    'volumes[0].projected.sources[0].downwardAPI.items[0]: expected exactly one, got neither',
  ],
  [
    volume('projected: {sources: [{downwardAPI: {items: [{path: a, fieldRef: {}, resourceFieldRef: {}}]}}]}'),
    'volumes[0].projected.sources[0].downwardAPI.items[0]: Within a single item, cannot set both',
  ],
  // What Go cannot decode, it names; a number that is too long is said once, not judged as well.
  [
    container('ports: [{containerPort: 2147483648}]'),
    'containers[0].ports[0].containerPort: cannot unmarshal number 2147483648 into Go struct field',
  ],
  [
    container('readinessProbe: {periodSeconds: -2147483649}'),
    'containers[0].readinessProbe.periodSeconds: cannot unmarshal number -2147483649 into Go struct field',
  ],
  [
    container('readinessProbe: {periodSeconds: -2147483648}'),
    'containers[0].readinessProbe.periodSeconds: expected 0 <= -2147483648 <= 2147483647',
  ],
  [
    container('livenessProbe: {exec: {}, periodSeconds: 1.5}'),
    'containers[0].livenessProbe.periodSeconds: cannot unmarshal number 1.5 into Go struct field',
  ],
  [
    container('securityContext: {runAsUser: 9223372036854775808}'),
    'containers[0].securityContext.runAsUser: cannot unmarshal number 9223372036854776000 into Go struct field',
  ],
  [container('env: [{name: A, value: 1}]'), 'containers[0].env[0].value: cannot unmarshal number into Go struct field'],
  [
    container('resources: {limits: {cpu: true}}'),
    'containers[0].resources.limits.cpu: quantities must match the regular expression',
  ],
  [
    container('resources: {limits: {cpu: 1 Gi}}'),
    'containers[0].resources.limits.cpu: quantities must match the regular expression',
  ],
  // One name each, one port that can be reached, and one place for each mount.
  [
    '{containers: [{name: shop, image: shop, ports: [{containerPort: 8080}]}, {name: shop, image: proxy}]}',
    'containers[1].name: duplicate container name "shop"',
  ],
  [container('ports: [{containerPort: 65535, protocol: TCP}]')],
  [container('ports: [{containerPort: 65536}]'), 'containers[0].ports[0].containerPort: expected 0 <= 65536 <= 65535'],
  [container('ports: [{containerPort: 53, protocol: UDP}]'), 'containers[0].ports[0].protocol: invalid value: UDP'],
  [
    mounted('/etc/shop', '/etc/shop/../shop/.'),
    'containers[0].volumeMounts[1].mountPath: invalid value: "/etc/shop/../shop/." must be unique',
  ],
  [mounted('/etc/shop', '/etc/../shop')],
  [mounted('/../'), 'containers[0].volumeMounts[0].mountPath: mountPath "/" is a reserved path'],
  [mounted('../shop'), 'containers[0].volumeMounts[0].mountPath: invalid value: ../shop'],
  [mounted('/shop', '../../shop'), 'containers[0].volumeMounts[1].mountPath: invalid value: ../../shop'],
  // A list that Go leaves null is missed at its own path.
  [
    volume('projected: {}'),
    'volumes[0].projected.sources: Invalid value: "null": spec.template.spec.volumes[0].projected.sources in body must be of type array: "null"',
  ],
]

for (const [spec, ...expected] of cases)
  test(`${expected.length === 0 ? 'admitted' : 'refused'}: ${spec}`, () => assert.equal(said(spec), expected))

const portHelp = (port: string): string | undefined => {
  const spec = container(`ports: [{name: h2c, containerPort: 8080}], readinessProbe: {httpGet: {port: ${port}}}`)
  const text = `apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: shop}\nspec: {template: {spec: ${spec}}}\n`
  return plan([{ path: 'shop.yaml', text }], {}).diagnostics.find(({ code }) => code === 'KN382')?.help
}

test('the port of a probe that must go is told how', () => {
  assert.is(portHelp('"8080"'), 'write 8080, without quotes')
  assert.is(portHelp('web'), 'remove it to probe the container port')
  assert.is(portHelp('h2c'), undefined)
})

test.run()
