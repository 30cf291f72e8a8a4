import { permits, stockCluster } from '../config/cluster-settings.js'
import type { Manifest } from '../manifest/manifest.js'
import { formatPath, type Path } from '../text/path.js'
import { isObject, type JsonObject, member } from '../yaml/json.js'
import { allContainers, type ContainerAt, containers } from './places.js'
import {
  knative,
  type FieldAt,
  type Finding,
  integerField,
  itemsIn,
  type Neighbourhood,
  objectIn,
  quoted,
  type Rule,
  shown,
  textField,
} from './rule.js'

const kinds = ['readinessProbe', 'livenessProbe', 'startupProbe'] as const
const handlers = ['exec', 'grpc', 'httpGet', 'tcpSocket']

/** Sidecars cannot be probed while `multi-container-probing` is off, as it is on a stock cluster. */
const sidecarProbes: Rule = {
  code: 'KN378',
  name: 'sidecar-probe',
  severity: 'error',
  title: 'Sidecar container has a probe',
  source: 'pkg/apis/serving/k8s_validation.go validateSidecarContainer',
  why: () =>
    'A default installation probes only the container that serves requests, and rejects probes on the others. Remove the probe, or enable multi-container probing.',
  *check(manifest, neighbourhood) {
    for (const container of allContainers(manifest, neighbourhood)) {
      if (!container.sidecar) continue
      for (const kind of kinds) {
        const probe = objectIn(container, kind)
        // A readiness probe gets a threshold before it is judged: even an empty one is then set.
        if (probe && container.isInit) yield probeAtInit(probe.path)
        if (!probe || container.isInit || (kind !== 'readinessProbe' && !Object.values(probe.value).some(isSet)))
          continue
        yield {
          message: `${quoted(probe.path)} is on a container without \`ports\` and needs the feature flag \`multi-container-probing\`, which is off by default`,
          says: knative(`must not set the field(s): ${formatPath(probe.path)}`),
          help: 'probe the container with the port',
          flag: 'multi-container-probing',
          path: probe.path,
          part: 'key',
        }
      }
    }
  },
}

function probeAtInit(path: Path): Finding {
  return {
    message: `${quoted(path)} cannot be set on an init container`,
    says: knative('field not allowed in an init container'),
    help: 'remove it; an init container ends before Kubernetes probes anything',
    path,
    part: 'key',
  }
}

/** Whether Go has anything else than a zero value there. */
function isSet(value: unknown): boolean {
  return value !== null && value !== 0
}

type Probe = FieldAt<JsonObject> & Pick<ContainerAt, 'sidecar'>

/** The probes that a cluster reads, those of sidecars only where an operator has them taken. */
function* probes(
  manifest: Manifest,
  wanted: readonly string[],
  { cluster = stockCluster }: Neighbourhood,
): Iterable<Probe> {
  const isAll = permits(cluster, 'multi-container-probing')
  for (const container of containers(manifest)) {
    if (container.sidecar && !isAll) continue
    for (const kind of wanted) {
      const probe = objectIn(container, kind)
      if (probe) yield { ...probe, sidecar: container.sidecar }
    }
  }
}

const most = 2 ** 31 - 1

/** A period of 0, which is also the default, means Knative's own quick probing, with thresholds of its own. */
const readinessProbe: Rule = {
  code: 'KN380',
  name: 'readiness-probe-timing',
  severity: 'error',
  title: 'Readiness probe timing is not valid',
  source: 'pkg/apis/serving/k8s_validation.go validateReadinessProbe',
  why: () =>
    'Without `periodSeconds` Knative uses its quick probing and rejects `timeoutSeconds` and `failureThreshold`; with it, all numbers are those of Kubernetes. Set the period as well, or remove the others.',
  *check(manifest, neighbourhood) {
    for (const probe of probes(manifest, ['readinessProbe'], neighbourhood)) {
      const period = integerField(probe.value, 'periodSeconds')
      for (const key of ['periodSeconds', 'initialDelaySeconds', 'successThreshold'])
        yield* notNegative(probe, key, key === 'successThreshold' ? 1 : 0)
      for (const key of ['failureThreshold', 'timeoutSeconds']) {
        if (period !== 0) yield* notNegative(probe, key, 1)
        else if (integerField(probe.value, key) ?? 0)
          yield {
            message: `${quoted([...probe.path, key])} is set without \`periodSeconds\``,
            says: knative(`${key} is disallowed when periodSeconds is zero`),
            help: "add `periodSeconds: 10`, or remove both to use Knative's quick probing",
            path: [...probe.path, key],
          }
      }
    }
  },
}

