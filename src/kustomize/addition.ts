import { formatPath, type Path } from '../text/path.js'
import type { SourceFile } from '../text/source.js'
import { isList, isObject, type Json, member } from '../yaml/json.js'
import { parseYaml } from '../yaml/parse.js'
import { readDocument } from '../yaml/read.js'
import {
  type BuildFault,
  type BuiltObject,
  idOf,
  idsOf,
  keyOfId,
  mayHave,
  type NotBuilt,
  sameId,
  type Variables,
} from './built-object.js'
import { defaultSettings, type FieldSettings, settingsIn, textOf, withSettings } from './field-specs.js'
import { absorbed, generated, generatorsOf } from './generators.js'
import {
  isRemote,
  type Kustomization,
  listItems,
  type Reference,
  referencedPath,
  references,
  resourcesOf,
  respelledKey,
  settingsFault,
} from './kustomization.js'
import { clash, laid, readPatches } from './patches.js'
import { replaced } from './replacement.js'
import { freshObjects } from './resources.js'
import { markTransformers, nameTransformers, type Transformer, valueTransformers } from './transformers.js'
import { isEmpty, isRefusal, type Refusal, says } from './tree.js'

/** What a kustomization adds up to before hashes and references. */
export type Sum = {
  readonly objects: readonly BuiltObject[]
  readonly settings: FieldSettings
  readonly notBuilt: readonly NotBuilt[]
  readonly outside: readonly BuildFault[]
  /** The folders that it builds upon, however far. */
  readonly reached: ReadonlySet<string>
  readonly variables: readonly Variables[]
}

/** What kustomize refuses ends all. */
export type Stopped = { readonly fault: BuildFault }

/** What one kustomization may build: folders that list one another can double that with every step. */
const mostObjects = 5000

/** What stands around a kustomization that is being added up. */
type Around = {
  readonly file: (reference: Reference) => SourceFile | undefined
  readonly folder: (name: string) => Kustomization | undefined
  readonly base: (base: Kustomization, path: Path) => Sum | Stopped
  readonly component: (component: Kustomization, given: Sum, path: Path) => Sum | Stopped
  readonly isThere: (name: string) => boolean
}

/** One kustomization being added to what is there already, up to the first thing that kustomize refuses. */
export class Addition {
  private objects: readonly BuiltObject[]
  private settings: FieldSettings
  private notBuilt: Set<NotBuilt>
  private outside: Set<BuildFault>
  private readonly reached: Set<string>
  private variables: Set<Variables>
  private fault: BuildFault | undefined
  private known: { readonly objects: readonly BuiltObject[]; readonly keys: Set<string> } | undefined

  constructor(
    private readonly at: Kustomization,
    given: Sum,
    private readonly around: Around,
  ) {
    this.objects = given.objects
    this.settings = given.settings
    this.notBuilt = new Set(given.notBuilt)
    this.outside = new Set(given.outside)
    this.reached = new Set(given.reached)
    this.variables = new Set(given.variables)
  }

  result(): Sum | Stopped {
    const steps = [
      () => this.addResources(),
      () => this.addSettings(),
      () => this.addGenerated(),
      () => this.addComponents(),
      () => this.transform(),
      () => this.addBlind(),
    ]
    for (const step of steps) {
      step()
      if (this.fault) return this.stopped(this.fault)
    }
    return this.sum()
  }

  /** What is missing here may be what is not at hand: then nothing is known of the rest. */
  private stopped(fault: BuildFault): Sum | Stopped {
    if (this.notBuilt.size === 0) return { fault }
    const unclear = {
      at: fault.at,
      path: fault.path,
      why: 'unclear',
      name: formatPath(fault.path) || 'the rest',
    } as const
    return { ...this.sum(), objects: [], notBuilt: [...this.notBuilt, unclear] }
  }

  private sum(): Sum {
    const { objects, settings, reached } = this
    const [notBuilt, outside, variables] = [[...this.notBuilt], [...this.outside], [...this.variables]]
    return { objects, settings, notBuilt, outside, reached, variables }
  }

