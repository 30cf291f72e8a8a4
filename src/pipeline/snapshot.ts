import { snapshotRemarks as rows } from '../guards/table.js'
import {
  liveOf,
  type LiveReading,
  type LiveService,
  readLive,
  revisionIn,
  revisionsOn,
  type SnapshotFile,
  templateDrift,
  type TroubleReason,
} from '../manifest/live.js'
import { type Manifest, spotAt } from '../manifest/manifest.js'
import { type Past, pastOf } from '../manifest/past.js'
import { tellingKey } from '../manifest/profile.js'
import { equivalentTraffic, readTraffic, revisionText, type TrafficTarget } from '../manifest/traffic.js'
import { routed } from '../stages/place.js'
import { isUnbuilt, unreadyIn, unreadyText } from '../stages/position.js'
import { type Facts, templateNameOf } from '../stages/roles.js'
import { stageRemarks } from '../stages/stage.js'
import type { RolloutPlan } from '../stages/stages.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { formatPath, type Path } from '../text/path.js'
import { at } from '../text/source.js'
import { durationText, type FileHistory, thisService, utcMinute } from '../text/words.js'
import type { Request } from './request.js'
import type { FrozenFor } from './settings.js'

/** How a cluster knows a Service: by the name and the namespace that it is applied with. */
export type Identity = { readonly name: string; readonly namespace?: string }

/** A Service that a run is about, beside the snapshot. */
export type Subject = {
  readonly manifest: Manifest
  readonly identity: Identity
  /** What the cluster should have: the file before a move, the base of a change. Undefined where nothing tells. */
  readonly present: Manifest | undefined
}

/** A snapshot, read. */
type Snapshot = LiveReading & { readonly file: SnapshotFile }

/** What the snapshot shows of a Service. */
function shownOf({ services }: Pick<LiveReading, 'services'>, { name, namespace }: Identity): LiveService | undefined {
  return liveOf(services, { name, namespace })
}

/**
 * What there is to say of a snapshot beside the Services of a run: how old it is, what it does not show, where it and the
 * files differ, and which of the Services do not become ready. The same for every command.
 */
function remarksOnSnapshot(
  snapshot: Snapshot,
  subjects: readonly Subject[],
  now: number | undefined,
): readonly Diagnostic[] {
  if (subjects.length === 0) return []
  const shown = subjects.flatMap((subject) => {
    const live = shownOf(snapshot, subject.identity)
    return live ? [{ subject, live }] : []
  })
  if (shown.length === 0) return [aboutOthers(snapshot, subjects)]
  const once = [...new Map(shown.map((one) => [one.live, one])).values()]
  return [
    ageOf(snapshot, now),
    ...unshown(
      snapshot,
      subjects.filter(({ identity }) => !shownOf(snapshot, identity)),
    ),
    ...once.flatMap(({ subject, live }) => withoutStatus(subject, live)),
    ...shown.flatMap(({ subject, live }) => driftOf(subject, live)),
    ...once.flatMap(({ subject, live }) => troublesOf(subject, live)),
  ]
}

function aboutOthers({ services, file }: Snapshot, subjects: readonly Subject[]): Diagnostic {
  const names = services.map(({ label }) => `\`${label}\``)
  const wanted = subjects.map(({ manifest }) => `\`${manifest.label}\``)
  return {
    code: 'KN439',
    severity: stageRemarks.KN439.severity,
    message: `\`${file.path}\` is a snapshot of ${short(names)}, not of ${short(wanted)}: it is not used`,
    help: 'run `kubectl get ksvc,revisions --namespace NAMESPACE -o yaml > live.yaml`, and pass that file',
    file: file.path,
    range: at(0),
  }
}

const most = 3

function short(names: readonly string[]): string {
  const left = names.length - most
  return `${names.slice(0, most).join(', ')}${left > 0 ? ` and ${left} more` : ''}`
}

