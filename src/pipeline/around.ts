import type { Kustomization } from '../manifest/kustomize/kustomization.js'
import { locate } from '../manifest/locate.js'
import type { Manifest } from '../manifest/manifest.js'
import { overlayRules } from '../rules/overlays/table.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { formatPath } from '../text/path.js'
import type { SourceFile } from '../text/source.js'
import type { ReadSource, Request } from './outcome.js'
import { selectionIn, templateNameIn } from './overlay-selection.js'
import { Ownership } from './owned.js'
import { reachRemarksOn } from './reach.js'
import type { Reason } from './refusal.js'
import { Repository } from './repository.js'
import { chosenFor, type Selection } from './selection.js'

/** What the repository around the Services of a run has to say in it. Without one, it is silent. */
export class Around {
  private readonly repository: Repository | undefined
  private readonly ownership: Ownership
  private readonly read: ReadonlySet<string>
  private readonly overlay: Kustomization | undefined

  constructor(
    private readonly request: Request,
    readings: readonly ReadSource[],
  ) {
    const { surroundings, overlay } = request
    this.read = new Set(readings.map(({ file }) => file.path))
    if (surroundings && surroundings.kustomizations.length > 0) this.repository = new Repository(surroundings, readings)
    this.overlay = this.repository?.builds.all().find(({ file }) => file.path === overlay)
    const files = [...readings.map(({ file }) => file), ...(surroundings?.owners ?? [])]
    this.ownership = new Ownership([...new Map(files.map((file) => [file.path, file])).values()], this.repository)
  }

  /** The Services that the run is about: those of the files, or those that decide on an overlay. */
  choose(manifests: readonly Manifest[], hasUnread: boolean): Selection {
    if (!this.repository || !this.overlay)
      return chosenFor(manifests, this.request, { hasUnread, hasOverlays: this.repository !== undefined })
    return selectionIn(this.overlay, this.repository, this.request)
  }

  /** The name of a Service's template, where another file has it. */
  templateNameOf(manifest: Manifest): { readonly templateName?: string } {
    if (!this.repository) return {}
    const name = this.overlay
      ? templateNameIn(this.overlay, this.repository, manifest)
      : this.repository.templateNameFor(manifest)
    return name === undefined ? {} : { templateName: name }
  }

  /** The names that a Service, or one that a patch is laid over, has in the end, where kustomizations have a say. */
  readonly namesOf = (manifest: Manifest): readonly string[] => this.repository?.namesOf(manifest) ?? []

  /** Whether kustomizations put another image in the place of this one before a cluster sees it. */
  readonly replacesImage = (manifest: Manifest, image: string): boolean =>
    this.repository?.replacesImage(manifest, image) ?? false

  /** Why the traffic of a Service is not to be edited, unless that is forced. */
  readonly bars = (manifest: Manifest): Reason | undefined =>
    this.request.force === true ? undefined : this.ownership.bars(manifest)

  /** What there is to say of Services that are judged. */
  judged(manifests: Iterable<Manifest>): readonly Diagnostic[] {
    const owned = [...manifests].flatMap((manifest) => this.ownership.remarksOn(manifest))
    const { repository } = this
    if (!repository) return owned
    const found = repository.builds.all().flatMap((kustomization) =>
      overlayRules.flatMap(({ code, severity, check }) =>
        Array.from(check(kustomization, repository.builds), ({ at, path, part, ...said }): Diagnostic => {
          return { code, severity, ...said, file: at.file.path, range: locate(at, path, part), path: formatPath(path) }
        }),
      ),
    )
    return [...found, ...owned]
  }

  /** What there is to say of a Service that is moved. */
  moved(manifest: Manifest, isChanged: boolean): readonly Diagnostic[] {
    const reach = isChanged && this.repository && !this.overlay ? reachRemarksOn(manifest, this.repository) : []
    return [...reach, ...this.ownership.remarksOn(manifest)]
  }

  /** Those of the files around that diagnostics show. */
  shown(diagnostics: readonly Diagnostic[]): readonly SourceFile[] {
    const { surroundings } = this.request
    const named = new Set(diagnostics.map(({ file }) => file))
    const files = surroundings ? [...surroundings.kustomizations, ...surroundings.files, ...surroundings.owners] : []
    const shown = files.filter(({ path }) => named.has(path) && !this.read.has(path))
    return [...new Map(shown.map((file) => [file.path, file])).values()]
  }
}
