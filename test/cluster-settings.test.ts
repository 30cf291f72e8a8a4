// What an operator has set in a cluster: what that permits and refuses, its limits, and the defaults that a revision name
// of one's own has to spell.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { featureKeys, permits, stockCluster } from '../src/config/cluster-settings.js'
import { readConfigMaps } from '../src/config/cluster.js'
import { createService } from '../src/pipeline/create.js'
import { plan } from '../src/pipeline/plan.js'
import type { Outcome, Request } from '../src/pipeline/request.js'
import { baseOf } from './passages.js'

const test = suite('cluster settings')

const path = 'shop.yaml'

/** A Service with this template, in YAML of one line each. */
function service(spec: string, name = ''): string {
  const metadata = name === '' ? '' : `metadata: {name: ${name}}, `
  const traffic = name === '' ? '' : `  traffic: [{revisionName: ${name}, percent: 100}]\n`
  return `apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: shop}
spec:
  template: {${metadata}spec: ${spec}}
${traffic}`
}

const image = 'image: ghcr.io/acme/shop:1.0'
const spelled = `name: user-container, readinessProbe: {tcpSocket: {}, successThreshold: 1}, ${image}`

function configured(cluster: string): Pick<Request, 'configuration'> {
  return { configuration: { path: '.kn-rollout.yaml', text: `cluster: ${cluster}\n` } }
}

function judged(text: string, cluster: string, more: Request = {}): Outcome {
  return plan([{ path, text }], { ...configured(cluster), ...more })
}

function codes(text: string, cluster: string, more: Request = {}): string {
  const { diagnostics } = judged(text, cluster, more)
  return diagnostics.map(({ code }) => code).join(' ')
}

const feature = (key: string, value: string): string => `{features: {${key}: ${value}}}`
const setting = (key: string, value: string): string => `{defaults: {${key}: ${value}}}`

/** What stands behind each flag, and the code that it is refused with. */
const flagged: readonly (readonly [key: string, spec: string, code: string])[] = [
  ...(
    [
      ['affinity', 'affinity: {}'],
      ['dnsconfig', 'dnsConfig: {}'],
      ['dnspolicy', 'dnsPolicy: Default'],
      ['hostaliases', 'hostAliases: [{ip: 10.0.0.1}]'],
      ['hostipc', 'hostIPC: true'],
      ['hostnetwork', 'hostNetwork: true'],
      ['hostpid', 'hostPID: true'],
      ['init-containers', `initContainers: [{${image}}]`],
      ['nodeselector', 'nodeSelector: {disk: ssd}'],
      ['priorityclassname', 'priorityClassName: high'],
      ['runtimeclassname', 'runtimeClassName: gvisor'],
      ['schedulername', 'schedulerName: own'],
      ['securitycontext', 'securityContext: {}'],
      ['shareprocessnamespace', 'shareProcessNamespace: true'],
      ['tolerations', 'tolerations: [{key: a}]'],
      [
        'topologyspreadconstraints',
        'topologySpreadConstraints: [{maxSkew: 1, topologyKey: a, whenUnsatisfiable: DoNotSchedule}]',
      ],
    ] as const
  ).map(([key, field]) => [`kubernetes.podspec-${key}`, `{containers: [{${image}}], ${field}}`, 'KN364'] as const),
  [
    'kubernetes.podspec-fieldref',
    `{containers: [{${image}, env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]}]}`,
    'KN374',
  ],
  [
    'kubernetes.containerspec-addcapabilities',
    `{containers: [{${image}, securityContext: {capabilities: {add: [SYS_TIME]}}}]}`,
    'KN386',
  ],
  [
    'multi-container-probing',
    `{containers: [{${image}, ports: [{containerPort: 80}]}, {image: a/b, readinessProbe: {tcpSocket: {port: 90}}}]}`,
    'KN378',
  ],
  ...(
    [
      ['volumes-csi', 'csi: {driver: d, readOnly: true}'],
      ['volumes-hostpath', 'hostPath: {path: /a}'],
      ['persistent-volume-claim', 'persistentVolumeClaim: {claimName: c, readOnly: true}'],
    ] as const
  ).map(
    ([key, source]) =>
      [
        `kubernetes.podspec-${key}`,
        `{containers: [{${image}, volumeMounts: [{name: v, mountPath: /v, readOnly: true}]}], volumes: [{name: v, ${source}}]}`,
        'KN392',
      ] as const,
  ),
  [
    'kubernetes.podspec-volumes-mount-propagation',
    `{containers: [{${image}, volumeMounts: [{name: v, mountPath: /v, mountPropagation: None}]}], volumes: [{name: v, emptyDir: {}}]}`,
    'KN396',
  ],
]

