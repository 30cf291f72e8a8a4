import { type AppliedService, Builder, type BuiltRoot } from '../kustomize/build.js'
import type { Builds } from '../kustomize/builds.js'
import { folderName, type Kustomization, referencedPath } from '../kustomize/kustomization.js'
import { findManifests, manifestMatcher } from '../manifest/find.js'
import { isNewTemplate, ownName } from '../history/cluster.js'
import { locate, type Manifest } from '../manifest/manifest.js'
import { judge } from '../rules/judge.js'
import type { Neighbourhood } from '../rules/rule.js'
import { grouped } from '../text/collections.js'
import type { Diagnostic } from '../text/diagnostic.js'
import type { Path } from '../text/path.js'
import type { SourceFile } from '../text/source.js'
import { isList, isObject, type Json } from '../yaml/json.js'
import { filesByPlace, Kustomizations } from './kustomizations.js'
import { reachRemarks } from './reach-remarks.js'
import { type Base, placeIn, type ReadSource, type Surroundings } from './request.js'

/** What is said of one Service of one root. */
type Said = { readonly root: Kustomization; readonly diagnostic: Diagnostic }

/**
 * The Services as kustomize roots yield them: what Argo CD and Flux apply. A file that is a part of a root is judged by
 * what becomes of it there, in each root, and not as if it were applied alone.
 */
export class AppliedServices {
  private readonly builder: Builder
  private readonly files: ReadonlyMap<string, SourceFile>
  private readonly reached = new Map<string, ReadonlySet<string>>()
  private made: readonly BuiltRoot[] | undefined

  constructor(
    surroundings: Surroundings,
    readings: readonly ReadSource[],
    private readonly builds: Builds,
  ) {
    this.files = filesByPlace(surroundings, readings)
    const kustomizations = new Map(surroundings.kustomizations.map((file) => [placeIn(surroundings, file), file]))
    this.builder = new Builder(kustomizations, { file: (place) => this.files.get(place) })
  }

  /** The paths of the kustomizations that are built for their own sake. */
  rootPaths(): readonly string[] {
    return this.builder.roots().map(({ file }) => file.path)
  }

  /** The roots that have to do with some files, built. */
  rootsOf(paths: ReadonlySet<string>): readonly BuiltRoot[] {
    const roots = this.builder.roots().filter((root) => {
      for (const path of this.closureOf(root)) if (paths.has(path)) return true
      return false
    })
    return roots.map((root) => this.builder.build(root))
  }

  /** The roots that have to do with some files, by the paths of their kustomizations, and what each is built from. */
  partsOf(paths: ReadonlySet<string>): ReadonlyMap<string, ReadonlySet<string>> {
    const all = this.builder.roots().map((root) => [root.file.path, this.closureOf(root)] as const)
    return new Map(all.filter(([, closure]) => [...closure].some((path) => paths.has(path))))
  }

  /** The roots by the paths of their kustomizations, built. */
  rootsAt(paths: ReadonlySet<string>): readonly BuiltRoot[] {
    return this.builder
      .roots()
      .filter(({ file }) => paths.has(file.path))
      .map((root) => this.builder.build(root))
  }

  /** What one kustomization builds, whether or not another one includes it; nothing where there is none. */
  buildAt(path: string): readonly BuiltRoot[] {
    return this.builder.all().flatMap((one) => (one.file.path === path ? this.builder.build(one) : []))
  }

  /** Every root, built. */
  all(): readonly BuiltRoot[] {
    this.made ??= this.builder.roots().map((root) => this.builder.build(root))
    return this.made
  }

  /** Whether a Service, or a patch, is applied as a part of a root that can be built, and so is not judged by itself. */
  covers({ file }: Manifest): boolean {
    return this.all().some((built) => built.faults.length === 0 && this.closureOf(built.root).has(file.path))
  }

