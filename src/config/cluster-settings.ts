import type { Json } from '../yaml/json.js'

/** How far a feature of Knative is turned on, by its key in config-features. */
type Feature = {
  /** What a stock cluster has. */
  readonly stock: string
  readonly values: readonly string[]
  /** Set where the webhook takes `enabled` alone: `allowed` permits nothing there. */
  readonly isStrict?: true
  /** What it turns on, in a few words. */
  readonly what: string
}

const flags = ['enabled', 'allowed', 'disabled'] as const
const off = (what: string): Feature => ({ stock: 'disabled', values: flags, what })
const strict = (what: string, stock = 'disabled'): Feature => ({ stock, values: flags, isStrict: true, what })
const field = (name: string): Feature => off(`\`${name}\` in \`spec.template.spec\``)
const volume = (kind: string): Feature => strict(`volumes of the kind \`${kind}\``)

/**
 * The keys of the ConfigMap config-features.
 *
 * Source: pkg/apis/config/features.go; which ones take `enabled` alone: pkg/apis/serving/k8s_validation.go
 */
export const featureKeys: Readonly<Record<string, Feature>> = {
  'autodetect-http2': off('automatic detection of HTTP/2'),
  'kubernetes.containerspec-addcapabilities': off('`securityContext.capabilities.add` of a container'),
  'kubernetes.podspec-affinity': field('affinity'),
  'kubernetes.podspec-dnsconfig': field('dnsConfig'),
  'kubernetes.podspec-dnspolicy': field('dnsPolicy'),
  'kubernetes.podspec-dryrun': { stock: 'allowed', values: flags, what: 'trying the pods of a dry run' },
  'kubernetes.podspec-fieldref': off('variables from fields of the pod'),
  'kubernetes.podspec-hostaliases': field('hostAliases'),
  'kubernetes.podspec-hostipc': field('hostIPC'),
  'kubernetes.podspec-hostnetwork': field('hostNetwork'),
  'kubernetes.podspec-hostpid': field('hostPID'),
  'kubernetes.podspec-init-containers': strict('`initContainers`; accepts only `enabled`'),
  'kubernetes.podspec-nodeselector': field('nodeSelector'),
  'kubernetes.podspec-persistent-volume-claim': volume('persistentVolumeClaim'),
  'kubernetes.podspec-persistent-volume-write': strict('claims that are not read-only'),
  'kubernetes.podspec-priorityclassname': field('priorityClassName'),
  'kubernetes.podspec-runtimeclassname': field('runtimeClassName'),
  'kubernetes.podspec-schedulername': field('schedulerName'),
  'kubernetes.podspec-securitycontext': field('securityContext'),
  'kubernetes.podspec-shareprocessnamespace': field('shareProcessNamespace'),
  'kubernetes.podspec-tolerations': field('tolerations'),
  'kubernetes.podspec-topologyspreadconstraints': field('topologySpreadConstraints'),
  'kubernetes.podspec-volumes-csi': volume('csi'),
  'kubernetes.podspec-volumes-emptydir': strict('volumes of the kind `emptyDir`', 'enabled'),
  'kubernetes.podspec-volumes-ephemeral': volume('ephemeral'),
  'kubernetes.podspec-volumes-hostpath': volume('hostPath'),
  'kubernetes.podspec-volumes-image': volume('image'),
  'kubernetes.podspec-volumes-mount-propagation': strict('`mountPropagation` of mounts'),
  'multi-container': strict('several containers', 'enabled'),
  'multi-container-probing': strict('probes of containers without `ports`'),
  'queueproxy.mount-podinfo': off("mounting the pod's facts"),
  'queueproxy.resource-defaults': off('default resources of the queue proxy'),
  'responsive-revision-gc': off('prompt garbage collection of old revisions'),
  'secure-pod-defaults': {
    stock: 'disabled',
    values: ['enabled', 'allowrootbounded', 'disabled'],
    what: 'security contexts that the cluster fills in',
  },
  'tag-header-based-routing': off('routing by the header `Knative-Serving-Tag`'),
}

/** What a default is: seconds and counts are whole numbers; of three words, one leaves it to Kubernetes. */
export type DefaultKind = 'boolean' | 'count' | 'quantity' | 'template' | 'tristate'

type Default = { readonly kind: DefaultKind; readonly what: string }

