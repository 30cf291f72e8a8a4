import type { CodeRow } from '../codes/code.js'
import { highest } from '../text/collections.js'
import type { Diagnostic } from '../text/diagnostic.js'
import type { Path } from '../text/path.js'
import { at, type Range, type SourceFile } from '../text/source.js'
import { yamlDiagnostic, yamlFaults } from '../yaml/faults.js'
import { isList, isObject, type Json, type JsonObject, member } from '../yaml/json.js'
import { readDocument } from '../yaml/read.js'
import { findManifests, objectsIn } from './find.js'
import { locate, type Manifest } from './manifest.js'
import { marker } from './other-kinds.js'
import { tellingKey } from './profile.js'
import { readTraffic, type TrafficTarget } from './traffic.js'

/** What can be wrong with words that are meant for this tool alone: one row a code. */
export const ownFaults = {
  KN190: {
    name: 'unused-ignore',
    severity: 'warning',
    title: 'Ignore comment is unused or malformed',
    why: () =>
      'An ignore comment that matches no finding hides the next real one in its place, or was misspelled and never worked. Correct its code, move it to the line of the finding or the line above it, or remove it.',
  },
  KN191: {
    name: 'invalid-config',
    severity: 'error',
    title: 'Configuration is not valid',
    why: () =>
      'A misread configuration would silently leave severities and cluster settings at their defaults. So `kn-rollout` validates nothing until it can read the file. The message names the key and the allowed values.',
  },
  KN192: {
    name: 'invalid-snapshot',
    severity: 'error',
    title: '`--live` file is not a snapshot of a live Service',
    why: () =>
      'A snapshot shows revisions and traffic in its `status`, which a manifest from Git does not have. Save the object with `kubectl get ksvc NAME -o yaml`, and pass that file.',
  },
} as const satisfies Readonly<Record<string, CodeRow>>

/** Where the cluster sent traffic: `status.traffic`, whose targets all name a revision. */
type LiveTarget = {
  readonly revisionName: string
  /** 0 to 100 percent; an absent `percent` is 0. */
  readonly percent: number
  readonly tag?: string
  /** Whether it followed the latest ready revision. */
  readonly latestRevision: boolean
}

/** What a snapshot shows of a revision: only the first one takes traffic. */
type RevisionState = 'ready' | 'not-ready' | 'failed' | 'missing'

/** A revision as a snapshot shows it, and the reason or message that says so where it is not ready. */
export type LiveRevision = { readonly name: string; readonly state: RevisionState; readonly reason?: string }

/** Why the Service does not become ready by itself, as a condition of it says. */
type LiveTrouble = { readonly reason: TroubleReason; readonly message: string; readonly range: Range }

/** The reasons that no waiting settles. Source: knative.dev/serving pkg/apis/serving/v1 *_lifecycle.go */
const troubleReasons = ['RevisionMissing', 'RevisionFailed', 'ContainerMissing', 'ConfigurationUnready'] as const
export type TroubleReason = (typeof troubleReasons)[number]

/** A Service as a cluster had it when someone saved it. */
export type LiveService = {
  readonly name: string
  readonly namespace: string | undefined
  /** `namespace/name` */
  readonly label: string
  /** The file that says so, as users name it. */
  readonly file: string
  /** `status.latestCreatedRevisionName` */
  readonly latestCreated?: string
  /** `status.latestReadyRevisionName` */
  readonly latestReady?: string
  readonly traffic: readonly LiveTarget[]
  /** `spec.traffic`; undefined where it cannot be read, or the snapshot has no spec. */
  readonly wanted: readonly TrafficTarget[] | undefined
  /** The `Revision` objects that were saved along with it; all that there are, where there is one. */
  readonly revisions: readonly LiveRevision[]
  /** What `status.conditions` says of revisions that are not ready. */
  readonly named: readonly LiveRevision[]
  /** The `Ready` condition; undefined where there is none, as in an export without a status. */
  readonly ready?: 'True' | 'False' | 'Unknown'
  /** Each reason once. */
  readonly troubles: readonly LiveTrouble[]
  /** `metadata.generation`: how often the Service's spec changed, its traffic included. It numbers no revisions. */
  readonly generation?: number
  /** The generation that `status` is about; a smaller one than `generation` means that it was saved half-way. */
  readonly observedGeneration?: number
  /** `spec.template` with the defaults that the cluster filled in. */
  readonly template: Json | undefined
}

/** What a file for `--live` says, and what is wrong with it. */
export type LiveReading = {
  readonly services: readonly LiveService[]
  readonly faults: readonly Diagnostic[]
  /** The latest time that stands in it, in seconds since 1970: it was not saved before. */
  readonly latest?: number
}

