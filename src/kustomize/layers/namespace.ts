import type { Manifest } from '../../manifest/manifest.js'
import { isObject, member } from '../../yaml/json.js'
import type { AppliedService, BuiltRoot } from '../built-root.js'
import type { Applier, Laid } from './layer.js'

/** The namespace that all of these controllers give to what has none; undefined where they differ, or nothing fills it in. */
export function sharedNamespace(appliers: readonly Applier[]): Laid<string> | undefined {
  const [first] = appliers
  const laid = first?.layers.defaultNamespace
  if (!laid || laid.value === '' || laid.value.includes('{{')) return undefined
  return appliers.every(({ layers }) => layers.defaultNamespace?.value === laid.value) ? laid : undefined
}

/**
 * What a root yields once a controller has given a namespace to what has none after the build.
 *
 * Source: argo-cd controller/state.go CompareAppState, which takes `destination.namespace` for namespaced objects without one.
 */
export function inNamespace(built: BuiltRoot, laid: Laid<string>): BuiltRoot {
  const { value: namespace } = laid
  const services = built.services.map((service): AppliedService => {
    const { manifest, ids } = service
    if (manifest.namespace !== undefined) return service
    return { ...service, ids: [...ids, { name: manifest.name, namespace }], manifest: manifestIn(manifest, laid) }
  })
  const objects = built.objects.map((one) => (one.namespace === '' ? { ...one, namespace } : one))
  return { ...built, services, objects }
}

function manifestIn(manifest: Manifest, { value: namespace, spot }: Laid<string>): Manifest {
  const { file, value, name, root, targets, faults } = manifest
  const metadata = member(value, 'metadata')
  return {
    file,
    value: { ...value, metadata: { ...(isObject(metadata) && metadata), namespace } },
    name,
    namespace,
    label: `${namespace}/${name}`,
    // Made when it is first asked for.
    get document() {
      return manifest.document
    },
    root,
    targets,
    faults,
    spotOf: (path, part) =>
      path.length === 2 && path[0] === 'metadata' && path[1] === 'namespace'
        ? spot
        : (manifest.spotOf?.(path, part) ?? spot),
  }
}
