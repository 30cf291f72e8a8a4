import { liveOf, type LiveService, readLive, type TroubleReason } from '../manifest/live.js'
import type { Manifest } from '../manifest/manifest.js'
import { type Past, pastOf } from '../manifest/past.js'
import type { RolloutPlan } from '../stages/plans.js'
import type { Facts } from '../stages/roles.js'
import { stageRemarks } from '../stages/stage.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { at } from '../text/source.js'
import type { FileHistory } from '../text/words.js'
import type { Request } from './request.js'

/** Whether Git was asked for a file, and has no commit of it. */
function isUncommitted({ versions, isCut, failure, absence }: FileHistory): boolean {
  return versions.length === 0 && !isCut && failure === undefined && absence === undefined
}

const goBack = 'run `kn-rollout apply rollback`'
/** What gets out of a state that no waiting settles. */
const waysOut: Readonly<Record<TroubleReason, string>> = {
  RevisionMissing: `${goBack}, or \`apply promote --drop-stable\` if the stable revision is broken; a missing target blocks all traffic, even at 0%`,
  RevisionFailed: `${goBack}, or release a template that works (\`kn-rollout release\`)`,
  ContainerMissing: `release an image that the cluster can pull (\`kn-rollout release --image IMAGE\`), or ${goBack}`,
  ConfigurationUnready: `release a template that works (\`kn-rollout release\`), or ${goBack}`,
}

/** What a run knows of Services besides their own text, and whether it could have done with more. */
export class Knowledge {
  /** What is wrong with the saved live object; with faults nothing of it counts. */
  readonly faults: readonly Diagnostic[]
  private readonly services: readonly LiveService[]
  private wasAsked = false

  constructor(
    private readonly request: Request,
    private readonly planFor: (manifest: Manifest) => RolloutPlan,
  ) {
    const { services, faults } = request.live ? readLive(request.live) : { services: [], faults: [] }
    this.services = services
    this.faults = faults
  }

  /** Whether a move asked for the past of a Service while there were no histories. */
  get needsPast(): boolean {
    return this.wasAsked && !this.request.histories
  }

  /** What is known of a Service, which the cluster knows by `name`. */
  readonly factsOf = (manifest: Manifest, name = manifest.name): Facts => {
    const live = liveOf(this.services, { ...manifest, name })
    const { now, histories } = this.request
    const known = histories?.get(manifest.file.path)
    const absence = known?.absence
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
      ...(absence !== undefined && { absence }),
      ...(known && isUncommitted(known) && { isUncommitted: true }),
      ...(now !== undefined && { now }),
    }
  }

  /** The revisions of a Service that the saved live object tells of. */
  readonly revisionsOf = (manifest: Manifest): readonly string[] => {
    const live = liveOf(this.services, manifest)
    if (!live) return []
    const { latestCreated, latestReady, traffic, failures } = live
    const named = [...traffic, ...failures].map(({ revisionName }) => revisionName)
    return [...named, latestCreated ?? '', latestReady ?? ''].filter((name) => name !== '')
  }

  /** What to say where a live object or a history tells nothing of the Services it was given for. */
  remarksOn(manifests: ReadonlySet<Manifest>, nameOf: (manifest: Manifest) => string): readonly Diagnostic[] {
    const known = [...manifests].map((one) => ({ namespace: one.namespace, name: nameOf(one), label: one.label }))
    return [...this.unreadHistories(manifests), ...this.strangeLive(known), ...this.brokenLive(known)]
  }

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

  /** What the snapshot says of Services that do not become ready, with the way out. */
  private brokenLive(chosen: readonly Pick<Manifest, 'name' | 'namespace' | 'label'>[]): readonly Diagnostic[] {
    return chosen.flatMap((manifest) => {
      const live = liveOf(this.services, manifest)
      return (live?.troubles ?? []).map(({ reason, message, range }) => ({
        code: 'KN469',
        severity: stageRemarks.KN469.severity,
        message: `\`${manifest.label}\` is not ready in this snapshot: no traffic moves (\`${reason}\`)`,
        says: { by: 'Knative', text: message },
        help: waysOut[reason],
        file: live?.file ?? '',
        range,
        service: manifest.label,
      }))
    })
  }

  private strangeLive(chosen: readonly Pick<Manifest, 'name' | 'namespace' | 'label'>[]): readonly Diagnostic[] {
    const { live } = this.request
    const [first] = this.services
    if (!live || !first || chosen.length === 0) return []
    if (chosen.some((manifest) => liveOf(this.services, manifest))) return []
    const names = this.services.map(({ label }) => `\`${label}\``).join(', ')
    const wanted = chosen.map(({ label }) => `\`${label}\``).join(', ')
    return [
      {
        code: 'KN439',
        severity: stageRemarks.KN439.severity,
        message: `\`${live.path}\` is a snapshot of ${names}, not of ${wanted}: it will not be used`,
        help: 'run `kubectl get ksvc NAME --namespace NAMESPACE -o yaml > live.yaml`, and pass that file',
        file: live.path,
        range: at(0),
      },
    ]
  }
}
