import { permits, stockCluster } from '../config/cluster-settings.js'
import type { Manifest } from '../manifest/manifest.js'
import { formatPath, type Path } from '../text/path.js'
import { isList, isObject, type Json, type JsonObject, member } from '../yaml/json.js'
import { allContainers, brief, type ContainerAt, containers, unmade, unset } from './places.js'
import {
  type FieldAt,
  type Finding,
  integerField,
  itemsIn,
  knative,
  type Neighbourhood,
  objectIn,
  quoted,
  type Rule,
  shown,
  textField,
} from './rule.js'

type PodProbe = FieldAt<JsonObject> & {
  readonly kind: 'livenessProbe' | 'readinessProbe' | 'startupProbe'
  /** Whether Knative puts the container's port in the place of the probe's own: always, or where it has none. */
  readonly port: 'replaced' | 'filled' | 'kept'
}

/** The probes that reach Kubernetes as they are: Knative makes all readiness probes but commands itself. */
function* podProbes(manifest: Manifest, { cluster = stockCluster }: Neighbourhood): Iterable<PodProbe> {
  const isAll = permits(cluster, 'multi-container-probing')
  for (const container of containers(manifest)) {
    if (container.sidecar && !isAll) continue
    for (const kind of ['livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
      const probe = objectIn(container, kind)
      const given = isAll ? 'filled' : 'replaced'
      if (probe) yield { ...probe, kind, port: kind !== 'livenessProbe' || container.sidecar ? 'kept' : given }
    }
  }
}

/** A probe that Knative hands on and Kubernetes does not take. */
const podProbe: Rule = {
  code: 'KN383',
  name: 'pod-probe',
  severity: 'warning',
  refusedAsPod: true,
  title: 'Kubernetes rejects the probe',
  source: 'k8s.io/kubernetes/pkg/apis/core/validation validateProbe, validateLivenessProbe, validateStartupProbe',
  why: () =>
    'Knative sets the port of HTTP and TCP liveness probes, runs most readiness probes itself, and does not validate the rest. Kubernetes then rejects the Deployment. The revision never becomes ready, and the Service reports only `RevisionMissing`. Correct the probe.',
  *check(manifest, neighbourhood) {
    for (const probe of podProbes(manifest, neighbourhood)) {
      const command = objectIn(probe, 'exec')
      const words = command && member(command.value, 'command')
      if (command && !(isList(words) && words.length > 0))
        yield unset([...command.path, 'command'], 'write the command and its arguments as a list')
      if (probe.kind === 'readinessProbe') continue
      yield* ofRequest(probe)
      yield* ofPort(probe)
      yield* ofNumbers(probe)
    }
  },
}

function* ofRequest(probe: PodProbe): Iterable<Finding> {
  const request = objectIn(probe, 'httpGet')
  if (!request) return
  const scheme = textField(request.value, 'scheme') ?? ''
  if (!['', 'HTTP', 'HTTPS'].includes(scheme))
    yield unmade([...request.path, 'scheme'], {
      what: `is ${brief(scheme)}, not HTTP or HTTPS`,
      help: 'write it in capitals, or remove it for HTTP',
    })
  for (const header of itemsIn(request, 'httpHeaders')) {
    const name = textField(header.value, 'name')
    if (name === undefined || /^[-A-Za-z0-9]+$/.test(name)) continue
    yield unmade([...header.path, 'name'], {
      what: `is ${brief(name)}, not a header name`,
      help: 'use letters, digits and `-`',
    })
  }
}

const outOfRange = 'must be between 1 and 65535, inclusive'

function* ofPort(probe: PodProbe): Iterable<Finding> {
  for (const key of ['httpGet', 'tcpSocket', 'grpc']) {
    const action = objectIn(probe, key)
    if (!action || (key !== 'grpc' && probe.port === 'replaced')) continue
    const port = member(action.value, 'port') ?? 0
    if (isPort(port, key)) continue
    if (key !== 'grpc' && probe.port === 'filled' && (port === 0 || typeof port === 'string')) continue
    const found =
      port === 0 && !member(action.value, 'port') ? 'is missing' : `is ${JSON.stringify(port)}, not 1 to 65535`
    yield unmade([...action.path, 'port'], {
      what: found,
      ...(typeof port === 'number' && { said: outOfRange }),
      help: 'write the port that the container listens on, such as `port: 8080`',
    })
  }
}

/** What is neither a number nor a text is the schema's business, as is a number that is too large for Go. */
function isPort(port: Json, key: string): boolean {
  if (typeof port === 'number')
    return !Number.isInteger(port) || (port >= 1 && port <= 65535) || Math.abs(port) >= 2 ** 31
  return typeof port !== 'string' || key === 'grpc' || isPortName(port)
}

/** Source: k8s.io/apimachinery/pkg/util/validation IsValidPortName */
function isPortName(name: string): boolean {
  return (
    name.length <= 15 && /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(name) && /[a-z]/.test(name) && !name.includes('--')
  )
}

function* ofNumbers(probe: PodProbe): Iterable<Finding> {
  const threshold = integerField(probe.value, 'successThreshold') ?? 1
  if (threshold !== 0 && threshold !== 1)
    yield unmade([...probe.path, 'successThreshold'], {
      what: `is ${threshold}, not 1`,
      said: 'must be 1',
      help: 'remove it; only readiness probes can require more than one success',
    })
  for (const key of ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'failureThreshold']) {
    const number = integerField(probe.value, key) ?? 0
    if (number < 0)
      yield unmade([...probe.path, key], {
        what: `is ${number}, a negative number`,
        said: 'must be greater than or equal to 0',
        help: 'remove it to use the default',
      })
  }
}

export const podProbesRules: readonly Rule[] = [podProbe]

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
