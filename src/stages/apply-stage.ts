import { failedTarget } from './failed-live.js'
import type { Move } from './move.js'
import { stageIn } from './plans.js'
import { isRefusal } from './stage.js'
import { comesBack, wayBack } from './way-back.js'
import { standingOf, wishFor, type StageFlags } from './wish.js'

/** What `apply` is asked for: a stage and, where the file does not tell, the roles. */
export type StageRequest = StageFlags & {
  /** Whether a rollback also puts the template back to what the stable revision was made from. */
  readonly restoreTemplate?: boolean
  /** The name of a built-in stage, or of one in the Service's plan. */
  readonly stage: string
}

/** Moves each Service to the stage of that name: the one of its own plan, else the built-in one. */
export function applyStage({ stage: name, restoreTemplate, ...flags }: StageRequest): Move {
  return (manifest, facts) => {
    const { plan } = facts
    const step = stageIn(plan, name)
    if (!step) {
      return {
        code: 'KN430',
        message: `\`${name}\` must be a stage of the plan \`${plan.name}\`, but that has ${plan.steps.map((one) => `\`${one.stage.name}\``).join(', ')}`,
        help: 'name one of them, or choose only Services whose plan has the stage with --service',
      }
    }
    const found = standingOf(manifest, flags, facts)
    if (!found || isRefusal(found)) return found
    const { stage, tag } = step
    const standing = stage.isWayBack && flags.stable === undefined ? wayBack(manifest, found, facts) : found
    if (isRefusal(standing)) return standing
    const failed = failedTarget(stage, standing, flags, facts)
    if (failed) return failed
    const wish = wishFor(stage, standing, { ...(tag !== undefined && { tag }), ...flags })
    if (isRefusal(wish) || !stage.isWayBack) return wish
    const remark = comesBack(standing, facts)
    return {
      ...wish,
      ...(remark && { remarks: [...standing.remarks, remark] }),
      ...(restoreTemplate && { restoresTemplate: true }),
    }
  }
}
