import type { Manifest } from '../manifest/manifest.js'
import type { TrafficTarget } from '../manifest/traffic.js'
import type { RolloutPlan } from './plans.js'
import type { Role } from './roles.js'
import type { Refusal } from './stage.js'

/** What is known of a Service besides its own text. */
export type Facts = {
  /** The plan that it follows. */
  readonly plan: RolloutPlan
}

/** What is to become of one Service, and how its roles were found. */
export type Wish = {
  /** The stage that it is moved to, or what else reports call the change. */
  readonly stage: string
  readonly before: readonly TrafficTarget[]
  readonly after: readonly TrafficTarget[]
  readonly stable: Role
  readonly candidate: Role
}

/**
 * What one command wants of each Service. Undefined where its traffic cannot be read: that is no refusal here, since the
 * edit says why.
 */
export type Move = (manifest: Manifest, facts: Facts) => Wish | Refusal | undefined
