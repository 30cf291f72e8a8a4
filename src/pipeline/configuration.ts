import type { PlanChoice } from '../config/config.js'
import type { FreezeSpec } from '../config/freeze.js'
import { blueGreen, builtInPlans, planOf, type RolloutPlan } from '../stages/plans.js'
import type { Diagnostic } from '../text/diagnostic.js'
import type { SourceFile } from '../text/source.js'
import type { Severities } from './diagnostics.js'
import { readKnown } from './settings.js'

/** What a `.kn-rollout.yaml` says. With an error in `diagnostics` a run that gets the file stops there. */
export type Configuration = {
  /** The severity of codes, by their number. */
  readonly severities: Severities
  /** The built-in plans, then those of the file. */
  readonly plans: readonly RolloutPlan[]
  /** The name of the plan of every Service that `services` gives no other one. */
  readonly plan: string
  /** What holds for some Services: of several that fit, the first that has a key decides on it. */
  readonly services: readonly PlanChoice[]
  /** The windows in which rollouts are held back. */
  readonly freezes: readonly FreezeSpec[]
  /** The domain of the cluster. */
  readonly domain?: string
  /** How the cluster makes URLs. */
  readonly urlTemplate?: string
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Reads the text of a `.kn-rollout.yaml`. To have it judge Services, hand the file to `plan`, `fix`, `check` or `statusOf`
 * as `configuration`. Pure and total: what is wrong with it ends in diagnostics.
 */
export function readConfiguration(file: SourceFile): Configuration {
  const { config, faults } = readKnown(file)
  const { rules, plans, plan = blueGreen.name, services, freezes = [], urls = {} } = config
  const { domain, template } = urls
  return {
    severities: rules,
    plans: [...builtInPlans, ...plans.map(planOf)],
    plan,
    services,
    freezes,
    ...(domain !== undefined && { domain }),
    ...(template !== undefined && { urlTemplate: template }),
    diagnostics: faults,
  }
}
