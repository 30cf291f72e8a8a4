import { type ClusterSettings, permits, stockCluster } from '../config/cluster-settings.js'
import type { Path } from '../text/path.js'
import { isList, type Json, type JsonObject, member } from '../yaml/json.js'
import { byteLength, dns1123Subdomain } from './names.js'
import { podSpec } from './places.js'
import { type FieldAt, type Finding, itemsIn, objectIn, type Rule, textField } from './rule.js'
import { brief, unmade, unset } from './unmade-pod.js'

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
