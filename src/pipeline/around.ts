import type { AppliedService, BuiltRoot } from '../kustomize/build.js'
import {
  type Built,
  builtId,
  builtLabel,
  folderName,
  type Kustomization,
  sourcesOf,
} from '../kustomize/kustomization.js'
import type { Applier, Substitution } from '../kustomize/layers/layer.js'
import { type ObjectCount, ObjectCounts } from '../kustomize/folders.js'
import { matchManifests } from '../manifest/find.js'
import { locate, type Manifest, type Spot, spotAt } from '../manifest/manifest.js'
import { containersPath } from '../manifest/names.js'
import { isSilentPatch } from '../manifest/traffic.js'
import { lastWordAt, overlayRules } from '../rules/overlays.js'
import { isRoute } from '../rules/places.js'
import { valueAt } from '../rules/rule.js'
import { unspelled } from '../rules/kept-name.js'
import type { MoveRequest } from '../stages/apply.js'
import type { BuiltNames, Facts } from '../stages/roles.js'
import type { TemplateChange } from '../stages/release-fields.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { formatPath, type Path } from '../text/path.js'
import { lineNumber, type SourceFile } from '../text/source.js'
import { nearest, optionWords, plural, shellPath } from '../text/words.js'
import { isList } from '../yaml/json.js'
import type { Kustomized } from './change.js'
import { namespaceGiven, plainAppliers, plainInNamespace } from '../kustomize/layers/namespace.js'
import { AppliedServices } from './applied.js'
import { isFlux, reachRemarks } from './delivery-remarks.js'
import { decides, type Delivery, Kustomizations, Ownership, repeatedKeys } from './kustomizations.js'
import { LayersAbove, type Touched, touchedBy } from './layers.js'
import { imageElsewhere, imagesOf, overruledImage, type SpotsIn } from './overlay-parts.js'
import { imageChanges, isMeant, overlayTargets } from './overlay.js'
import type { Reason } from './diagnostics.js'
import type { FileChange, ReadSource, Request } from './request.js'

/** The Services that a run is about, or why it will not touch any. */
export type Selection = { readonly chosen: ReadonlySet<Manifest>; readonly refusals: readonly Diagnostic[] }

/** What else the files of a run hold, or may hold. */
type Seen = { readonly hasUnread?: boolean; readonly others?: readonly Manifest[] }

/**
 * Picks the Services by their patterns. A move touches more than one only when they are named or all are asked for:
 * two environments must not be edited by accident. `hasUnread` where a file says nothing that could be trusted: then
 * that there is no Service is not known.
 */
function chosenFor(
  manifests: readonly Manifest[],
  request: Request,
  {
    hasUnread = false,
    hasOverlays = false,
    others = [],
    namesOf = () => [],
  }: Seen & { readonly hasOverlays?: boolean; readonly namesOf?: (manifest: Manifest) => readonly Manifest[] },
): Selection {
  const patterns = request.services ?? []
  const refusals: Diagnostic[] = []
  const chosen = new Set(patterns.length === 0 ? manifests : [])
  for (const pattern of patterns) {
    const matched = manifests.filter((one) => matchManifests([one, ...namesOf(one)], pattern).length > 0)
    if (isUnclear(matched, pattern, request)) {
      const [one] = matched
      if (one && request.move) refusals.push(ambiguous(matched, one, request.move, hasOverlays))
      continue
    }
    for (const manifest of matched) chosen.add(manifest)
    if (matched.length > 0) continue
    const routes = request.move ? matchManifests(others, pattern).filter(isRoute) : []
    refusals.push(
      ...(routes.length > 0 ? routes.map(notEdited) : [unmatched(pattern, manifests, { ...request, hasUnread })]),
    )
  }
  const [first, second] = chosen
  if (!request.move) return { chosen, refusals }
  if (!first) {
    const routes = others.filter(isRoute)
    const none = routes.length > 0 ? routes.map(notEdited) : [nothingFound(request.move)]
    return { chosen, refusals: refusals.length > 0 || hasUnread ? refusals : none }
  }
  if (!second || patterns.length > 0 || request.all === true) return { chosen, refusals }
  return { chosen: new Set(), refusals: [...refusals, ambiguous([...chosen], first, request.move, hasOverlays)] }
}

