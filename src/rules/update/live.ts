import { nameSetting, numberSetting, stockCluster, type ClusterSettings } from '../../manifest/cluster-settings.js'
import { defaultContainerNames } from '../../manifest/container-names.js'
import { textField } from '../fields.js'
import { isList, isObject, member, type Json, type JsonObject } from '../../manifest/json.js'
import { filledIn, withFilledIn } from './filled-in.js'

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
    const filled = withFilledIn(container, filledIn(container, spec, settings, isInit))
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
