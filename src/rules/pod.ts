import { type ClusterSettings, featureOf, numberSetting, permits, stockCluster } from '../config/cluster-settings.js'
import type { Manifest } from '../manifest/manifest.js'
import { containersPath } from '../manifest/names.js'
import { formatPath, type Path } from '../text/path.js'
import { isList, isObject, type Json, type JsonObject, member, numeral } from '../yaml/json.js'
import { byteLength, dns1123Subdomain } from './go-values.js'
import { brief, containers, podSpec, unmade, unset } from './places.js'
import {
  type FieldAt,
  type Finding,
  integerField,
  itemsIn,
  knative,
  objectIn,
  quoted,
  type Rule,
  shown,
  textField,
} from './rule.js'

/** How the Pod finds other hosts, and what of them its processes see, where a cluster takes such fields. */
const podNetwork: Rule = {
  code: 'KN368',
  name: 'pod-network',
  severity: 'warning',
  refusedAsPod: true,
  title: 'Kubernetes rejects the DNS settings or host aliases',
  source:
    'k8s.io/kubernetes/pkg/apis/core/validation validateDNSPolicy, validatePodDNSConfig, ValidateHostAliases, validatePodSpecSecurityContext',
  why: () =>
    'Where an operator has enabled these fields, Knative does not validate them. Kubernetes requires addresses, DNS names, a known policy, and name servers if the policy is `None`. Otherwise the revision never becomes ready, and the Service only reports `RevisionMissing`.',
  *check(manifest, { cluster = stockCluster }) {
    const spec = podSpec(manifest)
    if (!spec) return
    yield* ofPolicy(spec, cluster)
    const config = permits(cluster, 'kubernetes.podspec-dnsconfig') ? objectIn(spec, 'dnsConfig') : undefined
    if (config) yield* ofConfig(config)
    if (permits(cluster, 'kubernetes.podspec-hostaliases'))
      for (const alias of itemsIn(spec, 'hostAliases')) yield* ofAlias(alias)
    const areShared = ['shareProcessNamespace', 'hostPID'].every(
      (key) => spec.value[key] === true && permits(cluster, `kubernetes.podspec-${key.toLowerCase()}`),
    )
    if (areShared)
      yield unmade([...spec.path, 'shareProcessNamespace'], {
        what: 'is true together with `hostPID: true`',
        said: 'ShareProcessNamespace and HostPID cannot both be enabled',
        help: 'remove one of the two',
      })
  },
}

const policies = ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None']

function* ofPolicy(spec: FieldAt<JsonObject>, cluster: ClusterSettings): Iterable<Finding> {
  const policy = textField(spec.value, 'dnsPolicy')
  if (!policy || !permits(cluster, 'kubernetes.podspec-dnspolicy')) return
  const path = [...spec.path, 'dnsPolicy']
  if (!policies.includes(policy)) yield unmade(path, { what: `is ${brief(policy)}, not ${listed(policies)}` })
  const servers = member(spec.value, 'dnsConfig', 'nameservers')
  if (policy === 'None' && !(isList(servers) && servers.length > 0))
    yield unmade(path, {
      what: 'is None without a name server',
      said: 'must provide at least one DNS nameserver when `dnsPolicy` is None',
      help: 'add `dnsConfig.nameservers`, or leave the policy out',
    })
}

function listed(words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}

const mostServers = 3
const mostSearches = 32
const longestSearches = 2048

function* ofConfig(config: FieldAt<JsonObject>): Iterable<Finding> {
  const servers = textsIn(config, 'nameservers')
  if (servers.length > mostServers)
    yield unmade([...config.path, 'nameservers'], {
      what: `are ${servers.length}, not at most ${mostServers}`,
      said: `must not have more than ${mostServers} nameservers`,
    })
  for (const { value, path } of servers) yield* address(path, value)
  const searches = textsIn(config, 'searches')
  const whole = byteLength(searches.map(({ value }) => value).join(' '))
  if (searches.length > mostSearches || whole > longestSearches)
    yield unmade([...config.path, 'searches'], {
      what: `are ${searches.length} and ${whole}, not at most ${mostSearches} and ${longestSearches} characters`,
    })
  for (const { value, path } of searches) {
    const name = value.replace(/\.$/, '')
    // Labels for services may begin with an underscore since Kubernetes 1.34.
    if (value !== '.' && dns1123Subdomain(name.replaceAll('_', 'a')) !== undefined)
      yield unmade(path, { what: `is ${brief(value)}, not a DNS name` })
  }
  for (const option of itemsIn(config, 'options'))
    if (textField(option.value, 'name') === '')
      yield unset([...option.path, 'name'], 'name the option, such as `ndots`')
}

