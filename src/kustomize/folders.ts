import type { SourceFile } from '../text/source.js'
import {
  isComponent,
  type Kustomization,
  readKustomization,
  referencedPath,
  references,
  resourcesOf,
} from './kustomization.js'
import { kustomizationNames } from './names.js'

/** The kustomizations of a repository, each read once, when it is first asked for. */
export class Folders {
  private readonly read = new Map<string, Kustomization | undefined>()
  private topmost: readonly Kustomization[] | undefined

  /** @param places The files of the kustomizations, by their place. */
  constructor(readonly places: ReadonlyMap<string, SourceFile>) {}

  /** The kustomization of a folder, if it has one. */
  in(folder: string): Kustomization | undefined {
    const [place] = this.namesIn(folder)
    return place === undefined ? undefined : this.at(place)
  }

  /** The places of all kustomizations of a folder. */
  namesIn(folder: string): readonly string[] {
    const start = folder === '' ? '' : `${folder}/`
    return kustomizationNames.map((name) => `${start}${name}`).filter((place) => this.places.has(place))
  }

  /** Every kustomization at hand. */
  all(): readonly Kustomization[] {
    return [...this.places.keys()].flatMap((place) => this.at(place) ?? [])
  }

  /** The kustomizations that are built for their own sake: no other one lists them. */
  roots(): readonly Kustomization[] {
    this.topmost ??= this.unlisted()
    return this.topmost
  }

  private unlisted(): readonly Kustomization[] {
    const all = this.all()
    const listed = new Set(
      all.flatMap((one) =>
        [...resourcesOf(one), ...references(one, 'components')].flatMap(
          ({ name }) => this.in(referencedPath(one, name)) ?? [],
        ),
      ),
    )
    return all.filter((one) => !listed.has(one) && !isComponent(one))
  }

  private at(place: string): Kustomization | undefined {
    const file = this.places.get(place)
    if (file && !this.read.has(place)) this.read.set(place, readKustomization(file, place))
    return this.read.get(place)
  }
}
