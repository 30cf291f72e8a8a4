import { member, sameJson } from '../../manifest/json.js'
import type { Manifest } from '../../manifest/manifest.js'
import type { Path } from '../../text/path.js'

export const creatorKey = 'serving.knative.dev/creator'
export const modifierKey = 'serving.knative.dev/lastModifier'

/** Whether a file says who made or changed the Service. */
export function isNoted({ value }: Pick<Manifest, 'value'>): boolean {
  const annotations = member(value, 'metadata', 'annotations')
  return [creatorKey, modifierKey].some((key) => member(annotations, key) !== undefined)
}

/** A note of the cluster on its users that an update would change. */
export type EditedNote = {
  readonly path: Path
  /** What the file said before, and what it says now; undefined where it says nothing. */
  readonly old: unknown
  readonly fresh: unknown
  /** What the cluster answers. */
  readonly reason: string
}

/**
 * The cluster writes down who made a Service and who changed it. What a file says of that cannot be told right or wrong
 * by files, except where it is taken back, changed or empty: the live value is none of these. Who changed it last may
 * change with the rest of the Service.
 *
 * Source: knative.dev/pkg/apis/metadata_validation.go ValidateCreatorAndModifier
 */
export function editedNotes(before: Pick<Manifest, 'value'>, after: Pick<Manifest, 'value'>): readonly EditedNote[] {
  const isSameSpec = sameJson(member(before.value, 'spec'), member(after.value, 'spec'))
  return (isSameSpec ? [creatorKey, modifierKey] : [creatorKey]).flatMap((key) => {
    const path = ['metadata', 'annotations', key]
    const [old, fresh] = [before, after].map(({ value }) => member(value, ...path) ?? undefined)
    if (old === fresh || (old === undefined && fresh !== '')) return []
    return { path, old, fresh, reason: key === creatorKey ? 'annotation value is immutable' : 'invalid value' }
  })
}
