import { globExpression } from '../text/glob.js'
import type { Manifest } from './manifest.js'

/**
 * The manifests that a `[NAMESPACE/]NAME` pattern means, in which `*` stands for any run of characters but `/` and `?`
 * for one; a pattern without a namespace matches in all of them.
 */
export function matchManifests(manifests: readonly Manifest[], pattern: string): readonly Manifest[] {
  const expression = globExpression(pattern)
  return manifests.filter(({ name, label }) => expression.test(pattern.includes('/') ? label : name))
}
