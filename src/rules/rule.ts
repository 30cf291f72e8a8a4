import type { CodeRow } from '../codes/code.js'
import type { ClusterSettings } from '../manifest/cluster-settings.js'
import type { Part } from '../manifest/locate.js'
import type { Manifest } from '../manifest/manifest.js'
import type { Shape } from '../manifest/schema.js'
import type { Path } from '../text/path.js'
import type { Remedy } from '../text/remedy.js'
import type { Profile } from './profiles.js'

/** What a rule has to say about one field of one Service. */
export type Finding = {
  /** One line: must or must not, the full field path in back-quotes, what was found and what is allowed. */
  readonly message: string
  /** What to write instead. */
  readonly help?: string
  /** The feature flag of Knative that would let it pass, where there is one. */
  readonly flag?: string
  /** The field, from the root of the Service; a missing field is shown at its nearest parent. */
  readonly path: Path
  /** Whether the field's key or its value (the default) is at fault. */
  readonly part?: Part
  /** The one right answer, where there is one. */
  readonly remedy?: Remedy
}

/** What a rule may know besides the Service it judges. */
export type Neighbourhood = {
  /** Every Knative Service of the files at hand, the judged one included. */
  readonly manifests: readonly Manifest[]
  /** The codes of the optional rules that are wanted. */
  readonly enabled?: ReadonlySet<string>
  /** The names that kustomizations give a Service, or one that a patch is laid over. */
  readonly namesOf?: (manifest: Manifest) => readonly string[]
  /** The names of the Services whose revision a Service names in the end; undefined where no kustomization builds one. */
  readonly revisionOwners?: (manifest: Manifest) => readonly string[] | undefined
  /** Whether kustomizations put another image in the place of this one before a cluster sees it. */
  readonly replacesImage?: (manifest: Manifest, image: string) => boolean
  /** Whose rules judge every Service; without it, each tells by its own keys. */
  readonly profile?: Profile
  /** The schema that judges shapes in place of the built-in one. */
  readonly shape?: Shape
  /** What an operator has set in the cluster; without it, the cluster is a stock one. Cloud Run has no such settings. */
  readonly cluster?: ClusterSettings
}

/**
 * One thing that Knative asks of a Service, as data. A rule never throws and takes a value of any shape: what is not of
 * the right type is the schema's business, and the rule stays silent on it.
 */
export type Rule = CodeRow & {
  readonly code: `KN3${string}`
  readonly check: (manifest: Manifest, neighbourhood: Neighbourhood) => Iterable<Finding>
}