/** Whether what was typed for one Service, or for none in particular, means more than one that would move. */
function isUnclear(
  matched: readonly unknown[],
  pattern: string,
  { move, all, typed }: Pick<Request, 'move' | 'all' | 'typed'>,
): boolean {
  return matched.length > 1 && move !== undefined && all !== true && typed?.has(pattern) === true
}

/** What the commands that edit do to a Service. */
const deeds = { apply: 'move', next: 'move', release: 'release', set: 'change' } as const

/** Why a pattern that none of the manifests has a name for cannot be what the user means. */
export function unmatched(
  pattern: string,
  manifests: readonly Pick<Manifest, 'name' | 'label'>[],
  { typed, hasUnread = false }: Pick<Request, 'typed'> & { readonly hasUnread?: boolean } = {},
): Diagnostic {
  const names = [...new Set(manifests.map(({ name, label }) => (pattern.includes('/') ? label : name)))]
  const close = nearest(pattern, names)
  const kind = typed?.get(pattern)
  if (kind === 'namespace') return noneIn(pattern.slice(0, -2), manifests)
  if (kind === 'word') {
    const { length } = manifests
    const found =
      length === 1
        ? 'the one Service found has another name'
        : `none of the ${plural(length, 'Service')} found has that name`
    return {
      code: 'KN426',
      severity: 'error',
      message: `\`${pattern}\` is neither a path nor a Service: no such file or directory, and ${found}`,
      help:
        close !== undefined
          ? `did you mean \`${close}\`? \`kn-rollout status\` lists the Services`
          : hasUnread
            ? 'run `kn-rollout validate` to see the files that cannot be read'
            : 'run `kn-rollout status` to list the Services',
      file: '',
    }
  }
  return {
    code: 'KN420',
    severity: 'error',
    message: `--service \`${pattern}\` matches none of the ${manifests.length} Knative Services in the files`,
    help:
      close === undefined
        ? 'run `kn-rollout status` to list them'
        : `did you mean \`${optionWords('--service', close).join(' ')}\`?`,
    file: '',
  }
}

function noneIn(namespace: string, manifests: readonly Pick<Manifest, 'label'>[]): Diagnostic {
  const known = [...new Set(manifests.flatMap(({ label }) => (label.includes('/') ? label.split('/')[0] : []) ?? []))]
  const close = nearest(namespace, known)
  const [first] = known
  const some = close ?? first
  return {
    code: 'KN420',
    severity: 'error',
    message: `no Knative Service is in the namespace \`${namespace}\`: found ${plural(manifests.length, 'Service')} in others`,
    help:
      some === undefined
        ? 'no file and no kustomization sets `metadata.namespace`: leave `--namespace` out'
        : `${close === undefined ? 'use' : 'did you mean'} \`--namespace ${some}\`${close === undefined ? ', or leave it out' : '?'}`,
    file: '',
  }
}

/** A Route is validated, and that is all. */
function notEdited(route: Manifest): Diagnostic {
  return {
    code: 'KN425',
    severity: 'error',
    message: `cannot edit the traffic of the Route \`${route.name}\`: stages, \`set\` and \`release\` only edit Services`,
    help: 'edit `spec.traffic` there and run `kn-rollout validate`, or write the Route and its Configuration as one Service',
    file: route.file.path,
    range: locate(route, ['spec', 'traffic'], 'key'),
    service: route.label,
  }
}

function nothingFound({ command }: MoveRequest): Diagnostic {
  return {
    code: 'KN421',
    severity: 'error',
    message: `cannot ${command === 'apply' ? 'apply a stage' : deeds[command]}: the files have no Knative Service`,
    help: 'name the file or directory with the manifest (`apiVersion: serving.knative.dev/v1`, `kind: Service`)',
    file: '',
  }
}

/** More Services than a move may touch without being told so. */
function ambiguous(
  found: readonly Manifest[],
  first: Manifest,
  { command }: MoveRequest,
  hasOverlays = false,
): Diagnostic {
  const places = new Map(found.map((one) => [one, placeOf(one)]))
  const isRepeated = new Set(found.map(({ label, file }) => `${file.path} ${label}`)).size < found.length
  const shown = found.slice(0, 10).map((one) => `${one.label} (${isRepeated ? places.get(one) : one.file.path})`)
  const rest = found.length > shown.length ? ` and ${found.length - shown.length} more` : ''
  return {
    code: 'KN422',
    severity: 'error',
    message: `cannot choose a Service to ${deeds[command]}: ${found.length} match (${shown.join(', ')}${rest})`,
    help: `add \`--service ${isRepeated ? `FILE:LINE\`, such as \`${places.get(first)}` : '[NAMESPACE/]NAME'}\`${hasOverlays ? ', `--overlay DIR`' : ''}, a path, or \`--all\``,
    file: first.file.path,
    range: locate(first, ['metadata', 'name']),
  }
}

