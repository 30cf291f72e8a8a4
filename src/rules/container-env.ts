import { member } from '../manifest/json.js'
import { itemsIn, objectIn, quoted, shown, textField } from './fields.js'
import { missing } from './missing.js'
import { allContainers, variables } from './parts.js'
import type { Rule } from './rule.js'

const reserved: ReadonlySet<string> = new Set(['PORT', 'K_SERVICE', 'K_CONFIGURATION', 'K_REVISION'])

/** Knative tells the container its port and its revision by variables of its own. */
export const envName: Rule = {
  code: 'KN373',
  name: 'env-name',
  severity: 'error',
  title: "an environment variable must have a name that is not Knative's",
  source: 'pkg/apis/serving/k8s_validation.go validateEnvVar',
  why: () =>
    'Knative tells each container its port, revision, configuration and Service in variables of its own, so those names are taken. A variable without any name is refused as well.',
  *check(manifest, neighbourhood) {
    for (const container of allContainers(manifest, neighbourhood)) {
      for (const variable of variables(container)) {
        const name = textField(variable.value, 'name')
        const path = [...variable.path, 'name']
        if (name === '') yield missing(path, 'name the variable, or remove the item')
        if (!name || !reserved.has(name) || (container.sidecar && name === 'PORT')) continue
        yield {
          message: `${quoted(path)} must not be ${shown(name)}: "${shown(name)} is a reserved environment variable"`,
          help:
            name === 'PORT' ? 'set `ports[0].containerPort` instead; PORT follows it' : 'remove it; Knative sets it',
          path,
        }
      }
    }
  },
}

/** Fields of the pod are behind a feature flag that is off on a stock cluster. */
export const envFieldRef: Rule = {
  code: 'KN374',
  name: 'env-pod-field',
  severity: 'error',
  title: 'an environment variable must not come from a field of the pod',
  source: 'pkg/apis/serving/fieldmask.go EnvVarSourceMask',
  why: () =>
    'Reading fields of the pod into variables stands behind a feature flag, which is off on a stock cluster. Write the value itself, take it from a ConfigMap or Secret, or have the flag enabled.',
  *check(manifest, neighbourhood) {
    for (const container of allContainers(manifest, neighbourhood)) {
      for (const variable of variables(container)) {
        const source = objectIn(variable, 'valueFrom')
        for (const key of ['fieldRef', 'resourceFieldRef']) {
          if (!source || (member(source.value, key) ?? null) === null) continue
          const path = [...source.path, key]
          yield {
            message: `${quoted(path)} must not be set on a stock cluster: "must not set the field(s)"`,
            help: 'use a value, a ConfigMap or a Secret',
            flag: 'kubernetes.podspec-fieldref',
            path,
            part: 'key',
          }
        }
      }
    }
  },
}

/** A source is one ConfigMap or one Secret. */
export const envFrom: Rule = {
  code: 'KN375',
  name: 'env-from-source',
  severity: 'error',
  title: 'an item of envFrom must name one ConfigMap or one Secret',
  source: 'pkg/apis/serving/k8s_validation.go validateEnvFrom',
  why: () =>
    'An item stands for all entries of one object. With no object there is nothing to read and with two it is open which one wins, so both are refused: write one item for each source.',
  *check(manifest, neighbourhood) {
    for (const container of allContainers(manifest, neighbourhood)) {
      for (const { value, path } of itemsIn(container, 'envFrom')) {
        const set = ['configMapRef', 'secretRef'].filter((key) => (member(value, key) ?? null) !== null)
        if (set.length === 1) continue
        const found = set.length === 0 ? 'neither' : 'both'
        yield {
          message: `${quoted(path)} must have either \`configMapRef\` or \`secretRef\`, but has ${found}: "expected exactly one, got ${found}"`,
          help: 'write one item for each source',
          path,
        }
      }
    }
  },
}
