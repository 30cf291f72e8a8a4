import { permits, stockCluster } from '../config/cluster-settings.js'
import { isList, type JsonObject, member } from '../yaml/json.js'
import { asPrefix, dns1123Label, dns1123Subdomain } from './go-values.js'
import {
  allContainers,
  brief,
  localPath,
  podSpec,
  pullPolicies,
  unmade,
  unreadableField,
  unreadableResource,
  unset,
  variables,
} from './places.js'
import { type FieldAt, type Finding, integerField, itemsIn, objectIn, type Rule, textField } from './rule.js'
import { filledContainer } from './update.js'

const sources = ['configMapKeyRef', 'secretKeyRef', 'fieldRef', 'resourceFieldRef'] as const
const noun: Readonly<Record<string, string>> = {
  configMapKeyRef: 'ConfigMap',
  configMapRef: 'ConfigMap',
  secretKeyRef: 'Secret',
  secretRef: 'Secret',
}

/** Printable ASCII but for the one character that ends a name. */
const variableName = /^[ -<>-~]+$/

/** What a container gets from its environment, as far as Knative does not look at it. */
const podEnv: Rule = {
  code: 'KN388',
  name: 'pod-env',
  severity: 'warning',
  refusedAsPod: true,
  title: 'Kubernetes rejects the environment variable',
  source: 'k8s.io/kubernetes/pkg/apis/core/validation ValidateEnv, ValidateEnvFrom, validateSecretKeySelector',
  why: () =>
    'Knative rejects only reserved names. Kubernetes rejects the Deployment if a variable has `=` in its name, or if it refers to a ConfigMap, a Secret or a key without a valid name. The revision never becomes ready, and the Service reports only `RevisionMissing`. Correct the name.',
  *check(manifest, neighbourhood) {
    for (const container of allContainers(manifest, neighbourhood)) {
      for (const variable of variables(container)) {
        const name = textField(variable.value, 'name')
        if (name && !variableName.test(name)) yield ofName([...variable.path, 'name'], name)
        yield* ofSource(variable)
      }
      for (const item of itemsIn(container, 'envFrom')) {
        const prefix = textField(item.value, 'prefix')
        if (prefix && !variableName.test(prefix)) yield ofName([...item.path, 'prefix'], prefix)
        for (const key of ['configMapRef', 'secretRef']) {
          const source = objectIn(item, key)
          if (source) yield* ofObject(source, key, true)
        }
      }
    }
  },
}

function ofName(path: FieldAt['path'], name: string): Finding {
  return unmade(path, {
    what: `is ${brief(name)}, not printable ASCII without \`=\``,
    help: 'use letters, digits and `_`',
  })
}

function* ofSource(variable: FieldAt<JsonObject>): Iterable<Finding> {
  const source = objectIn(variable, 'valueFrom')
  // With a value as well, that is what is wrong.
  if (!source || textField(variable.value, 'value') !== '') return
  const found = sources.filter((key) => (member(source.value, key) ?? null) !== null)
  if (found.length !== 1)
    yield unmade(
      source.path,
      {
        what: found.length === 0 ? 'has no source' : `has ${found.length} sources (${found.join(', ')})`,
        said: found.length === 0 ? 'must specify one of' : 'may not have more than one field specified at a time',
        help: 'keep one of `configMapKeyRef` and `secretKeyRef`',
      },
      'key',
    )
  for (const key of found) {
    const own = objectIn(source, key)
    if (!own) continue
    if (key === 'fieldRef') yield* unreadableField(own, 'variable')
    else if (key === 'resourceFieldRef') yield* unreadableResource(own, 'variable')
    else {
      yield* ofObject(own, key, false)
      yield* ofKey(own)
    }
  }
}

function* ofObject({ value, path }: FieldAt<JsonObject>, key: string, isPrefix: boolean): Iterable<Finding> {
  const name = textField(value, 'name')
  const help = `add the name of the ${noun[key]}`
  if (name === '') yield unset([...path, 'name'], help)
  else if (name !== undefined && (isPrefix ? asPrefix(dns1123Subdomain) : dns1123Subdomain)(name) !== undefined)
    yield unmade([...path, 'name'], {
      what: `is ${brief(name)}, not a valid ${noun[key]} name`,
      help: 'use lower-case letters, digits, `-` and `.`',
    })
}

function* ofKey({ value, path }: FieldAt<JsonObject>): Iterable<Finding> {
  const key = textField(value, 'key')
  if (key === '') yield unset([...path, 'key'], 'add the key that has the value')
  else if (key !== undefined && !isKey(key))
    yield unmade([...path, 'key'], {
      what: `is ${brief(key)}, not a valid key`,
      help: 'use letters, digits, `-`, `_` and `.`',
    })
}