function placeOf(manifest: Manifest): string {
  const { file } = manifest
  return `${file.path}:${lineNumber(file.text, locate(manifest, ['metadata', 'name']).start)}`
}

/** What a move of one overlay edits: the file that has the last word on each Service's traffic. */
function selectionIn(
  overlay: Kustomization,
  repository: Kustomizations,
  request: Request,
  spotsIn: SpotsIn,
): Selection {
  const { services = [], shared = false, move, commandLine } = request
  const all = repository.builds.build(overlay)
  const { targets, refusals } = overlayTargets(overlay, repository, {
    services,
    shared,
    commandLine,
    spotsIn,
    ...(move?.command === 'release' && { release: move }),
  })
  const names = all.map((built) => ({ name: builtId(built).name, label: builtLabel(built) }))
  const lost = services.filter((pattern) => !all.some((built) => isMeant(built, [pattern])))
  const said = [...lost.map((pattern) => unmatched(pattern, names, request)), ...refusals]
  const [first, second] = targets
  const isOpen = services.every((pattern) => request.typed?.get(pattern) === 'namespace')
  if (request.move && first && second && isOpen && request.all !== true)
    return { chosen: new Set(), refusals: [ambiguous(targets, first, request.move), ...said] }
  return { chosen: new Set(targets), refusals: said }
}

/** The name of the template that the overlay gives a Service whose traffic the manifest decides on. */
function templateNameIn(overlay: Kustomization, repository: Kustomizations, manifest: Manifest): string | undefined {
  const names = new Set(
    repository.builds
      .build(overlay)
      .filter((built) => decides(manifest, built))
      .map(({ revision }) => revision.value),
  )
  const [name] = names
  return names.size === 1 && typeof name === 'string' && name !== '' ? name : undefined
}

/**
 * What a reviewer should know of an edit: where it has no effect, and where it has more than one. `template` is what
 * becomes of that besides the traffic.
 */
function reachRemarksOn(
  manifest: Manifest,
  repository: Kustomizations,
  template: TemplateChange | 'kept',
): readonly Diagnostic[] {
  const deliveries = repository.deliveriesOf(manifest)
  const overruled = deliveries.filter(({ built }) => !sourcesOf(built.traffic).includes(manifest))
  const decided = deliveries.filter(({ built }) => sourcesOf(built.traffic).includes(manifest))
  const remarks: (Omit<Diagnostic, 'file' | 'range' | 'severity'> & { readonly code: keyof typeof reachRemarks })[] = []
  const [field, takers] =
    template === 'kept' ? ['spec.traffic', decided] : ['spec.template', repository.madeOf(manifest)]
  if (overruled.length > 0) {
    const list = [
      ...new Set(overruled.map((one) => `\`${folderName(one.root)}\` (\`${winnerOf(one)}\` overrides it)`)),
    ].join(', ')
    const editable = overruled.filter(({ built }) => built.traffic.word.by === 'manifest')
    const rest = decided.length === 0 ? ', and in no other overlay' : ''
    remarks.push({
      code: 'KN606',
      message: `this edit of \`spec.traffic\` has no effect in ${list}${rest}`,
      help: `add \`--overlay ${shellPath(foldersOf(editable.length > 0 ? editable : overruled)[0] ?? '.')}\` to edit the file that has an effect`,
      path: 'spec.traffic',
    })
  }
  const folders = foldersOf(takers)
  if (folders.length > 1) {
    const list = folders.map((one) => `\`${one}\``).join(', ')
    remarks.push({
      code: 'KN607',
      message: `this edit changes \`${field}\` in ${folders.length} overlays: ${list}`,
      help: `give an overlay a patch with \`${field}\` to change it alone`,
      path: field,
    })
  }
  const image = template === 'kept' ? undefined : template.image
  for (const { root, built } of image ? takers : []) {
    const over = image && overruledImage(manifest, built, image)
    if (over) remarks.push({ code: 'KN609', ...imageElsewhere(image, over, ` for \`${folderName(root)}\``) })
  }
  const service = manifest.label
  return remarks.map((remark) => {
    const range = locate(manifest, remark.path?.split('.') ?? containersPath, 'key')
    return {
      severity: reachRemarks[remark.code].severity,
      path: formatPath(containersPath),
      ...remark,
      file: manifest.file.path,
      range,
      service,
    }
  })
}

