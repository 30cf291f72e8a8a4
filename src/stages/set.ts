import type { Manifest } from '../manifest/manifest.js'
import { numberOf } from '../manifest/names.js'
import { readTraffic, type Revision, revisionText, sameRevision, type TrafficTarget } from '../manifest/traffic.js'
import { sum } from '../text/collections.js'
import { nearest } from '../text/words.js'
import { routed } from './place.js'
import { findRoles, type Move, templateNameOf, type Witnesses } from './roles.js'
import { isRefusal, type Refusal, type StageResult } from './stage.js'
import { knownRevisions, parseRevision, serviceName } from './standing.js'

/** A Service as the steps of `set` see it. */
type Scene = {
  readonly manifest: Manifest
  /** The revisions that a user can mean. */
  readonly known: readonly string[]
  /** What else knows of revisions: asked only where it decides. */
  readonly witnesses: Witnesses
  /** Whether names of revisions and tags may be ones that the file does not know. */
  readonly allowUnknown: boolean
}

/**
 * Why a name is not taken for a revision of the Service, or undefined where it may be one. kn takes any name, and the
 * cluster then waits for a revision that never comes.
 */
function unknownTarget(
  name: string,
  flag: '--tag' | '--traffic',
  traffic: readonly TrafficTarget[],
  { manifest, known, witnesses, allowUnknown }: Scene,
): Refusal | undefined {
  const service = serviceName(manifest, witnesses)
  if (allowUnknown || known.includes(name) || numberOf(service, name) !== undefined) return undefined
  if (knownRevisions(manifest, witnesses).includes(name)) return undefined
  const tags = tagsIn(traffic)
  const listed = [...known.map((one) => `\`${one}\``), ...(flag === '--tag' ? [] : tags.map((tag) => `tag \`${tag}\``))]
  const tagged = flag === '--tag' ? traffic.find(({ tag }) => tag === name)?.revision : undefined
  const short = known.find((one) => one === `${service}-${name}`)
  const close = short ?? nearest(name, flag === '--tag' ? known : [...tags, ...known])
  const meant = tagged && 'name' in tagged ? tagged.name : close
  return {
    code: 'KN450',
    message: `\`${flag}\` names \`${name}\`, which is not in the file${listed.length > 0 ? ` (${listed.join(', ')})` : ''}`,
    help: `${meant === undefined ? '' : `did you mean \`${meant}\`? `}add \`--allow-unknown\` to accept a name that only the cluster has`,
  }
}

/** The tags of a list, in its order. */
function tagsIn(traffic: readonly TrafficTarget[]): readonly string[] {
  return traffic.flatMap(({ tag }) => tag ?? [])
}

/** The position of a revision's first target, or -1. */
function indexOfRevision(traffic: readonly TrafficTarget[], wanted: Revision): number {
  return traffic.findIndex(({ revision }) => sameRevision(revision, wanted))
}

/** A share in percent for what a tag or a revision's name means: a tag goes before a revision of the same name. */
export type ShareWish = { readonly target: string; readonly percent: number }

/**
 * The traffic with these shares and nothing on any other target. What is missing to 100 percent goes to the one revision
 * that is left out; where that is none or more than one, it is refused.
 */
function withShares(traffic: readonly TrafficTarget[], wishes: readonly ShareWish[], scene: Scene): StageResult {
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
  const same = target === other ? '' : `, the same target as \`${other}\``
  const what = target === '@latest' ? 'identifier @latest' : `revision reference ${target}`
  return {
    code: 'KN453',
    message: `\`--traffic\` sets \`${target}\` twice${same}`,
    says: { by: 'kn', text: `repetition of ${what} is not allowed, use only once with --traffic flag` },
    help: 'set one percent for each target',
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
      : [
          `${left.length} revisions are left out (${names})`,
          'incorrect number of revisions specified. Only 1 revision should be missing',
        ]
  return {
    code: 'KN454',
    message: `cannot assign the remaining ${rest}%: ${found}`,
    says: { by: 'kn', text: `unable to allocate the remaining traffic: ${rest}%. Reason: ${reason}` },
    help: 'set the percent of every revision so that they add up to 100',
  }
}

/** A tag and the revision that it is to name: its name, with `{{.Service}}` for the Service's, or `@latest`. */
export type TagWish = { readonly revision: string; readonly tag: string }

/** The traffic without these tags. A tag that is not there is refused as kn does: it is most likely misspelt. */
function withoutTags(
  traffic: readonly TrafficTarget[],
  tags: readonly string[],
  { manifest, witnesses, allowUnknown }: Scene,
): StageResult {
  const known = tagsIn(traffic)
  const missing = [...new Set(tags)].filter((tag) => !known.includes(tag))
  const [first] = missing
  if (first === undefined || allowUnknown)
    return traffic.map(({ tag, ...rest }) => (tag === undefined || tags.includes(tag) ? rest : { ...rest, tag }))
  const close = nearest(first, known)
  return {
    code: 'KN451',
    message: `\`--untag\` names ${missing.map((one) => `\`${one}\``).join(', ')}, a tag that \`spec.traffic\` does not have`,
    says: {
      by: 'kn',
      text: `tag(s) ${missing.join(', ')} not present for any revisions of service ${serviceName(manifest, witnesses)}`,
    },
    help: close === undefined ? 'add `--allow-unknown` to skip missing tags' : `did you mean \`--untag ${close}\`?`,
  }
}

