import type { SourceFile } from '../text/source.js'
import { findManifests } from './find.js'
import type { Manifest } from './manifest.js'

const most = 8
const recent = new Map<string, readonly Manifest[]>()

/**
 * The Services of a text, which is not read again while it is one of the last few: the Services of a file ask for the same
 * versions of it, one after the other.
 */
export function recentManifests({ path, text }: Pick<SourceFile, 'path' | 'text'>): readonly Manifest[] {
  const key = `${path}\n${text}`
  const known = recent.get(key) ?? findManifests({ path, text }).manifests
  recent.delete(key)
  recent.set(key, known)
  for (const [oldest] of recent) {
    if (recent.size <= most) break
    recent.delete(oldest)
  }
  return known
}
