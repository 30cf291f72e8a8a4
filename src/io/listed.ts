import path from 'node:path'

import type { Found } from './discover.js'
import { standsAt } from './kind.js'
import { isKustomization } from './kustomization-name.js'
import { unusualLine } from './listing-line.js'
import { isManifestFile } from './manifest-name.js'
import { mentions } from './mentions.js'
import { isInside } from './paths.js'
import type { SourceReader } from './read.js'

const unusual = new RegExp(unusualLine, 'm')

/**
 * The files with names that no manifest has (`shop.txt`, `shop`) that kustomizations list as resources or patches, below the
 * folders that were searched. What reads YAML is loaded only where there may be some.
 */
export async function listedFiles(
  { listing, searched }: Pick<Found, 'listing' | 'searched'>,
  reader: SourceReader,
): Promise<readonly string[]> {
  const isHere = (place: string): boolean =>
    searched.some((folder) => isInside(folder, place)) && standsAt(place) === 'file'
  const telling = listing.flatMap((file) => {
    const read = reader.plain(file)
    const folder = path.dirname(file)
    return read && mayList(read.source.text, (name) => isHere(path.resolve(folder, name)))
      ? [{ file, folder, text: read.source.text }]
      : []
  })
  if (telling.length === 0) return []
  const { listedPaths } = await import('../manifest/kustomization.js')
  return telling.flatMap(({ file, folder, text }) => {
    const places = listedPaths(file, text).map((name) => path.resolve(folder, name))
    return places.filter((place) => hasOtherEnding(place) && isHere(place))
  })
}

/** Whether a kustomization can list such a file; a name with escapes is known by its meaning only. */
export function mayList(text: string, isThere: (name: string) => boolean): boolean {
  if (!unusual.test(text)) return false
  if (/\\|!(?:!binary|<)/.test(text)) return true
  for (const name of mentions(text)) if (hasOtherEnding(name) && isThere(name)) return true
  return false
}

/** Whether a manifest that is called so is found only where a kustomization lists it. */
export function hasOtherEnding(place: string): boolean {
  return !isManifestFile(place) && !isKustomization(place)
}
