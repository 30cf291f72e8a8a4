import { type AppliedService, Builder, type BuiltRoot, type NotBuilt } from '../kustomize/build.js'
import { type Folders, type ObjectCount, ObjectCounts } from '../kustomize/folders.js'
import { folderName, type Kustomization, referencedPath } from '../kustomize/kustomization.js'
import { inNamespace, plainInNamespace } from '../kustomize/layers/namespace.js'
import { asReal, isLocalBuild } from '../kustomize/real-build.js'
import { leftOver, withVariables } from '../kustomize/layers/flux.js'
import { type Applier, filesOf, laidOver, type Layers, type Substitution } from '../kustomize/layers/layer.js'
import { type FileReading, findManifests, matchManifests } from '../manifest/find.js'
import { classOf } from '../codes/code.js'
import { isNewTemplate, ownName } from '../history/cluster.js'
import { locate, type Manifest, spotAt } from '../manifest/manifest.js'
import { hasSign } from '../manifest/other-kinds.js'
import { judge } from '../rules/judge.js'
import type { Neighbourhood } from '../rules/rule.js'
import { append, grouped, parted } from '../text/collections.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { folderOf, type Path } from '../text/path.js'
import type { Range, SourceFile } from '../text/source.js'
import { isHarmless } from '../yaml/faults.js'
import { isList, isObject, type Json } from '../yaml/json.js'
import { deliveryRemarks, gradedFor, isComparedByArgoCD, isFlux, reachRemarks } from './delivery-remarks.js'
import { filesByPlace, foldersIn } from './kustomizations.js'
import { type Base, type ReadSource, type Surroundings } from './request.js'

/** What is said of one Service of one root. */
type Said = { readonly root: Kustomization; readonly diagnostic: Diagnostic }

/**
 * The Services as kustomize roots yield them: what Argo CD and Flux apply. A file that is a part of a root is judged by
 * what becomes of it there, in each root, and not as if it were applied alone.
 */
export class AppliedServices {
  private readonly builder: Builder
  private readonly folders: Folders
  private readonly files: ReadonlyMap<string, SourceFile>
  private readonly reached = new Map<Kustomization, ReadonlySet<string>>()
  private readonly appliers = new Map<Kustomization, readonly Applier[]>()
  private readonly made = new Map<Kustomization, BuiltRoot>()
  private readonly services = new Map<BuiltRoot, ReadonlyMap<string, readonly AppliedService[]>>()
  private readonly mentions = new Map<string, ReadonlyMap<string, Range>>()
  private readonly byFolder: ReadonlyMap<string, readonly Applier[]>
  /** How many objects plain folders hold. */
  readonly counts: ObjectCounts
  private byPlace: ReadonlyMap<string, Kustomization> | undefined
  private topmost: readonly Kustomization[] | undefined
  private byFile: ReadonlyMap<string, readonly Kustomization[]> | undefined

  constructor(
    private readonly surroundings: Surroundings,
    readings: readonly Pick<ReadSource, 'file'>[],
    folders = foldersIn(surroundings),
  ) {
    this.folders = folders
    this.files = filesByPlace(surroundings, readings)
    this.builder = new Builder(folders, { file: (place) => this.files.get(place) })
    this.counts = new ObjectCounts(surroundings.applied?.tree, (folder) => {
      const one = this.kustomizationAt(folder)
      return one && countOf(this.builder.build(one))
    })
    this.byFolder = grouped(
      (surroundings.applied?.appliers ?? []).filter(({ directory }) => !directory.isPlain),
      ({ path }) => path,
    )
  }