/** When the snapshot was saved, as far as its file tells, or the latest time that stands in it. */
function ageOf({ file, latest }: Snapshot, now: number | undefined): Diagnostic {
  const { savedAt } = file
  const age = savedAt === undefined || now === undefined ? undefined : Math.max(0, now - savedAt)
  const span = age === undefined ? '' : age < 60 ? 'less than a minute ago' : `${durationText(age - (age % 60))} ago`
  const when =
    savedAt !== undefined
      ? `was saved ${span === '' ? `at ${utcMinute(savedAt)}` : `${span} (${utcMinute(savedAt)})`}`
      : latest === undefined
        ? 'has no time in it: its age is not known'
        : `was saved at ${utcMinute(latest)} or later (the latest time in it)`
  return {
    code: 'KN472',
    severity: stageRemarks.KN472.severity,
    message: `snapshot \`${file.path}\` ${when}; later changes of the cluster are not in it`,
    file: file.path,
    range: at(0),
  }
}

function unshown({ file }: Snapshot, missing: readonly Subject[]): readonly Diagnostic[] {
  const [first] = missing
  if (!first) return []
  const names = short(missing.map(({ manifest }) => `\`${manifest.label}\``))
  return [
    {
      ...noteAt(first.manifest),
      message: `not checked: whether revisions of ${names} are ready (not in \`${file.path}\`)`,
      help: 'save the whole namespace: `kubectl get ksvc,revisions --namespace NAMESPACE -o yaml > live.yaml`',
    },
  ]
}

function withoutStatus(
  { manifest }: Subject,
  { ready, file, latestReady, traffic }: LiveService,
): readonly Diagnostic[] {
  if (ready !== undefined || latestReady !== undefined || traffic.length > 0 || !tellingKey(manifest)) return []
  return [
    {
      ...noteAt(manifest),
      message: `not checked: whether revisions of \`${manifest.label}\` are ready (\`${file}\` has no \`status\`)`,
      help: `save it with its status: \`gcloud run services describe ${manifest.name} --format yaml > live.yaml\``,
    },
  ]
}

function noteAt(manifest: Manifest): Pick<Diagnostic, 'code' | 'severity' | 'file' | 'range' | 'service'> {
  const { file, range } = spotAt(manifest, ['metadata', 'name'])
  const { severity } = stageRemarks.KN473
  return { code: 'KN473', severity, file: file.path, range, service: manifest.label }
}

/** Where the cluster has something else than it should have by the files. */
export function differsFrom(
  present: Manifest,
  live: LiveService,
): { readonly traffic: boolean; readonly template: Path | undefined } {
  const own = readTraffic(present)
  const traffic = own !== undefined && live.wanted !== undefined && !equivalentTraffic(own, live.wanted)
  const template = present.file.isPatch || live.template === undefined ? undefined : templateDrift(live, present.value)
  return { traffic, template }
}

function driftOf({ manifest, present }: Subject, live: LiveService): readonly Diagnostic[] {
  const { generation, observedGeneration, file, wanted = [] } = live
  const found: { readonly message: string; readonly path: Path; readonly help?: string }[] = []
  const { traffic, template } = present ? differsFrom(present, live) : { traffic: false, template: undefined }
  if (traffic)
    found.push({
      message: `\`${file}\` and the file differ: the cluster has ${sharesText(wanted)}, the file ${sharesText(readTraffic(present ?? manifest) ?? [])}`,
      path: ['spec', 'traffic'],
    })
  if (template)
    found.push({
      message: `\`${file}\` and the file differ at \`${formatPath(template)}\`: the cluster has another template`,
      path: template,
    })
  if (generation !== undefined && observedGeneration !== undefined && observedGeneration < generation)
    found.push({
      message: `\`${file}\` shows \`${manifest.label}\` in the middle of a change (generation ${generation}, observed ${observedGeneration}): its status is older`,
      path: ['metadata', 'name'],
    })
  return found.map(({ message, path }) => {
    const spot = spotAt(manifest, path, 'key')
    return {
      code: 'KN471',
      severity: stageRemarks.KN471.severity,
      message,
      help: 'wait until the last commit is synced and save the snapshot again, or commit what the cluster has',
      file: spot.file.path,
      range: spot.range,
      path: formatPath(path),
      service: manifest.label,
    }
  })
}