for (const [key, spec, code] of flagged)
  test(`\`${key}\` permits what is ${code} on a stock cluster`, () => {
    const text = service(spec)
    assert.is(codes(text, '{}'), code)
    assert.is(codes(text, feature(key, 'Enabled')), '')
    assert.is(codes(text, feature(key, 'allowed')), featureKeys[key]?.isStrict ? code : '')
    assert.is(codes(text, feature(key, 'DISABLED')), code)
    const [found] = judged(text, feature(key, 'disabled')).diagnostics
    assert.not.match(found?.message ?? '', /stock/, 'its operator has spoken')
  })

test('a feature can be off that is on in a stock cluster', () => {
  const several = service(`{containers: [{${image}, ports: [{containerPort: 80}]}, {image: a/b}]}`)
  assert.is(codes(several, '{}'), '')
  assert.is(codes(several, feature('multi-container', 'disabled')), 'KN364')
  const scratch = service(
    `{containers: [{${image}, volumeMounts: [{name: v, mountPath: /v}]}], volumes: [{name: v, emptyDir: {}}]}`,
  )
  assert.is(codes(scratch, '{}'), '')
  const off = feature('kubernetes.podspec-volumes-emptydir', 'disabled')
  assert.is(codes(scratch, off), 'KN392')
  assert.is(codes(scratch, off, { profile: 'cloudrun' }), '', 'Cloud Run has no such settings')
  assert.is(
    codes(service(`{containers: [{${image}}], affinity: {}}`), '{features: {kubernetes.podspec-affinity: enabled}}', {
      profile: 'cloudrun',
    }),
    'KN364',
  )
})

test('what an operator permits is validated as any other', () => {
  const init = feature('kubernetes.podspec-init-containers', 'enabled')
  const mounted = `{initContainers: [{image: a/b, volumeMounts: [{name: v, mountPath: /v}]}], containers: [{${image}}], volumes: [{name: v, emptyDir: {}}]}`
  assert.is(codes(service(mounted), init), '', 'a volume that an init container mounts is mounted')
  assert.is(codes(service(`{initContainers: [{image: ''}], containers: [{${image}}]}`), init), 'KN370')
  assert.is(
    codes(service(`{initContainers: [{${image}, livenessProbe: {exec: {}}}], containers: [{${image}}]}`), init),
    'KN378',
  )
  assert.is(codes(service(`{initContainers: [{name: a, ${image}}], containers: [{name: a, ${image}}]}`), init), 'KN371')
  const probing = feature('multi-container-probing', 'enabled')
  const sidecar = (probe: string): string =>
    service(`{containers: [{${image}, ports: [{containerPort: 80}]}, {image: a/b, ${probe}}]}`)
  assert.is(codes(sidecar('livenessProbe: {httpGet: {path: /}}'), probing), 'KN382')
  assert.is(codes(sidecar('readinessProbe: {}'), probing), 'KN381')
  const claim = service(
    `{containers: [{${image}, volumeMounts: [{name: v, mountPath: /v}]}], volumes: [{name: v, persistentVolumeClaim: {claimName: c}}]}`,
  )
  const claims = 'kubernetes.podspec-persistent-volume-claim: enabled'
  assert.is(codes(claim, `{features: {${claims}}}`), 'KN392', 'for reading alone')
  assert.is(codes(claim, `{features: {${claims}, kubernetes.podspec-persistent-volume-write: enabled}}`), '')
})

test('limits are those of the cluster', () => {
  const slow = service(`{timeoutSeconds: 900, containers: [{${image}}]}`)
  assert.is(codes(slow, '{}'), 'KN360')
  assert.is(codes(slow, setting('max-revision-timeout-seconds', '3600')), '')
  const [found] = judged(slow, setting('max-revision-timeout-seconds', '800')).diagnostics
  assert.match(found?.message ?? '', /`spec\.template\.spec\.timeoutSeconds` is 900; must be 0 to 800/)
  const busy = service(`{containerConcurrency: 5000, containers: [{${image}}]}`)
  assert.is(codes(busy, '{}'), 'KN361')
  assert.is(codes(busy, setting('container-concurrency-max-limit', '5000')), '')
  const none = setting('allow-container-concurrency-zero', 'false')
  assert.is(codes(service(`{containerConcurrency: 0, containers: [{${image}}]}`), none), 'KN361')
  assert.is(codes(service(`{containers: [{${image}}]}`), none), 'KN361', 'the default is 0')
  assert.is(
    codes(
      service(`{containers: [{${image}}]}`),
      `{defaults: {container-concurrency: 10, allow-container-concurrency-zero: false}}`,
    ),
    '',
  )
})

