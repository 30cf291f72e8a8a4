import { permits, stockCluster } from '../manifest/cluster-settings.js'
import { isList, member, type JsonObject } from '../manifest/json.js'
import type { Manifest } from '../manifest/manifest.js'
import { readTraffic } from '../manifest/traffic.js'
import { itemsAt, itemsIn, objectAt, type Place } from './fields.js'
import { once } from './once.js'
import type { Neighbourhood } from './rule.js'

const podSpecPath = ['spec', 'template', 'spec']

/** The targets of `spec.traffic` as they are written, the readable ones. */
export const trafficTargets = once(({ value }: Manifest) => itemsAt(value, ['spec', 'traffic']))

/** The targets of `spec.traffic` as the cluster fills them in, or undefined where one cannot be read. */
export const filledTargets = once(readTraffic)

/** `spec.template.spec`, where it is a mapping. */
export const podSpec = once(({ value }: Manifest) => objectAt(value, podSpecPath))

/** A container and what is asked of it: only the one that takes requests may have probes, and knows its port. */
export type Container = Place<JsonObject> & {
  /** Whether it stands beside the container with the port. */
  readonly sidecar: boolean
  /** Whether it is over before the others start. */
  readonly isInit?: true
}

/** The containers of the template, the readable ones. Of several, those without a port are sidecars. */
export const containers = once(({ value }: Manifest): readonly Container[] => {
  const all = itemsAt(value, [...podSpecPath, 'containers'])
  return all.map((container) => ({ ...container, sidecar: all.length > 1 && !hasPorts(container) }))
})

/** The init containers of the template, the readable ones. Only an operator can have a cluster take them. */
export const initContainers = once(({ value }: Manifest): readonly Container[] => {
  return itemsAt(value, [...podSpecPath, 'initContainers']).map((container) => ({
    ...container,
    sidecar: true,
    isInit: true as const,
  }))
})

/** The containers that a cluster validates alike: the init containers too, where it takes them. */
export function allContainers(manifest: Manifest, { cluster = stockCluster }: Neighbourhood): readonly Container[] {
  if (!permits(cluster, 'kubernetes.podspec-init-containers')) return containers(manifest)
  return [...initContainers(manifest), ...containers(manifest)]
}

function hasPorts({ value }: Place<JsonObject>): boolean {
  const ports = member(value, 'ports')
  return isList(ports) && ports.length > 0
}

/** The volumes of the template, the readable ones. */
export const volumes = once(({ value }: Manifest) => itemsAt(value, [...podSpecPath, 'volumes']))

/** The environment variables of a container, the readable ones. */
export const variables = once((container: Container) => itemsIn(container, 'env'))

/** The mounts of a container, the readable ones. */
export const mounts = once((container: Container) => itemsIn(container, 'volumeMounts'))
