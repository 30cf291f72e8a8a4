import { revisionText, sameRevision, type Revision, type TrafficTarget } from '../manifest/traffic.js'
import { targetsOf, withPinned, withShare } from './shares.js'
import { isRefusal, type Refusal, type StageInput, type StageResult } from './stage.js'

/**
 * The traffic with `share` percent on the candidate and the rest on the stable revision; what most stages come down to.
 * Refuses where a third target holds a share, and where the tag already names another target.
 */
export function place(input: StageInput, share: number): StageResult {
  const { traffic, stable, candidate } = input
  if (isRefusal(stable)) return stable
  if (isRefusal(candidate)) return candidate
  const pinned = 'latest' in candidate ? traffic : withPinned(traffic, stable)
  const third = thirdTarget(pinned, [stable, candidate])
  if (third) return third
  const placed = withShare(withShare(pinned, stable, 100 - share), candidate, share)
  return input.tag === undefined ? placed : withTag(placed, candidate, input.tag)
}

/**
 * Targets of neither role are bystanders: with 0 % they stay as they are, with a share nobody can say where it should
 * go.
 */
export function thirdTarget(traffic: readonly TrafficTarget[], roles: readonly Revision[]): Refusal | undefined {
  const others = traffic.filter(({ revision, percent }) => {
    return percent !== 0 && !roles.some((role) => sameRevision(role, revision))
  })
  if (others.length === 0) return undefined
  const share = others.reduce((sum, { percent }) => sum + percent, 0)
  return {
    code: 'KN404',
    message: `\`spec.traffic\` must not give a share to a revision besides ${list(roles.map(revisionText))}, but gives ${share} percent to ${list(
      others.map(({ revision }) => revisionText(revision)),
    )}`,
    help: 'name the two revisions of the rollout with --stable and --candidate, or end the others first: `set` gives their shares away',
  }
}

function list(names: readonly string[]): string {
  const quoted = names.map((name) => `\`${name}\``)
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} and ${quoted.at(-1)}`
}

function withTag(traffic: readonly TrafficTarget[], candidate: Revision, tag: string): StageResult {
  const holder = traffic.find((target) => target.tag === tag)
  if (holder && sameRevision(holder.revision, candidate)) return traffic
  if (holder) {
    return {
      code: 'KN405',
      message: `tag \`${tag}\` must be unique in \`spec.traffic\`, but already names \`${revisionText(holder.revision)}\``,
      help: `choose another name for the route of \`${revisionText(candidate)}\` with --tag`,
    }
  }
  const own = targetsOf(traffic, candidate)
  const tagged = own.find((target) => target.tag === undefined) ?? own[0]
  return traffic.map((target) => (target === tagged ? { ...target, tag } : target))
}
