import { valueAt } from './fields.js'
import type { Finding, Neighbourhood } from './rule.js'
import type { Manifest } from '../manifest/manifest.js'

/** Whether a finding is about an image that no cluster sees: each kustomization that builds the Service names another one. */
export function isReplaced(
  manifest: Manifest,
  code: string,
  { path }: Finding,
  { replacesImage }: Neighbourhood,
): boolean {
  if (code !== 'KN370' || !replacesImage) return false
  const image = valueAt(manifest.value, path)
  return typeof image === 'string' && image !== '' && replacesImage(manifest, image)
}
