import { isName } from './names.js'
import type { Facts } from './move.js'
import { isRefusal, type Refusal, type Stage } from './stage.js'
import type { StageFlags, Standing } from './wish.js'
import { thisService } from '../text/this-service.js'

/**
 * Why a stage must not leave a revision at 0 percent that the cluster could not get ready: the whole split would wait for
 * it, and nothing would move. Undefined where no saved live object says so.
 */
export function failedTarget(
  { name, flags, isWayBack }: Stage,
  { stable, candidate }: Standing,
  { keep, dropStable }: StageFlags,
  { live }: Facts,
): Refusal | undefined {
  const isDroppable = flags.includes('drop-stable')
  const role = isDroppable && !dropStable ? stable : isWayBack && keep ? candidate : undefined
  if (!live || !role || isRefusal(role)) return undefined
  const failed = live.failures.find(({ revisionName }) => isName(role.revision, revisionName))
  if (!failed) return undefined
  return {
    code: 'KN457',
    message: `cannot ${isDroppable ? `${name} with` : 'keep'} \`${failed.revisionName}\` at 0%: it failed to become ready (\`${live.file}\`) and blocks all traffic`,
    help: `run \`kn-rollout apply ${name} ${thisService}${isDroppable ? ' --drop-stable' : ''}\``,
  }
}