/** A file for `--live`, and when it was saved, in seconds since 1970, where its file tells. */
export type SnapshotFile = SourceFile & { readonly savedAt?: number }

const help = 'run `kubectl get ksvc,revisions --namespace NAMESPACE -o yaml > live.yaml` (or `oc`), and pass that file'

/**
 * Reads what `kubectl get ksvc,revisions -o yaml` or `-o json` printed: one Service, several documents, or a List, with
 * or without their Revisions; or what `gcloud run services describe --format export` did, which has no status. Total:
 * what is no saved live object ends in faults.
 */
export function readLive(file: SourceFile): LiveReading {
  const { manifests, documents, faults } = findManifests(file)
  const wrong = [...faults, ...manifests.flatMap((manifest) => manifest.faults)]
    .filter(({ code }) => yamlFaults[code].severity === 'error' || code === 'KN103')
    .map((fault) => ({ ...yamlDiagnostic(file, fault), severity: ownFaults.KN192.severity }))
  if (wrong.length > 0) return { services: [], faults: wrong }
  if (manifests.length === 0) return { services: [], faults: [holdsNone(file)] }
  const services: LiveService[] = []
  const lifeless: Diagnostic[] = []
  const objects = documents.flatMap(({ contents }) => objectsIn(readDocument(contents, file.text).value))
  const revisions = objects.flatMap((value) => savedRevision(value) ?? [])
  for (const manifest of manifests) {
    const service = liveService(manifest, revisions)
    if (service) services.push(service)
    else lifeless.push(hasNoStatus(manifest))
  }
  const times = objects.flatMap(timesIn)
  return { services, faults: lifeless, ...(times.length > 0 && { latest: highest(times) }) }
}

/**
 * What the snapshot shows of a revision; undefined where it shows nothing. A `Revision` object tells most, then what a
 * condition says by name. A Service that does not become ready, and does not say for which revision, is held up by the
 * one that nothing shows as ready.
 *
 * Source: pkg/reconciler/route/traffic (a target that is not ready holds all of them), pkg/apis/serving/v1
 * route_lifecycle.go, configuration_lifecycle.go.
 */
export function revisionIn(live: LiveService, name: string): LiveRevision | undefined {
  const { revisions, named, latestCreated, latestReady, traffic, troubles } = live
  const told = revisions.find((one) => one.name === name) ?? named.find((one) => one.name === name)
  if (told) return told
  if (revisions.length > 0) return { name, state: 'missing' }
  const [trouble] = troubles
  const reason = trouble && { reason: trouble.reason }
  const isTold = latestReady !== undefined || live.ready !== undefined
  if (isTold && name === latestCreated && name !== latestReady) return { name, state: 'not-ready', ...reason }
  if (name === latestReady || traffic.some(({ revisionName }) => revisionName === name)) return { name, state: 'ready' }
  return trouble && isBlamed(live, name, trouble) ? { name, state: 'not-ready', ...reason } : undefined
}

/** Whether a revision that nothing shows as ready is what a Service waits for that names none. */
function isBlamed(
  { named, wanted = [], latestCreated, latestReady, traffic }: LiveService,
  name: string,
  trouble: LiveTrouble,
): boolean {
  if (named.length > 0) return false
  if (trouble.reason !== 'RevisionMissing') return latestCreated === undefined
  const ready = new Set([latestReady, ...traffic.map(({ revisionName }) => revisionName)])
  const open = wanted.flatMap(({ revision }) =>
    'name' in revision && !ready.has(revision.name) ? [revision.name] : [],
  )
  return open.length === 0 || open.includes(name)
}

/** The revisions that a snapshot shows to be there, each once, ready or not. */
export function revisionsOn(live: LiveService): readonly string[] {
  const { latestCreated, latestReady, traffic, revisions, named } = live
  const told = [...revisions, ...named].flatMap(({ name, state }) => (state === 'missing' ? [] : [name]))
  const all = [...traffic.map(({ revisionName }) => revisionName), ...told, latestCreated ?? '', latestReady ?? '']
  return [...new Set(all.filter((name) => name !== ''))]
}

/**
 * The live object of a Service, the last one where it was saved more than once. A manifest without a namespace matches by
 * its name, where that stands in one namespace only. Undefined where nothing is about this Service.
 */
export function liveOf(
  services: readonly LiveService[],
  { name, namespace }: Pick<Manifest, 'name' | 'namespace'>,
): LiveService | undefined {
  const found = services.filter((one) => one.name === name && (namespace ?? one.namespace) === one.namespace)
  return new Set(found.map((one) => one.namespace)).size === 1 ? found.at(-1) : undefined
}

