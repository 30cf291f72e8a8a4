import { member } from '../manifest/json.js'
import type { Manifest } from '../manifest/manifest.js'
import { readTraffic } from '../manifest/traffic.js'
import type { Facts } from './move.js'

/** The revision name that a file brings along, if it does: what the cluster builds from it is called so. */
export function templateNameOf({ value }: Manifest): string | undefined {
  const name = member(value, 'spec', 'template', 'metadata', 'name')
  return typeof name === 'string' && name !== '' ? name : undefined
}

/** The names of all revisions that are known of a Service: its targets in the order of the file, then its template. */
export function knownRevisions(manifest: Manifest, _facts: Facts): readonly string[] {
  const targets = readTraffic(manifest) ?? []
  const names = targets.flatMap(({ revision }) => ('name' in revision ? [revision.name] : []))
  const built = templateNameOf(manifest)
  return [...new Set(built === undefined ? names : [...names, built])]
}

/**
 * Whether the cluster could have made that name for a revision of the Service (`shop-00001`,
 * pkg/reconciler/configuration/resources/revision.go): no file shows such a revision before it is routed to.
 */
export function isGeneratedName(name: string, service: string): boolean {
  return service !== '' && name.startsWith(`${service}-`) && /^\d{5,}$/.test(name.slice(service.length + 1))
}
