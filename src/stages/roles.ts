import type { FieldWish } from '../edit/wish.js'
import type { LiveService } from '../manifest/live.js'
import type { Manifest } from '../manifest/manifest.js'
import { type Past, type PastState, revisionsKnown } from '../manifest/past.js'
import { type Revision, revisionText, sameRevision, type TrafficTarget } from '../manifest/traffic.js'
import { highest } from '../text/collections.js'
import { shortCommit, withoutEnd } from '../text/words.js'
import { type Json, type JsonObject, member } from '../yaml/json.js'
import type { Frozen } from './freeze.js'
import { shareOf, targetsNaming } from './place.js'
import type { RolloutPlan } from './stages.js'
import type { TemplateChange } from './release-fields.js'
import type { Refusal, Remark } from './stage.js'

/** The revisions that the targets name, each once, in the order of the file. */
export function namesIn(traffic: readonly TrafficTarget[]): readonly string[] {
  return [...new Set(traffic.flatMap(({ revision }) => ('name' in revision ? [revision.name] : [])))]
}

export function isName(revision: Revision, name: string): boolean {
  return 'name' in revision && revision.name === name
}

/** The end of a message that lacks a role: what there is to choose from. */
function namedIn(names: readonly string[]): string {
  return names.length === 0 ? '' : ` (\`spec.traffic\` names ${names.map((name) => `\`${name}\``).join(', ')})`
}

/** A revision that had everything, as a commit shows. */
export type Served = { readonly name: string; readonly commit: string; readonly sign: 'traffic' | 'template' }

/** As messages cite it: `the template at 3fa2b1c`. */
export function citationOf({ sign, commit }: Served): string {
  return `the ${sign} at ${shortCommit(commit)}`
}

/**
 * The share of a revision in a state of the past, in percent. What went to the latest revision was the share of the one
 * that the template builds, where it has a name.
 */
export function shareThen(
  { traffic, templateName }: Pick<PastState, 'traffic' | 'templateName'>,
  revision: Revision,
): number {
  if (!traffic) return 0
  const toLatest = traffic.length === 0 ? 100 : shareOf(traffic, { latest: true })
  if ('latest' in revision) return toLatest
  return shareOf(traffic, revision) + (revision.name === templateName ? toLatest : 0)
}

/** What the last commit sends everything to. Undefined where it does not say so by a name. */
function headServing({ past }: Clues): Served | undefined {
  const known = past?.()
  if (!known) return undefined
  for (const state of known.states) return state.life === 0 ? servingIn(state) : undefined
  return undefined
}

/** What everything went to before a revision first had a share: its way back. Undefined where no name is known. */
export function servedBefore(past: Past, name: string): Served | undefined {
  let found: { readonly served: Served | undefined } | undefined
  for (const state of past.states) {
    if (state.life > 0) break
    if (shareThen(state, { name }) > 0) found = undefined
    else if (!found && isServedByOne(state)) found = { served: servingIn(state) }
  }
  return found?.served
}

function isServedByOne({ traffic }: PastState): boolean {
  return traffic !== undefined && traffic.filter(({ percent }) => percent > 0).length < 2
}

function servingIn({ traffic, templateName, commit }: PastState): Served | undefined {
  if (!traffic) return undefined
  const target = traffic.find(({ percent }) => percent === 100)
  if (target && 'name' in target.revision) return { name: target.revision.name, commit, sign: 'traffic' }
  if (templateName === undefined || (traffic.length > 0 && !target)) return undefined
  return { name: templateName, commit, sign: 'template' }
}

/** Of two revisions, the one that Git saw later; one that is not committed yet is later than one that is. */
function laterInGit({ past }: Clues, [a = '', b = '']: readonly string[]): Role | undefined {
  const known = past?.()
  if (!known) return undefined
  const revisions = revisionsKnown(known)
  const [first, second] = [a, b].map((name) => revisions.findIndex((one) => one.name === name))
  if (first === undefined || second === undefined || (first < 0 && second < 0)) return undefined
  const commitAt = (index: number): string => revisions[index]?.commit ?? ''
  if (commitAt(first) === commitAt(second)) return undefined
  if (first < 0 || second < 0) {
    return { revision: { name: first < 0 ? a : b }, decidedBy: 'Git, where it is not committed yet' }
  }
  const name = first > second ? a : b
  return {
    revision: { name },
    decidedBy: `Git, where it came later (${shortCommit(commitAt(Math.max(first, second)))})`,
  }
}

/** Of two revision names that differ only in the number at their end, the one with the higher number. */
export function higherNumber([a, b]: readonly string[]): string | undefined {
  const stems = [a, b].map((name = '') => withoutEnd(name, '0123456789'))
  const [left, right] = [a, b].map((name = '', index) => name.slice(stems[index]?.length))
  if (!a || !b || !left || !right || stems[0] !== stems[1] || Number(left) === Number(right)) return undefined
  return Number(left) > Number(right) ? a : b
}

/** The candidate by the file, by Git where the file leaves two open, by the cluster's own words where it names one. */
function findCandidate(clues: Clues): Role {
  const { traffic, stable } = clues
  const names = namesIn(traffic)
  const open = names.filter((name) => !stable || !sameRevision(stable, { name }))
  const tagged = taggedIn(clues, names)
  const built = builtName(clues, names, tagged)
  if (built !== undefined && goesToLatest(clues, built, names))
    return { revision: { latest: true }, decidedBy: '`latestRevision: true`, which the template builds' }
  if (built !== undefined) return { revision: { name: built }, decidedBy: '`spec.template.metadata.name`' }
  const [only] = open
  if (names.length === 2 && open.length === 1 && only !== undefined) {
    return { revision: { name: only }, decidedBy: 'the other of the two targets' }
  }
  const [onlyTagged] = tagged
  if (names.length === 2 && tagged.length === 1 && onlyTagged !== undefined)
    return { revision: { name: onlyTagged }, decidedBy: 'the only tagged one of the two targets' }
  const later = names.length === 2 ? (laterInGit(clues, names) ?? laterByNumber(names)) : undefined
  if (later) return later
  if (names.length === 1 && traffic.some(({ revision }) => 'latest' in revision)) {
    return { revision: { latest: true }, decidedBy: '`latestRevision: true` next to a pinned target' }
  }
  return (
    latestCreated(clues, names) ?? {
      code: 'KN401',
      message: `cannot determine the candidate: the file does not show which revision it is${namedIn(names)}`,
      help: 'add `--candidate`, for example `--candidate {{.Service}}-00002`',
    }
  )
}

function taggedIn({ traffic }: Clues, names: readonly string[]): readonly string[] {
  return names.filter((name) => targetsNaming(traffic, { name }).some(({ tag }) => tag !== undefined))
}

/** The template's name, where the file builds another revision than the one that serves. */
function builtName(clues: Clues, names: readonly string[], tagged: readonly string[]): string | undefined {
  const { templateName, stable } = clues
  if (templateName === undefined) return undefined
  // A template that still builds the older of two revisions does not speak for the one under test.
  const isOutdated =
    tagged.length === 1 &&
    names.every((name) => {
      return name === templateName || (name === tagged[0] && higherNumber([name, templateName]) === name)
    })
  if (isOutdated) return undefined
  if (stable) return isName(stable, templateName) ? undefined : templateName
  if (names.length > 0) return names.some((name) => name !== templateName) ? templateName : undefined
  const serving = headServing(clues)
  return serving === undefined || serving.name === templateName ? undefined : templateName
}

/** Whether the revision that the template builds has its share already, without its name, beside one that is named. */
function goesToLatest({ traffic }: Pick<Clues, 'traffic'>, built: string, names: readonly string[]): boolean {
  if (names.length === 0 || names.includes(built)) return false
  return traffic.some(({ revision, percent }) => 'latest' in revision && percent > 0)
}

function laterByNumber(names: readonly string[]): Role | undefined {
  const name = higherNumber(names)
  return name === undefined ? undefined : { revision: { name }, decidedBy: 'the higher trailing number' }
}

/** What the cluster made last, where it serves nobody yet. */
function latestCreated({ live, stable }: Clues, names: readonly string[]): Role | undefined {
  const name = live?.latestCreated
  if (!live || name === undefined || names.includes(name) || (stable && isName(stable, name))) return undefined
  if (names.length === 0 && !stable && name === live.latestReady) return undefined
  return { revision: { name }, decidedBy: `\`status.latestCreatedRevisionName\` in ${live.file}` }
}