/** The traffic with these tags given, in their order. */
function withTags(traffic: readonly TrafficTarget[], wishes: readonly TagWish[], scene: Scene): StageResult {
  let tagged = traffic
  for (const wish of wishes) {
    const next = withTag(tagged, wish, scene)
    if (isRefusal(next)) return next
    tagged = next
  }
  return tagged
}

function withTag(traffic: readonly TrafficTarget[], { revision: text, tag }: TagWish, scene: Scene): StageResult {
  const revision = parseRevision(text, scene.manifest, '--tag', scene.witnesses)
  if (isRefusal(revision)) return revision
  const unknown = 'name' in revision ? unknownTarget(revision.name, '--tag', traffic, scene) : undefined
  if (unknown) return unknown
  const holder = traffic.find((target) => target.tag === tag)
  if (holder && sameRevision(holder.revision, revision)) return traffic
  if (holder) return taken(tag, holder)
  const index = indexOfRevision(traffic, revision)
  const present = traffic[index]
  if (present?.tag === undefined && present) return traffic.with(index, { ...present, tag })
  if (present && 'latest' in revision) return overwriting(present.tag ?? '', tag)
  return [...traffic, { revision, percent: 0, tag }]
}

function taken(tag: string, { revision }: TrafficTarget): Refusal {
  return {
    code: 'KN405',
    message: `tag \`${tag}\` already belongs to \`${revisionText(revision)}\``,
    says: { by: 'kn', text: 'refusing to overwrite existing tag in service' },
    help: `add \`--untag ${tag}\` to move it in the same command`,
  }
}

/** kn knows one target of the latest revision, and so one tag. */
function overwriting(old: string, tag: string): Refusal {
  return {
    code: 'KN452',
    message: `\`@latest\` already has the tag \`${old}\`; must have one tag`,
    says: { by: 'kn', text: `refusing to overwrite existing tag with \`${tag}\`` },
    help: `add \`--untag ${old}\` to replace it in the same command`,
  }
}

/** What `set` is asked for, in the words of `kn service update`. */
export type SetRequest = {
  /** Tags to take away. */
  readonly untag?: readonly string[]
  readonly tags?: readonly TagWish[]
  /** The whole split; without it the shares stay as they are. */
  readonly shares?: readonly ShareWish[]
  /** Takes names of revisions and tags that the file does not know. */
  readonly allowUnknown?: boolean
}

/**
 * Sets tags and shares by kn's own grammar (knative/client, pkg/kn/traffic/compute.go): first tags are taken away, then
 * given, then shares set; what is left with neither a tag nor a share leaves the list.
 */
export function setTraffic({ untag, tags, shares, allowUnknown = false }: SetRequest): Move {
  return (manifest, facts) => {
    const before = readTraffic(manifest)
    if (!before) return undefined
    const scene = {
      manifest,
      known: knownRevisions(manifest),
      witnesses: facts,
      allowUnknown,
    }
    const untagged = withoutTags(routed(before), untag ?? [], scene)
    const tagged = isRefusal(untagged) ? untagged : withTags(untagged, tags ?? [], scene)
    const shared = isRefusal(tagged) || !shares ? tagged : withShares(tagged, shares, scene)
    if (isRefusal(shared)) return shared
    return { stage: 'set', before, after: unlessIdle(before, shared), ...untold }
  }
}

/** Revisions are called by their names here: nobody is stable or candidate. */
const untold = findRoles({ traffic: [] })

/** The list without idle targets. Where none would be left it stays: an empty one would route everything to the latest. */
function unlessIdle(before: readonly TrafficTarget[], traffic: readonly TrafficTarget[]): readonly TrafficTarget[] {
  const left = traffic.filter(({ tag, percent }) => tag !== undefined || percent !== 0)
  const [only, second] = left
  const isUnrouted = only && !second && 'latest' in only.revision && only.percent === 100 && only.tag === undefined
  if (before.length === 0 && isUnrouted) return before
  return left.length === 0 ? traffic : left
}
