import { permits, stockCluster } from '../config/cluster-settings.js'
import type { Manifest } from '../manifest/manifest.js'
import { isList, type Json, type JsonObject, member } from '../yaml/json.js'
import { containers } from './places.js'
import {
  type FieldAt,
  type Finding,
  integerField,
  itemsIn,
  type Neighbourhood,
  objectIn,
  type Rule,
  textField,
} from './rule.js'
import { brief, unmade, unset } from './unmade-pod.js'

type Probe = FieldAt<JsonObject> & {
  readonly kind: 'livenessProbe' | 'readinessProbe' | 'startupProbe'
  /** Whether Knative puts the container's port in the place of the probe's own: always, or where it has none. */
  readonly port: 'replaced' | 'filled' | 'kept'
}

/** The probes that reach Kubernetes as they are: Knative makes all readiness probes but commands itself. */
function* probes(manifest: Manifest, { cluster = stockCluster }: Neighbourhood): Iterable<Probe> {
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
    for (const probe of probes(manifest, neighbourhood)) {
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

function* ofRequest(probe: Probe): Iterable<Finding> {
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

function* ofPort(probe: Probe): Iterable<Finding> {
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

function* ofNumbers(probe: Probe): Iterable<Finding> {
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