  /**
   * The kustomizations that are applied: those that no other one includes, and those that a controller is pointed at; once
   * for each controller that writes something else into them. What builds nothing of Knative is no matter of this program.
   */
  private roots(): readonly Kustomization[] {
    if (this.topmost) return this.topmost
    const alone = new Set(this.folders.roots())
    const signed = new Set([...this.files.values()].filter(({ text }) => hasSign(text)).map(({ path }) => path))
    // What one that cannot be read would build nobody can tell.
    for (const { file, unread } of this.folders.all()) if (unread) signed.add(file.path)
    const isRoot = (one: Kustomization): boolean =>
      (alone.has(one) || this.appliersAt(one).length > 0) && hasSome(this.closureOf(one), signed)
    this.topmost = this.folders.all().flatMap((one) => (isRoot(one) ? this.variants(one) : []))
    return this.topmost
  }

  /** The controllers that apply a root. */
  appliersOf(root: Kustomization): readonly Applier[] {
    return this.appliers.get(root) ?? []
  }

  private appliersAt(one: Kustomization): readonly Applier[] {
    return this.byFolder.get(placeOf(one)) ?? []
  }

  /** Where Flux makes a kustomization for a folder that has none, of all that is below it. */
  private appliersAbove(root: Kustomization): readonly Applier[] {
    const found: Applier[] = []
    for (let place = placeOf(root); place !== '';) {
      place = folderOf(place)
      if (this.kustomizationAt(place)) break
      const near = this.byFolder.get(place) ?? []
      append(
        found,
        near.filter(({ directory, layers }) => directory.recurse && !changesNames(layers)),
      )
    }
    return found
  }

  private kustomizationAt(place: string): Kustomization | undefined {
    this.byPlace ??= new Map(this.folders.all().map((one) => [placeOf(one), one]))
    return this.byPlace.get(place)
  }

  /** How many objects Flux applies together with a root, those of the root included. */
  together(root: Kustomization): ObjectCount | undefined {
    const own = placeOf(root)
    const applier = this.appliersOf(root).find(isFlux)
    return applier && applier.path !== own ? this.counts.below(applier.path) : countOf(this.builder.build(root))
  }

  private variants(root: Kustomization): readonly Kustomization[] {
    const found = [...this.appliersAt(root), ...this.appliersAbove(root)]
    const [writing, others] = parted(found, ({ layers }) => writesInto(layers) || layers.substitution !== undefined)
    const laid = writing.map((applier): Kustomization => {
      const one = writesInto(applier.layers) ? { ...root, ...laidOver(root.value, applier) } : { ...root }
      this.appliers.set(one, [applier])
      return one
    })
    const [first, ...rest] = [...grouped(others, ({ layers }) => layers.defaultNamespace?.value ?? '').values()]
    if (laid.length > 0 && !first) return laid
    this.appliers.set(root, first ?? [])
    // One folder in several namespaces is as many Services.
    const apart = rest.map((own): Kustomization => {
      const one = { ...root }
      this.appliers.set(one, own)
      return one
    })
    return [root, ...apart, ...laid]
  }

  /** The roots that have to do with some files, built. */
  rootsOf(paths: ReadonlySet<string>): readonly BuiltRoot[] {
    return this.rootsWith(paths).map((root) => this.built(root))
  }

  /** The roots that have to do with some files, by the paths of their kustomizations, and what each is built from. */
  partsOf(paths: ReadonlySet<string>): ReadonlyMap<string, ReadonlySet<string>> {
    return new Map(this.rootsWith(paths).map((root) => [root.file.path, this.closureOf(root)] as const))
  }

  /** The roots by the paths of their kustomizations, built. */
  rootsAt(paths: ReadonlySet<string>): readonly BuiltRoot[] {
    return this.roots()
      .filter(({ file }) => paths.has(file.path))
      .map((root) => this.built(root))
  }

  /** Kustomizations that were roots and still could be, but build nothing of Knative any more: be it that they cannot. */
  formerRoots(paths: ReadonlySet<string>): readonly BuiltRoot[] {
    const known = new Set(this.roots().map(({ file }) => file.path))
    return this.folders
      .roots()
      .filter(({ file }) => paths.has(file.path) && !known.has(file.path))
      .map((root) => this.built(root))
  }