  /** The paths of all files that a root is built from, its kustomizations among them. */
  closureOf(root: Kustomization): ReadonlySet<string> {
    const known = this.reached.get(root.file.path)
    if (known) return known
    const paths = new Set<string>()
    this.reached.set(root.file.path, paths)
    this.reach(root, paths)
    return paths
  }

  private reach(kustomization: Kustomization, paths: Set<string>): void {
    if (paths.has(kustomization.file.path)) return
    paths.add(kustomization.file.path)
    for (const name of textsIn(kustomization.value)) {
      const place = referencedPath(kustomization, name)
      const file = this.files.get(place)
      if (file) paths.add(file.path)
      const deeper = file ? undefined : this.builds.in(place)
      if (deeper) this.reach(deeper, paths)
    }
  }
}

/** Every text of a value that can name a file, that of `key=path` among them. */
function* textsIn(value: Json): Generator<string> {
  if (typeof value === 'string') {
    if (value.length > longestPath || value.includes('\n')) return
    yield value
    const sign = value.indexOf('=')
    if (sign >= 0) yield value.slice(sign + 1)
  } else if (isList(value)) for (const item of value) yield* textsIn(item)
  else if (isObject(value)) for (const item of Object.values(value)) yield* textsIn(item)
}

const longestPath = 4096

/** Whether all that has a say in the Services of a root was built: what a transformer does to them nobody else knows. */
export function isTold({ faults, notBuilt }: BuiltRoot): boolean {
  return faults.length === 0 && notBuilt.every(({ path }) => path[0] !== 'transformers')
}

/** The Services of the older side of a change: plain ones, and those that kustomize roots applied. */
export type OlderServices = {
  readonly manifests: readonly Manifest[]
  /** The paths of the roots that had to do with what the change touches. */
  readonly roots: ReadonlySet<string>
}

/**
 * The paths of files around that are new on the newer side, or have another text there. The older side may tell of more
 * files than the newer one: what is only there may have nothing to do with the run.
 */
export function differing(older: Surroundings | undefined, newer: Surroundings | undefined): readonly string[] {
  const [before, after] = [older, newer].map((side) => {
    const files = side ? [...side.kustomizations, ...side.files, ...(side.inputs ?? [])] : []
    return new Map(files.map(({ path, text }) => [path, text] as const))
  })
  return [...(after?.keys() ?? [])].filter((path) => before?.get(path) !== after?.get(path))
}

/** The roots that have to do with some files, and the paths of all that each is built from. */
export function partsOfRoots(
  surroundings: Surroundings,
  files: readonly SourceFile[],
  concerned: ReadonlySet<string>,
): ReadonlyMap<string, ReadonlySet<string>> {
  const readings = files.map((file) => ({ file, reading: findManifests(file) }))
  const { builds } = new Kustomizations(surroundings, readings)
  return new AppliedServices(surroundings, readings, builds).partsOf(concerned)
}

/** @param concerned The paths of files that the change touches, or that are reported on. */
export function olderServices({ files, surroundings }: Base, concerned: ReadonlySet<string>): OlderServices {
  const readings = files.map((file) => ({ file, reading: findManifests(file) }))
  const plain = readings.flatMap(({ reading }) => reading.manifests)
  if (!surroundings || surroundings.kustomizations.length === 0) return { manifests: plain, roots: new Set() }
  const { builds } = new Kustomizations(surroundings, readings)
  const applied = new AppliedServices(surroundings, readings, builds)
  const roots = applied.rootsOf(concerned)
  const built = servicesIn(roots, []).map(({ manifest }) => manifest)
  return {
    manifests: [...plain.filter((one) => !applied.covers(one)), ...built],
    roots: new Set(roots.map(({ root }) => root.file.path)),
  }
}

/** The Services of roots that the patterns mean. */
export function servicesIn(roots: readonly BuiltRoot[], patterns: readonly string[]): readonly AppliedService[] {
  const matchers = patterns.map(manifestMatcher)
  return roots
    .filter(isTold)
    .flatMap(({ services }) => services)
    .filter(({ manifest }) => matchers.length === 0 || matchers.some((isMeant) => isMeant(manifest)))
}

