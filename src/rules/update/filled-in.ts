import { featureOf, type ClusterSettings } from '../../manifest/cluster-settings.js'
import { isList, isObject, member, type Json, type JsonObject } from '../../manifest/json.js'
import type { Path } from '../../text/path.js'

/**
 * What an operator has the webhook fill into a container, besides what every cluster does: default resources, and a
 * security context. Only members that are not there are filled in, at any depth.
 *
 * Source: pkg/apis/serving/v1/revision_defaults.go applyDefault, defaultSecurityContext
 */
export function filledIn(
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
      return value === undefined ? [] : [[name, value] as const]
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
export function withFilledIn(value: JsonObject, wanted: JsonObject): JsonObject {
  const filled: Record<string, Json> = { ...value }
  for (const [key, item] of Object.entries(wanted)) {
    const own = member(value, key)
    if (isNothing(own)) filled[key] = item
    else if (isObject(own) && isObject(item)) filled[key] = withFilledIn(own, item)
  }
  return filled
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