/** What KN326 wants under a name of its own, besides what a stock cluster fills in. */
const wanted: readonly (readonly [cluster: string, container: string, missing: readonly string[]])[] = [
  [setting('revision-cpu-request', '100m'), '', ['containers[0].resources: {requests: {cpu: 100m}}']],
  [
    '{defaults: {revision-memory-limit: 1Gi, revision-ephemeral-storage-request: 2Gi}}',
    'resources: {requests: {cpu: 1}}',
    ['containers[0].resources.requests.ephemeral-storage: 2Gi', 'containers[0].resources.limits: {memory: 1Gi}'],
  ],
  [setting('revision-cpu-request', '100m'), 'resources: {requests: {cpu: 200m}}', []],
  [
    feature('secure-pod-defaults', 'AllowRootBounded'),
    'securityContext: {capabilities: {drop: [NET_RAW]}}',
    [
      'containers[0].securityContext.allowPrivilegeEscalation: false',
      'containers[0].securityContext.seccompProfile: {type: RuntimeDefault}',
    ],
  ],
  [
    feature('secure-pod-defaults', 'enabled'),
    'securityContext: {allowPrivilegeEscalation: true, seccompProfile: {type: Unconfined}}, ports: [{containerPort: 80}]',
    [
      'containers[0].securityContext.capabilities: {add: [NET_BIND_SERVICE], drop: [ALL]}',
      'containers[0].securityContext.runAsNonRoot: true',
    ],
  ],
  [feature('secure-pod-defaults', 'disabled'), '', []],
  ...[
    'revision-timeout-seconds: 100',
    'container-concurrency: 5',
    'enable-service-links: true',
    'container-name-template: web',
  ].map((one) => [`{defaults: {${one}}}`, '', []] as const),
]

for (const [cluster, container, missing] of wanted)
  test(`${cluster} and {${container}} leave ${missing.length} defaults to spell`, () => {
    const text = service(`{containers: [{${container === '' ? '' : `${container}, `}${spelled}}]}`, 'shop-v1')
    const { diagnostics } = judged(text, cluster)
    const [found, second] = diagnostics
    assert.is(second, undefined)
    const listed = [...(found?.help ?? '').matchAll(/`((?:c|initC)ontainers\[[^`]+)`/g)].map(([, one]) => one)
    assert.equal(listed, missing)
    // The very same commit once more: what KN326 warns of comes to pass, or does not.
    assert.is(codes(text, cluster, { base: baseOf([text], path) }), missing.length > 0 ? 'KN501' : '')
    const moved = spell(text, cluster)
    assert.is(codes(moved, cluster), '')
    assert.is(codes(moved, cluster, { base: baseOf([text, moved], path) }), '')
  })

/** The file after `set --spell`. */
function spell(text: string, cluster: string, more: Request = {}): string {
  const move = { command: 'set' as const, traffic: [], tags: [{ revision: 'shop-v1', tag: 'v1' }], untag: [] }
  const outcome = judged(text, cluster, { spell: true, move, ...more })
  return outcome.changes[0]?.text ?? outcome.diagnostics.map(({ message }) => message).join('; ')
}

test('init containers need their names', () => {
  const init = feature('kubernetes.podspec-init-containers', 'enabled')
  const one = service(`{initContainers: [{${image}}], containers: [{${spelled}}]}`, 'shop-v1')
  assert.match(
    judged(one, init).diagnostics[0]?.message ?? '',
    /Knative will reject every later apply that keeps the revision name `shop-v1`: 1 default is not written out/,
  )
  const two = service(
    `{initContainers: [{${image}}, {name: own, ${image}}, {${image}}], containers: [{${spelled}}]}`,
    'shop-v1',
  )
  const [found] = judged(two, init).diagnostics
  assert.match(
    found?.message ?? '',
    /Knative will reject every later apply that keeps the revision name `shop-v1`: 2 defaults are not written out/,
  )
  assert.match(spell(two, init), /name: init-container-0.*name: init-container-1/)
  assert.is(codes(two, init, { base: baseOf([two], path) }), 'KN501')
  assert.not.match(
    judged(one, '{}')
      .diagnostics.map(({ message }) => message)
      .join('\n'),
    /init-container`/,
    'refused anyway',
  )
})

