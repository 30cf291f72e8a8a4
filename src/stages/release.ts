import type { Manifest } from '../manifest/manifest.js'
import { fetchOr, type Past, shapeOf, stateNaming } from '../manifest/past.js'
import { type Revision, revisionText, sameRevision, type TrafficTarget } from '../manifest/traffic.js'
import { thisService } from '../text/words.js'
import { type JsonObject, member, sameJson } from '../yaml/json.js'
import { type NameFlags, nameRevision } from './naming.js'
import { derivedTag, shareOf, targetsNaming } from './place.js'
import { type Facts, type Move, type Wish } from './roles.js'
import { backOf, rolledBackRemark, withLostCandidate } from './rolled-back.js'
import { isRefusal, type Refusal, type Remark, remarkOf, type Stage } from './stage.js'
import { preview } from './stages.js'
import { serviceName, type Standing, standingOf } from './standing.js'
import { servingImage, type TemplateEdits, templateEdits, type TemplateFlags } from './template-edits.js'

/** What `release` is asked for: a new revision, and where it is to be tested. */
export type ReleaseRequest = NameFlags &
  TemplateFlags & {
    readonly tag?: string
    /** Whether the template has changed already, and only the name and the preview are missing. */
    readonly adopt?: true
  }

/**
 * Makes a new revision of each Service and gives it its place beside the stable one: the first stage of the plan that
 * has a candidate. What the template has already is left alone; where that is everything there is nothing to release.
 */
export function release(request: ReleaseRequest): Move {
  return (manifest, facts) => {
    const standing = standingOf(manifest, {}, facts)
    if (!standing || isRefusal(standing)) return standing
    const edits = request.adopt ? changedAlready(manifest, facts) : templateEdits(manifest, request, facts)
    if (edits && isRefusal(edits)) return edits
    if (!edits) return nothingToAdopt(manifest, standing, facts)
    if (!request.adopt && edits.fields.length === 0 && !edits.built) return nothing(standing)
    const ground = groundOf(manifest, facts, request, standing)
    if (isRefusal(ground)) return ground
    const { stable, replaced, before } = ground
    const isFollowed = replaced !== undefined && 'latest' in replaced && request.revisionName === undefined
    const naming = nameRevision(manifest, facts, request, { ...edits, isFollowed })
    if (isRefusal(naming)) return naming
    const { candidate, revisionName } = naming
    if (request.adopt && targetsNaming(standing.before, candidate.revision).length > 0)
      return nothingToAdopt(manifest, standing, facts)
    if (sameRevision(stable.revision, candidate.revision)) return oneRevision(stable.revision)
    const { stage, tag: planned } = facts.plan.steps.find((step) => step.stage.share !== undefined) ?? {
      stage: preview,
    }
    const tag = request.tag ?? planned ?? tagFor(serviceName(manifest, facts), stage, candidate.revision, ground)
    const after = stage.apply({
      traffic: before.map((target) => {
        const isReplaced = replaced && sameRevision(target.revision, replaced)
        return isReplaced ? { ...target, revision: candidate.revision } : target
      }),
      stable: stable.revision,
      candidate: candidate.revision,
      ...(tag !== undefined && { tag }),
    })
    if (isRefusal(after)) return after
    return {
      stage: 'release',
      before,
      after,
      stable,
      candidate,
      fields: [...edits.fields, ...naming.fields],
      template: { ...edits.template, ...(revisionName && { revisionName }) },
      remarks: [...ground.remarks, ...naming.remarks, ...goneBackOn(standing, facts)],
    }
  }
}

/**
 * The edits of a template that somebody has changed already: none. Undefined where it is the one that its name was given to,
 * so that there is nothing to name. Of an overlay that counts which it builds.
 */
function changedAlready(manifest: Manifest, facts: Facts): TemplateEdits | undefined {
  const none = { fields: [], template: {} }
  const name = shapeOf(manifest).templateName ?? facts.templateName
  if (name === undefined) return none
  const built = facts.imageOf && facts.applied ? facts.appliedPast?.() : undefined
  // Whoever asks Git goes on only where there may be something to adopt.
  if (built === 'withoutGit') return none
  if (built && facts.applied) return changedUnder(built, name, facts.applied)
  const past = facts.past?.()
  return past && changedUnder(past, name, manifest.value)
}

/** No edits, and the former image, where a Service has another template than when it was given the name. */
function changedUnder(past: Past, name: string, value: JsonObject): TemplateEdits | undefined {
  const state = stateNaming(past, name)
  if (!state || sameJson(state.template, member(value, 'spec', 'template') ?? null)) return undefined
  const former = servingImage({ value: { spec: { template: state.template ?? null } } })
  return { fields: [], template: {}, ...(former !== undefined && { former }) }
}

