import { globMatcher } from '../text/glob.js'
import type { Manifest } from './manifest.js'

/**
 * The manifests that a `[NAMESPACE/]NAME` pattern means, in which `*` stands for any run of characters but `/` and `?`
 * for one; a pattern without a namespace matches in all of them.
 */
export function matchManifests(manifests: readonly Manifest[], pattern: string): readonly Manifest[] {
  return manifests.filter(manifestMatcher(pattern))
}

/** Whether a manifest is one that the pattern means: for one pattern and manifests that come one by one. */
export function manifestMatcher(pattern: string): (manifest: Manifest) => boolean {
  const matcher = globMatcher(pattern)
  const isWhole = pattern.includes('/')
  return ({ name, label }) => matcher.test(isWhole ? label : name)
}
