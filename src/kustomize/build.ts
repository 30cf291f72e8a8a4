import type { Path } from '../text/path.js'
import type { SourceFile } from '../text/source.js'
import { Addition, type Stopped, type Sum } from './addition.js'
import type { BuiltRoot } from './built-root.js'
import { defaultSettings } from './field-specs.js'
import { finished } from './finished.js'
import type { Folders } from './folders.js'
import { isComponent, type Kustomization, type Reference, referencedPath } from './kustomization.js'
import { shapeFault } from './kustomization-shape.js'
import { isRefusal, says } from './tree.js'

export type { AppliedService, BuiltRoot, NotBuilt } from './built-root.js'

/** What is at hand besides kustomizations, by its place. */
type BuildShelf = {
  readonly file: (place: string) => SourceFile | undefined
  /** Whether there is such a file at all, be it one that is not at hand. */
  readonly has?: (place: string) => boolean
}

/** How far kustomizations may lead. */
const deepest = 64
const mostComponents = 1000

/**
 * What the kustomizations of a repository build, exactly as kustomize does, with the text that decides each value.
 *
 * Source: sigs.k8s.io/kustomize/api/internal/target/kusttarget.go.
 */
export class Builder {
  private readonly sums = new Map<Kustomization, Sum | Stopped>()
  private readonly built = new Map<Kustomization, BuiltRoot>()
  private readonly under = new Set<Kustomization>()
  /** How many components a root has taken in so far: each may list the next one twice. */
  private components = 0

  constructor(
    private readonly folders: Folders,
    private readonly shelf: BuildShelf,
  ) {}

  /** What a kustomization builds, told once. */
  build(root: Kustomization): BuiltRoot {
    const known = this.built.get(root)
    if (known) return known
    this.components = 0
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
      const fault = { at: root, path: [], message: end.refused, ...says(end.said) }
      return { root, services: [], objects: [], notBuilt, outside, faults: [fault] }
    }
    const { services, objects, unclear } = end
    return { root, services, objects, outside, faults: [], notBuilt: [...notBuilt, ...unclear] }
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
    const twice = this.folders.namesIn(at.folder)
    if (twice.length > 1)
      return stop(
        at,
        [],
        `the directory has several kustomization files: ${twice.map((place) => place.slice(place.lastIndexOf('/') + 1)).join(' and ')}`,
        'Found multiple kustomization files',
      )
    return new Addition(at, given, {
      file: (reference) => this.file(at, reference),
      folder: (name) => this.folders.in(referencedPath(at, name)),
      base: (base, path) => this.base(at, base, path),
      component: (component, sum, path) => this.component(at, component, sum, path),
      isThere: (name) => this.shelf.has?.(referencedPath(at, name)) !== false,
    }).result()
  }

  private file(at: Kustomization, { name }: Reference): SourceFile | undefined {
    const place = referencedPath(at, name)
    return this.shelf.file(place) ?? this.folders.places.get(place)
  }

  private base(at: Kustomization, base: Kustomization, path: Path): Sum | Stopped {
    if (isComponent(base))
      return stop(at, path, 'a component is not listed in `components`', "expected kind != 'Component'")
    return this.entered(at, base, path, () => this.sum(base))
  }

  private component(at: Kustomization, component: Kustomization, given: Sum, path: Path): Sum | Stopped {
    if (!isComponent(component))
      return stop(at, path, 'an item of `components` is not of `kind: Component`', "expected kind 'Component'")
    if (++this.components > mostComponents) {
      const tooMany = { at, path, why: 'too many', name: `more than ${mostComponents} components` } as const
      return { ...given, objects: [], notBuilt: [...given.notBuilt, tooMany] }
    }
    return this.entered(at, component, path, () => {
      this.under.add(component)
      const sum = this.added(component, { ...given, reached: new Set() })
      this.under.delete(component)
      return sum
    })
  }

  /** kustomize refuses a folder that is one of those that led to it, or is above one. */
  private entered(at: Kustomization, other: Kustomization, path: Path, sum: () => Sum | Stopped): Sum | Stopped {
    const cycle = stop(at, path, 'the kustomization builds on itself or on a directory above', 'cycle detected')
    if (isAbove(other.folder, at.folder) || this.under.has(other)) return cycle
    if (this.under.size >= deepest) {
      const notBuilt = [{ at, path, why: 'too many', name: `more than ${deepest} directories` } as const]
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

function isAbove(folder: string, other: string): boolean {
  return folder === '' || folder === other || other.startsWith(`${folder}/`)
}

function stop(at: Kustomization, path: Path, message: string, said: string): Stopped {
  return { fault: { at, path, message, says: { by: 'kustomize', text: said } } }
}
