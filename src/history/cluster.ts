import { type ClusterSettings, stockCluster } from '../config/cluster-settings.js'
import type { Manifest } from '../manifest/manifest.js'
import { generatedName, numberOf, ownNamePath } from '../manifest/names.js'
import type { Profile } from '../manifest/profile.js'
import { readTraffic, type TrafficTarget } from '../manifest/traffic.js'
import { changesUnderName, editedNotes } from '../rules/kept-name.js'
import { storedTemplate } from '../rules/update.js'
import { namesIn } from '../stages/roles.js'
import { type Json, type JsonObject, member, sameJson } from '../yaml/json.js'

/** What a history tells of the numbers in generated names. */
type Numbered = {
  /** How many templates were admitted, one after the other: each counts, own names and ones used again too. */
  readonly count: number
  /** Whether the first of them was number 1, because the history saw the Service come to be. */
  readonly isExact: boolean
  /**
   * The names that were taken for granted by a version that a cluster had for a while, each with how many templates there
   * were before that version and after it.
   */
  readonly named: ReadonlyMap<string, NamedRevision>
  readonly ahead: Ahead
}

type NamedRevision = { readonly commit: string; readonly before: number; readonly after: number }

/** How far numbers that were named are ahead of the count, at least and at most: kept, as a history may name thousands. */
type Ahead = { readonly service: string; readonly least: number; readonly most: number | undefined }

function aheadWith(
  ahead: Ahead,
  service: string,
  names: Iterable<readonly [string, Pick<NamedRevision, 'before' | 'after'>]>,
): Ahead {
  let { least, most } = ahead
  for (const [name, { before, after }] of names) {
    const number = numberOf(service, name)
    if (number === undefined) continue
    least = Math.max(least, number - after)
    most = Math.max(most ?? 0, number - before)
  }
  return { service, least, most }
}

const notAhead: Ahead = { service: '', least: 0, most: undefined }

/**
 * The number of the template that the cluster has: the count of its changes, if it began with the history. Otherwise it
 * began earlier, and a number that was named had been reached by then; the version that named it may have brought the
 * next one. `most` is undefined where no number was named: anybody may have counted on before.
 */
export function reached(
  { count, isExact, named, ahead }: Numbered,
  service: string,
): { readonly least: number; readonly most: number | undefined } {
  if (isExact) return { least: count, most: count }
  const { least, most } = ahead.service === service ? ahead : aheadWith(notAhead, service, named)
  return { least: count + least, most: most === undefined ? undefined : count + most }
}

/** Whether the name is one that may have been generated before the history, or in a part of it that it does not tell of. */
function mayExist(numbered: Numbered, service: string, name: string): boolean {
  const number = numberOf(service, name)
  if (number === undefined || numbered.isExact) return false
  const { most } = reached(numbered, service)
  return most === undefined || number <= most
}

type Valued = Pick<Manifest, 'value'>

/** The name that the template gives its revision, if it gives one. */
export function ownName({ value }: Valued): string | undefined {
  const name = member(value, ...ownNamePath)
  return typeof name === 'string' && name !== '' ? name : undefined
}

/** A Service before a change and after it, and what is set in the cluster that takes it. */
type Changed = { readonly before: Valued; readonly after: Valued; readonly settings?: ClusterSettings | undefined }

/** Whether a change brings another template, so that the cluster makes another revision. */
export function isNewTemplate({ before, after, settings }: Changed): boolean {
  // What a cluster fills in goes by no other part, and takes longer to work out.
  const [old, fresh] = [before, after].map(({ value }) => [
    templateOf({ value }) ?? null,
    member(value, 'metadata') ?? null,
  ])
  return !sameJson(old, fresh) && !sameJson(revisionOf(before, settings), revisionOf(after, settings))
}

export function templateOf({ value }: Valued): Json | undefined {
  return member(value, 'spec', 'template')
}

/** The revision that a cluster makes of a Service's template, in a form in which equal ones are equal. */
function revisionOf({ value }: Valued, settings?: ClusterSettings): JsonObject {
  return storedTemplate(templateOf({ value }), settings, member(value, 'metadata')).asGo
}

