import type { Manifest } from '../manifest/manifest.js'
import type { Neighbourhood } from '../rules/rule.js'
import type { Around } from './around.js'
import type { Request } from './outcome.js'
import type { Settings } from './settings.js'
import { switchedOn } from './severities.js'

/**
 * What the rules know besides the Service that they judge. The same for judging, mending and moving: what one of them
 * takes for right, the others do not undo.
 */
export function neighbourhoodIn(
  request: Request,
  { severities, cluster }: Settings,
  { namesOf, revisionOwners, replacesImage }: Around,
  manifests: readonly Manifest[],
): Neighbourhood & Required<Pick<Neighbourhood, 'enabled' | 'cluster'>> {
  const { profile, shape } = request
  const enabled = new Set([...(request.enabled ?? []), ...switchedOn(severities)])
  const around = { namesOf, revisionOwners, replacesImage }
  return { manifests, enabled, cluster, ...around, ...(profile && { profile }), ...(shape && { shape }) }
}