/** 0 is replaced by the default before anything is checked. */
function* notNegative(probe: FieldAt<JsonObject>, key: string, least: number): Iterable<Finding> {
  const number = integerField(probe.value, key) ?? 0
  if (number >= 0) return
  const path = [...probe.path, key]
  yield {
    message: `${quoted(path)} is ${number}; must be at least ${least}`,
    says: knative(`expected ${least} <= ${number} <= ${most}`),
    path,
  }
}

/** A probe does one thing. Only a readiness probe has a default: to open a connection. */
const probeHandler: Rule = {
  code: 'KN381',
  name: 'probe-handler',
  severity: 'error',
  title: 'Probe does not have exactly one handler',
  source: 'pkg/apis/serving/k8s_validation.go validateProbe',
  why: () =>
    'A probe is one check: a command, a gRPC call, an HTTP request or a TCP connection. Knative rejects a probe with none or with two. Keep one.',
  *check(manifest, neighbourhood) {
    for (const probe of probes(manifest, kinds, neighbourhood)) {
      const set = handlers.filter((key) => (member(probe.value, key) ?? null) !== null)
      if (set.length === 1 || (set.length === 0 && isFilled(probe))) continue
      const found = set.length === 0 ? 'none' : set.join(' and ')
      yield {
        message: `exactly one of ${handlers.join(', ')} must be set in ${quoted(probe.path)}; found ${found}`,
        says: knative(`expected exactly one, got ${set.length === 0 ? 'neither' : 'both'}`),
        path: probe.path,
        part: 'key',
      }
    }
  },
}

/** Whether the cluster fills in what it does. */
function isFilled({ path, sidecar }: Probe): boolean {
  return !sidecar && path.at(-1) === 'readinessProbe'
}

/** A port can be given by its name, but then it has to be the name of the container's port. */
const probePort: Rule = {
  code: 'KN382',
  name: 'probe-port',
  severity: 'error',
  title: 'Probe port does not match the container port',
  source: 'pkg/apis/serving/k8s_validation.go validateProbe',
  why: () =>
    'Knative probes the port that serves requests, by its number or its name. A number in quotes is a name to Kubernetes and matches nothing. Remove the quotes, or remove the port.',
  *check(manifest, neighbourhood) {
    const port = containers(manifest).findLast((container) => itemsIn(container, 'ports').length > 0)
    const first = port && itemsIn(port, 'ports')[0]
    const name = (first && textField(first.value, 'name')) || 'http'
    for (const probe of probes(manifest, kinds, neighbourhood)) {
      for (const handler of ['httpGet', 'tcpSocket']) {
        const action = member(probe.value, handler)
        if (probe.sidecar) {
          if (isObject(action) && !member(action, 'port')) yield portless([...probe.path, handler, 'port'])
          continue
        }
        const wanted = isObject(action) ? textField(action, 'port') : undefined
        if (!wanted || wanted === name) continue
        const path = [...probe.path, handler, 'port']
        yield {
          message: `${quoted(path)} is ${shown(wanted)}; must be a number or ${shown(name)}`,
          says: knative(`invalid value: ${wanted}, Probe port must match container port`),
          help: /^[0-9]+$/.test(wanted) ? `write ${wanted}, without quotes` : 'remove it to probe the container port',
          path,
        }
      }
    }
  },
}

function portless(path: Path): Finding {
  return {
    message: `${quoted(path)} is missing on a container without \`ports\``,
    says: knative('Probe port must be specified'),
    help: 'add the port that the container listens on',
    path,
  }
}

export const probesRules: readonly Rule[] = [sidecarProbes, readinessProbe, probeHandler, probePort]
