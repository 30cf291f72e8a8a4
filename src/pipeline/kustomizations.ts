import { Builds, isFullyRead } from '../kustomize/build.js'
import { Folders } from '../kustomize/folders.js'
import { replacesImage } from '../kustomize/images.js'
import { type Built, builtId, type Kustomization, type Said, sourcesOf } from '../kustomize/kustomization.js'
import { type Owned, type Owner, ownersIn } from '../kustomize/owners.js'
import { findManifests } from '../manifest/find.js'
import type { Manifest } from '../manifest/manifest.js'
import type { BuiltNames } from '../stages/roles.js'
import { grouped } from '../text/collections.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { folderOf } from '../text/path.js'
import type { SourceFile } from '../text/source.js'
import { yamlDiagnostic } from '../yaml/faults.js'
import { isList, member } from '../yaml/json.js'
import { readDocument } from '../yaml/read.js'
import { reachRemarks } from './delivery-remarks.js'
import type { Reason } from './diagnostics.js'
import { placeIn, type ReadSource, type Surroundings } from './request.js'

/** One Service as one overlay hands it to the cluster. */
export type Delivery = { readonly root: Kustomization; readonly built: Built }

/** The names of Services by what one file decides on in them; `unsure` ones may become others by what is not read. */
type Names = Readonly<Record<'traffic' | 'revision' | 'unsure', Set<string>>>
type Index<Key> = ReadonlyMap<Key, readonly Delivery[]>

/** The deliveries by what they have to do with, each once with each. */
function indexed<Key>(deliveries: readonly Delivery[], keysOf: (delivery: Delivery) => readonly Key[]): Index<Key> {
  const pairs = deliveries.flatMap((delivery) => [...new Set(keysOf(delivery))].map((key) => ({ key, delivery })))
  const groups = grouped(pairs, ({ key }) => key)
  return new Map([...groups].map(([key, found]) => [key, found.map(({ delivery }) => delivery)]))
}

/** The files of a run and around it, by their places and those of links to them. */
export function filesByPlace(
  surroundings: Surroundings,
  readings: readonly Pick<ReadSource, 'file'>[],
): ReadonlyMap<string, SourceFile> {
  const files = [...(surroundings.inputs ?? []), ...surroundings.files, ...readings.map(({ file }) => file)]
  const byPlace = new Map(files.map((file) => [placeIn(surroundings, file), file]))
  const byPath = new Map(files.map((file) => [file.path, file]))
  for (const [link, path] of surroundings.links ?? []) {
    const file = byPath.get(path)
    if (file) byPlace.set(link, file)
  }
  return byPlace
}

/** The kustomizations around the files of a run. */
export function foldersIn(surroundings: Surroundings): Folders {
  return new Folders(new Map(surroundings.kustomizations.map((file) => [placeIn(surroundings, file), file])))
}

/** The kustomizations around the Services of a run, and what they build. */
export class Kustomizations {
  readonly builds: Builds
  private delivered: readonly Delivery[] | undefined
  private names: ReadonlyMap<string, Names> | undefined
  private parts: Index<Manifest> | undefined
  private touched: Index<Manifest> | undefined
  private made: Index<Manifest> | undefined
  private based: Index<string> | undefined

  constructor(surroundings: Surroundings, readings: readonly ReadSource[]) {
    const read = new Map(readings.map(({ file, reading }) => [file.path, reading.manifests]))
    const byPlace = filesByPlace(surroundings, readings)
    this.builds = new Builds(foldersIn(surroundings), {
      file: (place) => byPlace.get(place),
      manifests: (file) => {
        const known = read.get(file.path) ?? findManifests(file).manifests
        read.set(file.path, known)
        return known
      },
    })
  }

  /** What every overlay builds that is in no other one. */
  get deliveries(): readonly Delivery[] {
    this.delivered ??= this.builds.folders
      .roots()
      .flatMap((root) => this.builds.build(root).map((built) => ({ root, built })))
    return this.delivered
  }

  /** The deliveries that a Service, or a patch that says something of traffic, is part of. */
  deliveriesOf(manifest: Manifest): readonly Delivery[] {
    this.parts ??= indexed(this.deliveries, ({ built }) => [built.base, ...sourcesOf(built.traffic)])
    return this.parts.get(manifest) ?? []
  }

