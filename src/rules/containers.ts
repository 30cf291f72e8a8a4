import { formatPath } from '../text/path.js'
import { featureOf, permits, stockCluster } from '../config/cluster-settings.js'
import type { Manifest } from '../manifest/manifest.js'
import { isList, type JsonObject, member, numeral } from '../yaml/json.js'
import { isImageReference } from './go-values.js'
import { allContainers, containers, missing, podSpec, variables } from './places.js'
import {
  knative,
  kubernetes,
  type FieldAt,
  integerField,
  itemsIn,
  type Neighbourhood,
  objectIn,
  quoted,
  type Rule,
  shown,
  textField,
} from './rule.js'
import { lowPorts } from './update.js'

/** Knative resolves the image to a digest before anything runs, so it has to be able to read it. */
const containerImage: Rule = {
  code: 'KN370',
  name: 'invalid-image',
  severity: 'error',
  title: 'Container image is not a valid reference',
  source: 'pkg/apis/serving/k8s_validation.go validate; go-containerregistry/pkg/name',
  why: () =>
    'Knative resolves an image to its digest before it starts the revision, so it rejects a reference that it cannot read. Write the repository in lower case, with a tag or a digest after it.',
  *check(manifest, neighbourhood) {
    for (const container of allContainers(manifest, neighbourhood)) {
      const image = textField(container.value, 'image')
      const path = [...container.path, 'image']
      if (image === '') yield missing(path, 'add the image to run')
      else if (image !== undefined && !isImageReference(image))
        yield {
          message: `${quoted(path)} is ${shown(image)}; must be an image reference`,
          says: knative('Failed to parse image reference'),
          help: 'write `REGISTRY/REPOSITORY:TAG` with a lower-case repository, or `…@sha256:…` with 64 digits',
          path,
        }
    }
  },
}

const validateContainers = 'pkg/apis/serving/k8s_validation.go validateContainers'

/** Knative puts a container of its own beside yours. */
const containerNameReserved: Rule = {
  code: 'KN371',
  name: 'container-name',
  severity: 'error',
  title: 'Container name is reserved or used twice',
  why: () =>
    'The name identifies a container of a pod, and `queue-proxy` is the one that Knative adds to each pod. Use a separate name for each container, or none.',
  source: validateContainers,
  *check(manifest, neighbourhood) {
    const first = new Map<string, string>()
    for (const container of allContainers(manifest, neighbourhood)) {
      const name = textField(container.value, 'name')
      if (!name) continue
      const path = [...container.path, 'name']
      const earlier = first.get(name)
      if (name === 'queue-proxy')
        yield {
          message: `${quoted(path)} is ${shown(name)}, which is the name of Knative's own container`,
          says: knative('"queue-proxy" is a reserved container name'),
          help: 'use another name, or remove it',
          path,
        }
      if (earlier === undefined) first.set(name, quoted(path))
      else
        yield {
          message: `${quoted(path)} is ${shown(name)}, which ${earlier} already uses`,
          says: knative(`duplicate container name "${name}"`),
          help: 'use another name, or remove it',
          path,
        }
    }
  },
}

const policies: ReadonlySet<string> = new Set(['', 'File', 'FallbackToLogsOnError'])

/** Where a container's last words are looked for. */
const terminationMessagePolicy: Rule = {
  code: 'KN372',
  name: 'termination-message-policy',
  severity: 'error',
  title: '`terminationMessagePolicy` is unknown',
  source: 'pkg/apis/serving/k8s_validation.go validate',
  why: () =>
    'When a container ends, Kubernetes reads its message from a file or, as a fallback, from its log. Knative rejects other words. Use `File` or `FallbackToLogsOnError`.',
  *check(manifest, neighbourhood) {
    for (const container of allContainers(manifest, neighbourhood)) {
      const policy = textField(container.value, 'terminationMessagePolicy')
      if (policy === undefined || policies.has(policy)) continue
      const path = [...container.path, 'terminationMessagePolicy']
      yield {
        message: `${quoted(path)} is ${shown(policy)}; must be \`File\` or \`FallbackToLogsOnError\``,
        says: knative(`invalid value: ${policy}`),
        path,
      }
    }
  },
}