  /** The roots that may apply a Service of one of these names, built: a name stands in the files that make it. */
  rootsNaming(names: ReadonlySet<string>): readonly BuiltRoot[] {
    const files = new Map([...this.files.values()].map((file) => [file.path, file.text] as const))
    const isNaming = (path: string): boolean => {
      const text = files.get(path) ?? ''
      for (const name of names) if (text.includes(name)) return true
      return false
    }
    const naming = new Set([...files.keys()].filter(isNaming))
    return this.rootsOf(naming)
  }

  /** What becomes of a Service, or of one that a patch is laid over, in each root that can be built. */
  servicesFrom({ file, name, label }: Manifest): readonly AppliedService[] {
    const roots = this.rootsOf(new Set([file.path])).filter(isTold)
    return roots
      .flatMap((root) => this.servicesAt(root, file.path))
      .filter(({ base, sources, ids }) =>
        file.isPatch
          ? sources.some(({ path }) => path === file.path) && ids.some((id) => id.name === name)
          : base.file.path === file.path && base.label === label,
      )
  }

  private servicesAt(root: BuiltRoot, path: string): readonly AppliedService[] {
    const known = this.services.get(root) ?? servicesByFile(root.services)
    this.services.set(root, known)
    return known.get(path) ?? []
  }

  /** A root, built, in the namespace that a controller gives to what has none. */
  built(root: Kustomization): BuiltRoot {
    const known = this.made.get(root)
    if (known) return known
    const own = this.builder.build(root)
    // What a controller writes into a kustomization is in no file that the real one could be given.
    const real = root.spotOf ? undefined : this.surroundings.builds?.get(root.file.path)
    const built = real ? asReal(own, real) : own
    const appliers = this.appliersOf(root)
    // A root that variables are filled in of has one controller.
    const substitution = appliers[0]?.layers.substitution
    const named = inNamespace(built, appliers)
    const made = substitution ? withVariables(named, substitution) : named
    this.made.set(root, made)
    return made
  }

  /** Every root, built. */
  all(): readonly BuiltRoot[] {
    return this.roots().map((root) => this.built(root))
  }

  /** The paths of the kustomizations of roots that the real kustomize can be trusted with, of those that have to do with files. */
  localRoots(paths: ReadonlySet<string>): readonly string[] {
    const kustomizations = new Map(this.folders.all().map((one) => [one.file.path, one] as const))
    const local = this.rootsWith(paths).filter((root) => {
      const parts = [...this.closureOf(root)].flatMap((path) => kustomizations.get(path) ?? [])
      return !root.spotOf && isLocalBuild(this.builder.build(root), parts)
    })
    return [...new Set(local.map(({ file }) => file.path))]
  }

  /** Whether a root has to do with the file of a Service, be it built or not. */
  isPart({ file }: Manifest): boolean {
    return this.index().has(file.path)
  }

  /** Whether a Service, or a patch, is applied as a part of a root that can be built, and so is not judged by itself. */
  covers({ file }: Manifest): boolean {
    return (this.index().get(file.path) ?? []).some((root) => isTold(this.built(root)))
  }

  /** Where a kustomization names a file, or the folder of another kustomization; undefined where it does neither. */
  mentionOf(path: string, kustomization: string): Range | undefined {
    const known = this.mentions.get(kustomization) ?? this.mentionsIn(kustomization)
    this.mentions.set(kustomization, known)
    return known.get(path)
  }

  private mentionsIn(kustomization: string): ReadonlyMap<string, Range> {
    const own = this.folders.all().find(({ file }) => file.path === kustomization)
    const found = new Map<string, Range>()
    for (const { text, path } of own ? textsIn(own.value) : []) {
      const place = own ? referencedPath(own, text) : ''
      const named = this.files.get(place) ?? this.folders.in(place)?.file
      if (own && named && !found.has(named.path)) found.set(named.path, locate(own, path))
    }
    return found
  }