  /** The deliveries whose traffic is what this Service, or patch, says, or is made from it. */
  touchedBy(manifest: Manifest): readonly Delivery[] {
    this.touched ??= indexed(this.deliveries, ({ built }) => sourcesOf(built.traffic))
    return this.touched.get(manifest) ?? []
  }

  /** The deliveries whose traffic or template has to do with what this Service, or patch, says. */
  madeOf(manifest: Manifest): readonly Delivery[] {
    this.made ??= indexed(this.deliveries, ({ built }) => {
      return [built.base, ...[built.traffic, built.revision, built.containers].flatMap(sourcesOf)]
    })
    return this.made.get(manifest) ?? []
  }

  /** The names that Services have in the end whose traffic, or whose revision, this file decides on. */
  namesOf(manifest: Manifest): readonly string[] {
    const { traffic, revision } = this.namesIn(manifest)
    return [...new Set([...traffic, ...revision])]
  }

  /** The names that Services have in the end, by what this file decides on in them. */
  namesIn(manifest: Manifest): BuiltNames {
    const { traffic = [], revision = [] } = this.named.get(keyOf(manifest)) ?? {}
    return { traffic: [...traffic], revision: [...revision] }
  }

  /**
   * The names of the Services whose revision this file names; undefined where it names none of what is built. A new name
   * that may be set to rights by what is not read does not count.
   */
  revisionOwners(manifest: Manifest): readonly string[] | undefined {
    const known = this.named.get(keyOf(manifest))
    return known && known.revision.size > 0 ? [...known.revision].filter((name) => !known.unsure.has(name)) : undefined
  }

  /** Worked out once, for all files. */
  private get named(): ReadonlyMap<string, Names> {
    if (this.names) return this.names
    const names = new Map<string, Names>()
    const of = (manifest: Manifest): Names => {
      const key = keyOf(manifest)
      const own = names.get(key) ?? { traffic: new Set(), revision: new Set(), unsure: new Set() }
      names.set(key, own)
      return own
    }
    for (const { built } of this.deliveries) {
      const { base, traffic, revision } = built
      const { name } = builtId(built)
      const [router, namer] = [authorOf(traffic), authorOf(revision)]
      if (router) of(router).traffic.add(name)
      // A patch that decides on the traffic may bring a name where only the base has one.
      for (const author of namer === base ? [base, router ?? base] : namer ? [namer] : []) {
        of(author).revision.add(name)
        if (name !== base.name && !isFullyRead(built, this.builds)) of(author).unsure.add(name)
      }
    }
    this.names = names
    return names
  }

  /** The files that decide on the template of what a Service, or a patch with its traffic, is delivered as. */
  templateFiles(manifest: Manifest): readonly string[] {
    const files = this.deliveriesOf(manifest).flatMap(({ built }) => {
      const containers = member(manifest.value, 'spec', 'template', 'spec', 'containers')
      const images = (isList(containers) ? containers : []).map((one) => member(one, 'image'))
      const imaged = built.through.filter((one) =>
        images.some((image) => typeof image === 'string' && replacesImage(one, image)),
      )
      return [...filesOf(built.revision), ...filesOf(built.containers), ...imaged.map(({ file }) => file.path)]
    })
    return [...new Set(files)]
  }

  /** Whether every overlay that builds the Service puts an image of another name in the place of this one. */
  replacesImage(manifest: Manifest, image: string): boolean {
    this.based ??= indexed(this.deliveries, ({ built }) => [keyOf(built.base)])
    const own = this.based.get(keyOf(manifest)) ?? []
    return own.length > 0 && own.every(({ built }) => built.through.some((one) => replacesImage(one, image)))
  }

  /**
   * The name of the template that a patch is laid over, where the patch has none; undefined where overlays differ, or
   * nothing tells.
   */
  templateNameFor(manifest: Manifest): string | undefined {
    if (!manifest.file.isPatch) return undefined
    const names = new Set(this.touchedBy(manifest).map(({ built }) => built.revision.value))
    const [name] = names
    return names.size === 1 && typeof name === 'string' && name !== '' ? name : undefined
  }
}

