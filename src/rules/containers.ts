import { featureOf, permits, stockCluster } from '../config/cluster-settings.js'
import type { Manifest } from '../manifest/manifest.js'
import { isList, type JsonObject, member, numeral } from '../yaml/json.js'
import { isImageReference } from './go-values.js'
import { allContainers, containers, missing, podSpec, variables } from './places.js'
import {
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
    'The cluster looks up the digest of an image before it makes the revision, so it has to be able to read the reference. Write the repository in lower case, with a tag or a digest behind it.',
  *check(manifest, neighbourhood) {
    for (const container of allContainers(manifest, neighbourhood)) {
      const image = textField(container.value, 'image')
      const path = [...container.path, 'image']
      if (image === '') yield missing(path, 'name the image to run')
      else if (image !== undefined && !isImageReference(image))
        yield {
          message: `${quoted(path)} must be an image reference, but is ${shown(image)}: "Failed to parse image reference"`,
          help: 'write registry/repository:tag in lower case (the tag may have capitals), or …@sha256:… with 64 digits',
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
    'Containers of one pod are told apart by name, and queue-proxy is the one that Knative adds to each pod. Use a name of its own for each container, or none.',
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
          message: `${quoted(path)} must not be ${shown(name)}: ""queue-proxy" is a reserved container name"`,
          help: 'use another name, or none',
          path,
        }
      if (earlier === undefined) first.set(name, quoted(path))
      else
        yield {
          message: `${quoted(path)} must not be ${shown(name)} as ${earlier} is already: "duplicate container name "${name}""`,
          help: 'use another name, or none',
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
    'When a container ends, its last words are taken from a file or, failing that, from its log. There is no third way, and the cluster refuses other words: write File or FallbackToLogsOnError.',
  *check(manifest, neighbourhood) {
    for (const container of allContainers(manifest, neighbourhood)) {
      const policy = textField(container.value, 'terminationMessagePolicy')
      if (policy === undefined || policies.has(policy)) continue
      const path = [...container.path, 'terminationMessagePolicy']
      yield {
        message: `${quoted(path)} must be File or FallbackToLogsOnError, but is ${shown(policy)}: ${shown(`invalid value: ${policy}`)}`,
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
    'Requests arrive over TCP on a port that the proxy of Knative does not use itself, and the name of the port says whether to speak HTTP/1 or HTTP/2. A port or a name that cannot serve that is refused.',
  *check(manifest) {
    for (const container of containers(manifest)) {
      const port = itemsIn(container, 'ports')[0]
      if (!port) continue
      const number = integerField(port.value, 'containerPort') ?? 0
      const path = [...port.path, 'containerPort']
      if (reserved.has(number))
        yield {
          message: `${quoted(path)} must not be ${number}, Knative's own proxy listens there: "invalid value: ${number} is a reserved port"`,
          help: `any other port will do; reserved are ${[...reserved].join(', ')}`,
          path,
        }
      if (number < 0 || number > 65535)
        yield {
          message: `${quoted(path)} must be 0 to 65535, but is ${number}: "expected 0 <= ${number} <= 65535"`,
          path,
        }
      const protocol = textField(port.value, 'protocol') ?? ''
      if (protocol !== '' && protocol !== 'TCP')
        yield {
          message: `${quoted([...port.path, 'protocol'])} must be TCP, but is ${shown(protocol)}: ${shown(`invalid value: ${protocol}`)}`,
          help: 'leave it out',
          path: [...port.path, 'protocol'],
        }
      const name = textField(port.value, 'name') ?? ''
      if (name !== '' && name !== 'h2c' && name !== 'http1')
        yield {
          message: `${quoted([...port.path, 'name'])} must be h2c or http1, but is ${shown(name)}: ${shown(`Port name ${name} is not allowed`)}`,
          help: 'leave it out for HTTP/1, or write h2c for HTTP/2 and gRPC',
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
    'Knative sends requests to one port of the pod, and refuses to choose among several containers or ports. Give the one that serves requests its `ports`, and the others none.',
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
        message: `one of ${quoted(path)} must have \`ports\`, but none has: "missing field(s): spec.template.spec.containers[*].ports"`,
        help: 'give the container that takes requests its `ports: [{containerPort: 8080}]`',
        path,
        part: 'key',
      }
    if (count <= 1) return
    const last = all.findLast((_, index) => (counts[index] ?? 0) > 0)
    yield {
      message: `${quoted(path)} must not have more than one port between them, but have ${count}: "more than one container port is set"`,
      help: 'keep the port that takes requests; containers of one pod reach each other without `ports`',
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
    'Knative tells each container its port, revision, configuration and Service in variables of its own, so those names are taken. A variable without any name is refused as well.',
  *check(manifest, neighbourhood) {
    for (const container of allContainers(manifest, neighbourhood)) {
      for (const variable of variables(container)) {
        const name = textField(variable.value, 'name')
        const path = [...variable.path, 'name']
        if (name === '') yield missing(path, 'name the variable, or remove the item')
        if (!name || !reservedVariables.has(name) || (container.sidecar && name === 'PORT')) continue
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
const envFieldRef: Rule = {
  code: 'KN374',
  name: 'env-pod-field',
  severity: 'error',
  title: 'Environment variable reads a field of the pod',
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
const envFrom: Rule = {
  code: 'KN375',
  name: 'env-from-source',
  severity: 'error',
  title: '`envFrom` item does not have exactly one source',
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

/** Knative lets it pass; the Deployment that it makes of it does not. */
const envSource: Rule = {
  code: 'KN399',
  name: 'env-value-conflict',
  severity: 'warning',
  refusedAsPod: true,
  title: 'Environment variable has both `value` and `valueFrom`',
  source: 'k8s.io/kubernetes/pkg/apis/core/validation validateEnvVarValueFrom',
  why: () =>
    'A variable takes its value from one place. Knative admits both, but Kubernetes then refuses the pods, so the revision never becomes ready: keep the value or the source.',
  *check(manifest, neighbourhood) {
    for (const container of allContainers(manifest, neighbourhood)) {
      for (const { value, path } of variables(container)) {
        if (!textField(value, 'value') || (member(value, 'valueFrom') ?? null) === null) continue
        const source = [...path, 'valueFrom']
        yield {
          message: `${quoted(source)} must not be set beside \`value\`: no Pod can be made of it, "may not be specified when \`value\` is not empty"`,
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
    'Users and groups of Linux are numbers from 0 to 2147483647, and a container cannot run as any other. Write the number that the image was built for.',
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
          message: `${quoted(path)} must be 0 to ${most}, but is ${numeral(id)}: "expected 0 <= ${numeral(id)} <= ${most}"`,
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
    'Containers of Knative run with ordinary rights: privileged ones are refused always, additional capabilities unless a feature flag allows them. Remove what asks for more.',
  *check(manifest, neighbourhood) {
    const hasSecureDefaults = featureOf(neighbourhood.cluster ?? stockCluster, 'secure-pod-defaults') !== 'disabled'
    for (const context of contexts(manifest, neighbourhood)) {
      if (member(context.value, 'privileged') === true)
        yield {
          message: `${quoted([...context.path, 'privileged'])} must not be true: "must not set the field(s)"`,
          help: 'remove it: Knative runs no privileged containers',
          path: [...context.path, 'privileged'],
        }
      const add = member(context.value, 'capabilities', 'add')
      if (!isList(add) || add.length === 0) continue
      // Secure defaults fill in this very list.
      if (hasSecureDefaults && add.length === 1 && add[0] === lowPorts) continue
      const path = [...context.path, 'capabilities', 'add']
      yield {
        message: `${quoted(path)} must not be set on a stock cluster: "must not set the field(s)"`,
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