  /** The kustomizations beside some files that cannot be read: such a one would name them. */
  private unreadBeside(paths: ReadonlySet<string>): readonly string[] {
    const unread = this.folders.all().filter((one) => one.unread !== undefined)
    const folders = unread.length > 0 ? new Set([...paths].map(folderOf)) : new Set<string>()
    return unread.map(({ file }) => file.path).filter((path) => folders.has(folderOf(path)))
  }

  private rootsWith(paths: ReadonlySet<string>): readonly Kustomization[] {
    const index = this.index()
    const found = new Set([...paths, ...this.unreadBeside(paths)].flatMap((path) => index.get(path) ?? []))
    return this.roots().filter((root) => found.has(root))
  }

  /** The roots by the paths of the files that they are built from. */
  private index(): ReadonlyMap<string, readonly Kustomization[]> {
    if (this.byFile) return this.byFile
    const pairs = this.roots().flatMap((root) => [...this.closureOf(root)].map((path) => ({ path, root })))
    const groups = grouped(pairs, ({ path }) => path)
    this.byFile = new Map([...groups].map(([path, own]) => [path, own.map(({ root }) => root)] as const))
    return this.byFile
  }

  /** The paths of all files that a root is built from, its kustomizations among them. */
  private closureOf(root: Kustomization): ReadonlySet<string> {
    const known = this.reached.get(root)
    if (known) return known
    const paths = new Set<string>()
    this.reached.set(root, paths)
    this.reach(root, paths)
    for (const applier of this.appliers.get(root) ?? this.appliersAt(root))
      for (const { path } of filesOf(applier)) paths.add(path)
    return paths
  }

  private reach(kustomization: Kustomization, paths: Set<string>): void {
    if (paths.has(kustomization.file.path)) return
    paths.add(kustomization.file.path)
    for (const { text } of textsIn(kustomization.value)) {
      const place = referencedPath(kustomization, text)
      const file = this.files.get(place)
      if (file) paths.add(file.path)
      const deeper = file ? undefined : this.folders.in(place)
      if (deeper) this.reach(deeper, paths)
    }
  }
}

function hasSome(paths: ReadonlySet<string>, wanted: ReadonlySet<string>): boolean {
  for (const path of paths) if (wanted.has(path)) return true
  return false
}

/** Whether a controller changes what a kustomization builds. */
function writesInto({
  namePrefix,
  nameSuffix,
  namespace,
  components,
  images,
  patches,
  labels,
  annotations,
}: Layers): boolean {
  const texts = [namePrefix, nameSuffix, namespace, labels, annotations]
  return texts.some((one) => one !== undefined) || [components, images, patches].some((list) => list.length > 0)
}

/** Whether a controller changes names, which another kustomization in between makes another change of, or names files. */
function changesNames({ namePrefix, nameSuffix, components }: Layers): boolean {
  return namePrefix !== undefined || nameSuffix !== undefined || components.length > 0
}

function placeOf({ file }: Kustomization): string {
  return folderOf(file.patchPath ?? file.path)
}

function countOf({ objects, services, notBuilt, faults }: BuiltRoot): ObjectCount {
  return { count: objects.length + services.length, isLeast: notBuilt.length + faults.length > 0 }
}

/** Every text of a value that can name a file, that of `key=path` among them. */
function* textsIn(value: Json, path: Path = []): Generator<{ readonly text: string; readonly path: Path }> {
  if (typeof value === 'string') {
    if (value.length > longestPath || value.includes('\n')) return
    yield { text: value, path }
    const sign = value.indexOf('=')
    if (sign >= 0) yield { text: value.slice(sign + 1), path }
  } else if (isList(value)) for (const [index, item] of value.entries()) yield* textsIn(item, [...path, index])
  else if (isObject(value)) for (const [key, item] of Object.entries(value)) yield* textsIn(item, [...path, key])
}

const longestPath = 4096

