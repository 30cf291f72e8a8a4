import type { FileReading } from '../manifest/find.js'
import type { Manifest } from '../manifest/manifest.js'
import { judge } from '../rules/judge.js'
import type { Neighbourhood } from '../rules/rule.js'
import { hasErrors } from '../text/diagnostic.js'
import type { Around } from './around.js'
import { grade, type Severities, silence, switchedOn } from './diagnostics.js'
import type { Request } from './request.js'
import type { Settings } from './settings.js'

/**
 * What the rules know besides the Service that they judge. The same for judging, mending and moving: what one of them
 * takes for right, the others do not undo.
 */
export function neighbourhoodIn(
  request: Request,
  { severities, cluster }: Settings,
  { namesOf, revisionOwners, replacesImage, variablesOf }: Around,
  { manifests, others }: Pick<FileReading, 'manifests' | 'others'>,
): Neighbourhood & Required<Pick<Neighbourhood, 'enabled' | 'cluster'>> {
  const { profile, shape, isMending = false } = request
  const enabled = new Set([...(request.enabled ?? []), ...switchedOn(severities)])
  const around = { namesOf, revisionOwners, replacesImage, variablesOf }
  const more = { ...(profile && { profile }), ...(shape && { shape }) }
  return { manifests, others, enabled, cluster, isMending, ...around, ...more }
}

/**
 * Whether `validate` would find no error in a Service of a past version, which became the `present` one: what the cluster
 * makes of such a version hangs on that. What users say of a code, in a comment or in the configuration, counts for the
 * past as well: their cluster takes it.
 *
 * @param flawless Services of the run in which the rules have found no error: beside others they find more in a Service,
 *   never less, so by itself it has none either. It must be the very one: of another, names and variables may differ.
 */
export function isValidIn(
  neighbourhood: Neighbourhood,
  severities: Severities,
  flawless: ReadonlySet<Manifest>,
): (past: Manifest, manifests: readonly Manifest[], present: Manifest) => boolean {
  const { namesOf, revisionOwners, replacesImage, variablesOf } = neighbourhood
  return (past, manifests, present) => {
    if (past === present && flawless.has(past)) return true
    const found = judge(past, {
      ...neighbourhood,
      manifests,
      isOnlyErrors: true,
      ...(variablesOf && { variablesOf: () => variablesOf(present) }),
      ...(namesOf && { namesOf: () => namesOf(present) }),
      ...(revisionOwners && { revisionOwners: () => revisionOwners(present) }),
      ...(replacesImage && { replacesImage: (_: Manifest, image: string) => replacesImage(present, image) }),
    })
    const errors = found.filter(({ severity }) => severity === 'error')
    return (
      errors.length === 0 || !hasErrors(silence(past.file, grade(errors, severities), { expected: () => false }).left)
    )
  }
}
