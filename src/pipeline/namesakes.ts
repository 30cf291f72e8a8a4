import { findManifests } from '../manifest/find.js'
import type { SourceFile } from '../text/source.js'

/** Where another Service of the same namespace and name stands: the two would be one object. Patches are part of one. */
export function namesakes(own: SourceFile, others: readonly SourceFile[]): readonly string[] {
  const [service] = findManifests(own).manifests
  if (!service) return []
  return others
    .filter(({ path, isPatch, text }) => path !== own.path && isPatch !== true && text.includes(service.name))
    .filter((file) => findManifests(file).manifests.some(({ label }) => label === service.label))
    .map(({ path }) => path)
}