/** Whether all that has a say in the Services of a root was built: what a transformer does to them nobody else knows. */
export function isTold({ faults, notBuilt }: BuiltRoot): boolean {
  return faults.length === 0 && notBuilt.every(isAddition)
}

/** Whether what is missing only adds objects. */
function isAddition({ path, why }: NotBuilt): boolean {
  return adding.has(String(path[0])) && why !== 'unclear' && why !== 'too many'
}

/** The fields of a kustomization that bring objects, and change none. */
const adding = new Set([
  'resources',
  'bases',
  'generators',
  'helmCharts',
  'helmChartInflationGenerator',
  'helmGlobals',
  'crds',
])

/** The Services of the older side of a change: plain ones, and those that kustomize roots applied. */
export type OlderServices = {
  readonly manifests: readonly Manifest[]
  /** What was read of its files, by their paths. */
  readonly readings: ReadonlyMap<string, FileReading>
  /** The paths of files that cannot be read whole. */
  readonly unread: readonly string[]
  /** The paths of the kustomizations of roots that could not be built. */
  readonly unbuilt?: ReadonlySet<string>
  /** The paths of the roots that had to do with what the change touches. */
  readonly roots: ReadonlySet<string>
}

/** All that kustomize reads around the files of a run. */
export function filesAround({ kustomizations, files, inputs = [] }: Surroundings): readonly SourceFile[] {
  return [...kustomizations, ...files, ...inputs]
}

/**
 * The paths of files around that are new on the newer side, or have another text there. The older side may tell of more
 * files than the newer one: what is only there may have nothing to do with the run.
 */
function differing(older: Surroundings | undefined, newer: Surroundings | undefined): readonly string[] {
  const [before, after] = [older, newer].map((side) => {
    return new Map((side ? filesAround(side) : []).map(({ path, text }) => [path, text] as const))
  })
  return [...(after?.keys() ?? [])].filter((path) => before?.get(path) !== after?.get(path))
}

/** What a change is about: files, by their paths, on either side. */
type Extent = {
  /** What is reported on. */
  readonly about: Iterable<string>
  readonly base: Pick<Base, 'touched' | 'isLimited' | 'surroundings'>
  readonly newer: Surroundings | undefined
}

/** The paths of all that a change has to do with: what is reported on and, unless only that counts, what differs around. */
export function concernedBy({ about, base, newer }: Extent): ReadonlySet<string> {
  if (base.isLimited) return new Set(about)
  return new Set([...about, ...(base.touched ?? []), ...differing(base.surroundings, newer)])
}

/** Files whose places are all that is asked for. */
function located(files: readonly SourceFile[]): readonly Pick<ReadSource, 'file'>[] {
  return files.map((file) => ({ file }))
}

/** The roots that have to do with some files, and the paths of all that each is built from. */
export function partsOfRoots(
  surroundings: Surroundings,
  files: readonly SourceFile[],
  concerned: ReadonlySet<string>,
): ReadonlyMap<string, ReadonlySet<string>> {
  return new AppliedServices(surroundings, located(files)).partsOf(concerned)
}

/** The paths of the kustomizations of roots that have to do with some files, and that the real kustomize can be trusted with. */
export function localRoots(
  surroundings: Surroundings,
  files: readonly SourceFile[],
  concerned: ReadonlySet<string>,
): readonly string[] {
  return new AppliedServices(surroundings, located(files)).localRoots(concerned)
}

/** The older side with the very files of the newer one where they are the same: what was read of a file is known by it. */
function sharing(older: Surroundings, newer: Surroundings | undefined): Surroundings {
  if (!newer) return older
  const known = new Map(filesAround(newer).map((file) => [file.path, file] as const))
  const same = (file: SourceFile): SourceFile => {
    const other = known.get(file.path)
    return other && other.text === file.text && other.isPatch === file.isPatch ? other : file
  }
  return {
    ...older,
    kustomizations: older.kustomizations.map(same),
    files: older.files.map(same),
    inputs: (older.inputs ?? []).map(same),
  }
}

