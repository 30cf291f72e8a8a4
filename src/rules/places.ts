import { permits, stockCluster } from '../config/cluster-settings.js'
import type { Manifest } from '../manifest/manifest.js'
import { readTraffic } from '../manifest/traffic.js'
import { formatPath, type Path } from '../text/path.js'
import { isList, isObject, type JsonObject, member } from '../yaml/json.js'
import { qualifiedName } from './go-values.js'
import {
  type FieldAt,
  type Finding,
  itemsAt,
  itemsIn,
  knative,
  kubernetes,
  type Neighbourhood,
  objectAt,
  once,
  shown,
  textField,
} from './rule.js'
import { canonicalQuantity } from './update.js'

const podSpecPath = ['spec', 'template', 'spec']

/** The targets of `spec.traffic` as they are written, the readable ones. */
export const trafficTargets = once(({ value }: Manifest) => itemsAt(value, ['spec', 'traffic']))

/** Whether it is a Route, which is judged by what a Service and a Route have in common, and by rules of its own. */
export function isRoute({ value }: Pick<Manifest, 'value'>): boolean {
  return value['kind'] === 'Route'
}

/** The targets of `spec.traffic` as the cluster fills them in, or undefined where one cannot be read. */
export const filledTargets = once(readTraffic)

/** `spec.template.spec`, where it is a mapping. */
export const podSpec = once(({ value }: Manifest) => objectAt(value, podSpecPath))

/** A container and what is asked of it: only the one that takes requests may have probes, and knows its port. */
export type ContainerAt = FieldAt<JsonObject> & {
  /** Whether it stands beside the container with the port. */
  readonly sidecar: boolean
  /** Whether it is over before the others start. */
  readonly isInit?: true
}

/** The containers of the template, the readable ones. Of several, those without a port are sidecars. */
export const containers = once(({ value }: Manifest): readonly ContainerAt[] => {
  const all = itemsAt(value, [...podSpecPath, 'containers'])
  return all.map((container) => ({ ...container, sidecar: all.length > 1 && !hasPorts(container) }))
})

/** The init containers of the template, the readable ones. Only an operator can have a cluster take them. */
export const initContainers = once(({ value }: Manifest): readonly ContainerAt[] => {
  return itemsAt(value, [...podSpecPath, 'initContainers']).map((container) => ({
    ...container,
    sidecar: true,
    isInit: true as const,
  }))
})

/** The containers that a cluster validates alike: the init containers too, where it takes them. */
export function allContainers(manifest: Manifest, { cluster = stockCluster }: Neighbourhood): readonly ContainerAt[] {
  if (!permits(cluster, 'kubernetes.podspec-init-containers')) return containers(manifest)
  return [...initContainers(manifest), ...containers(manifest)]
}

function hasPorts({ value }: FieldAt<JsonObject>): boolean {
  const ports = member(value, 'ports')
  return isList(ports) && ports.length > 0
}

/** The volumes of the template, the readable ones. */
export const volumes = once(({ value }: Manifest) => itemsAt(value, [...podSpecPath, 'volumes']))

/** The environment variables of a container, the readable ones. */
export const variables = once((container: ContainerAt) => itemsIn(container, 'env'))

/** The mounts of a container, the readable ones. */
export const mounts = once((container: ContainerAt) => itemsIn(container, 'volumeMounts'))

const metadataPath: Path = ['spec', 'template', 'metadata']

/**
 * A member of `spec.template.metadata`. The schema keeps unknown keys there and Go's JSON decoder minds no letter case,
 * so `Name` is `name` where the latter is absent.
 */
export function templateMetadata({ value }: Manifest, key: string): FieldAt<JsonObject> | undefined {
  const metadata = member(value, 'spec', 'template', 'metadata')
  if (!isObject(metadata)) return undefined
  const spelled = Object.hasOwn(metadata, key) ? key : Object.keys(metadata).find((name) => name.toLowerCase() === key)
  return spelled === undefined ? undefined : { value: metadata, path: [...metadataPath, spelled] }
}

