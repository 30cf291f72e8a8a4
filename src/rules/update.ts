import {
  type ClusterSettings,
  featureOf,
  nameSetting,
  numberSetting,
  stockCluster,
} from '../config/cluster-settings.js'
import { defaultContainerNames } from '../manifest/names.js'
import { Recent } from '../text/collections.js'
import type { Path } from '../text/path.js'
import { isQuantity, liveQuantity, withoutEnd } from '../text/words.js'
import { isAlike, isList, isObject, type Json, type JsonObject, member, sameJson } from '../yaml/json.js'
import { textField } from './rule.js'

const decimal = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E']
const binary = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']

/** Kubernetes keeps fewer, and arithmetic takes more than its share of time with many. */
const mostDigits = 1000

/**
 * A form that equal quantities share: `1000m`, `1` and `1.0` have the same one. Undefined where the text is no quantity.
 *
 * Source: k8s.io/apimachinery/pkg/api/resource Quantity.Cmp
 */
export function canonicalQuantity(text: string): string | undefined {
  const match = /^([-+]?)([0-9]*)(?:\.([0-9]*))?(?:([a-zA-Z]+)([-+]?[0-9]+)?)?$/.exec(text)
  if (!match || !isQuantity(text)) return undefined
  const [, sign = '', whole = '', fraction = '', unit = '', exponent] = match
  if (exponent !== undefined && exponent.length > 4) return undefined
  if (whole.length + fraction.length > mostDigits) return text
  const digits = BigInt(`${whole}${fraction}` || '0')
  const power = exponent === undefined ? (decimal.indexOf(unit) - 3) * 3 : Number(exponent)
  const two = binary.indexOf(unit)
  const scaled = two > 0 && exponent === undefined ? digits * 1024n ** BigInt(two) : digits
  const ten = (two > 0 && exponent === undefined ? 0 : power) - fraction.length
  const written = scaled.toString()
  const kept = withoutEnd(written, '0')
  if (kept === '') return '0'
  return `${sign === '-' ? '-' : ''}${kept}e${ten + written.length - kept.length}`
}

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

/**
 * What a live object becomes when `kubectl apply` sends another version of its file: members of mappings are merged,
 * lists replaced whole, and members that left the file leave the object. Argo CD and Flux do the same to a Service, whose
 * lists have no keys to merge by.
 *
 * Source: k8s.io/apimachinery/pkg/util/jsonmergepatch CreateThreeWayJSONMergePatch
 */
export function applied(live: Json | undefined, before: Json | undefined, after: Json | undefined): Json | undefined {
  if (!isObject(after)) return after
  if (!isObject(live)) return withoutNulls(after)
  const merged: Record<string, Json> = {}
  const old = isObject(before) ? before : {}
  for (const [key, value] of Object.entries(live))
    if (Object.hasOwn(after, key) || !Object.hasOwn(old, key) || old[key] === null) merged[key] = value
  for (const [key, value] of Object.entries(after)) {
    if (value === null) {
      delete merged[key]
      continue
    }
    const result = sameJson(merged[key], value) ? value : applied(merged[key], old[key], value)
    if (result !== undefined) merged[key] = result
  }
  return merged
}

function withoutNulls(value: JsonObject): JsonObject {
  const entries = Object.entries(value).flatMap(([key, item]) => {
    return item === null ? [] : [[key, isObject(item) ? withoutNulls(item) : item] as const]
  })
  return Object.fromEntries(entries)
}

/**
 * What an operator has the webhook fill into a container, besides what every cluster does: default resources, and a
 * security context. Only members that are not there are filled in, at any depth.
 *
 * Source: pkg/apis/serving/v1/revision_defaults.go applyDefault, defaultSecurityContext
 */
export function withDefaults(
  container: JsonObject,
  spec: Json | undefined,
  settings: ClusterSettings,
  isInit: boolean = false,
): JsonObject {
  const resources = isInit ? {} : defaultResources(settings)
  const context = defaultContext(container, spec, featureOf(settings, 'secure-pod-defaults'))
  return {
    ...(Object.keys(resources).length > 0 && { resources }),
    ...(Object.keys(context).length > 0 && { securityContext: context }),
  }
}

function defaultResources({ defaults }: ClusterSettings): JsonObject {
  const resources: Record<string, JsonObject> = {}
  for (const kind of ['request', 'limit'] as const) {
    const own = ['cpu', 'memory', 'ephemeral-storage'].flatMap((name) => {
      const value = defaults[`revision-${name}-${kind}`]
      return value === undefined ? [] : [[name, liveQuantity(value) ?? value] as const]
    })
    if (own.length > 0) resources[`${kind}s`] = Object.fromEntries(own)
  }
  return resources
}

