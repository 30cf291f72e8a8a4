import { findManifests } from '../manifest/find.js'
import { Builds } from '../manifest/kustomize/builds.js'
import { nameOf, restsOn, type Built, type Said } from '../manifest/kustomize/built.js'
import { replacesImage } from '../manifest/kustomize/images.js'
import type { Kustomization } from '../manifest/kustomize/kustomization.js'
import type { Manifest } from '../manifest/manifest.js'
import type { ReadSource } from './outcome.js'
import { placeIn, type Surroundings } from './surroundings.js'

/** One Service as one overlay hands it to the cluster. */
export type Delivery = { readonly root: Kustomization; readonly built: Built }

/** The kustomizations around the Services of a run, and what they build. */
export class Repository {
  readonly builds: Builds
  private delivered: readonly Delivery[] | undefined

  constructor(surroundings: Surroundings, readings: readonly ReadSource[]) {
    const read = new Map(readings.map(({ file, reading }) => [file.path, reading.manifests]))
    const files = [...surroundings.files, ...readings.map(({ file }) => file)]
    const byPlace = new Map(files.map((file) => [placeIn(surroundings, file), file]))
    const byPath = new Map(files.map((file) => [file.path, file]))
    for (const [link, path] of surroundings.links ?? []) {
      const file = byPath.get(path)
      if (file) byPlace.set(link, file)
    }
    const kustomizations = new Map(surroundings.kustomizations.map((file) => [placeIn(surroundings, file), file]))
    this.builds = new Builds(kustomizations, {
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
    this.delivered ??= this.builds.roots().flatMap((root) => this.builds.build(root).map((built) => ({ root, built })))
    return this.delivered
  }

  /** The deliveries that a Service, or a patch that says something of traffic, is part of. */
  deliveriesOf(manifest: Manifest): readonly Delivery[] {
    return this.deliveries.filter(({ built }) => built.base === manifest || restsOn(manifest, built.traffic))
  }

  /** The deliveries whose traffic is what this Service, or patch, says, or is made from it. */
  touchedBy(manifest: Manifest): readonly Delivery[] {
    return this.deliveries.filter(({ built }) => restsOn(manifest, built.traffic))
  }

  /** The deliveries whose traffic or template has to do with what this Service, or patch, says. */
  madeOf(manifest: Manifest): readonly Delivery[] {
    return this.deliveries.filter(({ built }) => {
      return (
        built.base === manifest ||
        [built.traffic, built.revision, built.containers].some((one) => restsOn(manifest, one))
      )
    })
  }

  /** The names that Services have in the end whose traffic, or whose revision, this file decides on. */
  namesOf({ file, name }: Manifest): readonly string[] {
    const isOwn = ({ word }: Said): boolean =>
      word.by === 'manifest' && word.manifest.file.path === file.path && word.manifest.name === name
    const own = this.deliveries.filter(({ built }) => isOwn(built.traffic) || isOwn(built.revision))
    return own.map(({ built }) => nameOf(built).name)
  }

  /** Whether every overlay that builds the Service puts an image of another name in the place of this one. */
  replacesImage(manifest: Manifest, image: string): boolean {
    const own = this.deliveries.filter(({ built }) => built.base === manifest)
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
