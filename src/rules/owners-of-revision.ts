import type { Manifest } from '../manifest/manifest.js'
import type { Neighbourhood } from './rule.js'

/**
 * The names of the Services whose revision a Service, or a patch, names: as kustomizations build them, else its own. None
 * where that cannot be told.
 */
export function ownersOfRevision(manifest: Manifest, { revisionOwners }: Neighbourhood): readonly string[] {
  const names = revisionOwners?.(manifest) ?? [manifest.name]
  return names.filter((name) => name !== '')
}