function defaultContext(container: JsonObject, spec: Json | undefined, mode: string): JsonObject {
  if (mode !== 'enabled' && mode !== 'allowrootbounded') return {}
  const pod = member(spec, 'securityContext')
  const hasProfile = Boolean(member(pod, 'seccompProfile', 'type'))
  const isOpen = (member(container, 'securityContext', 'capabilities') ?? null) === null
  return {
    allowPrivilegeEscalation: false,
    ...(isOpen && { capabilities: { ...(needsLowPort(container) && { add: [lowPorts] }), drop: ['ALL'] } }),
    ...(mode === 'enabled' && (member(pod, 'runAsNonRoot') ?? null) === null && { runAsNonRoot: true }),
    ...(!hasProfile && { seccompProfile: { type: 'RuntimeDefault' } }),
  }
}

/** What it takes to listen on a port below 1024. */
export const lowPorts = 'NET_BIND_SERVICE'

function needsLowPort(container: JsonObject): boolean {
  const ports = member(container, 'ports')
  return isList(ports) && ports.some((port) => Number(member(port, 'containerPort') ?? 0) < 1024)
}

/** The value with what is not there filled in. */
function withFilledIn(value: JsonObject, wanted: JsonObject): JsonObject {
  const filled: Record<string, Json> = { ...value }
  for (const [key, item] of Object.entries(wanted)) {
    const own = member(value, key)
    if (isNothing(own)) filled[key] = item
    else if (isObject(own) && isObject(item)) filled[key] = withFilledIn(own, item)
  }
  return filled
}

/** A container with what an operator has the webhook fill in. */
export function filledContainer(
  container: JsonObject,
  spec: Json | undefined,
  settings: ClusterSettings,
  isInit: boolean,
): JsonObject {
  return withFilledIn(container, withDefaults(container, spec, settings, isInit))
}

/** Where something would be filled in, and what: each at the outermost member that is not there. */
export function absentIn(
  value: JsonObject,
  wanted: JsonObject,
  path: Path,
): readonly { readonly path: Path; readonly value: Json }[] {
  return Object.entries(wanted).flatMap(([key, item]) => {
    const own = member(value, key)
    if (isNothing(own)) return [{ path: [...path, key], value: item }]
    return isObject(own) && isObject(item) ? absentIn(own, item, [...path, key]) : []
  })
}

function isNothing(value: Json | undefined): boolean {
  return value === undefined || value === null || value === ''
}

/**
 * The template of a Service as the webhook stores it when its name is new: with the defaults filled in.
 *
 * @param metadata That of the Service: an operator may have containers named after it.
 *
 * Source: pkg/apis/serving/v1/revision_defaults.go
 */
export function liveTemplate(
  template: Json | undefined,
  settings: ClusterSettings = stockCluster,
  metadata?: Json,
): Json | undefined {
  if (!isObject(template)) return template
  const spec = member(template, 'spec')
  if (!isObject(spec)) return template
  const [name, namespace] = ['name', 'namespace'].map((key) => member(metadata, key))
  return { ...template, spec: liveSpec(spec, settings, { name, namespace }) }
}

/** A template as the webhook stores it, and as Go holds that. */
export type StoredTemplate = { readonly live: Json | undefined; readonly asGo: JsonObject }

const stored = bySettings<StoredTemplate>()

/** The same as `liveTemplate`, with what `templateAsGo` makes of it: versions of a Service have few templates. */
export function storedTemplate(
  template: Json | undefined,
  settings: ClusterSettings = stockCluster,
  metadata?: Json,
): StoredTemplate {
  return stored([template, member(metadata, 'name'), member(metadata, 'namespace')], settings, () => {
    const live = liveTemplate(template, settings, metadata)
    return { live, asGo: templateAsGo(live) }
  })
}

/** Remembers what some values last came to under the settings of a cluster: so few that looking for one takes no time. */
export function bySettings<Answer>(): (
  values: readonly (Json | undefined)[],
  settings: ClusterSettings | undefined,
  find: () => Answer,
) => Answer {
  const all = new WeakMap<ClusterSettings, Recent<readonly (Json | undefined)[], Answer>>()
  return (values, settings = stockCluster, find) => {
    const known = all.get(settings) ?? new Recent(answersKept, areAlike)
    all.set(settings, known)
    return known.get(values, find)
  }
}

const answersKept = 8

/** Aliases may repeat a value a thousand times: whatever writes it out takes more than its share. */
function areAlike(a: readonly (Json | undefined)[], b: readonly (Json | undefined)[]): boolean {
  return a.every((value, index) => isAlike(value, b[index]))
}