test('a container is named as the cluster names it', () => {
  const text = service(`{containers: [{${image}}]}`, 'shop-v1')
  const named = setting('container-name-template', "'{{.Name}}-main'")
  assert.match(
    judged(text, named).diagnostics[0]?.message ?? '',
    /Knative will reject every later apply that keeps the revision name `shop-v1`: 2 defaults are not written out/,
  )
  const moved = spell(text, named)
  assert.is(codes(moved, named, { base: baseOf([text, moved], path) }), '')
})

const at = (container: string): string =>
  service(`{tolerations: [{key: a}], containers: [{${container}${spelled}}]}`, 'shop-v1')

test('what the cluster has set counts for every version of the past', () => {
  const cluster = `{defaults: {revision-cpu-request: 100m}, features: {kubernetes.podspec-tolerations: enabled}}`
  const whole = at('resources: {requests: {cpu: 100m}}, ')
  const other = whole.replace('shop:1.0', 'shop:2.0')
  assert.is(codes(other, cluster, { base: baseOf([whole], path) }), 'KN501')
  assert.is(codes(whole, cluster, { base: baseOf([whole, other], path) }), '', 'the refused one changed nothing')
  assert.is(codes(whole, cluster, { base: baseOf([at('')], path) }), '', 'the default, written out')
  assert.is(
    codes(whole, '{features: {kubernetes.podspec-tolerations: enabled}}', { base: baseOf([at('')], path) }),
    'KN501',
  )
})

const live = (container: string, name = 'shop-v1'): Request['live'] => ({
  path: 'live.yaml',
  text:
    service(`{containerConcurrency: 0, containers: [{${container}}]}`, name) +
    'status: {latestReadyRevisionName: shop-v1}\n',
})

test('--spell writes what the live object has under the same name, as far as it is needed', () => {
  const text = service(`{containers: [{${spelled}}]}`, 'shop-v1')
  const found = live(`${spelled}, resources: {requests: {cpu: 250m}}, imagePullPolicy: ''`)
  if (!found) throw new TypeError('there is a live object')
  const moved = spell(text, '{}', { live: found })
  assert.match(moved, /resources: ?\{ ?requests: ?\{ ?cpu: 250m ?\} ?\}/)
  assert.not.match(moved, /imagePullPolicy|containerConcurrency/)
  const other = spell(text, '{}', { live: { ...found, text: found.text.replaceAll('shop-v1', 'shop-v2') } })
  assert.not.match(other, /resources/, 'it is another revision')
  const bare = service(`{containers: [{${image}}]}`, 'shop-v1')
  const own = spell(bare, '{}', { live: { ...found, text: found.text.replace('user-container', 'web') } })
  assert.match(own, /name: web/, 'as the live object has it')
})

test('create spells what the cluster fills in', () => {
  const cluster = '{defaults: {revision-cpu-request: 100m}, features: {secure-pod-defaults: AllowRootBounded}}'
  const created = createService({ name: 'shop', image: 'ghcr.io/acme/shop:1.0' }, path, configured(cluster))
  if ('fault' in created) throw new TypeError(created.fault)
  assert.match(created.file.text, /requests:\n +cpu: 100m/)
  assert.match(created.file.text, /allowPrivilegeEscalation: false/)
  assert.is(codes(created.file.text, cluster), '')
  const generated = createService({ name: 'shop', image: 'a/b', 'generated-names': true }, path, configured(cluster))
  assert.not.match('file' in generated ? generated.file.text : '', /resources/)
})