function nothingToAdopt({ name }: Manifest, { before, stable, candidate }: Standing, { past }: Facts): Wish {
  const idle = remarkOf({
    code: 'KN446',
    message: `nothing to adopt: the template of \`${name}\` is the one that its revision was made from`,
    help: fetchOr('run it where the template has changed, such as on the branch of a bot', past?.()),
  })
  return { stage: 'release', before, after: before, stable, candidate, remarks: [idle] }
}

/** What there is to say of the candidate so far, where it was rolled back. */
function goneBackOn(found: Standing, facts: Facts): readonly Remark[] {
  const past = facts.past?.()
  const standing = withLostCandidate(found, past)
  const back = past && backOf(past, standing)
  return back && !isRefusal(standing.candidate) ? [rolledBackRemark(standing.candidate.revision, back)] : []
}

/** At 0 percent a candidate needs a route. One that takes another's place keeps its tag, unless that told the old name. */
function tagFor(
  service: string,
  { share }: Stage,
  candidate: Revision,
  { before, replaced }: Ground,
): string | undefined {
  const tags = replaced ? targetsNaming(before, replaced).flatMap((target) => target.tag ?? []) : []
  const isKept = replaced !== undefined && tags.length > 0 && !tags.includes(derivedTag(service, replaced))
  return isKept || share !== 0 ? undefined : derivedTag(service, candidate)
}

/** What the new revision is put beside. */
type Ground = {
  readonly stable: Exclude<Standing['stable'], Refusal>
  readonly before: readonly TrafficTarget[]
  /** A candidate without a share: the new one takes its place, and its tag. */
  readonly replaced?: Revision
  readonly remarks: readonly Remark[]
}

function groundOf(
  manifest: Manifest,
  facts: Facts,
  { stable: flag }: ReleaseRequest,
  standing: Standing,
): Ground | Refusal {
  const named = flag === undefined ? standing : standingOf(manifest, { stable: flag }, facts)
  if (!named || isRefusal(named)) return named ?? unpinnable
  const { stable, remarks } = named
  const { before, candidate } = standing
  const old = isRefusal(candidate) ? undefined : candidate.revision
  const share = old ? shareOf(before, old) : 0
  if (flag === undefined && old && share > 0) return underWay(old, share, before)
  if (isRefusal(stable)) return stable
  if ('latest' in stable.revision) return unpinnable
  // Whoever names the candidate as stable goes on from there, and keeps what is beside it.
  const isOver = flag !== undefined && old && sameRevision(old, stable.revision)
  if (!old || isOver || targetsNaming(before, old).length === 0) return { stable, before, remarks }
  return share === 0 ? { stable, before, remarks, replaced: old } : underWay(old, share, before)
}

function nothing({ before, stable, candidate }: Standing): Wish {
  const isPreviewed = !isRefusal(candidate) && targetsNaming(before, candidate.revision).length > 0
  const idle = remarkOf({
    code: 'KN446',
    message: 'nothing to release: the template already has these values, and `spec.traffic` has no candidate',
    help: `run \`kn-rollout apply preview ${thisService}\` to give the revision of the template a tag URL`,
  })
  return { stage: 'release', before, after: before, stable, candidate, remarks: isPreviewed ? [] : [idle] }
}

function underWay(candidate: Revision, share: number, before: readonly TrafficTarget[]): Refusal {
  const name = revisionText(candidate)
  const others = before.filter(
    ({ revision }, index) =>
      !sameRevision(revision, candidate) && before.findIndex((one) => sameRevision(one.revision, revision)) === index,
  )
  return {
    code: 'KN443',
    message: `cannot release a new revision: \`${name}\` has ${share}% of the traffic in a rollout that is in progress`,
    help:
      others.length > 1
        ? 'remove the traffic and the targets of all but two revisions first, or name the stable one with `--stable`'
        : share === 100
          ? `run \`kn-rollout apply retire ${thisService}\` first, or keep the old revision with \`--stable ${'latest' in candidate ? 'NAME' : name}\``
          : `run \`kn-rollout apply rollback ${thisService}\`, merge, then release (docs/hotfix.md); or \`apply promote\` and \`retire\` first`,
  }
}

function oneRevision(revision: Revision): Refusal {
  return {
    code: 'KN403',
    message: `stable and candidate are the same revision, \`${revisionText(revision)}\``,
    help: 'name another revision with `--stable` or `--candidate`',
  }
}

const unpinnable: Refusal = {
  code: 'KN409',
  message: '`--stable` is `@latest`, which switches to the new revision automatically; must be a revision name',
  help: 'write a name such as `--stable {{.Service}}-00001`',
}
