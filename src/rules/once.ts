import type { Manifest } from '../manifest/manifest.js'

/** The same answer for the same manifest, worked out once: many rules look at the same parts of a Service. */
export function once<Part>(find: (manifest: Manifest) => Part): (manifest: Manifest) => Part {
  const known = new WeakMap<Manifest, { readonly part: Part }>()
  return (manifest) => {
    const found = known.get(manifest) ?? { part: find(manifest) }
    known.set(manifest, found)
    return found.part
  }
}
