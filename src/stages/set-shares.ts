import { revisionText, sameRevision, type Revision, type TrafficTarget } from '../manifest/traffic.js'
import { sum } from '../text/sum.js'
import { templateNameOf } from './clues.js'
import { parseRevision } from './revision.js'
import { indexOfRevision, unknownTarget, type Scene } from './set-scene.js'
import { isRefusal, type Refusal, type StageResult } from './stage.js'

/** A share in percent for what a tag or a revision's name means: a tag goes before a revision of the same name. */
export type ShareWish = { readonly target: string; readonly percent: number }

/**
 * The traffic with these shares and nothing on any other target. What is missing to 100 percent goes to the one revision
 * that is left out; where that is none or more than one, it is refused.
 */
export function withShares(traffic: readonly TrafficTarget[], wishes: readonly ShareWish[], scene: Scene): StageResult {
  let shared: readonly TrafficTarget[] = traffic.map((target) => ({ ...target, percent: 0 }))
  const meant = new Map<number, string>()
  for (const { target, percent } of wishes) {
    const revision = parseRevision(target, scene.manifest, '--traffic', scene.witnesses)
    if (isRefusal(revision)) return revision
    const index = 'name' in revision ? indexOf(shared, revision.name) : indexOfRevision(shared, revision)
    const unknown =
      index < 0 && 'name' in revision ? unknownTarget(revision.name, '--traffic', traffic, scene) : undefined
    if (unknown) return unknown
    const other = meant.get(index)
    if (other !== undefined) return repeated(target, other)
    const found = shared[index]
    meant.set(found ? index : shared.length, target)
    shared = found ? shared.with(index, { ...found, percent }) : [...shared, { revision, percent }]
  }
  const rest = 100 - sum(wishes.map(({ percent }) => percent))
  return rest > 0 ? withRemainder(shared, rest, new Set(meant.keys()), scene) : shared
}

function indexOf(traffic: readonly TrafficTarget[], name: string): number {
  const tagged = traffic.findIndex(({ tag }) => tag === name)
  return tagged < 0 ? indexOfRevision(traffic, { name }) : tagged
}

function repeated(target: string, other: string): Refusal {
  const same = target === other ? '' : `, which means the same target as \`${other}\``
  const what = target === '@latest' ? 'identifier @latest' : `revision reference ${target}`
  return {
    code: 'KN453',
    message: `--traffic must name each target once, but names \`${target}\` again${same}: repetition of ${what} is not allowed, use only once with --traffic flag`,
    help: 'give each target one share',
  }
}

/**
 * kn asks the cluster for all revisions; here they are those of the list, and the one that the template builds unless
 * `@latest` stands for it.
 */
function withRemainder(
  traffic: readonly TrafficTarget[],
  rest: number,
  meant: ReadonlySet<number>,
  { manifest }: Scene,
): StageResult {
  const templateName = templateNameOf(manifest)
  const isLatestThere = indexOfRevision(traffic, { latest: true }) >= 0
  const built: readonly Revision[] = templateName === undefined || isLatestThere ? [] : [{ name: templateName }]
  const left = [...traffic.map(({ revision }) => revision), ...built].filter((revision, index, all) => {
    const isGiven = traffic.some((target, position) => meant.has(position) && sameRevision(target.revision, revision))
    return !isGiven && all.findIndex((one) => sameRevision(one, revision)) === index
  })
  const [only, second] = left
  if (!only || second) return unplaced(rest, left)
  const index = indexOfRevision(traffic, only)
  const found = traffic[index]
  return found ? traffic.with(index, { ...found, percent: rest }) : [...traffic, { revision: only, percent: rest }]
}

function unplaced(rest: number, left: readonly Revision[]): Refusal {
  const names = left.map((revision) => `\`${revisionText(revision)}\``).join(', ')
  const [found, reason] =
    left.length === 0
      ? ['no revision is left out', 'cannot determine the missing revision']
      : [`${left.length} are (${names})`, 'incorrect number of revisions specified. Only 1 revision should be missing']
  return {
    code: 'KN454',
    message: `--traffic must sum to 100 percent or leave out one revision, but ${found}: unable to allocate the remaining traffic: ${rest}%. Reason: ${reason}`,
    help: 'give every revision its share, so that they sum to 100',
  }
}
