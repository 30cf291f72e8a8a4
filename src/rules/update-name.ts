import type { ClusterSettings } from '../config/cluster-settings.js'
import type { Manifest } from '../manifest/manifest.js'
import type { Path } from '../text/path.js'
import { isList, isObject, type Json, member, sameJson } from '../yaml/json.js'
import { applied, liveTemplate, templateAsGo } from './update.js'

const templatePath = ['spec', 'template']

/**
 * The fields in which the template that a cluster would get differs from the one that it has, though its own name stays.
 * `before` is what was applied last. Empty where the apply is admitted: the name changes, there is none, or nothing
 * differs. While the name stays, the webhook fills in no defaults, which alone can make the difference.
 *
 * Source: pkg/apis/serving/v1/revision_validation.go VerifyNameChange, configuration_defaults.go (knative/serving#13565)
 */
export function changesUnderName(
  before: Pick<Manifest, 'value'>,
  after: Pick<Manifest, 'value'>,
  settings?: ClusterSettings,
): readonly Path[] {
  const [old, fresh] = [member(before.value, ...templatePath), member(after.value, ...templatePath)]
  const name = member(old, 'metadata', 'name')
  if (!name || name !== member(fresh, 'metadata', 'name')) return []
  return changesOf(liveTemplate(old, settings, member(before.value, 'metadata')), old, fresh)
}

/** The same for a template as the cluster has it, whatever its name. */
export function changesOf(live: Json | undefined, old: Json | undefined, fresh: Json | undefined): readonly Path[] {
  return differences(templateAsGo(live), templateAsGo(applied(live, old, fresh)), templatePath)
}

function differences(a: Json | undefined, b: Json | undefined, path: Path): readonly Path[] {
  if (sameJson(a, b)) return []
  if (isObject(a) && isObject(b)) {
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])]
    return keys.flatMap((key) => differences(member(a, key), member(b, key), [...path, key]))
  }
  if (isList(a) && isList(b) && a.length === b.length)
    return a.flatMap((item, index) => differences(item, b[index], [...path, index]))
  return [path]
}

export const creatorKey = 'serving.knative.dev/creator'
export const modifierKey = 'serving.knative.dev/lastModifier'

/** Whether a file says who made or changed the Service. */
export function isNoted({ value }: Pick<Manifest, 'value'>): boolean {
  const annotations = member(value, 'metadata', 'annotations')
  return [creatorKey, modifierKey].some((key) => member(annotations, key) !== undefined)
}

function isServiceAccount(user: unknown): boolean {
  return typeof user === 'string' && /^system:serviceaccount:[^:]+:[^:]+$|\b(?:gitops|argo-?cd|flux)\b/i.test(user)
}

/** A note of the cluster on its users that an update would change. */
type EditedNote = {
  readonly path: Path
  /** What the file said before, and what it says now; undefined where it says nothing. */
  readonly old: unknown
  readonly fresh: unknown
  /** What the cluster answers. */
  readonly reason: string
}

/**
 * The cluster writes down who made a Service and who changed it. What a file says of that is right only where it names
 * the very user who applies it: to what GitOps controllers are, a service account, a file that begins to say so may be
 * right; any other user it names is not them. Who changed it last may change with the rest of the Service.
 *
 * Source: knative.dev/pkg/apis/metadata_validation.go ValidateCreatorAndModifier
 */
export function editedNotes(before: Pick<Manifest, 'value'>, after: Pick<Manifest, 'value'>): readonly EditedNote[] {
  const isSameSpec = sameJson(member(before.value, 'spec'), member(after.value, 'spec'))
  return (isSameSpec ? [creatorKey, modifierKey] : [creatorKey]).flatMap((key) => {
    const path = ['metadata', 'annotations', key]
    const [old, fresh] = [before, after].map(({ value }) => member(value, ...path) ?? undefined)
    if (old === fresh || (old === undefined && isServiceAccount(fresh))) return []
    return { path, old, fresh, reason: key === creatorKey ? 'annotation value is immutable' : 'invalid value' }
  })
}