function liveService(manifest: Manifest, saved: readonly SavedRevision[]): LiveService | undefined {
  const { value, name, namespace, label, file } = manifest
  const status = member(value, 'status') ?? {}
  const hasStatus = isObject(status) && Object.keys(status).length > 0
  // An export of Cloud Run leaves the status out.
  if (!hasStatus && !tellingKey({ value })) return undefined
  const wanted = member(value, 'spec') === undefined ? undefined : readTraffic(manifest)
  const ready = readyIn(member(status, 'conditions'))
  const latestCreated = text(member(status, 'latestCreatedRevisionName'))
  const latestReady = text(member(status, 'latestReadyRevisionName'))
  const generation = count(member(value, 'metadata', 'generation'))
  const observedGeneration = count(member(status, 'observedGeneration'))
  const targets = member(status, 'traffic')
  return {
    name,
    namespace,
    label,
    file: file.path,
    ...(latestCreated !== undefined && { latestCreated }),
    ...(latestReady !== undefined && { latestReady }),
    ...(generation !== undefined && { generation }),
    ...(observedGeneration !== undefined && { observedGeneration }),
    traffic: isList(targets) ? targets.flatMap((target) => liveTarget(target) ?? []) : [],
    wanted,
    revisions: saved
      .filter((one) => one.service === name && one.namespace === namespace)
      .map(({ revision }) => revision),
    named: namedIn(member(status, 'conditions')),
    ...(ready && { ready }),
    troubles: troublesIn(manifest),
    template: member(value, 'spec', 'template'),
  }
}

/** While a revision is not there yet, a target of `status` may lack its name: nothing was sent there. */
function liveTarget(target: Json): LiveTarget | undefined {
  const revisionName = text(member(target, 'revisionName'))
  if (revisionName === undefined) return undefined
  const percent = count(member(target, 'percent')) ?? 0
  const tag = text(member(target, 'tag'))
  const latestRevision = member(target, 'latestRevision') === true
  return { revisionName, percent, latestRevision, ...(tag !== undefined && { tag }) }
}

/** Where the template of a Service says something that the snapshot's one does not have; undefined where it does not. */
export function templateDrift({ template: found }: LiveService, value: Json): Path | undefined {
  return difference(member(value, 'spec', 'template') ?? {}, found, ['spec', 'template'])
}

/** The first thing that the file says and the cluster does not have. What only the cluster has may be its defaults. */
function difference(wanted: Json, found: Json | undefined, path: Path): Path | undefined {
  if (isVacant(wanted)) return undefined
  if (isList(wanted)) {
    if (!isList(found) || found.length !== wanted.length) return path
    return firstPath(wanted.map((item, index) => difference(item, found[index], [...path, index])))
  }
  if (!isObject(wanted)) return isSaid(wanted, found) || isQuantity(path) ? undefined : path
  if (!isObject(found)) return path
  return firstPath(Object.entries(wanted).map(([key, item]) => difference(item, found[key], [...path, key])))
}

/** Cloud Run writes numbers in quotes, too. */
function isSaid(wanted: Json, found: Json | undefined): boolean {
  if (typeof wanted === 'number' && typeof found === 'string') return String(wanted) === found
  return wanted === found || (typeof wanted === 'string' && typeof found === 'number' && String(found) === wanted)
}

/** `1000m` and `1` are one amount: the cluster keeps the spelling of its own. */
function isQuantity(path: Path): boolean {
  return path.includes('resources')
}

function isVacant(value: Json): boolean {
  return value === null || (isObject(value) && Object.keys(value).length === 0)
}

function firstPath(paths: readonly (Path | undefined)[]): Path | undefined {
  return paths.find((path) => path !== undefined)
}

/** A `Revision` object, and the Service that it belongs to. */
type SavedRevision = {
  readonly service: string
  readonly namespace: string | undefined
  readonly revision: LiveRevision
}

/**
 * Source: pkg/apis/serving/register.go ServiceLabelKey, ConfigurationLabelKey; a Configuration is called as its Service.
 */
function savedRevision(value: JsonObject): SavedRevision | undefined {
  const version = text(member(value, 'apiVersion'))
  const name = text(member(value, 'metadata', 'name'))
  if (member(value, 'kind') !== 'Revision' || !version?.startsWith(marker) || name === undefined) return undefined
  const labels = member(value, 'metadata', 'labels')
  const owners = member(value, 'metadata', 'ownerReferences')
  const owner = isList(owners) ? owners.find((one) => member(one, 'kind') === 'Configuration') : undefined
  const service =
    text(member(labels, `${marker}service`)) ??
    text(member(labels, `${marker}configuration`)) ??
    text(member(owner, 'name'))
  if (service === undefined) return undefined
  const namespace = text(member(value, 'metadata', 'namespace'))
  return { service, namespace, revision: stateOf(name, member(value, 'status', 'conditions')) }
}