/** The revision that serves today: by the traffic, else by Git, the template's own name, the cluster's own words. */
function findStable(clues: Clues, candidate: Role): Role {
  const { traffic } = clues
  const other = 'revision' in candidate ? candidate.revision : undefined
  const names = namesIn(traffic).filter((name) => !other || !sameRevision(other, { name }))
  const shares = names.map((name) => ({ name, share: shareOf(traffic, { name }) }))
  const most = highest(shares.map(({ share }) => share))
  const leading = shares.filter(({ share }) => share === most)
  const [first] = leading
  if (leading.length === 1 && first) {
    const decidedBy = other
      ? 'the target with the most traffic that is not the candidate'
      : 'the target with the most traffic'
    return { revision: { name: first.name }, decidedBy }
  }
  return (
    (names.length === 0 ? unnamed(clues, other) : undefined) ??
    (most === 0 ? idle(clues, other, names) : undefined) ??
    liveStable(clues, other) ?? {
      code: 'KN402',
      message: `cannot determine the stable revision: the file does not show which one serves users now${namedIn(names)}`,
      help: 'add `--stable NAME` (see `status.traffic` of the live Service), or `--live FILE` with the output of `kubectl get ksvc -o yaml`',
    }
  )
}

/** Where the traffic names nothing but the candidate: what Git has seen serving before, else what the template builds. */
function unnamed(clues: Clues, other: Revision | undefined): Role | undefined {
  const { templateName } = clues
  const past = other && 'name' in other ? clues.past?.() : undefined
  const served = other && 'name' in other ? past && servedBefore(past, other.name) : headServing(clues)
  if (served && served.name !== templateName) return { revision: { name: served.name }, decidedBy: citationOf(served) }
  if (templateName === undefined || (other && isName(other, templateName))) return undefined
  return { revision: { name: templateName }, decidedBy: '`spec.template.metadata.name`' }
}