const olderSides = new WeakMap<Surroundings, AppliedServices>()

/** What the roots of an older side apply, where `olderServices` was asked for it. */
export function appliedAt(around: Surroundings): AppliedServices | undefined {
  return olderSides.get(around)
}

/** @param concerned The paths of files that the change touches, or that are reported on. */
export function olderServices(
  { files, surroundings: around }: Base,
  concerned: ReadonlySet<string>,
  newer?: Surroundings,
): OlderServices {
  const surroundings = around && sharing(around, newer)
  const readings = files.map((file) => ({ file, reading: findManifests(file) }))
  const appliers = around?.applied?.appliers
  const unread = readings.flatMap(({ file, reading }) => (reading.faults.every(isHarmless) ? [] : [file.path]))
  const known = { unread, readings: new Map(readings.map(({ file, reading }) => [file.path, reading] as const)) }
  if (!surroundings || surroundings.kustomizations.length === 0) {
    const plain = readings.flatMap(({ reading }) => reading.manifests)
    return { ...known, manifests: plain.map((one) => plainInNamespace(one, appliers)), roots: new Set() }
  }
  const applied = new AppliedServices(surroundings, readings)
  if (around) olderSides.set(around, applied)
  const roots = applied.rootsOf(concerned)
  const built = servicesIn(roots, []).map(({ manifest }) => manifest)
  const plain = readings
    .flatMap(({ reading }) => reading.manifests)
    .filter((one) => !applied.covers(one))
    .map((one) => (applied.isPart(one) ? one : plainInNamespace(one, appliers)))
  return {
    ...known,
    manifests: [...plain, ...built],
    unbuilt: new Set(roots.filter((one) => !isTold(one)).map(({ root }) => root.file.path)),
    roots: new Set(roots.map(({ root }) => root.file.path)),
  }
}

/** The Services of roots that the patterns mean. */
export function servicesIn(roots: readonly BuiltRoot[], patterns: readonly string[]): readonly AppliedService[] {
  const services = roots.filter(isTold).flatMap((built) => built.services)
  return patterns.length === 0 ? services : services.filter((one) => patterns.some((pattern) => isNamed(one, pattern)))
}

/** Whether a pattern means a Service, by the name that it is built under or by that of its file. */
export function isNamed({ base, manifest }: AppliedService, pattern: string): boolean {
  return matchManifests([manifest, base], pattern).length > 0
}

/** Services by the path of each file that they were made from. */
export function servicesByFile(services: readonly AppliedService[]): ReadonlyMap<string, readonly AppliedService[]> {
  const pairs = services.flatMap((service) => {
    const paths = new Set([service.base.file.path, ...service.sources.map(({ path }) => path)])
    return [...paths].map((path) => ({ path, service }))
  })
  const groups = [...grouped(pairs, ({ path }) => path)]
  return new Map(groups.map(([path, group]) => [path, group.map(({ service }) => service)]))
}

/** What there is to say of Services as they are applied, at the lines that decide, each once. */
export function judgeApplied(
  services: readonly AppliedService[],
  neighbourhood: Neighbourhood,
  applied: AppliedServices,
  more: (service: AppliedService, found: readonly Diagnostic[]) => readonly Diagnostic[],
): readonly Diagnostic[] {
  const { namesOf: _names, revisionOwners: _owners, replacesImage: _images, ...others } = neighbourhood
  // One list for all Services of a root: rules know it again, and look through it once.
  const roots = [...grouped(services, ({ root }) => root)]
  const beside = new Map(roots.map(([root, group]) => [root, group.map(({ manifest }) => manifest)]))
  const said = services.flatMap((service) => {
    const manifests = beside.get(service.root) ?? []
    const appliers = applied.appliersOf(service.root)
    const variablesOf = (): readonly Substitution[] =>
      appliers.flatMap(({ layers }) => (layers.substitution ? [leftOver(layers.substitution)] : []))
    const isSyncedByArgoCD = (): boolean => isComparedByArgoCD(appliers)
    const judged = judge(service.manifest, { ...others, manifests, variablesOf, isSyncedByArgoCD })
    const built = applied.built(service.root)
    const found = [...judged, ...deliveryRemarks(service, built, appliers)]
    return more(service, found).map((one): Said => ({
      root: service.root,
      diagnostic: gradedFor(one, appliers, () => applied.together(service.root)),
    }))
  })
  return merged(said, services)
}