function* ofAlias(alias: FieldAt<JsonObject>): Iterable<Finding> {
  const ip = textField(alias.value, 'ip')
  if (ip !== undefined) yield* address([...alias.path, 'ip'], ip)
  for (const { value, path } of textsIn(alias, 'hostnames'))
    if (dns1123Subdomain(value) !== undefined)
      yield unmade(path, {
        what: `is ${brief(value)}, not a DNS name`,
        help: 'use lower-case letters, digits, `-` and `.`',
      })
}

function* address(path: Path, text: string): Iterable<Finding> {
  if (isAddress(text)) return
  yield unmade(path, { what: `is ${brief(text)}, not an IP address`, said: 'must be a valid IP address' })
}

/** The texts of a list; a null is an empty one to Go. */
function textsIn({ value, path }: FieldAt<JsonObject>, key: string): readonly FieldAt<string>[] {
  const list = member(value, key)
  return (isList(list) ? list : []).flatMap((item: Json, index) => {
    const text = item === null ? '' : item
    return typeof text === 'string' ? [{ value: text, path: [...path, key, index] }] : []
  })
}

/**
 * Whether Kubernetes takes a text for an address: leading zeros are no fault.
 *
 * Source: k8s.io/utils/net ParseIPSloppy.
 */
function isAddress(text: string): boolean {
  if (!text.includes(':')) return isFourParts(text)
  const tail = text.slice(text.lastIndexOf(':') + 1)
  const isMixed = tail.includes('.')
  if (isMixed && !isFourParts(tail)) return false
  const whole = isMixed ? `${text.slice(0, -tail.length)}0:0` : text
  const halves = whole.split('::')
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')))
  const count = groups.reduce((sum, own) => sum + own.length, 0)
  if (!groups.flat().every((group) => /^0*[0-9a-fA-F]{1,4}$/.test(group))) return false
  return halves.length === 1 ? count === 8 : halves.length === 2 && count < 8
}

function isFourParts(text: string): boolean {
  const parts = text.split('.')
  return parts.length === 4 && parts.every((part) => /^0*\d{1,3}$/.test(part) && Number(part) <= 255)
}

export const podNetworkRules: readonly Rule[] = [podNetwork]

/** Whether anything is left of a value once Go has read and written it: empty lists and the like fall away. */
type Survives = (value: Json) => boolean
const pointer: Survives = () => true
const nonEmptyList: Survives = (value) => isList(value) && value.length > 0
const nonEmptyMap: Survives = (value) => isObject(value) && Object.values(value).some((item) => item !== null)
const nonEmptyText: Survives = (value) => value !== ''
const trueOnly: Survives = (value) => value === true

const fields: readonly (readonly [field: string, flag: string, survives: Survives])[] = [
  ['affinity', 'kubernetes.podspec-affinity', pointer],
  ['dnsConfig', 'kubernetes.podspec-dnsconfig', pointer],
  ['dnsPolicy', 'kubernetes.podspec-dnspolicy', nonEmptyText],
  ['hostAliases', 'kubernetes.podspec-hostaliases', nonEmptyList],
  ['hostIPC', 'kubernetes.podspec-hostipc', trueOnly],
  ['hostNetwork', 'kubernetes.podspec-hostnetwork', trueOnly],
  ['hostPID', 'kubernetes.podspec-hostpid', trueOnly],
  ['initContainers', 'kubernetes.podspec-init-containers', nonEmptyList],
  ['nodeSelector', 'kubernetes.podspec-nodeselector', nonEmptyMap],
  ['priorityClassName', 'kubernetes.podspec-priorityclassname', nonEmptyText],
  ['runtimeClassName', 'kubernetes.podspec-runtimeclassname', pointer],
  ['schedulerName', 'kubernetes.podspec-schedulername', nonEmptyText],
  ['securityContext', 'kubernetes.podspec-securitycontext', pointer],
  ['shareProcessNamespace', 'kubernetes.podspec-shareprocessnamespace', pointer],
  ['tolerations', 'kubernetes.podspec-tolerations', nonEmptyList],
  ['topologySpreadConstraints', 'kubernetes.podspec-topologyspreadconstraints', nonEmptyList],
]

