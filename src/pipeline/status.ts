import type { Applier } from '../kustomize/layers/layer.js'
import type { AppliedService } from '../kustomize/build.js'
import { type FileReading, findManifests, matchManifests } from '../manifest/find.js'
import { folderName } from '../kustomize/kustomization.js'
import { type Manifest, type Spot, spotAt } from '../manifest/manifest.js'
import { asideDiagnostics } from '../manifest/other-kinds.js'
import type { LiveService } from '../manifest/live.js'
import type { Past, Since } from '../manifest/past.js'
import { placeholderIn } from '../manifest/unfilled.js'
import { isSilentPatch, keyOf, readTraffic, type Revision, type TrafficTarget } from '../manifest/traffic.js'
import { rememberReading } from '../manifest/version-reading.js'
import { stageSince } from '../stages/next.js'
import type { Frozen } from '../stages/freeze.js'
import { shareOf, targetsNaming } from '../stages/place.js'
import type { RolloutPlan } from '../stages/stages.js'
import {
  isUnbuilt,
  type Position,
  soundPosition,
  stepAfter,
  stepLeaving,
  type Unready,
  unreadyIn,
} from '../stages/position.js'
import { type Facts, type Role, type Roles, templateNameOf } from '../stages/roles.js'
import { backOf, hiddenRise, type RolledBack, withLostCandidate } from '../stages/rolled-back.js'
import { isRefusal, type Refusal } from '../stages/stage.js'
import { standingOf } from '../stages/standing.js'
import { type Address, addressOf, serviceUrl, tagUrl, type UrlScheme } from '../stages/url.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { folderOf } from '../text/path.js'
import type { Range, SourceFile } from '../text/source.js'
import type { FileHistory } from '../text/words.js'
import { yamlDiagnostic } from '../yaml/faults.js'
import { isList, type Json, member } from '../yaml/json.js'
import { applierRemarks } from './delivery-remarks.js'
import { isNamed, servicesIn } from './applied.js'
import { namespaceGiven, plainAppliers } from '../kustomize/layers/namespace.js'
import { append } from '../text/collections.js'
import { Around, unmatched } from './around.js'
import { pasteable } from './diagnostics.js'
import type { Request } from './request.js'
import { isPresent, type TrafficHistory, trafficHistory } from './traffic-history.js'
import { settingsOf, unknownStage } from './settings.js'
import { differsFrom, type Identity, Knowledge, type Subject } from './snapshot.js'

/** Since when the traffic of a Service is as it is; or that it is not committed, or why Git does not tell. */
export type TimeInStage = Since | { readonly notCommitted: true } | { readonly unknown: string }

function timeInStage(history: FileHistory | 'none', past: Past | undefined): TimeInStage {
  if (history === 'none') return { unknown: 'it is in no file' }
  const missing = history.failure ?? history.absence
  if (!past) return missing === undefined ? { notCommitted: true } : { unknown: missing }
  const since = stageSince(past)
  for (const newest of past.states) return since && isPresent(past, newest) ? since : { notCommitted: true }
  const { isCut, unread } = past.gaps()
  if (unread > 0) return { unknown: `${unread} ${unread === 1 ? 'version' : 'versions'} of it cannot be read` }
  return isCut ? { unknown: history.failure ?? 'the history ends too early' } : { notCommitted: true }
}

/** A revision, and the percent of the requests that the file gives it. */
export type Share = { readonly revision: Revision; readonly percent: number; readonly role?: 'stable' | 'candidate' }

/** The stage that `next` would take a Service to. */
export type NextStage = {
  readonly stage: string
  /** Set where the soak of the present stage is not known to be over, in seconds since 1970 where it ends. */
  readonly soak?: { readonly seconds: number; readonly until?: number }
  /** Set where rollouts are frozen at the time of the run. */
  readonly frozen?: Frozen
  /** Set where no history tells whether the candidate was rolled back. */
  readonly isUnsure?: true
}

/** A revision in its role, and what it was told by. */
export type FoundRole = Exclude<Role, Refusal>

