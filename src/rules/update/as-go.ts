import { isList, isObject, type Json, type JsonObject } from '../../manifest/json.js'
import { canonicalQuantity } from './quantity.js'

/** Members that are pointers in Go: their zero is not the same as their absence. */
const pointers = new Set([
  'containerConcurrency',
  'responseStartTimeoutSeconds',
  'idleTimeoutSeconds',
  'enableServiceLinks',
  'automountServiceAccountToken',
  'shareProcessNamespace',
  'runtimeClassName',
  'setHostnameAsFQDN',
  'hostUsers',
  'optional',
  'service',
  'terminationGracePeriodSeconds',
  'defaultMode',
  'mode',
  'expirationSeconds',
  'sizeLimit',
  'priority',
  'tolerationSeconds',
])

/** Members whose own members are all pointers, at any depth. */
const pointerStructs = new Set(['securityContext'])

/** Structs that Go holds by value: empty ones are as good as absent. */
const valueStructs = new Set(['metadata', 'resources'])

/** Maps from any key to a text: an empty text in them is kept, an empty map is not. */
const textMaps = new Set(['labels', 'annotations', 'nodeSelector', 'matchLabels'])

/** Maps from any key to a quantity. */
const quantityMaps = new Set(['limits', 'requests'])
const quantities = new Set(['sizeLimit', 'divisor'])

/**
 * A template as Go holds it after the API server and the webhook have decoded it, in a form in which equal ones are
 * equal: what `omitempty` drops is dropped, what the CRD fills in is filled in, quantities are compared by what they
 * are worth.
 *
 * Source: k8s.io/api/core/v1 types.go, knative.dev/pkg/kmp ShortDiff
 */
export function templateAsGo(template: Json | undefined): JsonObject {
  const value = isObject(template) ? asGo(template, { key: 'template', isPointer: false, isPodSpec: false }) : undefined
  return isObject(value) ? value : {}
}

type Context = {
  readonly key: string
  /** Whether every member is a pointer. */
  readonly isPointer: boolean
  readonly isPodSpec: boolean
}

function asGo(value: Json, context: Context): Json | undefined {
  if (isList(value)) {
    // An item stays where it is, however empty.
    const items = value.map((item) => asGo(item ?? {}, { ...context, isPodSpec: false }) ?? {})
    return items.length === 0 ? undefined : items
  }
  return isObject(value) ? structAsGo(value, context) : scalarAsGo(value, context)
}

function structAsGo(value: JsonObject, context: Context): Json | undefined {
  const { key } = context
  if (textMaps.has(key) || quantityMaps.has(key)) {
    const entries = Object.entries(value).map(([name, item]) => [
      name,
      quantityMaps.has(key) ? quantity(item) : (item ?? ''),
    ])
    return entries.length === 0 ? undefined : (Object.fromEntries(entries) as JsonObject)
  }
  const members: Record<string, Json> = {}
  for (const [name, item] of Object.entries(withCrdDefaults(value, key))) {
    const isPointer = context.isPointer || pointerStructs.has(name)
    const inner = asGo(item, { key: name, isPointer, isPodSpec: key === 'template' && name === 'spec' })
    if (inner === undefined || item === null) continue
    const isKept = isPointer || pointers.has(name) || (context.isPodSpec && name === 'timeoutSeconds')
    if (isKept || !isZero(inner)) members[name] = inner
  }
  return valueStructs.has(key) && Object.keys(members).length === 0 ? undefined : members
}

/** What the CRD's own defaults add, whoever writes the object. */
function withCrdDefaults(value: JsonObject, key: string): JsonObject {
  if (key === 'ports') return { protocol: 'TCP', ...value }
  return key === 'grpc' ? { service: '', ...value } : value
}

function scalarAsGo(value: Json, { key, isPointer }: Context): Json | undefined {
  if (value === null) return undefined
  return quantities.has(key) && !isPointer ? quantity(value) : value
}

function isZero(value: Json): boolean {
  return value === '' || value === 0 || value === false
}

function quantity(value: Json): Json {
  if (typeof value !== 'string' && typeof value !== 'number') return value ?? ''
  return canonicalQuantity(String(value)) ?? value
}