  private refuse(path: Path, refusal: Refusal): void {
    this.fault ??= { at: this.at, path, message: refusal.refused, ...says(refusal.said) }
  }

  private leave(path: Path, why: NotBuilt['why'], name: string): void {
    this.notBuilt.add({ at: this.at, path, why, name })
  }

  /** Nothing is told of what would take more than its share of time. */
  private giveUp(path: Path, name: string): void {
    this.leave(path, 'too many', name)
    this.objects = []
  }

  private addResources(): void {
    for (const reference of resourcesOf(this.at)) {
      if (this.fault) return
      const { name, path } = reference
      const file = this.around.file(reference)
      const folder = file ? undefined : this.around.folder(name)
      if (file) this.addFile(file, reference)
      else if (folder) this.take(this.around.base(folder, path))
      else if (isRemote(name)) this.leave(path, 'remote', name)
      else if (this.around.isThere(name)) this.leave(path, 'missing', name)
      else
        this.refuse(path, {
          refused: `\`${name}\` does not exist; must be a file or a directory with a kustomization`,
          said: 'no such file or directory',
        })
    }
  }

  private addFile(file: SourceFile, { name, path }: Reference): void {
    this.mind(name, path)
    const objects = freshObjects(file)
    if (isRefusal(objects) && objects.isUnread) this.leave(path, 'template', name)
    else if (isRefusal(objects)) this.refuse(path, { refused: `\`${name}\`: ${objects.refused}` })
    else this.append(objects, path)
  }

  /** Notes a file outside of the folder. */
  private mind(name: string, path: Path): void {
    const { folder } = this.at
    const place = referencedPath(this.at, name)
    const isInside = folder === '' ? !place.startsWith('../') : place.startsWith(`${folder}/`)
    if (isInside) return
    const message = `\`${name}\` is outside of the directory: kubectl and Argo CD will reject the build`
    this.outside.add({ at: this.at, path, message, says: { by: 'kustomize', text: 'is not in or below' } })
  }

  private append(objects: readonly BuiltObject[], path: Path): void {
    const all = [...this.objects, ...objects]
    if (all.length > mostObjects) {
      this.giveUp(path, `more than ${mostObjects} objects`)
      return
    }
    const keys = this.keys()
    const twice = clash(objects, keys)
    if (twice) this.refuse(path, twice)
    this.objects = all
    this.known = { objects: all, keys }
  }

  /** The names that are taken, which need not be gathered again while objects only come. */
  private keys(): Set<string> {
    this.known =
      this.known?.objects === this.objects
        ? this.known
        : { objects: this.objects, keys: new Set(this.objects.map((object) => keyOfId(idOf(object)))) }
    return this.known.keys
  }

  /** Takes in what a base adds up to. */
  private take(sum: Sum | Stopped, path: Path = ['resources']): void {
    if ('fault' in sum) {
      this.fault ??= sum.fault
      return
    }
    this.append(sum.objects, path)
    for (const one of sum.notBuilt) this.notBuilt.add(one)
    for (const one of sum.outside) this.outside.add(one)
    for (const one of sum.variables) this.variables.add(one)
    for (const folder of sum.reached) this.reached.add(folder)
    this.set(withSettings(this.settings, sum.settings), path)
  }

  private set(settings: FieldSettings | Refusal, path: Path): void {
    if (isRefusal(settings)) this.refuse(path, settings)
    else this.settings = settings
  }

  /** The file that a reference leads to; where it leads nowhere, what that means. */
  private input(reference: Reference): SourceFile | Refusal {
    const { name, path } = reference
    const file = this.around.file(reference)
    if (file) {
      this.mind(name, path)
      return file
    }
    if (isRemote(name)) this.leave(path, 'remote', name)
    else if (this.around.isThere(name)) this.leave(path, 'missing', name)
    return { refused: `\`${name}\` does not exist; must be a file`, said: 'no such file or directory' }
  }

