import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { featureKeys } from '../src/config/cluster-settings.js'
import { plan } from '../src/pipeline/plan.js'
import { podCodes } from '../src/rules/judge.js'

// The same as for all Pods, of fields that an operator has to enable first: two values that Kubernetes refuses, each with a
// twin one step away, of which nothing is said. The function is the one of k8s.io/kubernetes/pkg/apis/core/validation.

const all = Object.keys(featureKeys).filter((key) => key.startsWith('kubernetes.podspec-'))
const on = `cluster: {features: {${all.map((key) => `${key}: enabled`).join(', ')}}}\n`

function found(fields: string, configuration?: string): readonly string[] {
  const container = fields.includes('containers:') ? '' : ', containers: [{image: shop}]'
  const text = `apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: shop}\nspec: {template: {spec: {${fields}${container}}}}\n`
  const request =
    configuration === undefined ? {} : { configuration: { path: '.kn-rollout.yaml', text: configuration } }
  const { diagnostics } = plan([{ path: 'shop.yaml', text }], request)
  return diagnostics.map(
    ({ code, severity, path = '' }) => `${severity} ${code} ${path.replace('spec.template.spec.', '')}`,
  )
}

const toleration = (fields: string): string => `tolerations: [{${fields}}]`
const nodes = (expression: string): string =>
  `affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [${expression}]}}}`
const liked = (term: string): string =>
  `affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{${term}}]}}`
const pods = (term: string): string =>
  `affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{${term}}]}}`
const apart = (term: string): string =>
  `affinity: {podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{${term}}]}}`
const spread = (fields: string, more = ''): string =>
  `topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule${fields}}${more}]`
const volume = (fields: string): string =>
  `volumes: [{name: v, ${fields}}], containers: [{image: shop, volumeMounts: [{name: v, mountPath: /v}]}]`
const claim = (fields: string): string => volume(`ephemeral: {volumeClaimTemplate: {spec: {${fields}}}}`)
const storage = 'resources: {requests: {storage: 1Gi}}'

const term = 'affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms'
const podTerm = 'affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]'
const apartTerm = 'affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0]'
const claimSpec = 'volumes[0].ephemeral.volumeClaimTemplate.spec'

type Case = readonly [source: string, code: string, path: string, refused: string, fine: string]