/** Fields of a pod that Knative knows, but takes only where an operator has turned them on in config-features. */
const flaggedFields: Rule = {
  code: 'KN364',
  name: 'feature-flag',
  severity: 'error',
  title: 'Field needs a feature flag that is off by default',
  source: 'pkg/apis/serving/fieldmask.go PodSpecMask; config/core/configmaps/features.yaml',
  why: () =>
    'Pod fields that depend on nodes, networks or the host need a feature flag each. The flag is off in a default installation, where Knative rejects the field. Remove it, or enable the flag and set it under `cluster` in `.kn-rollout.yaml`.',
  *check(manifest, { cluster = stockCluster }) {
    const spec = podSpec(manifest)
    if (!spec) return
    yield* permits(cluster, severalFlag) ? [] : several(manifest)
    for (const [field, flag, survives] of fields) {
      const value = member(spec.value, field)
      if (value === undefined || value === null || !survives(value)) continue
      if (field === 'securityContext' && isOptOut(value, cluster)) continue
      const path = [...spec.path, field]
      const detail = field === 'initContainers' ? 'pod spec support for init-containers is off, ' : ''
      yield {
        message: `${quoted(path)} needs the feature flag \`${flag}\`, which is off by default`,
        says: knative(`${detail}must not set the field(s): ${formatPath(path)}`),
        help: 'remove it',
        flag,
        path,
        part: 'key',
      }
    }
  },
}

const severalFlag = 'multi-container'

/** An operator can turn off even what a stock cluster takes. */
function* several(manifest: Manifest): Iterable<Finding> {
  const { length } = containers(manifest)
  if (length < 2) return
  yield {
    message: `${quoted(containersPath)} has ${length} containers, but the feature flag \`multi-container\` is off on this cluster`,
    says: knative(`multi-container is off, but found ${length} containers`),
    help: 'keep the container that serves requests',
    flag: severalFlag,
    path: containersPath,
    part: 'key',
  }
}

/**
 * Secure defaults leave a way out for a pod that cannot do with them.
 *
 * Source: pkg/apis/serving/fieldmask.go PodSecurityContextMask
 */
function isOptOut(context: Json, cluster: ClusterSettings): boolean {
  if (featureOf(cluster, 'secure-pod-defaults') !== 'enabled' || !isObject(context)) return false
  return Object.entries(context).every(([key, value]) => {
    if (key === 'runAsNonRoot') return value === false
    const type = key === 'seccompProfile' && member(value, 'type')
    return type === 'RuntimeDefault' || type === 'Unconfined'
  })
}

/** An empty list is not nothing: the schema lets it pass, Knative does not. */
const someContainer: Rule = {
  code: 'KN365',
  name: 'no-containers',
  severity: 'error',
  title: 'Template has no containers',
  source: 'pkg/apis/serving/k8s_validation.go ValidatePodSpec',
  why: () => 'A revision runs containers, and an empty list has nothing to run. Add one container with its image.',
  *check(manifest) {
    const spec = podSpec(manifest)
    const list = spec && member(spec.value, 'containers')
    if (!spec || !isList(list) || list.length > 0) return
    const path = [...spec.path, 'containers']
    yield {
      message: `${quoted(path)} is empty`,
      says: knative('missing field(s): spec.template.spec.containers'),
      help: 'add at least one container with its image',
      path,
    }
  },
}

/** How long a request may take: no longer than the cluster's own limit, which is 600 on a stock one. */
const timeoutSeconds: Rule = {
  code: 'KN360',
  name: 'timeout-range',
  severity: 'error',
  title: '`timeoutSeconds` is not between 0 and 600',
  source: 'pkg/apis/serving/v1/revision_validation.go validateTimeoutSeconds',
  why: () =>
    'A request that runs longer is cut off, and a default installation allows at most ten minutes. Stay within 600, or raise the limit in the cluster and set it under `cluster` in `.kn-rollout.yaml`.',
  check: (manifest, { cluster = stockCluster }) => {
    const most = numberSetting(cluster, 'max-revision-timeout-seconds')
    const help = `use 0 to ${most}, or raise \`max-revision-timeout-seconds\` in the ConfigMap \`config-defaults\` and pass it with \`--cluster FILE\``
    return bounded(manifest, 'timeoutSeconds', { least: 0, most, help })
  },
}

