import type { Manifest } from '../manifest/manifest.js'
import { judge } from '../rules/judge.js'
import type { Neighbourhood } from '../rules/rule.js'
import { hasErrors } from '../text/diagnostic.js'
import { grade, type Severities } from './severities.js'
import { silence } from './silence.js'

/**
 * Whether `validate` would find no error in a Service of a past version, which became the `present` one: what the cluster
 * makes of such a version hangs on that. What users say of a code, in a comment or in the configuration, counts for the
 * past as well: their cluster takes it.
 */
export function isValidIn(
  neighbourhood: Neighbourhood,
  severities: Severities,
): (past: Manifest, manifests: readonly Manifest[], present: Manifest) => boolean {
  const { namesOf, replacesImage } = neighbourhood
  return (past, manifests, present) => {
    const found = judge(past, {
      ...neighbourhood,
      manifests,
      ...(namesOf && { namesOf: () => namesOf(present) }),
      ...(replacesImage && { replacesImage: (_: Manifest, image: string) => replacesImage(present, image) }),
    })
    const errors = found.filter(({ severity }) => severity === 'error')
    return (
      errors.length === 0 || !hasErrors(silence(past.file, grade(errors, severities), { expected: () => false }).left)
    )
  }
}