const reserved: ReadonlySet<number> = new Set([8008, 8012, 8013, 8022, 9090, 9091])

/** The port that requests go to: its number, its protocol, and its name, which says how to speak to it. */
const containerPort: Rule = {
  code: 'KN376',
  name: 'container-port',
  severity: 'error',
  title: 'Container port is reserved or not valid',
  source: 'pkg/apis/serving/k8s_validation.go validateContainerPorts',
  why: () =>
    'Requests arrive over TCP on a port that the proxy of Knative does not use, and the port name selects HTTP/1 or HTTP/2. Knative rejects a port or a name that cannot work. Choose another one.',
  *check(manifest) {
    for (const container of containers(manifest)) {
      const port = itemsIn(container, 'ports')[0]
      if (!port) continue
      const number = integerField(port.value, 'containerPort') ?? 0
      const path = [...port.path, 'containerPort']
      if (reserved.has(number))
        yield {
          message: `${quoted(path)} is ${number}, a port that Knative's own proxy uses`,
          says: knative(`invalid value: ${number} is a reserved port`),
          help: `use another port; reserved are ${[...reserved].join(', ')}`,
          path,
        }
      if (number < 0 || number > 65535)
        yield {
          message: `${quoted(path)} is ${number}; must be 0 to 65535`,
          says: knative(`expected 0 <= ${number} <= 65535`),
          path,
        }
      const protocol = textField(port.value, 'protocol') ?? ''
      if (protocol !== '' && protocol !== 'TCP')
        yield {
          message: `${quoted([...port.path, 'protocol'])} is ${shown(protocol)}; must be \`TCP\``,
          says: knative(`invalid value: ${protocol}`),
          help: 'remove it',
          path: [...port.path, 'protocol'],
        }
      const name = textField(port.value, 'name') ?? ''
      if (name !== '' && name !== 'h2c' && name !== 'http1')
        yield {
          message: `${quoted([...port.path, 'name'])} is ${shown(name)}; must be \`h2c\` or \`http1\``,
          says: knative(`Port name ${name} is not allowed`),
          help: 'remove it for HTTP/1, or use `h2c` for HTTP/2 and gRPC',
          path: [...port.path, 'name'],
        }
    }
  },
}

/** Requests can go to one place only; with several containers, it has to be said to which. */
const portCount: Rule = {
  code: 'KN377',
  name: 'serving-port',
  severity: 'error',
  title: 'Pod does not have exactly one serving port',
  source: 'pkg/apis/serving/k8s_validation.go validateContainersPorts',
  why: () =>
    'Knative sends requests to one port of the pod, and does not choose among several containers or ports. Add `ports` to the container that serves requests, and to no other.',
  *check(manifest) {
    const all = containers(manifest)
    const counts = all.map(({ value }) => {
      const ports = member(value, 'ports')
      return isList(ports) ? ports.length : 0
    })
    const count = counts.reduce((sum, own) => sum + own, 0)
    const path = ['spec', 'template', 'spec', 'containers']
    if (count === 0 && all.length > 1)
      yield {
        message: `no container in ${quoted(path)} has \`ports\``,
        says: knative('missing field(s): spec.template.spec.containers[*].ports'),
        help: 'add `ports: [{containerPort: 8080}]` to the container that serves requests',
        path,
        part: 'key',
      }
    if (count <= 1) return
    const last = all.findLast((_, index) => (counts[index] ?? 0) > 0)
    yield {
      message: `the containers in ${quoted(path)} have ${count} ports; must be one`,
      says: knative('more than one container port is set'),
      help: 'keep the port that serves requests; containers of one pod reach each other without `ports`',
      path: [...(last?.path ?? path), 'ports'],
      part: 'key',
    }
  },
}

const reservedVariables: ReadonlySet<string> = new Set(['PORT', 'K_SERVICE', 'K_CONFIGURATION', 'K_REVISION'])