/** Source: k8s.io/apimachinery/pkg/util/validation IsConfigMapKey */
function isKey(key: string): boolean {
  return key.length <= 253 && /^[-._a-zA-Z0-9]+$/.test(key) && key !== '.' && !key.startsWith('..')
}

export const podEnvRules: readonly Rule[] = [podEnv]

/** What a container is called and how its image gets to the node. */
const podContainer: Rule = {
  code: 'KN366',
  name: 'pod-container',
  severity: 'warning',
  refusedAsPod: true,
  title: 'Kubernetes rejects the container or its pull secret',
  source: 'k8s.io/kubernetes/pkg/apis/core/validation validateContainerCommon, validatePullPolicy',
  why: () =>
    'Knative accepts every pull policy, and every container name except `queue-proxy`. Kubernetes accepts only three policies and DNS labels, and rejects the Deployment otherwise. The revision never becomes ready, and the Service reports only `RevisionMissing`. Correct the field, or remove it.',
  *check(manifest, neighbourhood) {
    for (const { value, path } of allContainers(manifest, neighbourhood)) {
      const name = textField(value, 'name')
      if (name && dns1123Label(name) !== undefined)
        yield unmade([...path, 'name'], {
          what: `is ${brief(name)}, not a DNS label`,
          help: 'use lower-case letters, digits and `-`, at most 63, or remove it',
        })
      const policy = textField(value, 'imagePullPolicy')
      if (policy !== undefined && policy !== '' && !pullPolicies.has(policy))
        yield unmade([...path, 'imagePullPolicy'], {
          what: `is ${brief(policy)}, not Always, IfNotPresent or Never`,
          help: 'remove it to use the default of the tag',
        })
    }
    const spec = podSpec(manifest)
    for (const secret of spec ? itemsIn(spec, 'imagePullSecrets') : [])
      if (textField(secret.value, 'name') === '')
        yield unset([...secret.path, 'name'], 'add the name of the Secret, or remove the item')
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
    'Knative validates only a part of a security context. Kubernetes rejects the Deployment, for example if a seccomp profile has an unknown type, or if `localhostProfile` does not belong to the type `Localhost`. The revision never becomes ready, and the Service reports only `RevisionMissing`.',
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
    yield unmade(at, { what: `is ${brief(type)}, not RuntimeDefault, Unconfined or Localhost` })
  const file = member(profile.value, 'localhostProfile') ?? null
  const path = [...profile.path, 'localhostProfile']
  if (type === 'Localhost') {
    if (file === null) yield unset(path, 'add the file of the profile, or write `type: RuntimeDefault`')
    else if (typeof file === 'string') yield* localPath(path, file)
  } else if (file !== null)
    yield unmade(path, {
      what: 'is set next to another type than Localhost',
      said: 'can only be set when seccomp type is Localhost',
    })
}

function* ofEscalation(context: FieldAt<JsonObject>): Iterable<Finding> {
  const added = member(context.value, 'capabilities', 'add')
  const index = isList(added) ? added.indexOf('CAP_SYS_ADMIN') : -1
  if (index < 0 || context.value['allowPrivilegeEscalation'] !== false) return
  yield unmade([...context.path, 'capabilities', 'add', index], {
    what: 'is CAP_SYS_ADMIN next to `allowPrivilegeEscalation: false`',
    help: 'remove one of the two',
  })
}

const mostId = 2 ** 31 - 1

function* ofGroups(pod: FieldAt<JsonObject>): Iterable<Finding> {
  const groups = member(pod.value, 'supplementalGroups')
  for (const [index, group] of (isList(groups) ? groups : []).entries()) {
    const id = integerField({ group }, 'group', 64) ?? 0
    if (id < 0 || id > mostId)
      yield unmade([...pod.path, 'supplementalGroups', index], { what: `is ${id}, not 0 to ${mostId}` })
  }
  for (const [key, words] of [
    ['fsGroupChangePolicy', ['OnRootMismatch', 'Always']],
    ['supplementalGroupsPolicy', ['Merge', 'Strict']],
  ] as const) {
    const word = member(pod.value, key) ?? null
    if (typeof word === 'string' && !words.some((one) => one === word))
      yield unmade([...pod.path, key], { what: `is ${brief(word)}, not ${words.join(' or ')}` })
  }
}

export const podContainersRules: readonly Rule[] = [podContainer, podSecurity]