/** One finding for all roots that have it; they are named where another root is built from the same file without it. */
function merged(said: readonly Said[], services: readonly AppliedService[]): readonly Diagnostic[] {
  const roots = new Map<string, Set<string>>()
  for (const { root, sources } of services)
    for (const { path } of sources) roots.set(path, (roots.get(path) ?? new Set<string>()).add(folderName(root)))
  const groups = grouped(said, ({ diagnostic: { code, file, range, message } }) =>
    JSON.stringify([code, file, range, message]),
  )
  return [...groups.values()].flatMap((alike) => {
    const [first] = alike
    if (!first) return []
    const { diagnostic } = first
    const found = [...new Set(alike.map(({ root }) => folderName(root)))]
    const all = roots.get(diagnostic.file)?.size ?? 1
    const isPlain = classOf(diagnostic.code) !== 'base-to-head' && found.length === all
    const where = isPlain || all === 1 ? '' : ` (${namesOf(found)})`
    return { ...diagnostic, message: `${diagnostic.message}${where}`, roots: found }
  })
}

/** How many roots a message names. */
const mostNamed = 3

function namesOf(roots: readonly string[]): string {
  const shown = roots.slice(0, mostNamed).map((one) => `\`${one}\``)
  const rest = roots.length - shown.length
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ')
}

/** Why a part of a kustomization is not built, as messages say it. */
const untold: Readonly<Record<NotBuilt['why'], string>> = {
  remote: 'is remote',
  chart: 'is a Helm chart',
  plugin: 'is a program',
  missing: 'is not in the files',
  template: 'is a template',
  openapi: 'is not read',
  crds: 'is not read',
  vars: 'is not read',
  unclear: 'depends on something that is not read',
  'too many': 'is too large to build',
}

/** What keeps roots from being built, whole or at all, at its line. */
export function buildRemarks(roots: readonly BuiltRoot[], { refused }: Surroundings): readonly Diagnostic[] {
  const found = roots.flatMap(({ root, notBuilt, faults, differences = [] }): readonly Diagnostic[] => [
    ...differences.map(({ message, service }) => ({
      code: 'KN626',
      severity: reachRemarks.KN626.severity,
      message,
      help: `compare with \`kubectl kustomize ${folderName(root)}\`, and report the difference as a bug of \`kn-rollout\``,
      ...spotIn(root, []),
      ...(service !== undefined && { service }),
    })),
    ...notBuilt
      .filter(({ at, name }) => refused?.has(referencedPath(at, name)) !== true)
      .map(({ at, path, name, why }) => ({
        code: 'KN608',
        severity: reachRemarks.KN608.severity,
        message: `not checked: \`${name}\` in \`${folderName(at)}\`, which affects \`${folderName(root)}\` (it ${untold[why]})`,
        help: `compare with the output of \`kubectl kustomize ${folderName(root)}\``,
        ...spotIn(at, path),
      })),
    ...faults
      .filter(({ at }) => at.unread?.isTold !== true)
      .map(({ at, path, message, help, says }) => ({
        code: 'KN620',
        severity: reachRemarks.KN620.severity,
        message,
        ...(says && { says }),
        help: help ?? `correct it; \`kubectl kustomize ${folderName(at)}\` reports it as well`,
        ...spotIn(at, path),
      })),
  ])
  return [...new Map(found.map((one) => [JSON.stringify([one.code, one.file, one.range, one.message]), one])).values()]
}