  /** Refuses, unless the reason is a file that is not at hand: then the rest is built. */
  private refuseOrLeave(path: Path, refusal: Refusal, known: number): void {
    if (refusal.isUnread) this.leave(path, 'template', refusal.refused)
    else if (this.notBuilt.size === known) this.refuse(path, refusal)
  }

  private addSettings(): void {
    this.set(withSettings(this.settings, defaultSettings), ['configurations'])
    for (const reference of references(this.at, 'configurations')) {
      const known = this.notBuilt.size
      const file = this.input(reference)
      if (isRefusal(file)) this.refuseOrLeave(reference.path, file, known)
      else {
        const value = valueOf(file)
        const fault = settingsFault(value)
        if (fault) this.refuse(reference.path, { refused: `\`${reference.name}\`: ${fault.message}` })
        if (respelledKey(value, 'settings')) this.leave(reference.path, 'unclear', reference.name)
        const more = settingsIn(value)
        this.set(withSettings(this.settings, more), reference.path)
      }
    }
  }

  private addGenerated(): void {
    for (const generator of generatorsOf(this.at)) {
      const known = this.notBuilt.size
      const object = generated(generator, (reference) => this.input(reference))
      if (isRefusal(object)) this.refuseOrLeave(generator.path, object, known)
      else this.absorb(object, generator.path)
      if (this.fault) return
    }
  }

  private absorb(made: BuiltObject, path: Path): void {
    const id = idOf(made)
    const old = this.objects.filter(
      (object) => mayHave(object, id.name) && idsOf(object).some((one) => sameId(one, id)),
    )
    const [first, second] = old
    const isNew = made.behavior === 'create'
    const label = `${id.kind} \`${id.name}\``
    if (second)
      this.refuse(path, {
        refused: `the generator matches several objects (${label})`,
        said: 'found multiple objects',
      })
    else if (first && isNew)
      this.refuse(path, {
        refused: `${label} exists already; must have \`behavior: merge\` or \`replace\``,
        said: 'behavior must be merge or replace',
      })
    else if (!first && !isNew)
      this.refuse(path, {
        refused: `${label} does not exist, but \`behavior\` is \`${made.behavior}\``,
        said: 'does not exist; cannot merge or replace',
      })
    else if (first) this.objects = this.objects.map((object) => (object === first ? absorbed(first, made) : object))
    else this.append([made], path)
  }

  private addComponents(): void {
    for (const { name, path } of references(this.at, 'components')) {
      if (this.fault) return
      const component = this.around.folder(name)
      if (component) this.replaceBy(this.around.component(component, this.sum(), path))
      else if (isRemote(name)) this.leave(path, 'remote', name)
      else if (this.around.isThere(name)) this.leave(path, 'missing', name)
      else
        this.refuse(path, {
          refused: `\`${name}\` does not exist; must be a directory with a component`,
          said: 'no such file or directory',
        })
    }
  }

  /** A component works on what is there, and hands on all of it. */
  private replaceBy(sum: Sum | Stopped): void {
    if ('fault' in sum) {
      this.fault ??= sum.fault
      return
    }
    this.objects = sum.objects
    this.settings = sum.settings
    this.notBuilt = new Set(sum.notBuilt)
    this.outside = new Set(sum.outside)
    this.variables = new Set(sum.variables)
    for (const folder of sum.reached) this.reached.add(folder)
  }

  /** In the order of kusttarget_configplugin.go. */
  private transform(): void {
    this.patch('patchesStrategicMerge')
    this.patch('patches')
    for (const one of nameTransformers(this.at, this.settings)) this.apply(one)
    for (const one of markTransformers(this.at, this.settings))
      if (isRefusal(one)) this.refuse(['labels'], one)
      else this.apply(one)
    this.patch('patchesJson6902')
    for (const one of valueTransformers(this.at, this.settings)) this.apply(one)
    this.replace()
  }

  private apply({ path, apply }: Transformer): void {
    if (this.fault) return
    const after = apply(this.objects)
    if (isRefusal(after) && after.isTooLarge) this.giveUp(path, after.refused)
    else if (isRefusal(after)) this.refuse(path, after)
    else this.objects = after.filter(({ tree }) => !isEmpty(tree))
  }

