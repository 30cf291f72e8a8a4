import { featureOf, permits, stockCluster, type ClusterSettings } from '../manifest/cluster-settings.js'
import { containersPath } from '../manifest/container-names.js'
import { isList, isObject, member, type Json } from '../manifest/json.js'
import type { Manifest } from '../manifest/manifest.js'
import { quoted } from './fields.js'
import { containers, podSpec } from './parts.js'
import type { Finding, Rule } from './rule.js'

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
export const flaggedFields: Rule = {
  code: 'KN364',
  name: 'feature-flag',
  severity: 'error',
  title: 'a field behind a feature flag must not be set on a stock cluster',
  source: 'pkg/apis/serving/fieldmask.go PodSpecMask; config/core/configmaps/features.yaml',
  why: () =>
    'Knative hides the parts of a pod that tie it to nodes and networks. Each stands behind a feature flag that is off on a stock cluster, where the field is refused: remove it, or have the flag enabled and state it under `cluster` in `.kn-rollout.yaml`.',
  *check(manifest, { cluster = stockCluster }) {
    const spec = podSpec(manifest)
    if (!spec) return
    yield* permits(cluster, severalFlag) ? [] : several(manifest)
    for (const [field, flag, survives] of fields) {
      const value = member(spec.value, field)
      if (value === undefined || value === null || !survives(value)) continue
      if (field === 'securityContext' && isOptOut(value, cluster)) continue
      const path = [...spec.path, field]
      const said = field === 'initContainers' ? '"pod spec support for init-containers is off", ' : ''
      yield {
        message: `${quoted(path)} must not be set on a stock cluster: ${said}"must not set the field(s)"`,
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
    message: `${quoted(containersPath)} must not be more than one on this cluster: "multi-container is off, but found ${length} containers"`,
    help: 'keep the container that takes requests',
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
export const someContainer: Rule = {
  code: 'KN365',
  name: 'no-containers',
  severity: 'error',
  title: 'there must be a container',
  source: 'pkg/apis/serving/k8s_validation.go ValidatePodSpec',
  why: () =>
    'A revision is made to run something, and with an empty list there is nothing to run. List one container with its image.',
  *check(manifest) {
    const spec = podSpec(manifest)
    const list = spec && member(spec.value, 'containers')
    if (!spec || !isList(list) || list.length > 0) return
    const path = [...spec.path, 'containers']
    yield {
      message: `${quoted(path)} must not be empty: "missing field(s): spec.template.spec.containers"`,
      help: 'list at least one container with its image',
      path,
    }
  },
}