/** What there is to say of Services as they are applied, at the lines that decide, each once. */
export function judgeApplied(
  services: readonly AppliedService[],
  neighbourhood: Neighbourhood,
  more: (service: AppliedService, found: readonly Diagnostic[]) => readonly Diagnostic[],
): readonly Diagnostic[] {
  const { namesOf: _names, revisionOwners: _owners, replacesImage: _images, ...others } = neighbourhood
  const beside = grouped(services, ({ root }) => root)
  const said = services.flatMap((service) => {
    const manifests = (beside.get(service.root) ?? []).map(({ manifest }) => manifest)
    const found = judge(service.manifest, { ...others, manifests })
    return more(service, found).map((diagnostic): Said => ({ root: service.root, diagnostic }))
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
    const isForAll = found.length === (roots.get(diagnostic.file)?.size ?? 1)
    const where = isForAll ? '' : ` (${found.map((one) => `\`${one}\``).join(', ')})`
    return { ...diagnostic, message: `${diagnostic.message}${where}`, roots: found }
  })
}

/** What keeps roots from being built, whole or at all, at its line. */
export function buildRemarks(roots: readonly BuiltRoot[]): readonly Diagnostic[] {
  const found = roots.flatMap(({ root, notBuilt, faults }): readonly Diagnostic[] => [
    ...notBuilt.map(({ at, path, name }) => ({
      code: 'KN608',
      severity: reachRemarks.KN608.severity,
      message: `not checked: \`${name}\` of \`${folderName(at)}\`, which is not in this repository, can change what \`${folderName(root)}\` applies`,
      help: `compare with what \`kubectl kustomize ${folderName(root)}\` prints`,
      ...spotIn(at, path),
    })),
    ...faults.map(({ at, path, message, help }) => ({
      code: 'KN620',
      severity: reachRemarks.KN620.severity,
      message,
      ...(help !== undefined && { help }),
      ...spotIn(at, path),
    })),
  ])
  return [...new Map(found.map((one) => [JSON.stringify([one.code, one.file, one.range, one.message]), one])).values()]
}

/**
 * Roots that apply one and the same Service with one revision name and two templates: only one of them can be admitted.
 * Where a root leaves the namespace open, its controller may have another one.
 *
 * @param all Every root at hand.
 * @param own The roots that the run is about.
 */
export function conflictRemarks(all: readonly BuiltRoot[], own: readonly BuiltRoot[]): readonly Diagnostic[] {
  const services = all.filter(isTold).flatMap((built) => built.services)
  const about = new Set(own.map(({ root }) => root.file.path))
  return [...grouped(services, ({ manifest }) => manifest.label).values()].flatMap((alike) => {
    const [first] = alike
    const name = first && ownName(first.manifest)
    if (!first || name === undefined || first.manifest.namespace === undefined) return []
    const others = alike.filter(({ manifest }) => {
      return ownName(manifest) === name && isNewTemplate({ before: first.manifest, after: manifest })
    })
    return others
      .flatMap((one): (readonly [AppliedService, AppliedService])[] => [
        [one, first],
        [first, one],
      ])
      .filter(([{ root }]) => about.has(root.file.path))
      .map(([{ root, manifest }, other]) => ({
        code: 'KN621',
        severity: reachRemarks.KN621.severity,
        message: `\`${folderName(root)}\` and \`${folderName(other.root)}\` must not both apply \`${manifest.label}\` with other templates under the name \`${name}\``,
        help: 'give each its own namespace, Service name or revision name, or apply only one of them',
        ...spotIn(root, []),
        service: manifest.label,
        roots: [folderName(root)],
      }))
  })
}

/** Where a field of a kustomization stands; its first key stands for the whole of it. */
function spotIn(at: Kustomization, path: Path): Pick<Diagnostic, 'file' | 'range'> {
  return { file: at.file.path, range: locate(at, path, path.length === 0 ? 'key' : 'value') }
}
