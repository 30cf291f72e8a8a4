import type { Manifest } from '../manifest/manifest.js'
import { containersPath } from '../manifest/names.js'
import type { Path } from '../text/path.js'
import type { SourceFile } from '../text/source.js'
import { type Json, member } from '../yaml/json.js'
import { Addition, type Stopped, type Sum } from './addition.js'
import type { BuiltRoot } from './built-object.js'
import { defaultSettings } from './field-specs.js'
import { finished } from './finished.js'
import type { Folders } from './folders.js'
import {
  type Built,
  builtId,
  builtLabel,
  type Id,
  isComponent,
  isRemote,
  type Kustomization,
  type Reference,
  referencedPath,
  references,
  resourcesOf,
  type Said,
  shapeFault,
} from './kustomization.js'
import { isFor, lay, type Patch, patchesOf, type Shelf } from './patch.js'
import { isRefusal, says } from './tree.js'

export type { AppliedService, BuiltRoot, NotBuilt } from './built-object.js'

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
    if (at.unread) return { fault: { at, path: [], ...at.unread } }
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

/** A list that a patch replaces by another one. */
type Replacement = {
  readonly field: (typeof listFields)[number]
  readonly kustomization: Kustomization
  readonly before: Built
  readonly after: Built
}

const listFields = ['traffic', 'containers'] as const

/**
 * What the kustomizations of a repository build, told from their files alone. Only Knative Services count, and of them
 * what decides on their names, their traffic and their revisions.
 *
 * Source: sigs.k8s.io/kustomize/api/internal/target/kusttarget.go accumulateTarget.
 */
export class Builds {
  readonly replacements: Replacement[] = []
  private readonly made = new Map<Kustomization, readonly Built[]>()
  private readonly under = new Set<Kustomization>()

  /**
   * @param folders The kustomizations.
   * @param shelf The other files.
   */
  constructor(
    readonly folders: Folders,
    private readonly shelf: Shelf,
  ) {}

  /** The Services that a kustomization builds. One that lists itself, however far around, builds nothing by that. */
  build(kustomization: Kustomization): readonly Built[] {
    const known = this.made.get(kustomization)
    if (known) return known
    if (this.under.has(kustomization)) return []
    this.under.add(kustomization)
    const built = this.transform(kustomization, [], new Set())
    this.under.delete(kustomization)
    this.made.set(kustomization, built)
    return built
  }

  /**
   * Adds its own resources to what is there already, and has its say on all of them. A component has it once: to count
   * one again that is reached by two ways could double the work with every step.
   */
  private transform(
    kustomization: Kustomization,
    given: readonly Built[],
    components: Set<Kustomization>,
  ): readonly Built[] {
    const named = new Set(resourcesOf(kustomization).map(({ name }) => referencedPath(kustomization, name)))
    let built = distinct([...given, ...[...named].flatMap((place) => this.resource(place))], kustomization)
    for (const { name } of references(kustomization, 'components')) {
      const component = this.folders.in(referencedPath(kustomization, name))
      if (!component || component === kustomization || components.has(component)) continue
      components.add(component)
      built = this.transform(component, built, components)
    }
    const { early, late } = patchesOf(kustomization, this.shelf)
    built = this.laid(early, built)
    built = built.map((one) => ({ ...renamed(one, kustomization), through: [...one.through, kustomization] }))
    return this.laid(late, built)
  }

  private resource(place: string): readonly Built[] {
    const folder = this.folders.in(place)
    if (folder) return this.build(folder)
    const file = this.shelf.file(place)
    return file ? this.shelf.manifests(file).map(freshBuilt) : []
  }

  private laid(patches: readonly Patch[], given: readonly Built[]): readonly Built[] {
    let built = given
    for (const patch of patches)
      built = built.flatMap((before) => {
        if (!isFor(patch, before)) return [before]
        const after = lay(patch, before)
        for (const field of after ? listFields : [])
          if (after && after[field] !== before[field] && !after[field].over && before[field].value !== undefined)
            this.replacements.push({ field, kustomization: patch.kustomization, before, after })
        return after ?? []
      })
    return built
  }
}

/**
 * What one kustomization may build, and of how many names a file: folders that list one another can double that with
 * every step.
 */
const mostServices = 5000
const mostNames = 10

/**
 * Each Service once: kustomize refuses one that comes in by two ways under one name. Where they are too many, one of each
 * file stands for all, and what becomes of it is not told.
 */
function distinct(given: readonly Built[], kustomization: Kustomization): readonly Built[] {
  const known = new Map<Manifest, Set<string>>()
  const built = given.filter((one) => {
    const labels = known.get(one.base) ?? new Set()
    known.set(one.base, labels)
    const label = builtLabel(one)
    return !labels.has(label) && labels.add(label)
  })
  if (built.length <= Math.max(mostServices, known.size * mostNames)) return built
  const why = `more than ${mostServices} Services`
  const word = { by: 'unclear', kustomization, path: ['resources'], why } as const
  const unclear = (over: Said): Said => ({ value: undefined, word, over })
  return [...new Map(built.map((one) => [one.base, one])).values()].map((one) => {
    const [traffic, revision, containers] = [one.traffic, one.revision, one.containers].map(unclear)
    return traffic && revision && containers ? { ...one, traffic, revision, containers } : one
  })
}

/** A Service that no kustomization has changed. */
export function freshBuilt(base: Manifest): Built {
  const said = (...keys: readonly string[]): Said => ({
    value: member(base.value, ...keys),
    word: { by: 'manifest', manifest: base },
  })
  const traffic = said('spec', 'traffic')
  const revision = said('spec', 'template', 'metadata', 'name')
  const containers = said(...containersPath)
  const ids = [{ name: base.name, namespace: base.namespace ?? '' }]
  return { base, ids, traffic, revision, containers, through: [] }
}

function renamed(built: Built, { value }: Kustomization): Built {
  const id = builtId(built)
  const text = (key: string): string => textOf(member(value, key))
  const namespace = text('namespace') || id.namespace
  const next: Id = { name: `${text('namePrefix')}${id.name}${text('nameSuffix')}`, namespace }
  return next.name === id.name && next.namespace === id.namespace ? built : { ...built, ids: [...built.ids, next] }
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

const fields = [
  'helmCharts',
  'helmChartInflationGenerator',
  'generators',
  'transformers',
  'replacements',
  'vars',
  'openapi',
  'configurations',
  'crds',
]

/** The fields of a kustomization that can have a say in what it builds and are not read. */
function blindFields(part: Kustomization): readonly Reference[] {
  return fields.filter((key) => member(part.value, key) !== undefined).map((key) => ({ name: key, path: [key] }))
}

/** Whether all that has a say in a Service is read. */
export function isFullyRead({ through }: Built, builds: Builds): boolean {
  return through.every((part) => {
    const isThere = ({ name }: Reference): boolean =>
      !isRemote(name) || builds.folders.in(referencedPath(part, name)) !== undefined
    return blindFields(part).length === 0 && references(part, 'components').every(isThere)
  })
}