const cases: readonly Case[] = [
  ['ValidateLabels', 'KN367', 'nodeSelector["a b"]', 'nodeSelector: {a b: c}', 'nodeSelector: {a.b: c}'],
  ['ValidateLabels', 'KN367', 'nodeSelector.disk', 'nodeSelector: {disk: -ssd}', 'nodeSelector: {disk: ""}'],
  [
    'ValidateTolerations',
    'KN367',
    'tolerations[0].operator',
    toleration('key: a, operator: equal'),
    toleration('key: a, operator: Equal'),
  ],
  [
    'ValidateTolerations',
    'KN367',
    'tolerations[0].operator',
    toleration('effect: NoExecute'),
    toleration('operator: Exists'),
  ],
  [
    'ValidateTolerations',
    'KN367',
    'tolerations[0].value',
    toleration('key: a, operator: Exists, value: b'),
    toleration('key: a, operator: Exists, value: ""'),
  ],
  [
    'ValidateTolerations',
    'KN367',
    'tolerations[0].value',
    toleration('key: a, value: b c'),
    toleration('key: a, value: b_c'),
  ],
  ['ValidateTolerations', 'KN367', 'tolerations[0].key', toleration('key: /a'), toleration('key: b/a')],
  [
    'ValidateTolerations',
    'KN367',
    'tolerations[0].effect',
    toleration('key: a, tolerationSeconds: 5'),
    toleration('key: a, tolerationSeconds: ~'),
  ],
  [
    'validateTaintEffect',
    'KN367',
    'tolerations[0].effect',
    toleration('key: a, effect: noSchedule'),
    toleration('key: a, effect: NoSchedule'),
  ],
  [
    'validateTaintEffect',
    'KN367',
    'tolerations[0].effect',
    toleration('key: a, effect: NoExec, tolerationSeconds: 5'),
    toleration('key: a, effect: NoExecute, tolerationSeconds: 5'),
  ],
  ['ValidateNodeSelector', 'KN367', term, nodes(''), nodes('{}')],
  [
    'ValidateNodeSelectorRequirement',
    'KN367',
    `${term}[0].matchExpressions[0].values`,
    nodes('{matchExpressions: [{key: a, operator: In}]}'),
    nodes('{matchExpressions: [{key: a, operator: Exists}]}'),
  ],
  [
    'ValidateNodeSelectorRequirement',
    'KN367',
    `${term}[0].matchExpressions[0].values`,
    nodes('{matchExpressions: [{key: a, operator: Gt, values: ["1", "2"]}]}'),
    nodes('{matchExpressions: [{key: a, operator: Gt, values: ["1"]}]}'),
  ],
  [
    'ValidateNodeSelectorRequirement',
    'KN367',
    `${term}[0].matchExpressions[0].operator`,
    nodes('{matchExpressions: [{key: a, values: [b]}]}'),
    nodes('{matchExpressions: [{key: a, operator: NotIn, values: [b]}]}'),
  ],
  [
    'ValidateNodeSelectorRequirement',
    'KN367',
    `${term}[0].matchExpressions[0].values[0]`,
    nodes('{matchExpressions: [{key: a, operator: In, values: [b c]}]}'),
    liked('weight: 1, preference: {matchExpressions: [{key: a, operator: In, values: [b c]}]}'),
  ],
  [
    'ValidateNodeFieldSelectorRequirement',
    'KN367',
    `${term}[0].matchFields[0].key`,
    nodes('{matchFields: [{key: name, operator: In, values: [a]}]}'),
    nodes('{matchFields: [{key: metadata.name, operator: In, values: [a]}]}'),
  ],
  [
    'ValidateNodeFieldSelectorRequirement',
    'KN367',
    `${term}[0].matchFields[0].values`,
    nodes('{matchFields: [{key: metadata.name, operator: In, values: [a, b]}]}'),
    nodes('{matchFields: [{key: metadata.name, operator: NotIn, values: [a]}]}'),
  ],
  [
    'ValidatePreferredSchedulingTerms',
    'KN367',
    'affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight',
    liked('preference: {}'),
    liked('weight: 1, preference: {}'),
  ],
  [
    'validateWeightedPodAffinityTerms',
    'KN367',
    `${apartTerm}.weight`,
    apart('weight: 101, podAffinityTerm: {topologyKey: a}'),
    apart('weight: 100, podAffinityTerm: {topologyKey: a}'),
  ],
  [
    'validatePodAffinityTerm',
    'KN367',
    `${apartTerm}.podAffinityTerm.topologyKey`,
    apart('weight: 1'),
    apart('weight: 1, podAffinityTerm: {topologyKey: a}'),
  ],
  [
    'validatePodAffinityTerm',
    'KN367',
    `${podTerm}.topologyKey`,
    pods('topologyKey: a/b/c'),
    pods('topologyKey: a.b/c'),
  ],
  [
    'validatePodAffinityTerm',
    'KN367',
    `${podTerm}.namespaces[0]`,
    pods('topologyKey: a, namespaces: [a.b]'),
    pods('topologyKey: a, namespaces: [a-b]'),
  ],
  [
    'ValidateLabelSelector',
    'KN367',
    `${podTerm}.labelSelector.matchLabels.app`,
    pods('topologyKey: a, labelSelector: {matchLabels: {app: b c}}'),
    pods('topologyKey: a, labelSelector: {matchLabels: {app: b.c}}'),
  ],
  [
    'ValidateLabelSelector',
    'KN367',
    `${podTerm}.labelSelector.matchExpressions[0].operator`,
    pods('topologyKey: a, labelSelector: {matchExpressions: [{key: a, operator: Gt, values: ["1"]}]}'),
    pods('topologyKey: a, labelSelector: {matchExpressions: [{key: a, operator: In, values: ["1"]}]}'),
  ],
  [
    'ValidateLabelSelector',
    'KN367',
    `${podTerm}.namespaceSelector.matchExpressions[0].values`,
    pods('topologyKey: a, namespaceSelector: {matchExpressions: [{key: a, operator: DoesNotExist, values: [b]}]}'),
    pods('topologyKey: a, namespaceSelector: {matchExpressions: [{key: a, operator: DoesNotExist, values: []}]}'),
  ],
  [
    'validateLabelKeys',
    'KN367',
    `${podTerm}.matchLabelKeys`,
    pods('topologyKey: a, matchLabelKeys: [b]'),
    pods('topologyKey: a, labelSelector: {}, matchLabelKeys: [b]'),
  ],
  [
    'ValidateMaxSkew',
    'KN367',
    'topologySpreadConstraints[0].maxSkew',
    spread('').replace('maxSkew: 1, ', ''),
    spread(''),
  ],
  [
    'ValidateMaxSkew',
    'KN367',
    'topologySpreadConstraints[0].maxSkew',
    spread('').replace('maxSkew: 1', 'maxSkew: -1'),
    spread('').replace('maxSkew: 1', 'maxSkew: 5'),
  ],
  [
    'ValidateTopologyKey',
    'KN367',
    'topologySpreadConstraints[0].topologyKey',
    spread('').replace('zone', '""'),
    spread('').replace('zone', 'a b'),
  ],
  [
    'ValidateWhenUnsatisfiable',
    'KN367',
    'topologySpreadConstraints[0].whenUnsatisfiable',
    spread('').replace('DoNotSchedule', 'doNotSchedule'),
    spread('').replace('DoNotSchedule', 'ScheduleAnyway'),
  ],
  [
    'ValidateWhenUnsatisfiable',
    'KN367',
    'topologySpreadConstraints[0].whenUnsatisfiable',
    spread('').replace(', whenUnsatisfiable: DoNotSchedule', ''),
    spread(''),
  ],
  [
    'ValidateSpreadConstraintNotRepeat',
    'KN367',
    'topologySpreadConstraints[1].topologyKey',
    spread('', ', {maxSkew: 2, topologyKey: zone, whenUnsatisfiable: DoNotSchedule}'),
    spread('', ', {maxSkew: 2, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway}'),
  ],
  [
    'validateMinDomains',
    'KN367',
    'topologySpreadConstraints[0].minDomains',
    spread(', minDomains: 0'),
    spread(', minDomains: 1'),
  ],
  [
    'validateMinDomains',
    'KN367',
    'topologySpreadConstraints[0].minDomains',
    spread(', minDomains: 2').replace('DoNotSchedule', 'ScheduleAnyway'),
    spread(', minDomains: ~'),
  ],
  [
    'validateNodeInclusionPolicy',
    'KN367',
    'topologySpreadConstraints[0].nodeTaintsPolicy',
    spread(', nodeTaintsPolicy: honor'),
    spread(', nodeTaintsPolicy: Honor'),
  ],
  [
    'validateNodeInclusionPolicy',
    'KN367',
    'topologySpreadConstraints[0].nodeAffinityPolicy',
    spread(', nodeAffinityPolicy: ""'),
    spread(', nodeAffinityPolicy: Ignore'),
  ],
  [
    'validateMatchLabelKeysInTopologySpread',
    'KN367',
    'topologySpreadConstraints[0].matchLabelKeys',
    spread(', matchLabelKeys: [a]'),
    spread(', matchLabelKeys: []'),
  ],
  [
    'validateMatchLabelKeysInTopologySpread',
    'KN367',
    'topologySpreadConstraints[0].matchLabelKeys[0]',
    spread(', labelSelector: {}, matchLabelKeys: [a b]'),
    spread(', labelSelector: {}, matchLabelKeys: [a-b]'),
  ],
  ['ValidatePriorityClassName', 'KN367', 'priorityClassName', 'priorityClassName: High', 'priorityClassName: high.1'],
  ['ValidatePriorityClassName', 'KN367', 'priorityClassName', 'priorityClassName: a_b', 'priorityClassName: ""'],
  ['ValidateRuntimeClassName', 'KN367', 'runtimeClassName', 'runtimeClassName: gVisor', 'runtimeClassName: gvisor'],
  ['ValidateRuntimeClassName', 'KN367', 'runtimeClassName', 'runtimeClassName: ""', 'runtimeClassName: ~'],

  ['validateDNSPolicy', 'KN368', 'dnsPolicy', 'dnsPolicy: clusterFirst', 'dnsPolicy: ClusterFirst'],
  ['validateDNSPolicy', 'KN368', 'dnsPolicy', 'dnsPolicy: Host', 'dnsPolicy: ClusterFirstWithHostNet'],
  [
    'validatePodDNSConfig',
    'KN368',
    'dnsPolicy',
    'dnsPolicy: None',
    'dnsPolicy: None, dnsConfig: {nameservers: [1.2.3.4]}',
  ],
  [
    'validatePodDNSConfig',
    'KN368',
    'dnsPolicy',
    'dnsPolicy: None, dnsConfig: {searches: [a]}',
    'dnsPolicy: Default, dnsConfig: {searches: [a]}',
  ],
  [
    'validatePodDNSConfig',
    'KN368',
    'dnsConfig.nameservers',
    'dnsConfig: {nameservers: [1.1.1.1, 1.1.1.2, 1.1.1.3, 1.1.1.4]}',
    'dnsConfig: {nameservers: [1.1.1.1, 1.1.1.2, 1.1.1.3]}',
  ],
  [
    'IsValidIP',
    'KN368',
    'dnsConfig.nameservers[0]',
    'dnsConfig: {nameservers: [1.1.1]}',
    'dnsConfig: {nameservers: [01.1.1.1]}',
  ],
  [
    'IsValidIP',
    'KN368',
    'dnsConfig.nameservers[0]',
    'dnsConfig: {nameservers: ["1::2::3"]}',
    'dnsConfig: {nameservers: ["1::2:3"]}',
  ],
  [
    'IsValidIP',
    'KN368',
    'dnsConfig.nameservers[0]',
    'dnsConfig: {nameservers: ["fe80::1%eth0"]}',
    'dnsConfig: {nameservers: ["::ffff:10.0.0.1"]}',
  ],
  [
    'IsValidIP',
    'KN368',
    'dnsConfig.nameservers[0]',
    'dnsConfig: {nameservers: ["1:2:3:4:5:6:7"]}',
    'dnsConfig: {nameservers: ["1:2:3:4:5:6:7:8"]}',
  ],
  [
    'validatePodDNSConfig',
    'KN368',
    'dnsConfig.searches[0]',
    'dnsConfig: {searches: [A.b]}',
    'dnsConfig: {searches: [a.b.]}',
  ],
  [
    'validatePodDNSConfig',
    'KN368',
    'dnsConfig.searches[1]',
    'dnsConfig: {searches: [a, ""]}',
    'dnsConfig: {searches: [a, _b.c]}',
  ],
  [
    'validatePodDNSConfig',
    'KN368',
    'dnsConfig.searches',
    `dnsConfig: {searches: [${'a,'.repeat(33)}]}`,
    `dnsConfig: {searches: [${'a,'.repeat(32)}]}`,
  ],
  [
    'validatePodDNSConfig',
    'KN368',
    'dnsConfig.options[0].name',
    'dnsConfig: {options: [{value: "1"}]}',
    'dnsConfig: {options: [{name: ndots}]}',
  ],
  [
    'ValidateHostAliases',
    'KN368',
    'hostAliases[0].ip',
    'hostAliases: [{ip: localhost}]',
    'hostAliases: [{ip: 127.0.0.1}]',
  ],
  [
    'ValidateHostAliases',
    'KN368',
    'hostAliases[0].ip',
    'hostAliases: [{hostnames: [a]}]',
    'hostAliases: [{ip: "::1", hostnames: [a]}]',
  ],
  [
    'ValidateHostAliases',
    'KN368',
    'hostAliases[0].hostnames[0]',
    'hostAliases: [{ip: 1.1.1.1, hostnames: [a_b]}]',
    'hostAliases: [{ip: 1.1.1.1, hostnames: [a.b]}]',
  ],
  [
    'ValidateHostAliases',
    'KN368',
    'hostAliases[0].hostnames[0]',
    'hostAliases: [{ip: 1.1.1.1, hostnames: [a.]}]',
    'hostAliases: [{ip: 1.1.1.1}]',
  ],
  [
    'validatePodSpecSecurityContext',
    'KN368',
    'shareProcessNamespace',
    'shareProcessNamespace: true, hostPID: true',
    'shareProcessNamespace: true, hostPID: false',
  ],

  [
    'validateEphemeralVolumeSource',
    'KN384',
    'volumes[0].ephemeral.volumeClaimTemplate',
    volume('ephemeral: {}'),
    claim(`accessModes: [ReadWriteOnce], ${storage}`),
  ],
  [
    'ValidatePersistentVolumeClaimSpec',
    'KN384',
    `${claimSpec}.accessModes`,
    claim(storage),
    claim(`accessModes: [ReadOnlyMany], ${storage}`),
  ],
  [
    'ValidatePersistentVolumeClaimSpec',
    'KN384',
    `${claimSpec}.accessModes[0]`,
    claim(`accessModes: [RWO], ${storage}`),
    claim(`accessModes: [ReadWriteOncePod], ${storage}`),
  ],
  [
    'ValidatePersistentVolumeClaimSpec',
    'KN384',
    `${claimSpec}.resources.requests.storage`,
    claim('accessModes: [ReadWriteOnce]'),
    claim(`accessModes: [ReadWriteMany], ${storage}`),
  ],
  [
    'ValidatePersistentVolumeClaimSpec',
    'KN384',
    `${claimSpec}.resources.requests.storage`,
    claim(`accessModes: [ReadWriteOnce], ${storage.replace('1Gi', '0')}`),
    claim(`accessModes: [ReadWriteOnce], ${storage.replace('1Gi', '1')}`),
  ],
  [
    'validateImageVolumeSource',
    'KN384',
    'volumes[0].image.reference',
    volume('image: {}'),
    volume('image: {reference: a/b:c}'),
  ],
  [
    'validatePullPolicy',
    'KN384',
    'volumes[0].image.pullPolicy',
    volume('image: {reference: a, pullPolicy: always}'),
    volume('image: {reference: a, pullPolicy: Always}'),
  ],
  [
    'validatePersistentClaimVolumeSource',
    'KN384',
    'volumes[0].persistentVolumeClaim.claimName',
    volume('persistentVolumeClaim: {}'),
    volume('persistentVolumeClaim: {claimName: a}'),
  ],
  [
    'validateHostPathVolumeSource',
    'KN384',
    'volumes[0].hostPath.path',
    volume('hostPath: {path: /a/../b}'),
    volume('hostPath: {path: /a..b}'),
  ],
  [
    'validateHostPathType',
    'KN384',
    'volumes[0].hostPath.type',
    volume('hostPath: {path: /a, type: Folder}'),
    volume('hostPath: {path: /a, type: ""}'),
  ],
  [
    'validateCSIVolumeSource',
    'KN384',
    'volumes[0].csi.driver',
    volume('csi: {driver: a_b}'),
    volume('csi: {driver: A.b}'),
  ],
  [
    'validateCSIVolumeSource',
    'KN384',
    'volumes[0].csi.nodePublishSecretRef.name',
    volume('csi: {driver: a, nodePublishSecretRef: {}}'),
    volume('csi: {driver: a, nodePublishSecretRef: {name: b}}'),
  ],
  [
    'validateSupplementalGroups',
    'KN389',
    'securityContext.supplementalGroups[0]',
    'securityContext: {supplementalGroups: [-1]}',
    'securityContext: {supplementalGroups: [0]}',
  ],
  [
    'validateFSGroupChangePolicy',
    'KN389',
    'securityContext.fsGroupChangePolicy',
    'securityContext: {fsGroupChangePolicy: Never}',
    'securityContext: {fsGroupChangePolicy: Always}',
  ],
  [
    'validateSeccompProfileField',
    'KN389',
    'securityContext.seccompProfile.localhostProfile',
    'securityContext: {seccompProfile: {type: Localhost}}',
    'securityContext: {seccompProfile: {type: RuntimeDefault}}',
  ],
]

for (const [source, code, path, refused, fine] of cases) {
  test(`${source} refuses ${refused.slice(0, 120)}`, () => {
    assert.equal(found(refused, on), [`warning ${code} ${path}`])
    assert.ok(podCodes.has(code))
  })

  test(`${source} takes ${fine.slice(0, 120)}`, () => assert.equal(found(fine, on), []))
}

test('where the field is not enabled, Knative refuses it, and of the Pod nothing is said', () => {
  assert.equal(found('dnsPolicy: Host'), ['error KN364 dnsPolicy'])
  assert.equal(found(toleration('operator: x')), ['error KN364 tolerations'])
  assert.equal(found('nodeSelector: {a b: c}', 'cluster: {features: {kubernetes.podspec-nodeselector: disabled}}\n'), [
    'error KN364 nodeSelector',
  ])
})

test('a shape that Go does not read is the business of the schema', () => {
  for (const fields of ['tolerations: 1', 'affinity: []', 'dnsConfig: a', 'hostAliases: [1]', 'dnsPolicy: 1'])
    assert.equal(
      found(fields, on).filter((line) => line.startsWith('warning')),
      [],
    )
})

test.run()
