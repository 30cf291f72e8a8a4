import type { CodeRow } from '../codes/code.js'
import type { ClusterAt } from '../history/asked.js'
import type { ClusterSettings } from '../manifest/cluster-settings.js'
import type { Manifest } from '../manifest/manifest.js'
import type { Past } from '../manifest/past.js'
import type { Profile } from '../rules/profiles.js'
import type { Finding } from '../rules/rule.js'
import type { RolloutPlan } from '../stages/plans.js'

/** One Service on both sides of a change. Both are sound YAML, and have the same name and namespace. */
export type Passage = {
  readonly before: Manifest
  readonly after: Manifest
  /** What Git knows of the Service up to the base. */
  readonly past?: Past
  /** The cluster that gets the newer side: what came to it by then, as far as `each` does not say something else. */
  readonly cluster: ClusterAt
  /** The same if each commit up to the newer side is synced by itself; only where there are some that may be passed over. */
  readonly each?: ClusterAt
  /** The plan that the Service follows. */
  readonly plan: RolloutPlan
  /** Whose server takes the change. */
  readonly profile: Profile
  /** What an operator has set in that server. */
  readonly settings: ClusterSettings
  /** Set where the run was told so, and no key of the Service decided. */
  readonly isProfileGiven?: true
  /** In seconds since 1970. */
  readonly now: number
}

/**
 * One thing that can go wrong between two commits, as data. A guard never throws; of what it cannot know it stays silent.
 * Its findings are shown on the newer side.
 */
export type Guard = CodeRow & {
  readonly code: `KN5${string}`
  /** Set where it takes the whole Service to judge: kustomize patches, of which the rest stands elsewhere, are left out. */
  readonly isForWhole?: true
  /** Set where only stock Knative is known to work so; Cloud Run's Services are left out. */
  readonly isForKnative?: true
  /** Set where it asks the cluster: it is heard for each way in which the commits may come there. */
  readonly asksCluster?: true
  readonly check: (passage: Passage) => Iterable<Finding>
  /** Whether it stays silent only because a part of the history is not known. Asked only where some is missing. */
  readonly isOpen?: (passage: Passage) => boolean
}