/** A string of `spec.template.metadata` and its path, where it is there and not empty. */
export function templateText(manifest: Manifest, key: string): FieldAt<string> | undefined {
  const found = templateMetadata(manifest, key)
  const text = found && textField(found.value, String(found.path.at(-1)))
  return found && text ? { value: text, path: found.path } : undefined
}

/** The annotations of the template. */
export const templateAnnotations = once((manifest: Manifest): Annotations => {
  const found = templateMetadata(manifest, 'annotations')
  return found ? annotationsIn(found.value, found.path) : none
})

/** The annotations of the Service itself. */
export const serviceAnnotations = once(({ value }: Manifest): Annotations => {
  const metadata = member(value, 'metadata')
  return isObject(metadata) ? annotationsIn(metadata, ['metadata', 'annotations']) : none
})

/** Annotations by their key; null is the empty text. */
export type Annotations = ReadonlyMap<string, FieldAt<string>>

const none: Annotations = new Map()

function annotationsIn(metadata: JsonObject, path: Path): Annotations {
  const annotations = member(metadata, String(path.at(-1)))
  if (!isObject(annotations)) return none
  const found = new Map<string, FieldAt<string>>()
  for (const key of Object.keys(annotations)) {
    // The server drops what is null.
    if (annotations[key] === null) continue
    const text = textField(annotations, key)
    if (text !== undefined) found.set(key, { value: text, path: [...path, key] })
  }
  return found
}

/** The first of the keys that is there: Knative knows some annotations by an older, camel-case name as well. */
export function firstOf(annotations: Annotations, ...keys: readonly string[]): FieldAt<string> | undefined {
  for (const key of keys) {
    const found = annotations.get(key)
    if (found) return found
  }
  return undefined
}

/** The finding about a field that is absent or empty, in Knative's words for it (`apis.ErrMissingField`). */
export function missing(path: Path, help?: string): Finding {
  const field = formatPath(path)
  return {
    message: `\`${field}\` is missing`,
    says: knative(`missing field(s): ${field}`),
    ...(help !== undefined && { help }),
    path,
  }
}

/** What is wrong with a field of a Pod, in the words of a finding. */
type Fault = {
  /** What is wrong with it, after the name of the field. */
  readonly what: string
  /** What Kubernetes says of it. */
  readonly said?: string
  readonly help?: string
}

/**
 * The finding about a field that Knative accepts and Kubernetes rejects: no Deployment is ever made of the revision, and
 * the Service waits for it silently.
 */
export function unmade(path: Path, { what, said, help }: Fault, part?: Finding['part']): Finding {
  return {
    message: `${inPod(path)} ${what}: Kubernetes will reject the revision's Deployment`,
    ...(help !== undefined && { help }),
    ...(said !== undefined && { says: kubernetes(said) }),
    path,
    ...(part !== undefined && { part }),
  }
}

/** A warning names a field from the template's `spec` on. */
function inPod(path: Path): string {
  return `\`${formatPath(path).replace(/^spec\.template\.spec\./, '')}\``
}

/** The same about a field that is not there. */
export function unset(path: Path, help: string): Finding {
  return unmade(path, { what: 'is missing', said: 'Required value', help })
}

/** When an image is fetched; left out, its tag decides. */
export const pullPolicies: ReadonlySet<string> = new Set(['Always', 'IfNotPresent', 'Never'])

/** Leaves room for the rest of the line. */
const mostShown = 40

/** A text that was found, cut where it is long. */
export function brief(text: string): string {
  return shown(text.length > mostShown ? `${text.slice(0, mostShown)}…` : text)
}

/**
 * What is wrong with a path that has to stay below a folder.
 *
 * Source: k8s.io/kubernetes/pkg/apis/core/validation validateLocalDescendingPath
 */
export function* localPath(path: Path, text: string): Iterable<Finding> {
  if (text.startsWith('/'))
    yield unmade(path, { what: `is ${brief(text)}, not a relative path`, said: 'must be a relative path' })
  else if (text.split('/').includes('..'))
    yield unmade(path, { what: `is ${brief(text)}, which contains \`..\``, said: "must not contain '..'" })
}

/**
 * The same for the path of a file that Kubernetes itself writes: names with two dots in front are its own.
 *
 * Source: k8s.io/kubernetes/pkg/apis/core/validation ValidateLocalNonReservedPath
 */
