import { type Manifest, type Part, type Spot, withOther } from '../../manifest/manifest.js'
import { append, grouped } from '../../text/collections.js'
import { folderOf, type Path } from '../../text/path.js'
import type { SourceFile } from '../../text/source.js'
import { isObject, member } from '../../yaml/json.js'
import type { AppliedService, BuiltRoot } from '../built-object.js'
import type { Applier } from './layer.js'

/** A namespace, and where a controller says it; without a place, the object has it itself. */
type Given = { readonly value: string; readonly spot?: Spot }

/**
 * The namespace that controllers apply an object to: the one that they put in the place of its own, its own, or the one
 * for what has none. Undefined where they do not agree, and where something else fills it in.
 */
export function namespaceGiven(own: string | undefined, appliers: readonly Applier[]): Given | undefined {
  const kept = own === undefined ? undefined : { value: own }
  if (appliers.length === 0) return kept
  const given = appliers.map(({ layers }): Given | undefined => layers.namespace ?? kept ?? layers.defaultNamespace)
  const [first] = given
  if (!first || !given.every((one) => one?.value === first.value)) return undefined
  return first.spot && (first.value === '' || first.value.includes('{{')) ? undefined : first
}

/** The controllers that are pointed at the folder of a file, or, where they look below it, at one above. */
export function plainAppliers(
  { path, patchPath = path }: SourceFile,
  appliers: readonly Applier[] = [],
): readonly Applier[] {
  const byPath = known.get(appliers) ?? grouped(appliers, ({ path: place }) => place)
  known.set(appliers, byPath)
  const folder = folderOf(patchPath)
  const found = [...(byPath.get(folder) ?? [])]
  for (let place = folder; place !== '';) {
    place = folderOf(place)
    const above = byPath.get(place) ?? []
    append(
      found,
      above.filter((one) => one.controller === 'Flux' || one.directory.recurse),
    )
  }
  return found
}

/** The controllers by the folders that they are pointed at. */
const known = new WeakMap<readonly Applier[], ReadonlyMap<string, readonly Applier[]>>()

/** A Service of a plain file as its controllers apply it: in the namespace that they give it. */
export function plainInNamespace(manifest: Manifest, appliers: readonly Applier[] | undefined): Manifest {
  const given = namespaceGiven(manifest.namespace, plainAppliers(manifest.file, appliers))
  return given?.spot ? manifestIn(manifest, given.value) : manifest
}

/**
 * What a root yields once a controller has given a namespace to what has none after the build.
 *
 * Source: argo-cd controller/state.go CompareAppState, which takes `destination.namespace` for namespaced objects without one.
 */
export function inNamespace(built: BuiltRoot, appliers: readonly Applier[]): BuiltRoot {
  const { value: namespace, spot } = namespaceGiven(undefined, appliers) ?? {}
  if (namespace === undefined || !spot) return built
  const services = built.services.map((service): AppliedService => {
    const { manifest, ids } = service
    if (manifest.namespace !== undefined) return service
    return {
      ...service,
      ids: [...ids, { name: manifest.name, namespace }],
      manifest: manifestIn(manifest, namespace, spot),
    }
  })
  const objects = built.objects.map((one) => (one.namespace === '' ? { ...one, namespace } : one))
  return { ...built, services, objects }
}

/** @param spot Where the controller of a built Service says its namespace. */
function manifestIn(manifest: Manifest, namespace: string, spot?: Spot): Manifest {
  const { name, value, spotOf } = manifest
  const metadata = member(value, 'metadata')
  const placed = (path: Path, part?: Part): Spot | undefined =>
    path.length === 2 && path[0] === 'metadata' && path[1] === 'namespace' ? spot : spotOf?.(path, part)
  return withOther(manifest, {
    value: { ...value, metadata: { ...(isObject(metadata) && metadata), namespace } },
    namespace,
    label: `${namespace}/${name}`,
    ...(spot
      ? { spotOf: (path: Path, part?: Part) => placed(path, part) ?? spot }
      : { inFile: { namespace: manifest.namespace } }),
  })
}