/** How many requests a container takes at once. */
const containerConcurrency: Rule = {
  code: 'KN361',
  name: 'concurrency-range',
  severity: 'error',
  title: '`containerConcurrency` is not between 0 and 1000',
  source: 'pkg/apis/serving/metadata_validation.go ValidateContainerConcurrency',
  why: () =>
    'This is the number of concurrent requests of one pod; 0 is no limit. A default installation accepts up to 1000. Choose a number from 0 to 1000.',
  check: (manifest, { cluster = stockCluster }) => {
    const most = numberSetting(cluster, 'container-concurrency-max-limit')
    const isFree = cluster.defaults['allow-container-concurrency-zero'] !== 'false'
    const absent = numberSetting(cluster, 'container-concurrency')
    const help = isFree ? 'use 0 for no limit' : `use a number from 1 to ${most}`
    return bounded(manifest, 'containerConcurrency', { least: isFree ? 0 : 1, most, help, absent })
  },
}

type Bounds = { readonly least: number; readonly most: number; readonly help: string; readonly absent?: number }

function* bounded(manifest: Manifest, key: string, { least, most, help, absent = 0 }: Bounds): Iterable<Finding> {
  const spec = podSpec(manifest)
  if (!spec) return
  const number = (spec.value[key] ?? null) === null ? absent : (integerField(spec.value, key, 64) ?? least)
  if (number >= least && number <= most) return
  const path = [...spec.path, key]
  yield {
    message: `${quoted(path)} is ${numeral(number)}; must be ${least} to ${most}`,
    says: knative(`expected ${least} <= ${numeral(number)} <= ${most}`),
    help,
    path,
  }
}

/** Elsewhere an account may be an e-mail address; in Kubernetes it is an object with a name. */
const serviceAccountName: Rule = {
  code: 'KN362',
  name: 'service-account-name',
  severity: 'error',
  title: '`serviceAccountName` is not a valid object name',
  source: 'pkg/apis/serving/k8s_validation.go ValidatePodSpec',
  why: () =>
    'The pods run as this account, an object in the same namespace. An email address is the account of another platform and no such object. Use the name of a ServiceAccount.',
  *check(manifest) {
    const spec = podSpec(manifest)
    const name = spec && textField(spec.value, 'serviceAccountName')
    const wrong = name ? dns1123Subdomain(name) : undefined
    if (!spec || wrong === undefined) return
    const path = [...spec.path, 'serviceAccountName']
    yield {
      message: `${quoted(path)} is ${shown(name)}; must be the name of a ServiceAccount`,
      says: knative(`invalid value: ${name}, ${wrong}`),
      help: 'use the name of a ServiceAccount in the namespace; email addresses belong to Cloud Run',
      path,
    }
  },
}

/** It can be turned off; on is the default and must not be said. */
const automountToken: Rule = {
  code: 'KN363',
  name: 'service-account-token',
  severity: 'error',
  title: '`automountServiceAccountToken` is true',
  source: 'pkg/apis/serving/fieldmask.go PodSpecMask',
  why: () =>
    'Kubernetes mounts the token of the account anyway, and a default installation only accepts `false` here. Remove the field, or set it to `false`.',
  *check(manifest) {
    const spec = podSpec(manifest)
    if (!spec || member(spec.value, 'automountServiceAccountToken') !== true) return
    const path = [...spec.path, 'automountServiceAccountToken']
    yield {
      message: `${quoted(path)} is true, but Knative accepts only \`false\``,
      says: knative(`must not set the field(s): ${formatPath(path)}`),
      help: 'remove it; Kubernetes mounts the token unless this is `false`',
      path,
    }
  },
}

export const podRules: readonly Rule[] = [
  flaggedFields,
  someContainer,
  timeoutSeconds,
  containerConcurrency,
  serviceAccountName,
  automountToken,
]
