import { isList, member, type JsonObject } from '../manifest/json.js'
import type { Manifest } from '../manifest/manifest.js'
import { itemsAt, itemsIn, objectAt, type Place } from './fields.js'
import { once } from './once.js'

const podSpecPath = ['spec', 'template', 'spec']

/** The targets of `spec.traffic` as they are written, the readable ones. */
export const trafficTargets = once(({ value }): readonly Place<JsonObject>[] => itemsAt(value, ['spec', 'traffic']))

/** `spec.template.spec`, where it is a mapping. */
export function podSpec({ value }: Manifest): Place<JsonObject> | undefined {
  return objectAt(value, podSpecPath)
}

/** A container and what is asked of it: only the one that takes requests may have probes, and knows its port. */
export type Container = Place<JsonObject> & {
  /** Whether it stands beside the container with the port. */
  readonly sidecar: boolean
}

/** The containers of the template, the readable ones. Of several, those without a port are sidecars. */
export const containers = once(({ value }): readonly Container[] => {
  const all = itemsAt(value, [...podSpecPath, 'containers'])
  return all.map((container) => ({ ...container, sidecar: all.length > 1 && !hasPorts(container) }))
})

function hasPorts({ value }: Place<JsonObject>): boolean {
  const ports = member(value, 'ports')
  return isList(ports) && ports.length > 0
}

/** The volumes of the template, the readable ones. */
export const volumes = once(({ value }): readonly Place<JsonObject>[] => itemsAt(value, [...podSpecPath, 'volumes']))

/** The mounts of a container, the readable ones. */
export function mounts(container: Place<JsonObject>): readonly Place<JsonObject>[] {
  return itemsIn(container, 'volumeMounts')
}
