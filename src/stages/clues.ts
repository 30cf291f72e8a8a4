import { member } from '../manifest/json.js'
import type { Manifest } from '../manifest/manifest.js'
import type { TrafficTarget } from '../manifest/traffic.js'
import type { Witnesses } from './move.js'
import type { Clues } from './roles.js'

/** What tells the roles of a Service besides flags. */
export function cluesOf(
  manifest: Manifest,
  traffic: readonly TrafficTarget[],
  { past, live, templateName }: Witnesses,
): Omit<Clues, 'stable' | 'candidate'> {
  const template = templateName ?? member(manifest.value, 'spec', 'template', 'metadata', 'name')
  return {
    traffic,
    ...(typeof template === 'string' && template !== '' && { templateName: template }),
    ...(past && { past }),
    ...(live && { live }),
  }
}