/** Shares as messages list them, of many the first ones. */
function sharesText(traffic: readonly TrafficTarget[]): string {
  return short(
    routed(traffic).map(
      ({ revision, percent, tag }) =>
        `\`${revisionText(revision)}\` ${percent}%${tag === undefined ? '' : ` (tag \`${tag}\`)`}`,
    ),
  )
}

const goBack = `run \`kn-rollout apply rollback ${thisService}\``
const drop = `run \`kn-rollout apply promote ${thisService} --drop-stable\``
const renew = `release a template that works (\`kn-rollout release ${thisService} --image IMAGE\`)`
/** What gets out of a state that no waiting settles, and whether that is the older revision that is broken. */
const waysOut: Readonly<Record<TroubleReason, (isOlder: boolean) => string>> = {
  RevisionMissing: (isOlder) =>
    `${isOlder ? drop : goBack}: Knative moves no traffic while a target is missing or not ready`,
  RevisionFailed: (isOlder) => `${isOlder ? drop : goBack}, or ${renew}`,
  ContainerMissing: () =>
    `release an image that the cluster can pull (\`kn-rollout release ${thisService} --image IMAGE\`)`,
  ConfigurationUnready: () => renew,
}

/** Why a Service does not become ready, with the way out. */
function troublesOf({ manifest }: Subject, live: LiveService): readonly Diagnostic[] {
  const { troubles, file, latestCreated, named } = live
  const isOlder = named.length > 0 && named.every(({ name }) => name !== latestCreated && isReady(live, latestCreated))
  return troubles.map(({ reason, message, range }) => ({
    code: 'KN469',
    severity: stageRemarks.KN469.severity,
    message: `\`${manifest.label}\` is not ready in this snapshot, so no traffic moves: \`${reason}\`${message === '' ? '' : `: "${message}"`}`,
    help: waysOut[reason](isOlder),
    file,
    range,
    service: manifest.label,
  }))
}

function isReady(live: LiveService, name: string | undefined): boolean {
  return name !== undefined && revisionIn(live, name)?.state === 'ready'
}

/** The targets of a change's newer side that the snapshot shows as not ready: no traffic moves while they are there. */
function unreadyTargets(snapshot: Pick<LiveReading, 'services'>, after: Manifest): readonly Diagnostic[] {
  const live = shownOf(snapshot, {
    name: after.name,
    ...(after.namespace !== undefined && { namespace: after.namespace }),
  })
  const traffic = readTraffic(after)
  if (!live || !traffic) return []
  return unreadyIn(traffic, live, (name) => isUnbuilt(live, name, templateNameOf(after))).map((found) => {
    const index = traffic.findIndex(({ revision }) => 'name' in revision && revision.name === found.name)
    const path: Path = ['spec', 'traffic', index, 'revisionName']
    const spot = spotAt(after, path)
    return {
      code: 'KN530',
      severity: rows.KN530.severity,
      message: `\`${found.name}\` ${unreadyText(found)} in \`${live.file}\`: no traffic of \`${after.label}\` moves while it is a target`,
      help: `remove its target (\`kn-rollout apply rollback ${thisService}\` drops the candidate), or save the snapshot again when it is ready`,
      file: spot.file.path,
      range: spot.range,
      path: formatPath(path),
      service: after.label,
    }
  })
}

/** Whether Git was asked for a file, and has no commit of it. */
function isUncommitted({ versions, isCut, failure, absence }: FileHistory): boolean {
  return versions.length === 0 && !isCut && failure === undefined && absence === undefined
}

/** How a cluster knows a Service that is applied as its manifest has it. */
export function ownIdentity({ name, namespace }: Pick<Manifest, 'name' | 'namespace'>): Identity {
  return { name, ...(namespace !== undefined && { namespace }) }
}

/** What a run knows of Services besides their own text, and whether it could have done with more. */
export class Knowledge {
  /** What is wrong with the saved live object; with faults nothing of it counts. */
  readonly faults: readonly Diagnostic[]
  /** The snapshot that was given, read. */
  readonly snapshot: Snapshot | undefined
  private wasAsked = false

  constructor(
    private readonly request: Request,
    private readonly planFor: (manifest: Manifest) => RolloutPlan,
    private readonly frozenFor: FrozenFor,
  ) {
    const { live } = request
    this.snapshot = live && { file: live, ...readLive(live) }
    this.faults = this.snapshot?.faults ?? []
  }

  /** Whether a move asked for the past of a Service while there were no histories. */
  get needsPast(): boolean {
    return this.wasAsked && !this.request.histories
  }

  /** What is known of a Service, which the cluster knows by that identity. */
  readonly factsOf = (manifest: Manifest, identity: Identity = ownIdentity(manifest)): Facts => {
    const { name, namespace } = identity
    const live = this.snapshot && shownOf(this.snapshot, identity)
    const { now, histories } = this.request
    const known = histories?.get(manifest.file.path)
    const absence = known?.absence
    const frozen = now === undefined ? undefined : this.frozenFor(manifest, now)
    let past: Past | undefined
    return {
      plan: this.planFor(manifest),
      past: () => {
        this.wasAsked = true
        const history = this.request.histories?.get(manifest.file.path)
        past ??= history && history.versions.length > 0 ? pastOf(manifest, history, name) : undefined
        return past
      },
      ...(live && { live }),
      ...(namespace !== undefined && { namespace }),
      ...(absence !== undefined && { absence }),
      ...(known && isUncommitted(known) && { isUncommitted: true }),
      ...(now !== undefined && { now }),
      ...(frozen && { frozen }),
    }
  }

  /** What became of a built Service in its root so far, where Git was asked. */
  readonly pastOfBuilt = (built: Manifest): Past | 'withoutGit' | undefined => {
    this.wasAsked = true
    if (!this.request.histories) return 'withoutGit'
    const history = this.request.histories.get(built.file.path)
    return history && history.versions.length > 0 ? pastOf(built, history) : undefined
  }

  /** The revisions of a Service that the snapshot shows to be there. */
  readonly revisionsOf = (manifest: Manifest): readonly string[] => {
    const live = this.snapshot && shownOf(this.snapshot, ownIdentity(manifest))
    return live ? revisionsOn(live) : []
  }

  /** What there is to say of what the run knows besides the files: histories that cannot be read, and the snapshot. */
  remarksOn(subjects: readonly Subject[]): readonly Diagnostic[] {
    const ofSnapshot = this.snapshot ? remarksOnSnapshot(this.snapshot, subjects, this.request.now) : []
    return [...this.unreadHistories(new Set(subjects.map(({ manifest }) => manifest))), ...ofSnapshot]
  }

  /** Whether the snapshot shows a Service. */
  shows(identity: Identity): boolean {
    return this.snapshot !== undefined && shownOf(this.snapshot, identity) !== undefined
  }

  /** What the snapshot says against the targets of a Service that a change has brought. */
  readonly unready = (after: Manifest): readonly Diagnostic[] =>
    this.snapshot ? unreadyTargets(this.snapshot, after) : []

  private unreadHistories(manifests: ReadonlySet<Manifest>): readonly Diagnostic[] {
    if (!this.wasAsked) return []
    const files = new Set([...manifests].map(({ file }) => file.path))
    return [...files].flatMap((file) => {
      const failure = this.request.histories?.get(file)?.failure
      if (failure === undefined) return []
      const message = `cannot read the history of \`${file}\``
      return [
        {
          code: 'KN439',
          severity: stageRemarks.KN439.severity,
          message,
          says: { by: 'Git', text: failure },
          file,
          range: at(0),
        },
      ]
    })
  }
}