type Named = Parameters<typeof nameSetting>[2]

function liveSpec(spec: JsonObject, settings: ClusterSettings, service: Named): JsonObject {
  const timeout = member(spec, 'timeoutSeconds') || numberSetting(settings, 'revision-timeout-seconds')
  const lists = ['containers', 'initContainers'].filter((key) => isList(member(spec, key)))
  return {
    ...spec,
    timeoutSeconds: timeout,
    ...(typeof timeout === 'number' && waits(spec, settings, timeout)),
    containerConcurrency: member(spec, 'containerConcurrency') ?? numberSetting(settings, 'container-concurrency'),
    ...serviceLinks(spec, settings),
    ...Object.fromEntries(lists.map((key) => [key, liveContainers(key, spec, settings, service)])),
  }
}

/** Only what ends before the request does is filled in; 0 is no default. */
function waits(spec: JsonObject, settings: ClusterSettings, timeout: number): JsonObject {
  const wanted = ['responseStartTimeoutSeconds', 'idleTimeoutSeconds'].flatMap((key) => {
    const start = key === 'idleTimeoutSeconds' ? 'idle' : 'response-start'
    const number = numberSetting(settings, `revision-${start}-timeout-seconds`)
    return nothing(member(spec, key)) && number !== 0 && number < timeout ? [[key, number] as const] : []
  })
  return Object.fromEntries(wanted)
}

function serviceLinks(spec: JsonObject, { defaults }: ClusterSettings): JsonObject {
  const own = member(spec, 'enableServiceLinks')
  const given = defaults['enable-service-links'] ?? 'false'
  return !nothing(own) || given === 'default' ? {} : { enableServiceLinks: given === 'true' }
}

function containersIn(spec: JsonObject, key: string): readonly JsonObject[] {
  const list = member(spec, key)
  return isList(list) ? list.map((item) => (isObject(item) ? item : {})) : []
}

function liveContainers(key: string, spec: JsonObject, settings: ClusterSettings, service: Named): readonly Json[] {
  const isInit = key === 'initContainers'
  const containers = containersIn(spec, key)
  const names = defaultContainerNames(
    containers.map((container) => textField(container, 'name')),
    nameSetting(settings, isInit ? 'init-container' : 'container', service),
    containersIn(spec, isInit ? 'containers' : 'initContainers').map((container) => textField(container, 'name')),
  )
  return containers.map((container, index) => {
    const filled = filledContainer(container, spec, settings, isInit)
    const named = { ...filled, name: names[index] ?? member(container, 'name') ?? '' }
    if (isInit) return named
    const serves = containers.length === 1 || !nothing(member(container, 'ports'))
    const mounts = member(container, 'volumeMounts')
    return {
      ...named,
      ...liveProbe(container, serves),
      ...(isList(mounts) ? { volumeMounts: mounts.map((mount) => liveMount(mount, spec)) } : {}),
    }
  })
}

const handlers = ['exec', 'grpc', 'httpGet', 'tcpSocket']

function liveProbe(container: JsonObject, serves: boolean): JsonObject {
  const found = member(container, 'readinessProbe')
  if (!isObject(found)) return serves ? { readinessProbe: { tcpSocket: {}, successThreshold: 1 } } : {}
  const isHandled = !serves || handlers.some((key) => !nothing(member(found, key)))
  const probe = withThresholds(found)
  return { readinessProbe: isHandled ? probe : { tcpSocket: {}, ...probe } }
}

function withThresholds(probe: JsonObject): JsonObject {
  const isPeriodic = !nothing(member(probe, 'periodSeconds')) && member(probe, 'periodSeconds') !== 0
  return {
    ...probe,
    successThreshold: member(probe, 'successThreshold') || 1,
    ...(isPeriodic
      ? {
          failureThreshold: member(probe, 'failureThreshold') || 3,
          timeoutSeconds: member(probe, 'timeoutSeconds') || 1,
        }
      : {}),
  }
}

/** Only volumes that are made for writing are mounted for it. */
function liveMount(mount: Json, spec: JsonObject): Json {
  if (!isObject(mount)) return mount
  const volumes = member(spec, 'volumes')
  const volume = isList(volumes) ? volumes.find((one) => member(one, 'name') === member(mount, 'name')) : undefined
  const isWritable = ['emptyDir', 'persistentVolumeClaim', 'ephemeral'].some((kind) => !nothing(member(volume, kind)))
  return isWritable ? mount : { ...mount, readOnly: true }
}

function nothing(value: Json | undefined): boolean {
  return value === undefined || value === null || (isList(value) && value.length === 0)
}