  private patch(key: 'patchesStrategicMerge' | 'patches' | 'patchesJson6902'): void {
    if (this.fault) return
    const known = this.notBuilt.size
    for (const { path, patch } of readPatches(this.at, key, (reference) => this.input(reference)))
      if (isRefusal(patch)) this.refuseOrLeave(path, patch, known)
      else this.apply({ path, apply: (objects) => laid(patch, objects) })
  }

  private replace(): void {
    for (const { item, path } of listItems(this.at.value, 'replacements')) {
      if (this.fault) return
      const name = textOf(item, 'path')
      const entries = name === '' ? [item] : this.replacementsIn({ name, path: [...path, 'path'] })
      const isInline = member(item, 'source') !== undefined || member(item, 'targets') !== undefined
      if (name !== '' && isInline)
        this.refuse(path, {
          refused: 'a replacement has both `path` and inline fields',
          said: 'cannot specify both path and inline replacement',
        })
      for (const entry of entries) {
        this.doubt(entry, path)
        this.apply({ path, apply: (objects) => replaced(objects, entry) })
      }
    }
  }

  /** A value out of a list that kustomize merges by keys cannot be told. */
  private doubt(entry: Json, path: Path): void {
    const source = member(entry, 'source')
    const field = textOf(source, 'fieldPath')
    const isInList = /\[|\.\d/.test(field)
    const name = textOf(source, 'name')
    const isUnclear = (object: BuiltObject): boolean =>
      object.hasUnclearLists === true && idsOf(object).some((id) => id.name === name)
    if (isInList && this.objects.some(isUnclear)) this.leave(path, 'unclear', field)
  }

  private replacementsIn(reference: Reference): readonly Json[] {
    const known = this.notBuilt.size
    const file = this.input(reference)
    if (isRefusal(file)) {
      this.refuseOrLeave(reference.path, file, known)
      return []
    }
    const value = valueOf(file)
    if (!isList(value) && !isObject(value))
      this.refuse(reference.path, {
        refused: `\`${reference.name}\` is not a list of replacements`,
        said: 'unsupported replacement type',
      })
    return isList(value) ? value : [value]
  }

  /** What is not built, and what can matter of it. */
  private addBlind(): void {
    const respelled = respelledKey(this.at.value, 'kustomization')
    if (respelled) this.leave(respelled, 'unclear', String(respelled.at(-1)))
    for (const key of ['helmCharts', 'helmChartInflationGenerator'])
      for (const { item, path } of listItems(this.at.value, key))
        this.leave(path, 'chart', textOf(item, 'name') || textOf(item, 'chartName') || key)
    for (const key of ['generators', 'transformers', 'validators'])
      for (const { name, path } of references(this.at, key))
        this.leave(path, 'plugin', name.includes('\n') ? key : name)
    for (const reference of references(this.at, 'crds')) this.doubtFile(reference, 'crds', 'x-kubernetes-object-ref')
    const schema = textOf(member(this.at.value, 'openapi'), 'path')
    if (schema !== '') this.doubtFile({ name: schema, path: ['openapi', 'path'] }, 'openapi', 'serving.knative.dev')
    const variables = listItems(this.at.value, 'vars').map(({ item }) => textOf(item, 'name'))
    if (variables.length > 0) this.variables.add({ at: this.at, names: variables })
  }

  private doubtFile(reference: Reference, why: 'crds' | 'openapi', sign: string): void {
    const known = this.notBuilt.size
    const file = this.input(reference)
    if (isRefusal(file)) this.refuseOrLeave(reference.path, file, known)
    else if (file.text.includes(sign)) this.leave(reference.path, why, reference.name)
  }
}

const values = new WeakMap<SourceFile, Json>()

/** The value of a file's first document, read once. */
function valueOf(file: SourceFile): Json {
  const known = values.get(file)
  if (known !== undefined) return known
  const [document] = parseYaml(file).documents
  const { value } = readDocument(document?.contents ?? null)
  values.set(file, value)
  return value
}
