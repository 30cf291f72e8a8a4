import { permits, stockCluster } from '../config/cluster-settings.js'
import { isList, type JsonObject, member } from '../yaml/json.js'
import { dns1123Label } from './names.js'
import { allContainers, podSpec } from './places.js'
import { type FieldAt, type Finding, integerField, itemsIn, objectIn, type Rule, textField } from './rule.js'
import { brief, pullPolicies, unmade, unset } from './unmade-pod.js'
import { filledContainer } from './update.js'
import { localPath } from './pod-paths.js'

/** What a container is called and how its image gets to the node. */
const podContainer: Rule = {
  code: 'KN366',
  name: 'pod-container',
  severity: 'warning',
  refusedAsPod: true,
  title: 'Kubernetes rejects the container or its pull secret',
  source: 'k8s.io/kubernetes/pkg/apis/core/validation validateContainerCommon, validatePullPolicy',
  why: () =>
    'Knative takes any name of a container that is not its own and any pull policy. Kubernetes takes DNS labels and three policies, and refuses the Deployment otherwise: the revision never becomes ready, and the Service says no more than `RevisionMissing`. Correct the field, or leave it out.',
  *check(manifest, neighbourhood) {
    for (const { value, path } of allContainers(manifest, neighbourhood)) {
      const name = textField(value, 'name')
      if (name && dns1123Label(name) !== undefined)
        yield unmade([...path, 'name'], {
          must: `be a DNS label, but is ${brief(name)}`,
          help: 'use lower-case letters, digits and `-`, at most 63 in all, or leave it out',
        })
      const policy = textField(value, 'imagePullPolicy')
      if (policy !== undefined && policy !== '' && !pullPolicies.has(policy))
        yield unmade([...path, 'imagePullPolicy'], {
          must: `be Always, IfNotPresent or Never, but is ${brief(policy)}`,
          help: 'leave it out for the default of the tag',
        })
    }
    const spec = podSpec(manifest)
    for (const secret of spec ? itemsIn(spec, 'imagePullSecrets') : [])
      if (textField(secret.value, 'name') === '')
        yield unset([...secret.path, 'name'], 'name the Secret, or remove the item')
  },
}

const profiles: ReadonlySet<string> = new Set(['RuntimeDefault', 'Unconfined', 'Localhost'])

/** The rights of a container, and those of the Pod where a cluster takes them. */
const podSecurity: Rule = {
  code: 'KN389',
  name: 'pod-security',
  severity: 'warning',
  refusedAsPod: true,
  title: 'Kubernetes rejects the security context',
  source: 'k8s.io/kubernetes/pkg/apis/core/validation validateSeccompProfileField, ValidateSecurityContext',
  why: () =>
    'Knative judges users and rights, not all of a security context. Kubernetes refuses the Deployment where a seccomp profile has an unknown type, is on the node without a file, or names a file without being there: the revision never becomes ready, and the Service says no more than `RevisionMissing`.',
  *check(manifest, neighbourhood) {
    const { cluster = stockCluster } = neighbourhood
    const spec = podSpec(manifest)
    for (const { value, path, isInit } of allContainers(manifest, neighbourhood)) {
      const filled = filledContainer(value, spec?.value, cluster, isInit === true)
      const context = objectIn({ value: filled, path }, 'securityContext')
      if (!context) continue
      yield* ofSeccomp(context)
      yield* ofEscalation(context)
    }
    const pod = spec && permits(cluster, 'kubernetes.podspec-securitycontext') && objectIn(spec, 'securityContext')
    if (!pod) return
    yield* ofSeccomp(pod)
    yield* ofGroups(pod)
  },
}

function* ofSeccomp(context: FieldAt<JsonObject>): Iterable<Finding> {
  const profile = objectIn(context, 'seccompProfile')
  const type = profile && textField(profile.value, 'type')
  if (!profile || type === undefined) return
  const at = [...profile.path, 'type']
  if (type === '') yield unset(at, 'write `type: RuntimeDefault`')
  else if (!profiles.has(type))
    yield unmade(at, { must: `be RuntimeDefault, Unconfined or Localhost, but is ${brief(type)}` })
  const file = member(profile.value, 'localhostProfile') ?? null
  const path = [...profile.path, 'localhostProfile']
  if (type === 'Localhost') {
    if (file === null) yield unset(path, 'name the file of the profile, or write `type: RuntimeDefault`')
    else if (typeof file === 'string') yield* localPath(path, file)
  } else if (file !== null)
    yield unmade(path, { must: 'not be set beside this type', said: 'can only be set when seccomp type is Localhost' })
}

function* ofEscalation(context: FieldAt<JsonObject>): Iterable<Finding> {
  const added = member(context.value, 'capabilities', 'add')
  const index = isList(added) ? added.indexOf('CAP_SYS_ADMIN') : -1
  if (index < 0 || context.value['allowPrivilegeEscalation'] !== false) return
  yield unmade([...context.path, 'capabilities', 'add', index], {
    must: 'not be CAP_SYS_ADMIN beside `allowPrivilegeEscalation: false`',
    help: 'remove one of the two',
  })
}

const mostId = 2 ** 31 - 1

function* ofGroups(pod: FieldAt<JsonObject>): Iterable<Finding> {
  const groups = member(pod.value, 'supplementalGroups')
  for (const [index, group] of (isList(groups) ? groups : []).entries()) {
    const id = integerField({ group }, 'group', 64) ?? 0
    if (id < 0 || id > mostId)
      yield unmade([...pod.path, 'supplementalGroups', index], { must: `be 0 to ${mostId}, but is ${id}` })
  }
  for (const [key, words] of [
    ['fsGroupChangePolicy', ['OnRootMismatch', 'Always']],
    ['supplementalGroupsPolicy', ['Merge', 'Strict']],
  ] as const) {
    const word = member(pod.value, key) ?? null
    if (typeof word === 'string' && !words.some((one) => one === word))
      yield unmade([...pod.path, key], { must: `be ${words.join(' or ')}, but is ${brief(word)}` })
  }
}

export const podContainersRules: readonly Rule[] = [podContainer, podSecurity]