/** Whether the traffic of a built Service is what the manifest says. */
export function decides(manifest: Manifest, { traffic: { word } }: Built): boolean {
  return word.by === 'manifest' && word.manifest === manifest
}

/** The Service or patch that has the last word on a field. */
function authorOf({ word }: Said): Manifest | undefined {
  return word.by === 'manifest' ? word.manifest : undefined
}

/** The same before and after an edit of the file. */
function keyOf({ file, namespace = '', name }: Manifest): string {
  return JSON.stringify([file.path, namespace, name])
}

/** The files that have a say in a field. */
function filesOf(field: Said): readonly string[] {
  const files: string[] = []
  for (let said: Said | undefined = field; said && (said.value !== undefined || said.isOperated); said = said.over) {
    const { word } = said
    files.push(word.by === 'manifest' ? word.manifest.file.path : word.kustomization.file.path)
    if (word.by === 'manifest') break
  }
  return files
}

/** Which Services' traffic is another controller's, as files of the repository say. */
export class Ownership {
  private readonly owners: readonly Owner[]

  constructor(
    files: readonly SourceFile[],
    private readonly repository: Kustomizations | undefined,
  ) {
    this.owners = files.flatMap(ownersIn)
  }

  /** Who owns the traffic of a Service, or of one that a patch is laid over. */
  ownersOf(manifest: Manifest): readonly Owner[] {
    if (this.owners.length === 0) return []
    const services = this.servicesOf(manifest)
    return this.owners.filter(({ owns }) => services.some(owns))
  }

  /**
   * Says at the owner's own place that it owns the traffic: there the reader finds what to change. Of several objects of
   * one controller the first tells.
   */
  remarksOn(manifest: Manifest): readonly Diagnostic[] {
    const firsts = [...grouped(this.ownersOf(manifest), ({ controller }) => controller).values()]
    return firsts
      .flatMap(([first]) => first ?? [])
      .map(({ controller, effect, file, range }) => ({
        code: 'KN605',
        severity: reachRemarks.KN605.severity,
        message: `${controller} manages \`spec.traffic\` of \`${manifest.label}\` (${manifest.file.path}): it ${effect}`,
        file: file.path,
        range,
        service: manifest.label,
      }))
  }

  /** Why the traffic is not to be edited. */
  bars(manifest: Manifest): Reason | undefined {
    const [owner] = this.ownersOf(manifest)
    if (!owner) return undefined
    return {
      code: 'KN463',
      message: `cannot move the traffic: ${owner.controller} manages it (${owner.file.path}) and ${owner.effect}`,
      help: `move it with ${owner.controller}, remove the Service from \`${owner.file.path}\`, or add \`--force\` to continue`,
    }
  }

  /** What becomes of a file: itself, or what overlays build of it. */
  private servicesOf(manifest: Manifest): readonly Owned[] {
    const { name, namespace } = manifest
    const own = manifest.file.patchPath ?? manifest.file.path
    const touched = this.repository?.touchedBy(manifest) ?? []
    const built = touched.length > 0 ? touched : (this.repository?.deliveriesOf(manifest) ?? [])
    if (built.length === 0) return [{ name, namespace, places: [own] }]
    return built.map((delivery) => {
      const folders = delivery.built.through.map(({ file }) => folderOf(file.patchPath ?? file.path))
      const id = builtId(delivery.built)
      return { name: id.name, namespace: id.namespace || undefined, places: [own, ...folders] }
    })
  }
}

/** The keys that stand twice in a kustomization, of which the first would silently be without effect. */
export function repeatedKeys({ file, document }: Kustomization): readonly Diagnostic[] {
  const { faults } = readDocument(document.contents, file.text)
  return faults
    .filter(({ code }) => code === 'KN105')
    .map((fault) => {
      const key = file.text.slice(fault.range.start, fault.range.end)
      const message = `key \`${key}\` appears twice in one mapping: kustomize uses the last one`
      return yamlDiagnostic(file, { ...fault, message, help: 'move the items of both under one key' })
    })
}
