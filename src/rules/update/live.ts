import { defaultContainerNames } from '../../manifest/container-names.js'
import { textField } from '../fields.js'
import { isList, isObject, member, type Json, type JsonObject } from '../../manifest/json.js'

/**
 * The template of a Service as the webhook stores it when its name is new: with the defaults filled in.
 *
 * Source: pkg/apis/serving/v1/revision_defaults.go
 */
export function liveTemplate(template: Json | undefined): Json | undefined {
  if (!isObject(template)) return template
  const spec = member(template, 'spec')
  return isObject(spec) ? { ...template, spec: liveSpec(spec) } : template
}

function liveSpec(spec: JsonObject): JsonObject {
  const timeout = member(spec, 'timeoutSeconds') || 300
  const containers = member(spec, 'containers')
  return {
    ...spec,
    timeoutSeconds: timeout,
    ...(typeof timeout === 'number' && timeout > 300 && nothing(member(spec, 'responseStartTimeoutSeconds'))
      ? { responseStartTimeoutSeconds: 300 }
      : {}),
    containerConcurrency: member(spec, 'containerConcurrency') ?? 0,
    enableServiceLinks: member(spec, 'enableServiceLinks') ?? false,
    ...(isList(containers) ? { containers: liveContainers(containers, spec) } : {}),
  }
}

function liveContainers(list: readonly Json[], spec: JsonObject): readonly Json[] {
  const containers = list.map((item) => (isObject(item) ? item : {}))
  const names = defaultContainerNames(containers.map((container) => textField(container, 'name')))
  return containers.map((container, index) => {
    const serves = containers.length === 1 || !nothing(member(container, 'ports'))
    const mounts = member(container, 'volumeMounts')
    return {
      ...container,
      name: names[index] ?? member(container, 'name') ?? '',
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
