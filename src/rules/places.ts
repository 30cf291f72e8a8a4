import { permits, stockCluster } from '../config/cluster-settings.js'
import type { Manifest } from '../manifest/manifest.js'
import { readTraffic } from '../manifest/traffic.js'
import { formatPath, type Path } from '../text/path.js'
import { isList, isObject, type JsonObject, member } from '../yaml/json.js'
import {
  knative,
  type FieldAt,
  type Finding,
  itemsAt,
  itemsIn,
  type Neighbourhood,
  objectAt,
  once,
  textField,
} from './rule.js'

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