/**
 * The keys of the ConfigMap config-defaults.
 *
 * Source: pkg/apis/config/defaults.go
 */
export const defaultKeys: Readonly<Record<string, Default>> = {
  'allow-container-concurrency-zero': { kind: 'boolean', what: 'whether `containerConcurrency: 0` is accepted' },
  'container-concurrency': { kind: 'count', what: 'the default of `containerConcurrency`' },
  'container-concurrency-max-limit': { kind: 'count', what: 'the largest `containerConcurrency`' },
  'container-name-template': { kind: 'template', what: 'the name of a container without one' },
  'enable-service-links': { kind: 'tristate', what: 'the default of `enableServiceLinks`' },
  'init-container-name-template': { kind: 'template', what: 'the name of an init container without one' },
  'max-revision-timeout-seconds': { kind: 'count', what: 'the largest `timeoutSeconds`' },
  'revision-cpu-limit': { kind: 'quantity', what: 'the default CPU limit of a container' },
  'revision-cpu-request': { kind: 'quantity', what: 'the default CPU request of a container' },
  'revision-ephemeral-storage-limit': { kind: 'quantity', what: 'the default storage limit of a container' },
  'revision-ephemeral-storage-request': { kind: 'quantity', what: 'the default storage request of a container' },
  'revision-idle-timeout-seconds': { kind: 'count', what: 'the default of `idleTimeoutSeconds`' },
  'revision-memory-limit': { kind: 'quantity', what: 'the default memory limit of a container' },
  'revision-memory-request': { kind: 'quantity', what: 'the default memory request of a container' },
  'revision-response-start-timeout-seconds': { kind: 'count', what: 'the default of `responseStartTimeoutSeconds`' },
  'revision-timeout-seconds': { kind: 'count', what: 'the default of `timeoutSeconds`' },
}

/** What an operator has set in a cluster, as far as it decides on Services. What is not stated is as on a stock cluster. */
export type ClusterSettings = {
  /** From config-features, by key, in lower case. */
  readonly features: Readonly<Record<string, string>>
  /** From config-defaults, by key. */
  readonly defaults: Readonly<Record<string, string>>
}

/** A cluster that nobody has set anything in. */
export const stockCluster: ClusterSettings = { features: {}, defaults: {} }

/** What a feature is set to: `enabled`, `allowed`, `disabled`, or a value of its own. */
export function featureOf({ features }: ClusterSettings, key: string): string {
  return features[key] ?? featureKeys[key]?.stock ?? 'disabled'
}

/** Whether the cluster takes what stands behind a feature flag. */
export function permits(settings: ClusterSettings, key: string): boolean {
  const value = featureOf(settings, key)
  return value === 'enabled' || (value === 'allowed' && featureKeys[key]?.isStrict !== true)
}

const stockNumbers: Readonly<Record<string, number>> = {
  'container-concurrency': 0,
  'container-concurrency-max-limit': 1000,
  'max-revision-timeout-seconds': 600,
  'revision-idle-timeout-seconds': 0,
  'revision-timeout-seconds': 300,
}

/** A number of config-defaults. The start of a response is waited for as long as for the whole, if nothing else is said. */
export function numberSetting({ defaults }: ClusterSettings, key: string): number {
  const start = key === 'revision-response-start-timeout-seconds' ? 'revision-timeout-seconds' : key
  return Number(defaults[key] ?? defaults[start] ?? stockNumbers[start] ?? 0)
}

/** What a cluster names containers without a name. A template of its names stands for those of the Service. */
export function nameSetting(
  { defaults }: ClusterSettings,
  kind: 'container' | 'init-container',
  service: { readonly name?: Json | undefined; readonly namespace?: Json | undefined },
): string {
  const given = defaults[`${kind}-name-template`] ?? (kind === 'container' ? 'user-container' : 'init-container')
  return given.replaceAll(knownAction, (_, key: string) => {
    const own = key === 'Name' ? service.name : service.namespace
    return typeof own === 'string' ? own : ''
  })
}

const knownAction = /\{\{-?\s*\.(Name|Namespace)\s*-?\}\}/g

/** Whether a template for names asks for nothing but what `nameSetting` knows. */
export function isReadableTemplate(text: string): boolean {
  return !text.replaceAll(knownAction, '').includes('{{')
}