export function* filePath(path: Path, text: string): Iterable<Finding> {
  yield* localPath(path, text)
  if (text.startsWith('..') && !text.startsWith('../') && !text.split('/').includes('..'))
    yield unmade(path, { what: `is ${brief(text)}, which starts with \`..\``, said: "must not start with '..'" })
}

/** Who reads a field of the Pod: a variable, or a file of a volume. */
type Reader = 'variable' | 'file'

const readable: Readonly<Record<Reader, ReadonlySet<string>>> = {
  variable: new Set([
    'metadata.name',
    'metadata.namespace',
    'metadata.uid',
    'spec.host',
    'spec.nodeName',
    'spec.serviceAccountName',
    'status.hostIP',
    'status.hostIPs',
    'status.podIP',
    'status.podIPs',
  ]),
  file: new Set(['metadata.name', 'metadata.namespace', 'metadata.labels', 'metadata.annotations', 'metadata.uid']),
}

/**
 * What is wrong with a `fieldRef`.
 *
 * Source: k8s.io/kubernetes/pkg/apis/core/validation validateObjectFieldSelector
 */
export function* unreadableField({ value, path }: FieldAt<JsonObject>, reader: Reader): Iterable<Finding> {
  const version = textField(value, 'apiVersion')
  if (version !== undefined && version !== '' && version !== 'v1')
    yield unmade([...path, 'apiVersion'], { what: `is ${brief(version)}, not v1`, help: 'remove it' })
  const field = textField(value, 'fieldPath')
  const at = [...path, 'fieldPath']
  if (field === '') yield unset(at, 'add a field such as `metadata.name`')
  else if (field !== undefined && !readable[reader].has(field) && !isEntry(field))
    yield unmade(at, {
      what: `is ${brief(field)}, not a field that a ${reader} can have`,
      help: `use ${[...readable[reader]].filter((one) => one !== 'spec.host').join(', ')}, or \`metadata.labels['KEY']\``,
    })
}

/** Whether it is one label or annotation. */
function isEntry(field: string): boolean {
  const [, map, key] = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(field) ?? []
  return key !== undefined && qualifiedName(map === 'labels' ? key : key.toLowerCase()) === undefined
}

const amounts: ReadonlySet<string> = new Set(
  ['limits', 'requests'].flatMap((kind) => ['cpu', 'memory', 'ephemeral-storage'].map((name) => `${kind}.${name}`)),
)
const thousandths = new Set(['1m', '1'].map(canonicalQuantity))
const units = ['', 'k', 'M', 'G', 'T', 'P', 'E', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']
const bytes = new Set(units.map((unit) => canonicalQuantity(`1${unit}`)))

/**
 * What is wrong with a `resourceFieldRef`.
 *
 * Source: k8s.io/kubernetes/pkg/apis/core/validation validateContainerResourceFieldSelector
 */
export function* unreadableResource({ value, path }: FieldAt<JsonObject>, reader: Reader): Iterable<Finding> {
  const resource = textField(value, 'resource')
  if (reader === 'file' && textField(value, 'containerName') === '')
    yield unset([...path, 'containerName'], 'add the name of the container')
  if (resource === '') yield unset([...path, 'resource'], 'add a resource such as `limits.memory`')
  if (!resource) return
  if (!amounts.has(resource) && !/^(?:limits|requests)\.hugepages-/.test(resource))
    yield unmade([...path, 'resource'], {
      what: `is ${brief(resource)}, not a limit or a request`,
      help: `use one of ${[...amounts].join(', ')}`,
    })
  const divisor = member(value, 'divisor')
  if (typeof divisor !== 'string' && typeof divisor !== 'number') return
  const form = canonicalQuantity(String(divisor))
  const taken = resource.endsWith('.cpu') ? thousandths : bytes
  if (form === undefined || form === '0' || taken.has(form)) return
  yield unmade([...path, 'divisor'], {
    what: `is ${brief(String(divisor))}, not one unit`,
    help: resource.endsWith('.cpu') ? 'write 1m or 1' : 'write one of 1, 1k, 1Ki, 1M, 1Mi, 1G, 1Gi and so on',
  })
}
