import type { Json } from '../manifest/json.js'
import type { LiveService } from '../manifest/live.js'
import type { Manifest } from '../manifest/manifest.js'
import type { Past } from '../manifest/past.js'
import type { FieldWish } from '../manifest/splice/field-wish.js'
import type { TrafficTarget } from '../manifest/traffic.js'
import type { RolloutPlan } from './plans.js'
import type { Remark } from './remark.js'
import type { Role } from './roles.js'
import type { Refusal } from './stage.js'
import type { TemplateChange } from './template-change.js'

/** What Git and a cluster's own words tell of a Service, where its file does not. */
export type Witnesses = {
  /** What became of the Service in Git. A run without histories notes that it was asked, so ask only where it decides. */
  readonly past?: () => Past | undefined
  /** The Service as the cluster had it when someone saved it. */
  readonly live?: LiveService
  /** The name of the template as a kustomization builds it, where the file is only a part of that. */
  readonly templateName?: string
  /** The containers of the template as a kustomization builds it, where the file is only a part of that. */
  readonly containers?: Json
  /** What the `images` of kustomizations make of an image; undefined where they have no say in it. */
  readonly imageOf?: (image: string) => string | undefined
}

/** What is known of a Service besides its own text. */
export type Facts = Witnesses & {
  /** The plan that it follows. */
  readonly plan: RolloutPlan
  /** Why there is no past, and cannot be: what was read is in no repository. */
  readonly absence?: string
  /** The time of the run in seconds since 1970; without it nothing that takes time is over. */
  readonly now?: number
}

/** What is to become of one Service, and how its roles were found. */
export type Wish = {
  /** The stage that it is moved to, or what else reports call the change. */
  readonly stage: string
  readonly before: readonly TrafficTarget[]
  readonly after: readonly TrafficTarget[]
  readonly stable: Role
  readonly candidate: Role
  /** Set where the template is to be what the stable revision was made from. */
  readonly restoresTemplate?: true
  /** What is to change besides the traffic. */
  readonly fields?: readonly FieldWish[]
  /** What that does to the template, for reports. */
  readonly template?: TemplateChange
  /** What a reviewer should know besides the change. */
  readonly remarks?: readonly Remark[]
}

/** A Service that is left as it is, and why. */
export type Rest = { readonly rest: Remark }

/**
 * What one command wants of each Service. Undefined where its traffic cannot be read: that is no refusal here, since the
 * edit says why.
 */
export type Move = (manifest: Manifest, facts: Facts) => Wish | Rest | Refusal | undefined
