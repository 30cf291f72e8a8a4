import type { JsonObject } from '../yaml/json.js'
import { member } from '../yaml/json.js'
import { asPrefix, dns1123Subdomain } from './names.js'
import { allContainers, variables } from './places.js'
import { unreadableField, unreadableResource } from './pod-fields.js'
import { type FieldAt, type Finding, itemsIn, objectIn, type Rule, textField } from './rule.js'
import { brief, unmade, unset } from './unmade-pod.js'

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
