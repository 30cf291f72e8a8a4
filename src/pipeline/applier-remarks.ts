import type { Applied, NotRead } from '../kustomize/layers/layer.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { isTextMatched, pathMatcher } from '../text/path.js'
import { reachRemarks } from './reach-remarks.js'

/** What a run looks at, as far as it matters for what controllers apply. */
type Extent = {
  readonly hasServices: boolean
  /** The folders of its Services, and of the kustomizations that build them, from the root of the repository. */
  readonly places: readonly string[]
  /** The folders of Services of plain files, be they looked at or not. */
  readonly plain: readonly string[]
  /** Whether it looks at a file for its own sake. */
  readonly isAbout: (path: string) => boolean
  /** Whether it looks at a change. */
  readonly isOfChange: boolean
}

/**
 * What of the objects that have folders applied is not read, each at its line and once: where the run looks at their file,
 * or at Services that they may apply. Nothing where there are no Services.
 */
export function applierRemarks(
  applied: Applied | undefined,
  { hasServices, places, plain, isAbout, isOfChange }: Extent,
): readonly Diagnostic[] {
  if (!hasServices) return []
  const isMeant = (one: NotRead): boolean => {
    if (one.isAside === true) return false
    if (one.isOfChange === true && !isOfChange) return false
    const matchers = (one.places ?? []).map((pattern) => pathMatcher(pattern, true))
    const isIn = (place: string): boolean => isTextMatched(place, matchers)
    if (one.isOfPlain === true && !plain.some(isIn)) return false
    return isAbout(one.file.path) || (one.isOfChange !== true && places.some(isIn))
  }
  const found = (applied?.notRead ?? []).filter(isMeant).map(({ what, by, file, range }): Diagnostic => ({
    code: 'KN625',
    severity: reachRemarks.KN625.severity,
    message: `not checked: objects that \`${by}\` applies (${what})`,
    file: file.path,
    range,
  }))
  return [...new Map(found.map((one) => [JSON.stringify([one.file, one.range, one.message]), one])).values()]
}