/** A Service where it is applied, by a root or from a plain file. */
type Delivered = Pick<Diagnostic, 'file' | 'range' | 'roots'> & {
  readonly manifest: Manifest
  /** The folder of the root, or the file. */
  readonly place: string
  readonly appliers: readonly Applier[]
  readonly isAsked: boolean
}

/** What controllers apply, as far as conflicts go. */
type Scope = {
  /** Every root at hand; undefined where there is none. */
  readonly applied: AppliedServices | undefined
  /** The roots that the run is about. */
  readonly own: readonly BuiltRoot[]
  /** The Services of plain files that controllers apply. */
  readonly plain: readonly Pick<Delivered, 'manifest' | 'appliers' | 'isAsked'>[]
}

/**
 * Roots and plain files that apply one and the same Service with one revision name and two templates: only one of them can
 * be admitted. Where a root leaves the namespace open, its controller may have another one.
 */
export function conflictRemarks({ applied, own, plain }: Scope): readonly Diagnostic[] {
  const named = deliveredBy({ applied, own, plain }).filter(({ manifest }) => {
    return manifest.namespace !== undefined && ownName(manifest) !== undefined
  })
  return [...grouped(named, ({ manifest }) => manifest.label).values()].flatMap((alike) => {
    const [first] = alike
    const name = first && ownName(first.manifest)
    if (!first || name === undefined) return []
    const others = alike.filter(({ manifest, place, appliers }) => {
      const isOther =
        place !== first.place &&
        ownName(manifest) === name &&
        isNewTemplate({ before: first.manifest, after: manifest })
      return isOther && mayMeet(appliers, first.appliers)
    })
    return others
      .flatMap((one): (readonly [Delivered, Delivered])[] => [
        [one, first],
        [first, one],
      ])
      .filter(([{ isAsked }]) => isAsked)
      .map(([{ file, range, roots, place, manifest }, other]) => ({
        code: 'KN621',
        severity: reachRemarks.KN621.severity,
        message: `\`${place}\` and \`${other.place}\` both apply \`${manifest.label}\` with the revision name \`${name}\` and different templates`,
        help: 'give each a separate namespace, Service name or revision name, or apply only one of them',
        file,
        ...(range && { range }),
        service: manifest.label,
        ...(roots && { roots }),
      }))
  })
}

function deliveredBy({ applied, own, plain }: Scope): readonly Delivered[] {
  const asked = new Set(own.map(({ root }) => root.file.path))
  const mine = own.filter(isTold).flatMap((built) => built.services)
  const meant = [
    ...mine.map(({ base }) => base.name),
    ...plain.flatMap((one) => (one.isAsked ? one.manifest.name : [])),
  ]
  if (meant.length === 0) return []
  const roots = applied?.rootsNaming(new Set(meant)) ?? []
  const services = roots.filter(isTold).flatMap((built) => built.services)
  return [
    ...services.map(({ root, manifest }) => ({
      manifest,
      place: folderName(root),
      appliers: applied?.appliersOf(root) ?? [],
      isAsked: asked.has(root.file.path),
      roots: [folderName(root)],
      ...spotIn(root, []),
    })),
    ...plain.map((one) => {
      const { file, range } = spotAt(one.manifest, ['metadata', 'name'])
      return { ...one, place: file.path, file: file.path, range }
    }),
  ]
}

/** Whether what they apply may end up in one cluster. */
function mayMeet(some: readonly Applier[], others: readonly Applier[]): boolean {
  const [one = [], other = []] = [some, others].map((appliers) => appliers.flatMap(({ cluster }) => cluster ?? []))
  return one.length === 0 || other.length === 0 || one.some((cluster) => other.includes(cluster))
}

/** Where a field of a kustomization stands; its first key stands for the whole of it. */
function spotIn(at: Kustomization, path: Path): Pick<Diagnostic, 'file' | 'range'> {
  return { file: at.file.path, range: locate(at, path, path.length === 0 ? 'key' : 'value') }
}