/** What the `Ready` condition of a `Revision` says; one without any is on its way. */
function stateOf(name: string, conditions: Json | undefined): LiveRevision {
  const ready = conditionOf(conditions, 'Ready')
  const status = member(ready, 'status')
  if (status === 'True') return { name, state: 'ready' }
  const reason = text(member(ready, 'reason'))
  return { name, state: status === 'False' ? 'failed' : 'not-ready', ...(reason !== undefined && { reason }) }
}

function conditionOf(conditions: Json | undefined, type: string): Json | undefined {
  return isList(conditions) ? conditions.find((one) => member(one, 'type') === type) : undefined
}

function readyIn(conditions: Json | undefined): LiveService['ready'] {
  const status = member(conditionOf(conditions, 'Ready'), 'status')
  return status === 'True' || status === 'False' || status === 'Unknown' ? status : undefined
}

/** The times at which an object was made, or a condition of it became so. */
function timesIn(value: JsonObject): readonly number[] {
  const conditions = member(value, 'status', 'conditions')
  const texts = [
    member(value, 'metadata', 'creationTimestamp'),
    ...(isList(conditions) ? conditions.map((one) => member(one, 'lastTransitionTime')) : []),
  ]
  const times = texts.map((one) => (typeof one === 'string' ? Date.parse(one) / 1000 : Number.NaN))
  return times.filter((time) => Number.isFinite(time)).map(Math.floor)
}

/**
 * How conditions of a Service speak of one revision; Cloud Run has words of its own.
 *
 * Source: pkg/apis/serving/v1/route_lifecycle.go MarkRevisionFailed, MarkRevisionNotReady, MarkMissingTrafficTarget,
 * configuration_lifecycle.go MarkLatestCreatedFailed, MarkLatestReadyDeleted.
 */
const sayings: readonly (readonly [saying: RegExp, state: RevisionState])[] = [
  [/^Revision ["']([^"']+)["'] failed (?:to become ready|with message)/, 'failed'],
  [/^Revision ["']([^"']+)["'] is not ready and cannot serve traffic/, 'failed'],
  [/^Revision "([^"]+)" (?:referenced in traffic not found|was deleted)/, 'missing'],
  [/^Revision "([^"]+)" is not yet ready/, 'not-ready'],
]

/** The revisions that conditions name, each by the worst that is said of it: what comes first in `sayings`. */
function namedIn(conditions: Json | undefined): readonly LiveRevision[] {
  const messages = (isList(conditions) ? conditions : [])
    .filter((condition) => member(condition, 'status') !== 'True')
    .map((condition) => text(member(condition, 'message')) ?? '')
  const found = new Map<string, LiveRevision>()
  for (const [saying, state] of sayings)
    for (const message of messages) {
      const name = saying.exec(message)?.[1]
      if (name !== undefined && !found.has(name)) found.set(name, { name, state, reason: message })
    }
  return [...found.values()]
}

function troublesIn(manifest: Manifest): readonly LiveTrouble[] {
  const conditions = member(manifest.value, 'status', 'conditions')
  const found = new Map<string, LiveTrouble>()
  for (const [index, condition] of (isList(conditions) ? conditions : []).entries()) {
    const reason = troubleReasons.find((one) => one === member(condition, 'reason'))
    if (!reason || member(condition, 'status') === 'True' || found.has(reason)) continue
    const range = locate(manifest, ['status', 'conditions', index, 'reason'])
    found.set(reason, { reason, message: text(member(condition, 'message')) ?? '', range })
  }
  return [...found.values()]
}

function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function count(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) ? value : undefined
}

function holdsNone(file: SourceFile): Diagnostic {
  const message = `\`${file.path}\` has no Knative Service`
  return { code: 'KN192', severity: ownFaults.KN192.severity, message, help, file: file.path, range: at(0) }
}

function hasNoStatus(manifest: Manifest): Diagnostic {
  return {
    code: 'KN192',
    severity: ownFaults.KN192.severity,
    message: `\`${manifest.label}\` has no \`status\`: it is a manifest, not a snapshot`,
    help,
    file: manifest.file.path,
    range: locate(manifest, ['kind']),
    path: 'status',
    service: manifest.label,
  }
}