/** A Service as one commit has it. */
export type ServiceVersion = Pick<Manifest, 'name' | 'value'> & {
  /** Whether a cluster that has no such Service would take it: `validate` finds no error. */
  readonly isValid: boolean
}

/** What takes the versions. */
export type Server = {
  readonly profile: Profile
  /** What an operator has set there. */
  readonly settings: ClusterSettings
}

/** A Knative that nobody has set anything in. */
export const stockServer: Server = { profile: 'knative', settings: stockCluster }

/** What one commit hands to the cluster. */
export type Version = {
  /** The full hash. */
  readonly commit: string
  /** Undefined where the commit has none: a cluster that prunes deletes the Service with all its revisions. */
  readonly service: ServiceVersion | undefined
}

/** A revision that a cluster holds. */
export type MadeRevision = {
  /** The first commit that it is known from. */
  readonly commit: string
  /** `spec` of the template that it was made from, as `revisionOf` has it; undefined where only its name is known. */
  readonly spec: Json | undefined
}

/** Where requests go: the revisions behind the targets of the last split that took effect. */
type Served = Pick<TrafficTarget, 'percent' | 'tag'> & { readonly name: string }

/** What a cluster that has applied a history holds of one Service. */
export type Cluster = Numbered & {
  /** The Service as last admitted: what the next version is compared with. */
  readonly service?: Pick<Manifest, 'name' | 'value'> & { readonly commit: string }
  readonly revisions: ReadonlyMap<string, MadeRevision>
  /** The revision that was made last, or found for the template: where `latestRevision` leads. */
  readonly latest?: string
  /** The name that the template has, though another template's revision has it. The route is frozen until that changes. */
  readonly taken?: string
  readonly serving: readonly Served[]
}

/** What became of a version. */
type Admission =
  | { readonly kind: 'absent' }
  /** `invalid`: an error of its own. `name-kept`: another template under the same name. `notes`: edited notes on users. */
  | { readonly kind: 'refused'; readonly reason: 'invalid' | 'name-kept' | 'notes' }
  | {
      readonly kind: 'admitted'
      /** The revision of its template: made, found under its name, the same as before, or not to be had under its name. */
      readonly revision: { readonly name: string; readonly how: 'minted' | 'found' | 'kept' | 'taken' }
      /** The targets that are missing. The old split goes on until they are there. */
      readonly missing: readonly string[]
    }

type Step = { readonly cluster: Cluster; readonly outcome: Admission }

/** Before the first version that is known: whatever that one takes for granted was there before. */
export const unseen: Cluster = {
  revisions: new Map(),
  serving: [],
  count: 0,
  isExact: false,
  named: new Map(),
  ahead: notAhead,
}

/** After a Service was deleted: nothing is left, and numbers start again. */
const deleted: Cluster = { ...unseen, isExact: true }

/**
 * The maps that one replay fills: added to in place, so that only what it began with is copied. A cluster in the middle of
 * a replay must therefore not be kept, nor be stepped from twice.
 */
class ReplayMaps {
  readonly revisions = new ReplayMap<MadeRevision>()
  readonly named = new ReplayMap<NamedRevision>()
}

class ReplayMap<Value> {
  private made: Map<string, Value> | undefined

  /** What `map` holds, and more: in the very same map if that was made here. */
  with(map: ReadonlyMap<string, Value>, more: Iterable<readonly [string, Value]>): ReadonlyMap<string, Value> {
    const made = this.made === map ? this.made : new Map(map)
    this.made = made
    for (const [name, value] of more) made.set(name, value)
    return made
  }
}

/**
 * What a cluster makes of the next version. One that is refused changes nothing, and the very same cluster comes back.
 * One that is admitted may make a revision, where its template is another one; the route follows as soon as all targets
 * are there. Every revision is taken to become ready: files do not tell.
 *
 * Source: pkg/apis/serving/v1/revision_validation.go VerifyNameChange; pkg/reconciler/configuration, pkg/reconciler/route
 */
