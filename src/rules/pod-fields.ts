import { canonicalQuantity } from './update.js'
import { qualifiedName } from './names.js'
import { type FieldAt, type Finding, textField } from './rule.js'
import type { JsonObject } from '../yaml/json.js'
import { member } from '../yaml/json.js'
import { brief, unmade, unset } from './unmade-pod.js'

/** Who reads a field of the Pod: a variable, or a file of a volume. */
export type Reader = 'variable' | 'file'

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
