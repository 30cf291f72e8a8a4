import type { Manifest } from './manifest.js'

/**
 * The manifests that a `[NAMESPACE/]NAME` pattern means. `*` stands for any run of characters but `/`, `?` for one; a
 * pattern without a namespace matches in all of them.
 */
export function matchManifests(manifests: readonly Manifest[], pattern: string): readonly Manifest[] {
  const expression = new RegExp(`^${pattern.replaceAll(/[\\^$.*+?()[\]{}|]/g, wildcard)}$`)
  return manifests.filter(({ name, label }) => expression.test(pattern.includes('/') ? label : name))
}

function wildcard(character: string): string {
  if (character === '*') return '[^/]*'
  return character === '?' ? '[^/]' : `\\${character}`
}