/** The folders of overlays as messages list them, each once. */
function foldersOf(deliveries: readonly Delivery[]): readonly string[] {
  return [...new Set(deliveries.map(({ root }) => folderName(root)))]
}

function winnerOf({ built }: Delivery): string {
  return lastWordAt(built.traffic.word).file
}

/** What the repository around the Services of a run has to say in it. Without one, it is silent. */
export class Around {
  private readonly repository: Kustomizations | undefined
  private readonly ownership: Ownership
  private readonly layers: LayersAbove
  private readonly counts: ObjectCounts
  private readonly read: ReadonlySet<string>
  private readonly overlay: Kustomization | undefined
  /** The Services that kustomize roots apply; undefined where there are none. */
  readonly applied: AppliedServices | undefined

  constructor(
    private readonly request: Request,
    readings: readonly ReadSource[],
  ) {
    const { surroundings, overlay } = request
    this.read = new Set(readings.map(({ file }) => file.path))
    if (surroundings && surroundings.kustomizations.length > 0)
      this.repository = new Kustomizations(surroundings, readings)
    this.applied =
      surroundings && this.repository && new AppliedServices(surroundings, readings, this.repository.builds.folders)
    this.overlay = this.repository?.builds.folders.all().find(({ file }) => file.path === overlay)
    this.counts = this.applied?.counts ?? new ObjectCounts(surroundings?.applied?.tree, () => undefined)
    this.layers = new LayersAbove(surroundings?.applied, this.repository)
    const files = [...readings.map(({ file }) => file), ...(surroundings?.owners ?? [])]
    this.ownership = new Ownership([...new Map(files.map((file) => [file.path, file])).values()], this.repository)
  }

  /** The Services that the run is about: those of the files, or those that decide on an overlay. */
  choose(manifests: readonly Manifest[], seen: Seen): Selection {
    const { move } = this.request
    // What is laid over a Service without a word on its traffic has none to move.
    const movable = move && move.command !== 'release' ? manifests.filter((one) => !isSilentPatch(one)) : manifests
    if (!this.repository || !this.overlay)
      return chosenFor(movable, this.request, {
        ...seen,
        hasOverlays: this.repository !== undefined,
        namesOf: (manifest) => this.builtFrom(manifest),
      })
    return selectionIn(this.overlay, this.repository, this.request, (built, path) => this.spotsIn(built, path))
  }

  /** What a file is known as once it is built; of a move, only where the file decides on what moves. */
  private builtFrom(manifest: Manifest): readonly Manifest[] {
    const { move } = this.request
    const services = this.applied?.servicesFrom(manifest) ?? []
    const decided = services.filter(({ base, manifest: built }) => {
      if (!move) return true
      const decider = move.command === 'release' ? base.file : spotAt(built, ['spec', 'traffic']).file
      return decider.path === manifest.file.path
    })
    return decided.map(({ manifest: built }) => built)
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
    const { services = [], shared = false, commandLine } = request
    return imageChanges(wishes, {
      overlay,
      repository,
      isMeant: (one) => isMeant(one, services),
      isHeld,
      shared,
      commandLine,
    })
  }

  /** The roots that a run is about, built: those that some files have a part in, and some by the paths of their own. */
  rootsIn(files: ReadonlySet<string>, roots: ReadonlySet<string> = new Set()): readonly BuiltRoot[] {
    const { applied } = this
    const at = applied ? [...applied.rootsAt(roots), ...applied.formerRoots(roots)] : []
    return applied ? [...new Set([...applied.rootsOf(files), ...at])] : []
  }

  /** Whether a Service, or a patch, is judged as a part of what kustomize roots apply. */
  isPart(manifest: Manifest): boolean {
    return this.applied?.covers(manifest) ?? false
  }

  /** The names that a Service, or one that a patch is laid over, has in the end, where kustomizations have a say. */
  readonly namesOf = (manifest: Manifest): readonly string[] => this.repository?.namesOf(manifest) ?? []

  /** The same by what the file decides on in them: its traffic, or the name of its revision. */
  readonly builtNames = (manifest: Manifest): BuiltNames =>
    this.repository?.namesIn(manifest) ?? { traffic: [], revision: [] }