export function step(cluster: Cluster, version: Version, server: Server = stockServer): Step {
  return stepWith(new ReplayMaps(), cluster, version, server)
}

function stepWith(maps: ReplayMaps, cluster: Cluster, { commit, service }: Version, server: Server): Step {
  if (!service) return { cluster: cluster.service ? deleted : cluster, outcome: { kind: 'absent' } }
  const reason = refusalOf(cluster.service, service, server)
  if (reason !== undefined) return { cluster, outcome: { kind: 'refused', reason } }
  const traffic = readTraffic(service) ?? []
  const isNew =
    !cluster.service || isNewTemplate({ before: cluster.service, after: service, settings: server.settings })
  const admitted: Cluster = {
    ...(cluster.service || cluster.isExact ? cluster : adopted(commit, service, traffic)),
    count: cluster.count + (isNew ? 1 : 0),
    service: { commit, name: service.name, value: service.value },
  }
  const { cluster: built, how } = isNew
    ? withRevision(admitted, { commit, service, maps }, server)
    : { cluster: admitted, how: 'kept' as const }
  const missing = namesIn(traffic).filter((name) => !exists(built, name))
  const isHeld = built.taken !== undefined || missing.length > 0
  return {
    cluster: isHeld ? built : { ...built, serving: servedBy(traffic, built.latest ?? '') },
    outcome: {
      kind: 'admitted',
      revision: { name: built.taken ?? built.latest ?? '', how: built.taken === undefined ? how : 'taken' },
      missing,
    },
  }
}

/** Whether a target can lead to a revision of this name: one that was made, or that was there or counted before. */
export function exists(cluster: Cluster, name: string): boolean {
  return cluster.revisions.has(name) || cluster.named.has(name) || mayExist(cluster, cluster.service?.name ?? '', name)
}

function refusalOf(
  before: Cluster['service'],
  after: ServiceVersion,
  { profile, settings }: Server,
): 'invalid' | 'name-kept' | 'notes' | undefined {
  if (!before) return after.isValid ? undefined : 'invalid'
  // Cloud Run fills in its defaults whatever the name.
  const isTried = profile === 'knative' || isNewTemplate({ before, after, settings })
  // A version is judged last, which takes longest: what is refused for its name need not be.
  if (isTried && changesUnderName(before, after, settings).length > 0) return 'name-kept'
  // A user that a commit brings may be the live one; once it is merged, nobody is asked to take it back.
  const notes = editedNotes(before, after).filter(({ old, fresh }) => old !== undefined || fresh === '')
  if (profile === 'knative' && notes.length > 0) return 'notes'
  return after.isValid ? undefined : 'invalid'
}

/** What must have been there when the first version came: the targets that it names. */
function adopted(commit: string, service: ServiceVersion, traffic: readonly TrafficTarget[]): Cluster {
  const names = namesIn(traffic)
  const own = ownName(service)
  const named = new Map(
    [...names, ...(own === undefined ? [] : [own])].map((name) => [name, { commit, before: 0, after: 1 }]),
  )
  return {
    ...unseen,
    revisions: new Map(names.map((name) => [name, { commit, spec: undefined }])),
    named,
    ahead: aheadWith(notAhead, service.name, named),
  }
}

/** Makes the revision of a new template, unless there is one of that name already. */
function withRevision(
  cluster: Cluster,
  { commit, service, maps }: { readonly commit: string; readonly service: ServiceVersion; readonly maps: ReplayMaps },
  { settings }: Server,
): { readonly cluster: Cluster; readonly how: 'minted' | 'found' } {
  const spec = specOf(service, settings)
  const name = ownName(service) ?? generatedName(service.name, reached(cluster, service.name).least)
  const known = cluster.revisions.get(name)
  if (known?.spec !== undefined && !sameJson(known.spec, spec))
    return { cluster: { ...cluster, taken: name }, how: 'found' }
  const { taken: _, ...free } = cluster
  const revisions = maps.revisions.with(cluster.revisions, [[name, { commit: known?.commit ?? commit, spec }]])
  return { cluster: { ...free, revisions, latest: name }, how: known ? 'found' : 'minted' }
}