const map = (name: string, data: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: ${data}\n`
const features = map('config-features', '{_example: "a: b", secure-pod-defaults: "Enabled"}')
const defaults = map('config-defaults', '{revision-cpu-request: "100m"}')
const other = map('config-domain', '{example.com: ""}')

const json = (part: string, data: object): object => ({
  kind: 'ConfigMap',
  metadata: { name: `config-${part}` },
  data,
})

test('saved ConfigMaps are read as kubectl prints them', () => {
  const both = { features: { 'secure-pod-defaults': 'enabled' }, defaults: { 'revision-cpu-request': '100m' } }
  const items = [features, other, defaults].map((one) => `- ${one.trimEnd().replaceAll('\n', '\n  ')}\n`)
  const forms: readonly string[] = [
    [features, other, defaults].join('---\n'),
    `apiVersion: v1\nkind: List\nitems:\n${items.join('')}`,
    JSON.stringify({ kind: 'List', items: Object.entries(both).map(([part, data]) => json(part, data)) }),
  ]
  for (const text of forms) assert.equal(readConfigMaps({ path, text }), { settings: both, faults: [] })
  const { settings } = readConfigMaps({ path, text: defaults })
  assert.equal(settings, { defaults: both.defaults })
  assert.equal(readConfigMaps({ path, text: 'kind: ConfigMap\nmetadata: {name: config-features}\n' }).settings, {
    features: {},
  })
  const [none] = readConfigMaps({ path, text: other }).faults
  assert.match(none?.message ?? '', /`shop\.yaml` has neither the ConfigMap `config-defaults` nor `config-features`/)
  const [broken] = readConfigMaps({ path, text: 'a: [' }).faults
  assert.is(broken?.code, 'KN191')
})

const saved = (yaml: string): Request => ({ cluster: { path: 'cluster.yaml', text: yaml } })

test('a saved ConfigMap counts more than the configuration, the other one stays', () => {
  const text = service(`{tolerations: [{key: a}], timeoutSeconds: 700, containers: [{${image}}]}`)
  const cluster = '{features: {kubernetes.podspec-tolerations: enabled}, defaults: {max-revision-timeout-seconds: 700}}'
  assert.is(codes(text, cluster), '')
  assert.is(codes(text, cluster, saved(features)), 'KN364')
  assert.is(codes(text, cluster, saved(defaults)), 'KN360')
})

const bad: readonly (readonly [cluster: string, message: RegExp, help?: RegExp])[] = [
  ['{feature: {}}', /^unknown key `cluster\.feature`/, /`features`/],
  ['{features: {multi-contaner: enabled}}', /unknown key `cluster\.features\.multi-contaner`/, /`multi-container`/],
  [
    '{features: {multi-container: enabeld}}',
    /`cluster\.features\.multi-container` is `enabeld`; must be `enabled`, `allowed` or `disabled`/,
    /`enabled`/,
  ],
  [
    '{features: {multi-container: true}}',
    /`cluster\.features\.multi-container` is `true`; must be `enabled`, `allowed` or `disabled`/,
  ],
  [
    '{features: {multi-container: }}',
    /`cluster\.features\.multi-container` is empty; must be `enabled`, `allowed` or `disabled`/,
  ],
  [
    '{features: {secure-pod-defaults: allowed}}',
    /`cluster\.features\.secure-pod-defaults` is `allowed`; must be `enabled`, `AllowRootBounded` or `disabled`/,
  ],
  [
    '{defaults: {revision-cpu-requests: 1}}',
    /unknown key `cluster\.defaults\.revision-cpu-requests`/,
    /`revision-cpu-request`/,
  ],
  [
    '{defaults: {revision-cpu-request: 100MB}}',
    /`cluster\.defaults\.revision-cpu-request` is `100MB`; must be a quantity such as `100m` or `256Mi`/,
  ],
  [
    '{defaults: {revision-timeout-seconds: 5m}}',
    /`cluster\.defaults\.revision-timeout-seconds` is `5m`; must be a whole number/,
  ],
  ['{defaults: {allow-container-concurrency-zero: no}}', /must be `true` or `false`/],
  ['{defaults: {enable-service-links: maybe}}', /must be `true`, `false` or `default`/],
  [
    '{defaults: {container-name-template: "{{.Labels.a}}"}}',
    /`cluster\.defaults\.container-name-template` is `\{\{\.Labels\.a\}\}`; must be a name; `\{\{\.Name\}\}` and `\{\{\.Namespace\}\}` expand to those of the Service/,
    /remove it/,
  ],
  [
    '{defaults: {revision-timeout-seconds: 700}}',
    /`revision-timeout-seconds` \(700\) is greater than `max-revision-timeout-seconds` \(600\)/,
  ],
  [
    '{defaults: {container-concurrency: 2000}}',
    /`container-concurrency` \(2000\) is greater than `container-concurrency-max-limit` \(1000\)/,
  ],
]

for (const [cluster, message, help = /^/] of bad)
  test(`refuses ${cluster}`, () => {
    const { diagnostics } = judged(service(`{containers: [{${image}}]}`), cluster)
    assert.equal(
      diagnostics.map(({ code, file }) => [code, file]),
      [['KN191', '.kn-rollout.yaml']],
    )
    assert.match(diagnostics[0]?.message ?? '', message)
    assert.match(diagnostics[0]?.help ?? '', help)
    assert.ok((diagnostics[0]?.range?.start ?? 0) > 0, 'it has its place')
  })

test('every feature has what a stock cluster has', () => {
  const on = Object.keys(featureKeys).filter((key) => permits(stockCluster, key))
  assert.equal(on, ['kubernetes.podspec-dryrun', 'kubernetes.podspec-volumes-emptydir', 'multi-container'])
})

test.run()