/** Knative tells the container its port and its revision by variables of its own. */
const envName: Rule = {
  code: 'KN373',
  name: 'env-name',
  severity: 'error',
  title: 'Environment variable name is missing or reserved',
  source: 'pkg/apis/serving/k8s_validation.go validateEnvVar',
  why: () =>
    'Knative sets the port, revision, configuration and Service in variables with reserved names. It rejects those names, and a variable without a name. Rename or remove the variable.',
  *check(manifest, neighbourhood) {
    for (const container of allContainers(manifest, neighbourhood)) {
      for (const variable of variables(container)) {
        const name = textField(variable.value, 'name')
        const path = [...variable.path, 'name']
        if (name === '') yield missing(path, 'add the name of the variable, or remove the item')
        if (!name || !reservedVariables.has(name) || (container.sidecar && name === 'PORT')) continue
        yield {
          message: `${quoted(path)} is ${shown(name)}, a variable that Knative sets`,
          says: knative(`${shown(name)} is a reserved environment variable`),
          help: name === 'PORT' ? 'set `ports[0].containerPort`, and `PORT` follows it' : 'remove it',
          path,
        }
      }
    }
  },
}

/** Fields of the pod are behind a feature flag that is off on a stock cluster. */
const envFieldRef: Rule = {
  code: 'KN374',
  name: 'env-pod-field',
  severity: 'error',
  title: 'Environment variable reads a field of the pod',
  source: 'pkg/apis/serving/fieldmask.go EnvVarSourceMask',
  why: () =>
    'Variables from fields of the pod need a feature flag that is off in a default installation. Write the value, use a ConfigMap or Secret, or enable the flag.',
  *check(manifest, neighbourhood) {
    for (const container of allContainers(manifest, neighbourhood)) {
      for (const variable of variables(container)) {
        const source = objectIn(variable, 'valueFrom')
        for (const key of ['fieldRef', 'resourceFieldRef']) {
          if (!source || (member(source.value, key) ?? null) === null) continue
          const path = [...source.path, key]
          yield {
            message: `${quoted(path)} needs the feature flag \`kubernetes.podspec-fieldref\`, which is off by default`,
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
const envFrom: Rule = {
  code: 'KN375',
  name: 'env-from-source',
  severity: 'error',
  title: '`envFrom` item does not have exactly one source',
  source: 'pkg/apis/serving/k8s_validation.go validateEnvFrom',
  why: () =>
    'An item reads all entries of one object. Without an object there is nothing to read, and with two the order is unclear, so Knative rejects both. Write a separate item for each source.',
  *check(manifest, neighbourhood) {
    for (const container of allContainers(manifest, neighbourhood)) {
      for (const { value, path } of itemsIn(container, 'envFrom')) {
        const set = ['configMapRef', 'secretRef'].filter((key) => (member(value, key) ?? null) !== null)
        if (set.length === 1) continue
        const found = set.length === 0 ? 'neither' : 'both'
        yield {
          message: `exactly one of \`configMapRef\` and \`secretRef\` must be set in ${quoted(path)}; found ${found}`,
          says: knative(`expected exactly one, got ${found}`),
          help: set.length === 0 ? 'add one of them, or remove the item' : 'write a separate item for each source',
          path,
        }
      }
    }
  },
}

/** Knative lets it pass; the Deployment that it makes of it does not. */
const envSource: Rule = {
  code: 'KN399',
  name: 'env-value-conflict',
  severity: 'warning',
  refusedAsPod: true,
  title: 'Environment variable has both `value` and `valueFrom`',
  source: 'k8s.io/kubernetes/pkg/apis/core/validation validateEnvVarValueFrom',
  why: () =>
    'A variable gets its value from one source. Knative accepts both, but Kubernetes then rejects the Deployment, so the revision never becomes ready. Keep the value or the source.',
  *check(manifest, neighbourhood) {
    for (const container of allContainers(manifest, neighbourhood)) {
      for (const { value, path } of variables(container)) {
        if (!textField(value, 'value') || (member(value, 'valueFrom') ?? null) === null) continue
        const source = [...path, 'valueFrom']
        yield {
          message: `${quoted(source)} is set next to \`value\`: Kubernetes will reject the revision's Deployment`,
          says: kubernetes('may not be specified when `value` is not empty'),
          help: 'keep one of the two',
          path: source,
          part: 'key',
        }
      }
    }
  },
}

function* contexts(manifest: Manifest, neighbourhood: Neighbourhood): Iterable<FieldAt<JsonObject>> {
  for (const container of allContainers(manifest, neighbourhood)) {
    const context = objectIn(container, 'securityContext')
    if (context) yield context
  }
}

const most = 2 ** 31 - 1

/** Linux knows no other users and groups. */
const securityIds: Rule = {
  code: 'KN385',
  name: 'user-id-range',
  severity: 'error',
  title: '`runAsUser` or `runAsGroup` is not between 0 and 2147483647',
  source: 'pkg/apis/serving/k8s_validation.go validateSecurityContext',
  why: () =>
    'Kubernetes accepts user and group ids from 0 to 2147483647, and Knative rejects any other. Use the number that the image was built for.',
  *check(manifest, neighbourhood) {
    const pod = podSpec(manifest)
    const { cluster = stockCluster } = neighbourhood
    const isPodTaken = pod && permits(cluster, 'kubernetes.podspec-securitycontext')
    const own = isPodTaken ? objectIn(pod, 'securityContext') : undefined
    for (const context of [...(own ? [own] : []), ...contexts(manifest, neighbourhood)]) {
      for (const key of ['runAsUser', 'runAsGroup', ...(context === own ? ['fsGroup'] : [])]) {
        const id = integerField(context.value, key, 64) ?? 0
        if (id >= 0 && id <= most) continue
        const path = [...context.path, key]
        yield {
          message: `${quoted(path)} is ${numeral(id)}; must be 0 to ${most}`,
          says: knative(`expected 0 <= ${numeral(id)} <= ${most}`),
          path,
        }
      }
    }
  },
}

/** More rights than an ordinary container has are not Knative's to give. */
const securityRights: Rule = {
  code: 'KN386',
  name: 'extra-privileges',
  severity: 'error',
  title: 'Container is privileged or adds capabilities',
  source: 'pkg/apis/serving/fieldmask.go SecurityContextMask, CapabilitiesMask',
  why: () =>
    'Containers of Knative run with ordinary rights. It always rejects privileged ones, and added capabilities unless a feature flag allows them. Remove the field, or enable the flag.',
  *check(manifest, neighbourhood) {
    const hasSecureDefaults = featureOf(neighbourhood.cluster ?? stockCluster, 'secure-pod-defaults') !== 'disabled'
    for (const context of contexts(manifest, neighbourhood)) {
      if (member(context.value, 'privileged') === true)
        yield {
          message: `${quoted([...context.path, 'privileged'])} is true, but Knative runs no privileged containers`,
          says: knative(`must not set the field(s): ${formatPath([...context.path, 'privileged'])}`),
          help: 'remove it',
          path: [...context.path, 'privileged'],
        }
      const add = member(context.value, 'capabilities', 'add')
      if (!isList(add) || add.length === 0) continue
      // Secure defaults fill in this very list.
      if (hasSecureDefaults && add.length === 1 && add[0] === lowPorts) continue
      const path = [...context.path, 'capabilities', 'add']
      yield {
        message: `${quoted(path)} needs the feature flag \`kubernetes.containerspec-addcapabilities\`, which is off by default`,
        help: 'remove it',
        flag: 'kubernetes.containerspec-addcapabilities',
        path,
        part: 'key',
      }
    }
  },
}

export const containersRules: readonly Rule[] = [
  containerImage,
  containerNameReserved,
  terminationMessagePolicy,
  containerPort,
  portCount,
  envName,
  envFieldRef,
  envFrom,
  envSource,
  securityIds,
  securityRights,
]
