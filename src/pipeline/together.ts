import type { Manifest } from '../manifest/manifest.js'
import { parseImage } from '../manifest/names.js'
import type { MoveRequest } from '../stages/apply.js'
import { positionIn } from '../stages/position.js'
import type { Facts, Move } from '../stages/roles.js'
import { isRefusal } from '../stages/stage.js'
import { standingOf } from '../stages/standing.js'
import { presentImage } from '../stages/template-edits.js'
import { grouped } from '../text/collections.js'
import type { Reason } from './diagnostics.js'

/** The Services of a move, and what is known of each. */
type Moving = {
  readonly chosen: ReadonlySet<Manifest>
  readonly factsOf: (manifest: Manifest) => Facts
  readonly groupOf: (manifest: Manifest) => string | undefined
}

/** The Services that `next` is about: those that were chosen, and what moves in one group with them. */
export function withGroups(
  chosen: ReadonlySet<Manifest>,
  manifests: readonly Manifest[],
  groupOf: Moving['groupOf'],
): ReadonlySet<Manifest> {
  const groups = new Set([...chosen].flatMap((one) => groupOf(one) ?? []))
  return groups.size === 0
    ? chosen
    : new Set(manifests.filter((one) => chosen.has(one) || groups.has(groupOf(one) ?? '')))
}

/** Why Services that a move would treat alike must not be: each with its reason. */
export function barsOf(wish: MoveRequest, moving: Moving): ReadonlyMap<Manifest, Reason> {
  if (wish.command === 'release') return severalRepositories(wish, moving)
  return wish.command === 'next' ? severalStages(moving) : new Map()
}

/** One whole image would take the place of those of other repositories. */
function severalRepositories(
  { image, container }: Extract<MoveRequest, { readonly command: 'release' }>,
  { chosen, factsOf }: Moving,
): ReadonlyMap<Manifest, Reason> {
  if (image === undefined || /^[:@]/.test(image) || chosen.size < 2) return new Map()
  const repositories = new Map<string, Manifest>()
  for (const manifest of chosen) {
    const present = presentImage(manifest, { ...(container !== undefined && { container }) }, factsOf(manifest))
    if (present !== undefined) repositories.set(parseImage(present).name, manifest)
  }
  if (repositories.size < 2) return new Map()
  const named = [...repositories].slice(0, 3).map(([name, { label }]) => `\`${label}\` has \`${name}\``)
  const reason = {
    code: 'KN441' as const,
    message: `cannot give one image to ${chosen.size} Services of ${repositories.size} repositories: ${named.join(', ')}`,
    help: 'use `--image :TAG` to give each image the same tag, or release the Services one by one',
  }
  return new Map([...chosen].map((one) => [one, reason]))
}

/** Two Services of one group that stand in two stages. */
function severalStages({ chosen, factsOf, groupOf }: Moving): ReadonlyMap<Manifest, Reason> {
  const bars = new Map<Manifest, Reason>()
  for (const [group, members] of grouped(chosen, groupOf)) {
    if (group === undefined || members.length < 2) continue
    const stages = members.map((one) => [one, stageOf(one, factsOf(one))] as const)
    const [first] = stages
    const other = stages.find(([, stage]) => stage !== first?.[1])
    if (!first || !other) continue
    const [[one, stage], [another, second]] = [first, other]
    const reason = {
      code: 'KN470' as const,
      message: `cannot move the group \`${group}\`: \`${one.label}\` is at ${stage}, \`${another.label}\` at ${second}`,
      help: 'move them to the same stage first, with `kn-rollout apply STAGE` for one of them',
    }
    for (const member of members) bars.set(member, reason)
  }
  return bars
}

function stageOf(manifest: Manifest, facts: Facts): string {
  const standing = standingOf(manifest, {}, facts)
  if (!standing || isRefusal(standing)) return 'no known stage'
  const { state, step, share } = positionIn(facts.plan, standing.before, standing)
  if (step) return `\`${step.stage.name}\``
  return share === undefined ? `the state \`${state}\`` : `${share}%`
}

/** The move of Services that go together: where one of a group rests, none of it moves. */
export function inStep(move: Move, { chosen, factsOf, groupOf }: Moving): Move {
  const groups = grouped(chosen, groupOf)
  const resting = new Map<string, ReturnType<Move>>()
  for (const [group, members] of groups) {
    if (group === undefined || members.length < 2) continue
    const rest = members.map((one) => move(one, factsOf(one))).find((wish) => wish && 'rest' in wish)
    if (rest) resting.set(group, rest)
  }
  if (resting.size === 0) return move
  return (manifest, facts) => {
    const wish = move(manifest, facts)
    return wish && 'after' in wish ? (resting.get(groupOf(manifest) ?? '') ?? wish) : wish
  }
}
