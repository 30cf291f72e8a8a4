import type { Manifest } from '../manifest/manifest.js'
import type { Neighbourhood } from './rule.js'

/** Worked out once for all Services of a neighbourhood. */
const known = new WeakMap<Neighbourhood['manifests'], ReadonlyMap<Manifest, Manifest>>()

/**
 * The document before this one that is about the same object, in the same file: kubectl applies both, in this order. Other
 * files may be for other clusters, patches are parts of one object, and lists say by annotations which files they came from.
 */
export function documentBefore(manifest: Manifest, { manifests }: Neighbourhood): Manifest | undefined {
  const found = known.get(manifests) ?? repeated(manifests)
  known.set(manifests, found)
  return found.get(manifest)
}

function repeated(manifests: readonly Manifest[]): ReadonlyMap<Manifest, Manifest> {
  const last = new Map<string, Manifest>()
  const found = new Map<Manifest, Manifest>()
  for (const manifest of manifests) {
    if (manifest.root.length > 0 || manifest.file.isPatch || manifest.name === '') continue
    const key = JSON.stringify([manifest.file.path, manifest.namespace, manifest.name])
    const before = last.get(key)
    if (before) found.set(manifest, before)
    last.set(key, manifest)
  }
  return found
}
