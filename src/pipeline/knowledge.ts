import { readLive, revisionsOn } from '../manifest/live.js'
import type { Manifest } from '../manifest/manifest.js'
import { type Past, pastOf } from '../manifest/past.js'
import type { RolloutPlan } from '../stages/plans.js'
import type { Facts } from '../stages/roles.js'
import { stageRemarks } from '../stages/stage.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { at } from '../text/source.js'
import type { FileHistory } from '../text/words.js'
import type { Request } from './request.js'
import type { FrozenFor } from './settings.js'
import { type Identity, remarksOnSnapshot, shownOf, type Snapshot, type Subject, unreadyTargets } from './snapshot.js'

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
