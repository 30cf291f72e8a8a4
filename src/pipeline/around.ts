import type { Built } from '../manifest/kustomize/built.js'
import type { Kustomization } from '../manifest/kustomize/kustomization.js'
import { locate } from '../manifest/locate.js'
import type { Manifest } from '../manifest/manifest.js'
import { overlayRules } from '../rules/overlays/table.js'
import type { Facts } from '../stages/move.js'
import type { TemplateChange } from '../stages/template-change.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { formatPath } from '../text/path.js'
import type { SourceFile } from '../text/source.js'
import type { Kustomized } from './change.js'
import type { FileChange, ReadSource, Request } from './outcome.js'
import { isMeant } from './overlay.js'
import { selectionIn, templateNameIn } from './overlay-selection.js'
import { imageChanges } from './overlay-images.js'
import { imageElsewhere, imagesOf, overruledImage } from './overlay-release.js'
import { Ownership } from './owned.js'
import { reachRemarksOn } from './reach.js'
import type { Reason } from './refusal.js'
import { decides, Repository } from './repository.js'
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

  /** What kustomizations make of a Service's template, as far as its own file does not say it. */
  templateOf(manifest: Manifest): Pick<Facts, 'templateName' | 'containers' | 'imageOf'> {
    if (!this.repository) return {}
    const name = this.overlay
      ? templateNameIn(this.overlay, this.repository, manifest)
      : this.repository.templateNameFor(manifest)
    const [built, second] = this.builtOf(manifest)
    const kustomized = built && !second && { containers: built.containers.value ?? null, imageOf: imagesOf(built) }
    return { ...(name !== undefined && { templateName: name }), ...kustomized }
  }

  /** What the overlay that is meant builds from a file that decides on the traffic. */
  private builtOf(manifest: Manifest): readonly Built[] {
    if (!this.repository || !this.overlay) return []
    return this.repository.builds.build(this.overlay).filter((one) => decides(manifest, one))
  }

  /**
   * The kustomizations whose `images` change with the Services, and what is in the way of that. `isHeld`: some of what is
   * meant cannot be moved, so that nothing will be.
   */
  images(kustomized: readonly Kustomized[], isHeld: boolean): ReturnType<typeof imageChanges> {
    const { repository, overlay, request } = this
    if (!repository || !overlay) return { changes: [], refusals: [] }
    const wishes = kustomized.flatMap((one) => this.builtOf(one.manifest).map((built) => ({ ...one, built })))
    const { services = [], shared = false } = request
    return imageChanges(wishes, { overlay, repository, isMeant: (one) => isMeant(one, services), isHeld, shared })
  }

  /** The names that a Service, or one that a patch is laid over, has in the end, where kustomizations have a say. */
  readonly namesOf = (manifest: Manifest): readonly string[] => this.repository?.namesOf(manifest) ?? []

  /** Whether kustomizations put another image in the place of this one before a cluster sees it. */
  readonly replacesImage = (manifest: Manifest, image: string): boolean =>
    this.repository?.replacesImage(manifest, image) ?? false

  /** The files that decide on the template of a Service in the end, the Service's own among them. */
  readonly templateFiles = (manifest: Manifest): readonly string[] => this.repository?.templateFiles(manifest) ?? []

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

  /** Why the overlay that is meant would not get what becomes of a template. */
  readonly outdoes = (manifest: Manifest, { image }: TemplateChange): Reason | undefined => {
    if (!image) return undefined
    const [over] = this.builtOf(manifest).flatMap((one) => overruledImage(manifest, one, image) ?? [])
    if (!over) return undefined
    const { message, help } = imageElsewhere(image, over)
    return { code: 'KN466', message, help: `${help}, and run this again` }
  }

  /** What there is to say of a Service that is moved, and of what becomes of its template. */
  moved(manifest: Manifest, template: TemplateChange | 'kept' | undefined): readonly Diagnostic[] {
    const isAlone = template === undefined || !this.repository || this.overlay !== undefined
    const reach = isAlone ? [] : reachRemarksOn(manifest, this.repository, template)
    return [...reach, ...this.ownership.remarksOn(manifest)]
  }

  /** Those of the files around that diagnostics show, or that change. */
  shown(diagnostics: readonly Diagnostic[], changes: readonly FileChange[]): readonly SourceFile[] {
    const { surroundings } = this.request
    const named = new Set([...diagnostics.map(({ file }) => file), ...changes.map(({ file }) => file.path)])
    const files = surroundings ? [...surroundings.kustomizations, ...surroundings.files, ...surroundings.owners] : []
    const shown = files.filter(({ path }) => named.has(path) && !this.read.has(path))
    return [...new Map(shown.map((file) => [file.path, file])).values()]
  }
}
