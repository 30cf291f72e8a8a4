import { revisionText, sameRevision, type Revision } from '../manifest/traffic.js'
import { thirdTarget } from './place.js'
import { shareOf, targetsOf } from './shares.js'
import { isRefusal, type Refusal, type Stage, type StageInput } from './stage.js'

/** Takes the old revision out of the list, so that the cluster may collect it. Never one that still receives traffic. */
export const retire: Stage = {
  name: 'retire',
  summary: 'remove the old stable revision after a promotion',
  result: 'candidate 100',
  apply(input) {
    const { traffic, stable, candidate } = input
    if (isRetired(input)) return traffic
    if (isRefusal(candidate)) return candidate
    if (isRefusal(stable)) return stable
    const third = thirdTarget(traffic, [stable, candidate])
    if (third) return third
    const share = shareOf(traffic, candidate)
    if (share !== 100 || targetsOf(traffic, stable).some(({ percent }) => percent !== 0)) {
      return {
        code: 'KN408',
        message: `\`${revisionText(stable)}\` must not be removed before \`${revisionText(candidate)}\` has all of the traffic, but that has ${share} percent`,
        help: 'run the stage `promote` first',
      }
    }
    return traffic.filter(({ revision }) => !sameRevision(revision, stable))
  },
}

/** One named target with everything is what the stage leaves: there is no second revision left to tell the roles by. */
function isRetired({ traffic, stable, candidate }: StageInput): boolean {
  const [only, second] = traffic
  if (!only || second || 'latest' in only.revision || only.percent !== 100) return false
  if (isUnknown(candidate)) return isUnknown(stable) || !isRefusal(stable)
  return !isRefusal(candidate) && sameRevision(candidate, only.revision) && isUnknown(stable)
}

function isUnknown(role: Revision | Refusal): boolean {
  return isRefusal(role) && (role.code === 'KN401' || role.code === 'KN402')
}