/** One Service and where its rollout stands. */
export type StatusRow = {
  readonly file: string
  /** Where its name stands. */
  readonly range: Range
  readonly label: string
  readonly name: string
  readonly namespace?: string
  /** The folder of the kustomize root that applies it; absent where its file is applied as it is. */
  readonly root?: string
  /** The controllers that apply it, as files of the repository say. */
  readonly appliedBy?: readonly Applier[]
  /** The plan that it follows. */
  readonly plan: string
  /** As `Position` has it; `unreadable` where the traffic is not what a cluster takes. */
  readonly state: Position['state'] | 'unreadable'
  /** The stage of the plan that leaves the state of the file; absent where none does. */
  readonly stage?: string
  /** Set where the candidate's share was last lowered, and which stage had it before, if one did. */
  readonly rolledBack?: RolledBack & { readonly stage?: string }
  /** Absent where the traffic cannot be read; empty where it is left to the latest revision. */
  readonly traffic?: readonly TrafficTarget[]
  /** Each revision once: stable, candidate, then what else has a share. They need not add up to 100. */
  readonly shares: readonly Share[]
  readonly stable?: FoundRole
  readonly candidate?: FoundRole
  /** The candidate's tag; absent where none leads to the candidate. */
  readonly tag?: string
  /** What its URLs are made of, with the scheme of the run. */
  readonly address: Address
  /** Where the Service is expected, and the candidate's tag. `<namespace>` stands for one that nothing tells. */
  readonly url: string
  readonly tagUrl?: string
  /** What the snapshot shows of it; absent where there is none, or not of this Service. */
  readonly live?: RowLive
  /** Absent where Git was not asked. */
  readonly since?: TimeInStage
  readonly next?: NextStage
  /** What became of its traffic; only where that was asked for, and Git knows it. */
  readonly history?: TrafficHistory
  /** `spec.template` as it will be applied; only where that was asked for. */
  readonly template?: Json
}

/** What a snapshot shows of a Service. */
export type RowLive = {
  readonly file: string
  /** Where the cluster sends traffic, in the order of the row's shares; others follow. */
  readonly shares: readonly Share[]
  /** The `Ready` condition. */
  readonly ready?: 'True' | 'False' | 'Unknown'
  /** Why the Service does not become ready by itself. */
  readonly reason?: string
  /** The targets of the file that take no traffic. */
  readonly unready: readonly Unready[]
  /** What of the file the cluster does not have. */
  readonly drift: readonly ('traffic' | 'template')[]
}

/** How to tell of a Service what its file does not. */
type RowSources = {
  readonly facts: Facts
  readonly scheme: UrlScheme
  /** How the cluster knows it. */
  readonly identity: Identity
  /** The history of its file; absent where Git was not asked, `none` where there is nothing to ask it about. */
  readonly history?: FileHistory | 'none'
  readonly more: StatusRequest['more'] | undefined
}

/** What there is to tell of a Service. Total: traffic that makes no sense has a row, too. */
function rowOf(manifest: Manifest, sources: RowSources): StatusRow {
  const row = standingRow(manifest, sources)
  const { more, history, facts } = sources
  if (more === 'template') return { ...row, template: member(manifest.value, 'spec', 'template') ?? null }
  const past = more === 'history' && history ? facts.past?.() : undefined
  return past ? { ...row, history: trafficHistory(past, facts.plan) } : row
}

/** Where it stands. */
function standingRow(own: Manifest, { facts, scheme, identity, history }: RowSources): StatusRow {
  const given = own.namespace === undefined ? identity.namespace : undefined
  const manifest = given === undefined ? own : { ...own, namespace: given, label: `${given}/${own.name}` }
  const { label, name, namespace } = manifest
  const address = addressOf(manifest.value, identity)
  const { file, range } = rowPlace(manifest)
  const named = { file: file.path, range, label, name, ...(namespace !== undefined && { namespace }) }
  const plan = facts.plan.name
  const found = standingOf(manifest, {}, facts)
  if (!found || isRefusal(found)) return { ...named, plan, state: 'unreadable', shares: [], ...urlsOf(address, scheme) }
  const standing = history ? withLostCandidate(found, facts.past?.()) : found
  const { before: traffic } = standing
  const [stable, candidate] = [known(standing.stable), known(standing.candidate)]
  const position = soundPosition(facts.plan, traffic, standing)
  const isShared = position.state === 'shared'
  const past = history && facts.past?.()
  const since = history && timeInStage(history, past)
  // What was taken out of the list was rolled back, too.
  const isOpen = isShared || position.state === 'single'
  const back = isOpen && past ? backOf(past, standing) : undefined
  const hasPlaceholder = [name, ...namesOf(standing)].some((one) => placeholderIn(one) !== undefined)
  const next = hasPlaceholder ? undefined : nextOf(facts, position, standing, { since, back })
  const isHidden = (revision: Revision): boolean =>
    past ? hiddenRise(past, traffic, revision) !== undefined : since !== undefined && 'unknown' in since
  const isUnsure = isOpen && candidate && !back && isHidden(candidate.revision)
  const shares = sharesOf(position, traffic, { stable, candidate })
  return {
    ...named,
    plan,
    state: position.state,
    ...stageOf(facts.plan, position, back),
    ...(back && { rolledBack: { ...back, ...stageAt(facts.plan, back.from) } }),
    traffic,
    shares,
    ...(stable && { stable }),
    ...(candidate && { candidate }),
    ...urlsOf(address, scheme, tagOf(traffic, candidate?.revision)),
    ...(facts.live && { live: rowLive(manifest, shares, facts.live) }),
    ...(since && { since }),
    ...(next && { next: isUnsure && position.share !== 100 ? { ...next, isUnsure: true } : next }),
  }
}

