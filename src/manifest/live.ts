import type { Diagnostic } from '../text/diagnostic.js'
import { at, type Range, type SourceFile } from '../text/source.js'
import { yamlDiagnostic, yamlFaults } from '../yaml/faults.js'
import { isList, isObject, type Json, member } from '../yaml/json.js'
import { findManifests } from './find.js'
import { locate, type Manifest } from './manifest.js'
import { ownFaults } from './own-faults.js'

/** Where the cluster sent traffic: `status.traffic`, whose targets all name a revision. */
type LiveTarget = {
  readonly revisionName: string
  /** 0 to 100 percent; an absent `percent` is 0. */
  readonly percent: number
  readonly tag?: string
  /** Whether it followed the latest ready revision. */
  readonly latestRevision: boolean
}

/** A revision that the cluster could not get ready, as a condition of the Service says. */
type LiveFailure = { readonly revisionName: string; readonly message: string }

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
  /** What `status.conditions` says of revisions that failed; none that is merely on its way. */
  readonly failures: readonly LiveFailure[]
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
export type LiveReading = { readonly services: readonly LiveService[]; readonly faults: readonly Diagnostic[] }

const help = 'run `kubectl get ksvc NAME --namespace NAMESPACE -o yaml > live.yaml` (or `oc`), and pass that file'

/**
 * Reads what `kubectl get ksvc -o yaml` or `-o json` printed: one Service, several documents, or a List. Total: what is
 * no saved live object ends in faults.
 */
export function readLive(file: SourceFile): LiveReading {
  const { manifests, faults } = findManifests(file)
  const wrong = [...faults, ...manifests.flatMap((manifest) => manifest.faults)]
    .filter(({ code }) => yamlFaults[code].severity === 'error' || code === 'KN103')
    .map((fault) => ({ ...yamlDiagnostic(file, fault), severity: ownFaults.KN192.severity }))
  if (wrong.length > 0) return { services: [], faults: wrong }
  if (manifests.length === 0) return { services: [], faults: [holdsNone(file)] }
  const services: LiveService[] = []
  const lifeless: Diagnostic[] = []
  for (const manifest of manifests) {
    const service = liveService(manifest)
    if (service) services.push(service)
    else lifeless.push(hasNoStatus(manifest))
  }
  return { services, faults: lifeless }
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

function liveService(manifest: Manifest): LiveService | undefined {
  const { value, name, namespace, label, file } = manifest
  const status = member(value, 'status')
  if (!isObject(status) || Object.keys(status).length === 0) return undefined
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
    failures: failuresIn(member(status, 'conditions')),
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

/**
 * Source: pkg/apis/serving/v1/route_lifecycle.go MarkRevisionFailed, configuration_lifecycle.go
 * MarkLatestCreatedFailed; both come up in the Service's own conditions.
 */
const failure = /^Revision "([^"]+)" failed (?:to become ready|with message)/

function failuresIn(conditions: Json | undefined): readonly LiveFailure[] {
  const found = new Map<string, LiveFailure>()
  for (const condition of isList(conditions) ? conditions : []) {
    const message = text(member(condition, 'message')) ?? ''
    const revisionName = member(condition, 'status') === 'True' ? undefined : failure.exec(message)?.[1]
    if (revisionName !== undefined && !found.has(revisionName)) found.set(revisionName, { revisionName, message })
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