  /** What becomes of a Service in the roots that apply it: in all of them, or in the overlay that is meant. */
  deliveredFrom(manifest: Manifest): readonly Manifest[] {
    return this.appliedFrom(manifest).map((one) => one.manifest)
  }

  private appliedFrom(manifest: Manifest): readonly AppliedService[] {
    const { overlay } = this
    return (this.applied?.servicesFrom(manifest) ?? []).filter(({ root }) => !overlay || root.folder === overlay.folder)
  }

  /**
   * The namespace that a Service is applied to: that of the roots that build it, else the one that its controllers give
   * to what has none. Undefined where nothing tells, and where roots tell several.
   */
  readonly namespaceOf = (manifest: Manifest): string | undefined => {
    const { overlay, applied } = this
    const built = this.appliedFrom(manifest).map(({ manifest: one, root }) => {
      return namespaceGiven(one.namespace, applied?.appliersOf(root) ?? [])?.value
    })
    const meant =
      overlay && built.length === 0 ? this.builtOf(manifest).map((one) => builtId(one).namespace || undefined) : built
    if (meant.length > 0) return new Set(meant).size === 1 ? meant[0] : undefined
    const appliers = this.appliersOf(manifest)
    const own =
      appliers.length > 0 ? appliers : plainAppliers(manifest.file, this.request.surroundings?.applied?.appliers)
    return namespaceGiven(manifest.namespace, own)?.value
  }

  /** A Service as its controllers apply it, where its file is no part of a root; what a root makes of it is another one. */
  readonly delivered = (manifest: Manifest): Manifest => {
    const { surroundings } = this.request
    return this.applied?.isPart(manifest) ? manifest : plainInNamespace(manifest, surroundings?.applied?.appliers)
  }

  /** The names of the Services whose revision a file names, as far as all that makes them is read. */
  readonly revisionOwners = (manifest: Manifest): readonly string[] | undefined =>
    this.repository?.revisionOwners(manifest)

  /** Whether kustomizations put another image in the place of this one before a cluster sees it. */
  readonly replacesImage = (manifest: Manifest, image: string): boolean =>
    this.repository?.replacesImage(manifest, image) ?? false

  /** Where a field is that another file decides on, since that of the Service does not have it. */
  readonly placeElsewhere = (manifest: Manifest, path: Path): Pick<Diagnostic, 'file' | 'range'> | undefined => {
    if (valueAt(manifest.value, path) !== undefined) return undefined
    const built = this.applied?.servicesFrom(manifest).find((one) => valueAt(one.manifest.value, path) !== undefined)
    if (!built) return undefined
    const { file, range } = spotAt(built.manifest, path, 'key')
    return { file: file.path, range }
  }

  /** Where a field of a Service stands that the overlay builds, if the overlay is a root of its own. */
  private spotsIn(built: Built, path: Path): readonly Spot[] {
    const found = this.appliedFrom(built.base).find(({ manifest }) => manifest.name === builtId(built).name)
    if (!found) return []
    const value = valueAt(found.manifest.value, path)
    // An operation may be about an image alone, and then the list is still that of the base.
    const images = isList(value) ? value.map((_, index) => spotAt(found.manifest, [...path, index, 'image'])) : []
    return [spotAt(found.manifest, path, 'key'), ...images]
  }

  /** The files that decide on the template of a Service in the end, the Service's own among them. */
  readonly templateFiles = (manifest: Manifest): readonly string[] => this.repository?.templateFiles(manifest) ?? []

  /** Why the traffic of a Service is not to be edited, unless that is forced. */
  readonly bars = (manifest: Manifest): Reason | undefined =>
    this.request.force === true
      ? undefined
      : (this.ownership.bars(manifest) ?? this.layers.bars(manifest) ?? this.defaultsElsewhere(manifest))

  /** The controllers that apply a Service, as files of the repository say. */
  readonly appliersOf = (manifest: Manifest): readonly Applier[] => this.layers.appliersOf(manifest)

  /** How many objects Flux applies together with a Service of a plain file, that one included. */
  together(manifest: Manifest): ObjectCount | undefined {
    const applier = this.appliersOf(manifest).find(isFlux)
    return applier && this.counts.below(applier.path)
  }

  /** The variables that are filled in after the build of a Service. */
  readonly variablesOf = (manifest: Manifest): readonly Substitution[] => this.layers.variablesOf(manifest)

