import type { Path } from '../text/path.js'
import type { SourceFile } from '../text/source.js'
import { Addition, type Stopped, type Sum } from './addition.js'
import type { BuiltRoot } from './built-root.js'
import { defaultSettings } from './field-specs.js'
import { finished } from './finished.js'
import {
  isComponent,
  type Kustomization,
  readKustomization,
  type Reference,
  referencedPath,
  references,
  resourcesOf,
} from './kustomization.js'
import { shapeFault } from './kustomization-shape.js'
import { isRefusal } from './tree.js'

export type { AppliedService, BuildFault, BuiltRoot, LightObject, NotBuilt } from './built-root.js'

/** What is at hand besides kustomizations, by its place. */
type BuildShelf = {
  readonly file: (place: string) => SourceFile | undefined
  /** Whether there is such a file at all, be it one that is not at hand. */
  readonly has?: (place: string) => boolean
}

/** How far kustomizations may lead. */
const deepest = 64

const names = ['kustomization.yaml', 'kustomization.yml', 'Kustomization']

/**
 * What the kustomizations of a repository build, exactly as kustomize does, with the text that decides each value.
 *
 * Source: sigs.k8s.io/kustomize/api/internal/target/kusttarget.go.
 */
export class Builder {
  private readonly read = new Map<string, Kustomization | undefined>()
  private readonly sums = new Map<Kustomization, Sum | Stopped>()
  private readonly built = new Map<Kustomization, BuiltRoot>()
  private readonly under = new Set<Kustomization>()
  private topmost: readonly Kustomization[] | undefined

  constructor(
    private readonly kustomizations: ReadonlyMap<string, SourceFile>,
    private readonly shelf: BuildShelf,
  ) {}

  /** The kustomization of a folder, if it has one. */
  in(folder: string): Kustomization | undefined {
    const place = names.map((name) => below(folder, name)).find((one) => this.kustomizations.has(one))
    return place === undefined ? undefined : this.at(place)
  }

  /** Every kustomization at hand. */
  all(): readonly Kustomization[] {
    return [...this.kustomizations.keys()].flatMap((place) => this.at(place) ?? [])
  }

  /** The kustomizations that are built for their own sake: no other one lists them. */
  roots(): readonly Kustomization[] {
    this.topmost ??= this.unlisted()
    return this.topmost
  }

  /** What a kustomization builds, told once. */
  build(root: Kustomization): BuiltRoot {
    const known = this.built.get(root)
    if (known) return known
    const sum = this.sum(root)
    const nothing = { root, services: [], objects: [], notBuilt: [], outside: [] }
    const made = 'fault' in sum ? { ...nothing, faults: [sum.fault] } : this.ended(root, sum)
    this.built.set(root, made)
    return made
  }

  private ended(root: Kustomization, sum: Sum): BuiltRoot {
    const { notBuilt, outside } = sum
    const end = finished(root, sum)
    if (isRefusal(end)) {
      const fault = { at: root, path: [], message: end.refused }
      return { root, services: [], objects: [], notBuilt, outside, faults: [fault] }
    }
    const { services, objects, unclear } = end
    return { root, services, objects, outside, faults: [], notBuilt: [...notBuilt, ...unclear] }
  }

  private at(place: string): Kustomization | undefined {
    const file = this.kustomizations.get(place)
    if (file && !this.read.has(place)) this.read.set(place, readKustomization(file, place))
    return this.read.get(place)
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

  /** What a kustomization adds up to by itself: many can build upon it. */
  private sum(kustomization: Kustomization): Sum | Stopped {
    const known = this.sums.get(kustomization)
    if (known) return known
    this.under.add(kustomization)
    const sum = this.added(kustomization, nothingYet)
    this.under.delete(kustomization)
    this.sums.set(kustomization, sum)
    return sum
  }

  private added(at: Kustomization, given: Sum): Sum | Stopped {
    const shape = shapeFault(at.value)
    if (shape) return { fault: { at, ...shape } }
    const twice = names.filter((name) => this.kustomizations.has(below(at.folder, name)))
    if (twice.length > 1)
      return stop(
        at,
        [],
        `a folder must have one kustomization, but has ${twice.join(' and ')}: "Found multiple kustomization files"`,
      )
    return new Addition(at, given, {
      file: (reference) => this.file(at, reference),
      folder: (name) => this.in(referencedPath(at, name)),
      base: (base, path) => this.base(at, base, path),
      component: (component, sum, path) => this.component(at, component, sum, path),
      isThere: (name) => this.shelf.has?.(referencedPath(at, name)) !== false,
    }).result()
  }

  private file(at: Kustomization, { name }: Reference): SourceFile | undefined {
    const place = referencedPath(at, name)
    return this.shelf.file(place) ?? this.kustomizations.get(place)
  }

  private base(at: Kustomization, base: Kustomization, path: Path): Sum | Stopped {
    if (isComponent(base))
      return stop(at, path, 'a component must be listed in `components`: "expected kind != \'Component\'"')
    return this.entered(at, base, path, () => this.sum(base))
  }

  private component(at: Kustomization, component: Kustomization, given: Sum, path: Path): Sum | Stopped {
    if (!isComponent(component))
      return stop(at, path, 'what `components` lists must be of `kind: Component`: "expected kind \'Component\'"')
    return this.entered(at, component, path, () => {
      this.under.add(component)
      const sum = this.added(component, { ...given, reached: new Set() })
      this.under.delete(component)
      return sum
    })
  }

  /** kustomize refuses a folder that is one of those that led to it, or is above one. */
  private entered(at: Kustomization, other: Kustomization, path: Path, sum: () => Sum | Stopped): Sum | Stopped {
    const cycle = stop(at, path, 'a kustomization must not build upon itself or a folder above: "cycle detected"')
    if (isAbove(other.folder, at.folder) || this.under.has(other)) return cycle
    if (this.under.size >= deepest) {
      const notBuilt = [{ at, path, why: 'too many', name: `more than ${deepest} folders` } as const]
      return { ...nothingYet, notBuilt }
    }
    const result = sum()
    if ('fault' in result) return result
    const reached = new Set([...result.reached, other.folder])
    return [...result.reached].some((folder) => isAbove(folder, at.folder)) ? cycle : { ...result, reached }
  }
}

const nothingYet: Sum = {
  objects: [],
  settings: defaultSettings,
  notBuilt: [],
  outside: [],
  reached: new Set(),
  variables: [],
}

function below(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}

function isAbove(folder: string, other: string): boolean {
  return folder === '' || folder === other || other.startsWith(`${folder}/`)
}

function stop(at: Kustomization, path: Path, message: string): Stopped {
  return { fault: { at, path, message } }
}