/** Where its name stands, or, of one that a root builds, where its traffic is decided. */
function rowPlace(manifest: Manifest): Spot {
  const own = manifest.spotOf && isList(member(manifest.value, 'spec', 'traffic')) ? ['spec', 'traffic'] : undefined
  return spotAt(manifest, own ?? ['metadata', 'name'], own && 'key')
}

/** A name that is filled in later is no role. */
function known(role: Role): FoundRole | undefined {
  if (isRefusal(role)) return undefined
  return 'name' in role.revision && placeholderIn(role.revision.name) !== undefined ? undefined : role
}

function namesOf({ stable, candidate }: Roles): readonly string[] {
  return [stable, candidate].flatMap((role) =>
    !isRefusal(role) && 'name' in role.revision ? [role.revision.name] : [],
  )
}

/** A lone revision with a tag is one that was promoted and its old one retired, unless it was gone back to. */
function stageOf(plan: RolloutPlan, { state, step }: Position, back: RolledBack | undefined): Pick<StatusRow, 'stage'> {
  const found = state === 'single' && back ? stepLeaving(plan, 'stable') : step
  return found ? { stage: found.stage.name } : {}
}

function stageAt({ steps }: RolloutPlan, share: number): { readonly stage?: string } {
  const step = steps.find(({ stage }) => stage.share === share)
  return step ? { stage: step.stage.name } : {}
}

function sharesOf(
  { state }: Position,
  traffic: readonly TrafficTarget[],
  { stable, candidate }: { readonly stable: FoundRole | undefined; readonly candidate: FoundRole | undefined },
): readonly Share[] {
  if (traffic.length === 0) return [{ revision: { latest: true }, percent: 100 }]
  const roles = [
    ...(stable ? [{ revision: stable.revision, role: 'stable' as const }] : []),
    ...(candidate ? [{ revision: candidate.revision, role: 'candidate' as const }] : []),
  ]
  const shares: Share[] = []
  const told = new Set<string>()
  const others = traffic.map((target) => ({ revision: target.revision, role: undefined }))
  for (const { revision, role } of [...roles, ...others]) {
    if (told.has(keyOf(revision)) || targetsNaming(traffic, revision).length === 0) continue
    const percent = shareOf(traffic, revision)
    if (!role && percent === 0 && state !== 'odd') continue
    told.add(keyOf(revision))
    shares.push({ revision, percent, ...(role && { role }) })
  }
  return shares
}

/** The tag that leads to the candidate: a tag of another revision is none of its. */
function tagOf(traffic: readonly TrafficTarget[], candidate: Revision | undefined): string | undefined {
  return candidate && targetsNaming(traffic, candidate).find(({ tag }) => tag !== undefined)?.tag
}

function urlsOf(
  address: Address,
  scheme: UrlScheme,
  tag?: string,
): Pick<StatusRow, 'address' | 'tag' | 'url' | 'tagUrl'> {
  return {
    address,
    url: serviceUrl(address, scheme),
    ...(tag !== undefined && { tag, tagUrl: tagUrl(address, tag, scheme) }),
  }
}