/** What a revision is known again by. */
export function specOf(service: Pick<Manifest, 'value'>, settings?: ClusterSettings): Json {
  return member(revisionOf(service, settings), 'spec') ?? null
}

function servedBy(traffic: readonly TrafficTarget[], latest: string): readonly Served[] {
  if (traffic.length === 0) return [{ name: latest, percent: 100 }]
  return traffic.map(({ revision, percent, tag }) => {
    return { name: 'name' in revision ? revision.name : latest, percent, ...(tag !== undefined && { tag }) }
  })
}

/** A version that the cluster refused. */
type RefusedVersion = {
  readonly commit: string
  readonly reason: (Admission & { readonly kind: 'refused' })['reason']
  readonly service: Pick<Manifest, 'value'>
}

/** Where a history leads. */
export type Replayed = {
  readonly cluster: Cluster
  /** What was refused since the cluster last took a version, the oldest first. */
  readonly refused: readonly RefusedVersion[]
}

/** Before any version. */
export const start: Replayed = { cluster: unseen, refused: [] }

/** Every version synced by itself, the oldest first: a fold of `step`. */
export function replay(from: Replayed, versions: Iterable<Version>, server: Server = stockServer): Replayed {
  const maps = new ReplayMaps()
  let at = from
  for (const version of versions) at = next(maps, at, version, server)
  return at
}

/**
 * A history that was merged: a fold, too. What a cluster has held for a while is believed where the history alone does
 * not tell of it, as others may have made the revision: each name counts as known after the version that first names it.
 */
export function replayMerged(versions: Iterable<Version>, server: Server = stockServer): Replayed {
  const maps = new ReplayMaps()
  let at = start
  for (const version of versions) {
    const { cluster, refused } = next(maps, at, version, server)
    at = { cluster: cluster === at.cluster ? cluster : believed(maps, at.cluster, cluster), refused }
  }
  return at
}

/**
 * The newest version that the cluster took under an explicit revision name, and that this revision is of: what was refused
 * under the name, or came under it after another template had it, made nothing. Undefined where there is none.
 */
export function lastAdmittedUnder(
  versions: Iterable<Version>,
  name: string,
  server: Server = stockServer,
): Version | undefined {
  const maps = new ReplayMaps()
  let [cluster, admitted]: [Cluster, Version | undefined] = [unseen, undefined]
  for (const version of versions) {
    const { cluster: stepped, outcome } = stepWith(maps, cluster, version, server)
    cluster = stepped
    if (outcome.kind === 'absent') admitted = undefined
    if (outcome.kind !== 'admitted' || outcome.revision.how === 'taken') continue
    if (version.service && ownName(version.service) === name) admitted = version
  }
  return admitted
}

function next(maps: ReplayMaps, { cluster, refused }: Replayed, version: Version, server: Server): Replayed {
  const { cluster: stepped, outcome } = stepWith(maps, cluster, version, server)
  const { commit, service } = version
  if (outcome.kind !== 'refused' || !service) return { cluster: stepped, refused: [] }
  return { cluster: stepped, refused: [...refused, { commit, reason: outcome.reason, service }] }
}

function believed(maps: ReplayMaps, { count: before }: Cluster, after: Cluster): Cluster {
  const { service, count, named, ahead } = after
  if (!service) return after
  const { commit, name } = service
  const own = ownName(service)
  const numbered = own !== undefined && numberOf(name, own) !== undefined ? [own] : []
  const fresh = [...namesIn(readTraffic(service) ?? []), ...numbered].filter((one) => !named.has(one))
  if (fresh.length === 0) return after
  const more = fresh.map((one) => [one, { commit, before, after: count }] as const)
  const known = ahead.service === name ? ahead : aheadWith(notAhead, name, named)
  return { ...after, named: maps.named.with(named, more), ahead: aheadWith(known, name, more) }
}
