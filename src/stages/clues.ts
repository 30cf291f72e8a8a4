import { member } from '../manifest/json.js'
import type { Manifest } from '../manifest/manifest.js'
import type { TrafficTarget } from '../manifest/traffic.js'
import type { Witnesses } from './move.js'
import type { Clues } from './roles.js'

/** What tells the roles of a Service besides flags. */
export function cluesOf(
  manifest: Manifest,
  traffic: readonly TrafficTarget[],
  { past, live, templateName: elsewhere }: Witnesses,
): Omit<Clues, 'stable' | 'candidate'> {
  const templateName = elsewhere ?? templateNameOf(manifest)
  return {
    traffic,
    ...(templateName !== undefined && { templateName }),
    ...(past && { past }),
    ...(live && { live }),
  }
}

/** The revision name that a file brings along, if it does: what the cluster builds from it is called so. */
export function templateNameOf({ value }: Pick<Manifest, 'value'>): string | undefined {
  const name = member(value, 'spec', 'template', 'metadata', 'name')
  return typeof name === 'string' && name !== '' ? name : undefined
}