/** Where the cluster sends traffic: by its status, or by what was wanted of it where the snapshot has none; else nothing. */
function rowLive(manifest: Manifest, shares: readonly Share[], live: LiveService): RowLive {
  const { file, ready, troubles, traffic, wanted = [] } = live
  const follows = shares.some(({ revision }) => 'latest' in revision)
  const served =
    traffic.length === 0
      ? wanted
      : traffic.map(({ revisionName, percent, latestRevision }) => {
          const revision: Revision = latestRevision && follows ? { latest: true } : { name: revisionName }
          return { revision, percent }
        })
  const shown = new Map(shares.map(({ revision, role }) => [keyOf(revision), { revision, role }]))
  for (const { revision, percent } of served)
    if (percent > 0 && !shown.has(keyOf(revision))) shown.set(keyOf(revision), { revision, role: undefined })
  const drift = differsFrom(manifest, live)
  const [trouble] = troubles
  return {
    file,
    shares: (served.length > 0 ? [...shown.values()] : []).map(({ revision, role }) => {
      return { revision, percent: shareOf(served, revision), ...(role && { role }) }
    }),
    ...(ready && { ready }),
    ...(trouble && { reason: trouble.reason }),
    unready: unreadyIn(readTraffic(manifest) ?? [], live, (name) => isUnbuilt(live, name, templateNameOf(manifest))),
    drift: [...(drift.traffic ? (['traffic'] as const) : []), ...(drift.template ? (['template'] as const) : [])],
  }
}

/** As `next` would go on: from a lone revision only where another one is known, and not again where someone went back. */
function nextOf(
  { plan, now, frozen }: Facts,
  position: Position,
  { stable, candidate }: Roles,
  { since, back }: { readonly since: TimeInStage | undefined; readonly back: RolledBack | undefined },
): NextStage | undefined {
  const step = position.state === 'odd' ? undefined : stepAfter(plan, position)
  if (!step || (back && step.stage.share !== undefined)) return undefined
  if (position.state !== 'shared' && step.stage.share !== undefined && isRefusal(candidate)) return undefined
  if (isRefusal(stable)) return undefined
  const { name: stage } = step.stage
  const held = frozen ? { frozen } : {}
  const seconds = position.step?.soak ?? 0
  if (seconds === 0) return { stage, ...held }
  if (!since || !('time' in since) || since.isAtLeast === true) {
    const isOver = since && 'time' in since && now !== undefined && since.time + seconds <= now
    return { stage, ...held, ...(isOver ? {} : { soak: { seconds } }) }
  }
  const until = since.time + seconds
  return { stage, ...held, ...(now !== undefined && until <= now ? {} : { soak: { seconds, until } }) }
}

/** Whether stable and candidate stand side by side, and nobody went back. */
export function isRolling({ state, rolledBack }: StatusRow): boolean {
  return state === 'shared' && !rolledBack
}

/** Whether the state is one that no rollout leaves. */
export function isOffPlan({ state }: StatusRow): boolean {
  return state === 'odd' || state === 'unreadable'
}

/** What to tell, and of which Services. Without histories nothing is told that only Git knows. */
export type StatusRequest = Pick<
  Request,
  'services' | 'typed' | 'configuration' | 'histories' | 'now' | 'surroundings' | 'live' | 'urls'
> & {
  /** Names of stages: others are left out. `latest` and `odd` stand for what no stage leaves. */
  readonly stages?: readonly string[]
  /** Whether to leave out what is neither under way, nor rolled back, nor odd. */
  readonly rolling?: boolean
  /** How URLs are made; without it `urls` and the configuration say so. */
  readonly scheme?: UrlScheme
  /** What else to tell of each Service: what became of its traffic takes all of its past. */
  readonly more?: 'history' | 'template'
}