/** Which of several without a share is the way back: the one that Git has seen serving before the candidate. */
function idle({ past }: Clues, other: Revision | undefined, names: readonly string[]): Role | undefined {
  const known = other && 'name' in other ? past?.() : undefined
  const served = known && other && 'name' in other ? servedBefore(known, other.name) : undefined
  if (!served || !names.includes(served.name)) return undefined
  return { revision: { name: served.name }, decidedBy: citationOf(served) }
}

function liveStable({ live }: Clues, other: Revision | undefined): Role | undefined {
  if (!live) return undefined
  const isOpen = (name: string): boolean => !other || !isName(other, name)
  const [most] = live.traffic
    .filter(({ revisionName, percent }) => percent > 0 && isOpen(revisionName))
    .toSorted((a, b) => b.percent - a.percent)
  if (most) return { revision: { name: most.revisionName }, decidedBy: `\`status.traffic\` in ${live.file}` }
  const name = live.latestReady
  if (name === undefined || !isOpen(name)) return undefined
  return { revision: { name }, decidedBy: `\`status.latestReadyRevisionName\` in ${live.file}` }
}

/** A revision that was found for a role, and what it was decided by; or why none could be told. */
export type Role = { readonly revision: Revision; readonly decidedBy: string } | Refusal

export type Roles = { readonly stable: Role; readonly candidate: Role }

/** What the file, the user, Git and the cluster say about the roles. */
export type Clues = Witnesses & {
  readonly traffic: readonly TrafficTarget[]
  /** `spec.template.metadata.name`, if the file brings its own revision name. */
  readonly templateName?: string
  readonly stable?: Revision
  readonly candidate?: Revision
}

/**
 * Tells the two revisions of a rollout from the flags, the file, Git and a saved live object, in that order. The most
 * telling sign wins: the template's name is the revision that the file builds, a single tag is the route under test.
 */
export function findRoles(clues: Clues): Roles {
  const { stable, candidate } = clues
  if (stable && candidate && sameRevision(stable, candidate)) {
    const same: Refusal = {
      code: 'KN403',
      message: `stable and candidate are the same revision, \`${revisionText(stable)}\``,
      help: 'name another revision with `--stable` or `--candidate`',
    }
    return { stable: same, candidate: same }
  }
  const found: Role = candidate ? { revision: candidate, decidedBy: '--candidate' } : findCandidate(clues)
  return { candidate: found, stable: stable ? { revision: stable, decidedBy: '--stable' } : findStable(clues, found) }
}

/** The names of the Services that kustomizations build, each once, by what a file decides on in them. */
export type BuiltNames = { readonly traffic: readonly string[]; readonly revision: readonly string[] }

/** What Git and a cluster's own words tell of a Service, where its file does not. */
export type Witnesses = {
  /** What became of the Service in Git. A run without histories notes that it was asked, so ask only where it decides. */
  readonly past?: () => Past | undefined
  /** The Service as the cluster had it when someone saved it. */
  readonly live?: LiveService
  /** The names that the Service has in the end, where kustomizations build it. */
  readonly builtNames?: BuiltNames
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
  /** The namespace that it is applied to, where roots or controllers tell another one than its file. */
  readonly namespace?: string
  /** The Service as the one root that applies it builds it. */
  readonly applied?: JsonObject
  /** What its only root built of it so far; undefined where Git does not tell. */
  readonly appliedPast?: () => Past | 'withoutGit' | undefined
  /** Why there is no past, and cannot be: what was read is in no repository. */
  readonly absence?: string
  /** Set where the file is in a repository, and in none of its commits. */
  readonly isUncommitted?: true
  /** The time of the run in seconds since 1970; without it nothing that takes time is over. */
  readonly now?: number
  /** Set where rollouts are held back at that time. */
  readonly frozen?: Frozen
}

/** What is to become of one Service, and how its roles were found. */
export type Wish = {
  /** The stage that it is moved to, or what else reports call the change. */
  readonly stage: string
  readonly before: readonly TrafficTarget[]
  readonly after: readonly TrafficTarget[]
  readonly stable: Role
  readonly candidate: Role
  /** What decided on the candidate's percent, where no flag and no fixed stage did. */
  readonly percentBy?: string
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

/** What tells the roles of a Service besides flags. */
export function cluesOf(
  manifest: Manifest,
  traffic: readonly TrafficTarget[],
  { past, live, templateName: elsewhere }: Witnesses,
): Omit<Clues, 'stable' | 'candidate'> {
  const templateName = elsewhere ?? templateNameOf(manifest)
  return {
    traffic,
    ...(templateName !== undefined && { templateName }),
    ...(past && { past }),
    ...(live && { live }),
  }
}

/** The revision name that a file brings along, if it does: what the cluster builds from it is called so. */
export function templateNameOf({ value }: Pick<Manifest, 'value'>): string | undefined {
  const name = member(value, 'spec', 'template', 'metadata', 'name')
  return typeof name === 'string' && name !== '' ? name : undefined
}
