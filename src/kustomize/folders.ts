import { folderOf } from '../text/path.js'
import type { SourceFile } from '../text/source.js'
import {
  isComponent,
  type Kustomization,
  readKustomization,
  referencedPath,
  references,
  resourcesOf,
} from './kustomization.js'
import type { Tree } from './layers/layer.js'
import { freshObjects } from './resources.js'
import { isRefusal } from './tree.js'

/** What kustomize calls its files, in the order in which it looks for them. */
export const kustomizationNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const

/** Whether a file, named with `/` between folders, is a kustomization. */
export function isKustomizationFile(file: string): boolean {
  const name = file.slice(file.lastIndexOf('/') + 1)
  return kustomizationNames.some((one) => one === name)
}

/** How many objects something has applied; `isLeast` where there may be more, which no file at hand tells. */
export type ObjectCount = { readonly count: number; readonly isLeast: boolean }

/** Files that are read to be counted: a folder with more of them has more objects than anyone wants to know. */
export const mostFiles = 1000

/**
 * The files of a folder that Flux makes a kustomization of: every YAML file below it. A folder with a kustomization of its
 * own is taken in by that, whatever else is in it.
 *
 * Source: fluxcd/pkg kustomize/kustomize_generator.go scanManifests.
 */
export function plainFiles(
  folder: string,
  names: readonly string[],
): { readonly files: readonly string[]; readonly built: ReadonlySet<string> } {
  const start = folder === '' ? '' : `${folder}/`
  const below = names.filter((name) => name.startsWith(start))
  const kustomized = new Set(
    below.filter((name) => kustomizationNames.some((one) => name.endsWith(`/${one}`))).map(folderOf),
  )
  const built = new Set<string>()
  const files = below.filter((name) => {
    const top = foldersBetween(name, start).find((one) => kustomized.has(one))
    if (top !== undefined) built.add(top)
    return top === undefined && /\.ya?ml$/.test(name)
  })
  return { files, built }
}

/** The folders that lead from one to a file below it, the outermost first. */
function foldersBetween(name: string, start: string): readonly string[] {
  const parts = name.slice(start.length).split('/')
  return parts.slice(1).map((_, index) => start + parts.slice(0, index + 1).join('/'))
}

/**
 * How many objects Flux applies of a folder without a kustomization.
 *
 * @param countIn How many the kustomization of a folder below builds; undefined where it is not at hand.
 */
function objectsBelow(folder: string, tree: Tree, countIn: (folder: string) => ObjectCount | undefined): ObjectCount {
  const { files, built } = plainFiles(folder, tree.files())
  const counts = [...built].map((one) => countIn(one) ?? unknown)
  for (const name of files.slice(0, mostFiles)) {
    const file = tree.file(name)
    const objects = file ? freshObjects(file) : []
    counts.push(isRefusal(objects) ? unknown : { count: objects.length, isLeast: false })
  }
  return {
    count: counts.reduce((sum, { count }) => sum + count, 0),
    isLeast: files.length > mostFiles || counts.some(({ isLeast }) => isLeast),
  }
}

const unknown: ObjectCount = { count: 0, isLeast: true }

/** The same, told once of each folder. */
export class ObjectCounts {
  private readonly known = new Map<string, ObjectCount>()

  constructor(
    private readonly tree: Tree | undefined,
    private readonly countIn: (folder: string) => ObjectCount | undefined,
  ) {}

  /** How many objects a controller applies of a folder without a kustomization; undefined where its files are not known. */
  below(folder: string): ObjectCount | undefined {
    const known = this.known.get(folder)
    if (known || !this.tree) return known
    const count = objectsBelow(folder, this.tree, this.countIn)
    this.known.set(folder, count)
    return count
  }
}

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