/** Where the rollouts of Services stand. */
export type Status = {
  readonly files: readonly SourceFile[]
  /** By namespace and name, then by file. */
  readonly rows: readonly StatusRow[]
  /** Of all that were looked at, also those that filters leave out. */
  readonly counts: Readonly<Record<'services' | 'rolling' | 'rolledBack' | 'odd', number>>
  readonly scheme: UrlScheme
  /** Whether nobody has named the domain in it. */
  readonly isAssumed: boolean
  /**
   * Files that cannot be read, what there is to say of the snapshot, and what is wrong with the request (KN191, KN192,
   * KN420, KN424: then there are no rows).
   */
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Tells of every Service where its rollout stands: by its file, and by Git where that leaves a role open and for times.
 * Nothing is judged. Pure, synchronous and total.
 */
export function statusOf(files: readonly SourceFile[], request: StatusRequest): Status {
  const { stages = [] } = request
  const settings = settingsOf(request)
  const { plans, planFor, frozenFor, faults } = settings
  const { scheme = settings.scheme } = request
  const isAssumed = request.scheme === undefined && !settings.isDomainNamed
  const none = { files, rows: [], counts: countsOf([]), scheme, isAssumed }
  if (request.configuration && faults.length > 0)
    return { ...none, files: [...files, request.configuration], diagnostics: faults }
  const unknown = stages
    .filter((name) => name !== 'latest' && name !== 'unrecognized')
    .flatMap((stage) => unknownStage({ command: 'apply', stage }, plans) ?? [])
  if (unknown.length > 0) return { ...none, diagnostics: unknown }
  const knowledge = new Knowledge(request, planFor, frozenFor)
  const snapshot = request.live ? [request.live] : []
  if (knowledge.faults.length > 0) return { ...none, files: [...files, ...snapshot], diagnostics: knowledge.faults }
  const read = gathered(files, request, { knowledge, scheme })
  const { rows: all, applied, names, matched, subjects, diagnostics } = read
  const refused = (request.services ?? [])
    .filter((pattern) => !matched.has(pattern))
    .map((pattern) => unmatched(pattern, names, request))
  if (refused.length > 0) return { ...none, diagnostics: refused }
  const rows = all.filter((row) => isWanted(row, request)).toSorted(byName)
  const looked = all.length > 0 ? [...files, ...applied.map(({ root }) => root.file)] : []
  const unread = unreadAppliers(looked, request)
  // Of a Service that the snapshot does not show, the row says nothing, which is enough.
  const shown = subjects.filter(({ identity }) => knowledge.shows(identity))
  const said = pasteable(
    knowledge.remarksOn(shown.length > 0 ? shown : subjects),
    subjects.map(({ manifest }) => manifest),
    { snapshot: request.live?.path },
  )
  return {
    files: [...files, ...unread.files, ...shownAround(rows, files, request), ...snapshot],
    rows,
    counts: countsOf(all),
    scheme,
    isAssumed,
    diagnostics: [...diagnostics, ...unread.diagnostics, ...said],
  }
}

/** What there is to tell of all Services that are meant, before stages leave some out. */
type Told = {
  readonly rows: readonly StatusRow[]
  readonly applied: readonly AppliedService[]
  readonly names: readonly Pick<Manifest, 'name' | 'label'>[]
  /** The patterns that mean one of them. */
  readonly matched: ReadonlySet<string>
  readonly subjects: readonly Subject[]
  readonly diagnostics: readonly Diagnostic[]
}

function gathered(
  files: readonly SourceFile[],
  request: StatusRequest,
  { knowledge, scheme }: { readonly knowledge: Knowledge; readonly scheme: UrlScheme },
): Told {
  const { histories, more, services: patterns = [] } = request
  const diagnostics: Diagnostic[] = []
  const names: Pick<Manifest, 'name' | 'label'>[] = []
  const matched = new Set<string>()
  const rows: StatusRow[] = []
  const subjects: Subject[] = []
  const { around, readings, applied } = aroundOf(files, request)
  const add = (manifest: Manifest, own: readonly string[], place: Pick<StatusRow, 'root' | 'appliedBy'>): void => {
    names.push({ name: manifest.name, label: manifest.label })
    for (const pattern of own) matched.add(pattern)
    if (patterns.length > 0 && own.length === 0) return
    const namespace = namespaceGiven(manifest.namespace, place.appliedBy ?? [])?.value
    const identity = { name: manifest.name, ...(namespace !== undefined && { namespace }) }
    const history = histories && (histories.get(manifest.file.path) ?? 'none')
    const facts = knowledge.factsOf(manifest, identity)
    rows.push({ ...rowOf(manifest, { facts, scheme, identity, more, ...(history && { history }) }), ...place })
    if (request.live) subjects.push({ manifest, identity, present: manifest })
  }
  for (const file of files) {
    // The YAML of a file is let go before the next one is read: it takes far more memory than the rows.
    const reading = readings.get(file) ?? findManifests(file)
    for (const fault of reading.faults) diagnostics.push(yamlDiagnostic(file, fault))
    append(diagnostics, asideDiagnostics(file, reading))
    const history = histories?.get(file.path)
    if (history) rememberReading(history, file.text, reading)
    for (const manifest of reading.manifests) {
      // What is laid over a Service is none.
      if (around?.isPart(manifest) || isSilentPatch(manifest)) continue
      const own = patterns.filter((pattern) => matchManifests([manifest], pattern).length > 0)
      add(manifest, own, appliedBy(plainAppliers(file, request.surroundings?.applied?.appliers)))
    }
  }
  for (const service of applied) {
    const { manifest, root } = service
    const own = patterns.filter((pattern) => isNamed(service, pattern))
    add(manifest, own, { root: folderName(root), ...appliedBy(around?.applied?.appliersOf(root) ?? []) })
  }
  return { rows, applied, names, matched, subjects, diagnostics }
}

/** What kustomizations around the files make of them; without any, nothing is read. */
type Setting = {
  readonly around?: Around
  readonly readings: ReadonlyMap<SourceFile, FileReading>
  readonly applied: readonly AppliedService[]
}

function aroundOf(files: readonly SourceFile[], { surroundings }: StatusRequest): Setting {
  if (!surroundings || surroundings.kustomizations.length === 0) return { readings: new Map(), applied: [] }
  const readings = new Map(files.map((file) => [file, findManifests(file)] as const))
  const read = [...readings].map(([file, reading]) => ({ file, reading }))
  const around = new Around({ surroundings }, read)
  const meant = new Set([...files.map(({ path }) => path), ...(surroundings.asked ?? [])])
  return { around, readings, applied: servicesIn(around.rootsIn(meant), []) }
}

/** Those of the files around that rows show. */
function shownAround(
  rows: readonly StatusRow[],
  files: readonly SourceFile[],
  { surroundings }: StatusRequest,
): readonly SourceFile[] {
  const appliers = rows.flatMap(({ appliedBy: own = [] }) => own.map(({ file }) => file))
  const around = surroundings ? [...surroundings.kustomizations, ...surroundings.files] : []
  const [given, named] = [files.map(({ path }) => path), rows.map(({ file }) => file)].map((paths) => new Set(paths))
  const shown = [...around.filter(({ path }) => named?.has(path)), ...appliers].filter(({ path }) => !given?.has(path))
  return [...new Map(shown.map((file) => [file.path, file])).values()]
}

function appliedBy(appliers: readonly Applier[]): Pick<StatusRow, 'appliedBy'> {
  return appliers.length === 0 ? {} : { appliedBy: appliers }
}

/** What is not read of what controllers apply, and the files that say it. */
function unreadAppliers(
  looked: readonly SourceFile[],
  { surroundings }: StatusRequest,
): Pick<Status, 'files' | 'diagnostics'> {
  const diagnostics = applierRemarks(surroundings?.applied, {
    hasServices: looked.length > 0,
    places: [...new Set(looked.map(folderIn))],
    // What changes no names and no namespace changes no row.
    plain: [],
    isOfChange: false,
    isAbout: (path) => surroundings?.askedAppliers?.has(path) !== false,
  })
  const named = new Set(diagnostics.map(({ file }) => file))
  return { diagnostics, files: (surroundings?.owners ?? []).filter(({ path }) => named.has(path)) }
}

function folderIn({ path, patchPath = path }: SourceFile): string {
  return folderOf(patchPath)
}

function countsOf(rows: readonly StatusRow[]): Status['counts'] {
  return {
    services: rows.length,
    rolling: rows.filter(isRolling).length,
    rolledBack: rows.filter(({ rolledBack }) => rolledBack).length,
    odd: rows.filter(isOffPlan).length,
  }
}

function isWanted(row: StatusRow, { stages = [], rolling = false }: StatusRequest): boolean {
  if (rolling && row.state !== 'shared' && !isOffPlan(row)) return false
  return (
    stages.length === 0 ||
    (row.stage !== undefined && stages.includes(row.stage)) ||
    (row.state === 'unpinned' && stages.includes('latest')) ||
    (isOffPlan(row) && stages.includes('unrecognized'))
  )
}

function byName(a: StatusRow, b: StatusRow): number {
  return order(a.label, b.label) || order(a.file, b.file) || a.range.start - b.range.start
}

function order(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