  /** Why the defaults of an explicit revision name cannot be written out: another file than the one that moves has them. */
  private defaultsElsewhere(manifest: Manifest): Reason | undefined {
    if (this.request.spell !== true) return undefined
    const [own] = this.builtOf(manifest).flatMap(({ containers: { word }, revision: { value } }) => {
      if (word.by !== 'manifest' || word.manifest === manifest || typeof value !== 'string' || value === '') return []
      return unspelled(word.manifest).length > 0 ? [word.manifest] : []
    })
    if (!own) return undefined
    const file = own.file.path
    return {
      code: 'KN465',
      at: own,
      path: containersPath,
      message: `cannot write the defaults of \`${manifest.label}\`: its container is in \`${file}\`, its traffic in \`${manifest.file.path}\``,
      help: `run a command with \`--write-defaults\` on \`${shellPath(file)}\` first, and remove it here`,
    }
  }

  /** What there is to say of Services that are judged. */
  judged(manifests: Iterable<Manifest>): readonly Diagnostic[] {
    const owned = [...manifests].flatMap((manifest) => [
      ...this.ownership.remarksOn(manifest),
      ...this.layers.remarksOn(manifest),
    ])
    const { repository } = this
    if (!repository) return owned
    const found = repository.builds.folders.all().flatMap((kustomization) =>
      overlayRules.flatMap(({ code, severity, check }) =>
        Array.from(check(kustomization, repository.builds), ({ at, path, part, ...said }): Diagnostic => {
          return { code, severity, ...said, file: at.file.path, range: locate(at, path, part), path: formatPath(path) }
        }),
      ),
    )
    return [...found, ...owned, ...repository.builds.folders.all().flatMap(repeatedKeys)]
  }

  /** Why the overlay that is meant would not get what becomes of a template. */
  readonly outdoes = (manifest: Manifest, { image }: TemplateChange, touched: Touched): Reason | undefined => {
    const held = this.request.force === true ? undefined : this.layers.holds(manifest, touched)
    if (held || !image) return held
    if (!this.overlay) return this.request.force === true ? undefined : this.renamedFor(manifest, image)
    const [over] = this.builtOf(manifest).flatMap((one) => overruledImage(manifest, one, image) ?? [])
    if (!over) return undefined
    const { message, help } = imageElsewhere(image, over)
    return { code: 'KN466', message, help: `${help}, and run this again` }
  }

  /** An overlay whose `images` put another image in the place of the new one of its base. */
  private renamedFor(manifest: Manifest, image: NonNullable<TemplateChange['image']>): Reason | undefined {
    const [first] = (this.repository?.madeOf(manifest) ?? []).flatMap(({ root, built }) => {
      const over = overruledImage(manifest, built, image)
      return over?.image === undefined ? [] : [{ over, folder: folderName(root) }]
    })
    if (!first) return undefined
    const { over, folder } = first
    const { message } = imageElsewhere(image, over, ` for \`${folder}\``)
    const help = `add \`--overlay ${shellPath(folder)}\` to change the image there, or \`--force\` to continue`
    return { code: 'KN466', message, help }
  }

  /** What there is to say of a Service that is moved, and of what becomes of its template. */
  moved(manifest: Manifest, template: TemplateChange | 'kept' | undefined): readonly Diagnostic[] {
    const isAlone = template === undefined || !this.repository || this.overlay !== undefined
    const reach = isAlone ? [] : reachRemarksOn(manifest, this.repository, template)
    const image = template === 'kept' ? undefined : template?.image
    const layers =
      template === undefined
        ? this.layers.remarksOn(manifest)
        : this.layers.remarksOnEdit(manifest, touchedBy([], true, image))
    return [...reach, ...layers, ...this.ownership.remarksOn(manifest)]
  }

  /** Those of the files around that diagnostics and Services stand in, or that change. */
  shown(said: readonly { readonly file: string }[], changes: readonly FileChange[]): readonly SourceFile[] {
    const { surroundings } = this.request
    const named = new Set([...said.map(({ file }) => file), ...changes.map(({ file }) => file.path)])
    const files = surroundings
      ? [
          ...surroundings.kustomizations,
          ...surroundings.files,
          ...(surroundings.inputs ?? []),
          ...surroundings.owners,
          ...this.layers.files(),
        ]
      : []
    const shown = files.filter(({ path }) => named.has(path) && !this.read.has(path))
    return [...new Map(shown.map((file) => [file.path, file])).values()]
  }
}
