import type { FieldWish } from '../edit/wish.js'
import { freshBuilt } from '../kustomize/build.js'
import { renamedImage } from '../kustomize/images.js'
import { type Built, type Kustomization, readKustomization, sourcesOf } from '../kustomize/kustomization.js'
import { filled, type Filled, fluxGroup } from '../kustomize/layers/flux.js'
import { type Applied, type Applier, filesOf, type Substitution } from '../kustomize/layers/layer.js'
import { isFor, type Patch, patchesOf } from '../kustomize/patch.js'
import { locate, type Manifest, type Spot } from '../manifest/manifest.js'
import { containersPath } from '../manifest/names.js'
import { valueAt } from '../rules/rule.js'
import type { TemplateChange } from '../stages/release-fields.js'
import { grouped } from '../text/collections.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { folderOf, formatPath, globMatcher, type Path } from '../text/path.js'
import { hasText, lineNumber, type SourceFile } from '../text/source.js'
import { isObject, type Json, member } from '../yaml/json.js'
import type { Kustomizations } from './kustomizations.js'
import { reachRemarks } from './delivery-remarks.js'
import type { Reason } from './diagnostics.js'

/** One way in which a Service is applied. */
type Way = { readonly applier: Applier; readonly built: Built }

/** What decides a value over the head of an edit. */
type Hold = Spot & { readonly controller: string; readonly path: Path; readonly how: string; readonly help: string }

/** What an edit touches: fields of the Service, and the image that it is to have. */
export type Touched = { readonly paths: readonly Path[]; readonly image?: TemplateChange['image'] | undefined }

const traffic: Path = ['spec', 'traffic']

/** The controllers above kustomize that have the Services of a run applied. */
export class LayersAbove {
  private readonly known = new Map<string, readonly Way[]>()
  private built: ReadonlyMap<string, readonly Built[]> | undefined
  private folders: ReadonlySet<string> | undefined
  private byPath: ReadonlyMap<string, readonly Applier[]> | undefined

  constructor(
    private readonly applied: Applied | undefined,
    private readonly repository: Kustomizations | undefined,
  ) {}

  /** The variables that are filled in after the build of a Service. */
  readonly variablesOf = (manifest: Manifest): readonly Substitution[] => {
    return this.waysOf(manifest).flatMap(({ applier }) => applier.layers.substitution ?? [])
  }

  /** The controllers that apply a Service. */
  appliersOf(manifest: Manifest): readonly Applier[] {
    return this.waysOf(manifest).map(({ applier }) => applier)
  }

  /** Why a Service cannot be edited at all. */
  bars(manifest: Manifest): Reason | undefined {
    const kept = keptByFlux(manifest)
    if (kept) return reasonFor(manifest, kept)
    const hold = this.fillings(manifest).flatMap((one) => variableAt(one, manifest, [traffic]))[0]
    return hold && reasonFor(manifest, hold)
  }

  /** Why an edit would reach no cluster: a layer decides on what it touches, wherever the Service is applied. */
  holds(manifest: Manifest, touched: Touched): Reason | undefined {
    const held = this.heldBy(manifest, touched)
    const [first] = held
    const covered = new Set(this.waysOf(manifest).map(({ built }) => built))
    const isEverywhere = (this.builtFrom.get(keyOf(manifest)) ?? []).every((one) => covered.has(one))
    const hold = first && isEverywhere && held.every((one) => one !== undefined) ? first : undefined
    return hold && reasonFor(manifest, hold)
  }

  /** What there is to say of an edit that is made all the same, or that counts in some places only. */
  remarksOnEdit(manifest: Manifest, touched: Touched): readonly Diagnostic[] {
    const holds = [keptByFlux(manifest), ...this.heldBy(manifest, touched)].flatMap((one) => one ?? [])
    const remarks = holds.map(({ file, range, controller, path, how }): Diagnostic => {
      const message = `${controller} overrides \`${formatPath(path)}\` of \`${manifest.label}\` (${how}): an edit of ${manifest.file.path} has no effect`
      return {
        code: 'KN611',
        severity: reachRemarks.KN611.severity,
        message,
        file: file.path,
        range,
        service: manifest.label,
      }
    })
    return [...remarks, ...this.remarksOn(manifest)]
  }

  /** What delays the Service, at the line that says so. */
  remarksOn(manifest: Manifest): readonly Diagnostic[] {
    return this.waysOf(manifest).flatMap(({ applier: { suspended, name } }): readonly Diagnostic[] => {
      if (!suspended) return []
      const { file, range } = suspended
      return [
        {
          code: 'KN612',
          severity: reachRemarks.KN612.severity,
          message: `\`suspend\` is true: Flux will not apply \`${manifest.label}\` (${manifest.file.path}) until the Kustomization \`${name}\` is resumed`,
          help: 'set `suspend: false` here, and merge that first; `flux resume` lasts only until Flux applies this file',
          file: file.path,
          range,
          service: manifest.label,
        },
      ]
    })
  }

  /** Where diagnostics can be shown. */
  files(): readonly SourceFile[] {
    const files = (this.applied?.appliers ?? []).flatMap(filesOf)
    return [...new Map(files.map((file) => [file.path, file])).values()]
  }

  private fillings(manifest: Manifest): readonly Filled[] {
    if (!hasText(manifest.file, '${')) return []
    return this.variablesOf(manifest).map((one) => filled(manifest.value, one))
  }

  /** For each way in which the Service is applied, what holds a part of the edit there. */
  private heldBy(manifest: Manifest, touched: Touched): readonly (Hold | undefined)[] {
    return this.waysOf(manifest).map(({ applier, built }) => {
      const { substitution } = applier.layers
      const paths = touched.paths.filter((path) => path.length > 0)
      return (
        patchHold(applier, built, paths) ??
        ignoreHold(applier, paths) ??
        imageHold(applier, manifest, touched) ??
        (substitution && variableAt(filled(manifest.value, substitution), manifest, paths)[0])
      )
    })
  }

  private waysOf(manifest: Manifest): readonly Way[] {
    const appliers = this.applied?.appliers ?? []
    if (appliers.length === 0) return []
    const key = keyOf(manifest)
    const known = this.known.get(key)
    if (known) return known
    const fresh = freshBuilt(manifest)
    const builds = this.builtFrom.get(key) ?? []
    const ways = this.near(manifest, builds).flatMap((applier): readonly Way[] => {
      const built = builds.filter((one) => this.isBuiltBy(applier, one))
      if (built.length > 0) return built.map((one) => ({ applier, built: one }))
      return builds.length === 0 && this.isPlainIn(applier, manifest) ? [{ applier, built: fresh }] : []
    })
    const some = ways.slice(0, mostWays)
    this.known.set(key, some)
    return some
  }

  /** The appliers of the places that a Service, or what is built of it, can be applied from. */
  private near({ file }: Manifest, builds: readonly Built[]): readonly Applier[] {
    this.byPath ??= grouped(this.applied?.appliers ?? [], ({ path }) => path)
    const places = new Set([
      ...upwards(file.patchPath ?? file.path),
      ...builds.flatMap(({ through }) => through.flatMap((one) => upwards(placeOfFolder(one)))),
    ])
    const { byPath } = this
    return [...places].flatMap((place) => (byPath.get(place) ?? []).slice(0, mostWays))
  }

  /** The builds by the Services and patches that they are made of. */
  private get builtFrom(): ReadonlyMap<string, readonly Built[]> {
    if (this.built) return this.built
    const pairs = (this.repository?.deliveries ?? []).flatMap(({ built }) => {
      const parts = [built.base, ...[built.traffic, built.revision, built.containers].flatMap(sourcesOf)]
      return [...new Set(parts.map(keyOf))].map((key) => ({ key, built }))
    })
    const groups = grouped(pairs, ({ key }) => key)
    this.built = new Map([...groups].map(([key, found]) => [key, found.map(({ built }) => built)]))
    return this.built
  }

  /** Flux makes a kustomization for a folder that has none, of all that is below it. */
  private isBuiltBy({ path, directory }: Applier, { through }: Built): boolean {
    if (directory.isPlain) return false
    const folders = through.map(placeOfFolder)
    if (folders.includes(path)) return true
    const top = folders.at(-1)
    return directory.recurse && !this.kustomized.has(path) && top !== undefined && isBelow(top, path)
  }

  private isPlainIn({ path, directory }: Applier, { file }: Manifest): boolean {
    const place = file.patchPath ?? file.path
    if (place === path) return true
    if (!directory.isPlain && this.kustomized.has(path)) return false
    const isThere = directory.recurse ? isBelow(place, path) : folderOf(place) === path
    const name = path === '' ? place : place.slice(path.length + 1)
    const [included, excluded] = [directory.include, directory.exclude].map((one) => one && fitsOneOf(one, name))
    return isThere && included !== false && excluded !== true
  }

  /** The folders with a kustomization, as far as they are known. */
  private get kustomized(): ReadonlySet<string> {
    this.folders ??= new Set((this.repository?.builds.folders.all() ?? []).map(placeOfFolder))
    return this.folders
  }
}

/** In how many ways a Service may be applied: more of them are more of the same. */
const mostWays = 100

/** A place, and every folder that it is in. */
function upwards(place: string): readonly string[] {
  const places = [place]
  for (let folder = place; folder !== '';) places.push((folder = folderOf(folder)))
  return places
}

/** The same before and after an edit of the file. */
function keyOf({ file, namespace = '', name }: Manifest): string {
  return JSON.stringify([file.path, namespace, name])
}

function placeOfFolder({ file }: Kustomization): string {
  return folderOf(file.patchPath ?? file.path)
}

function isBelow(place: string, folder: string): boolean {
  return folder === '' || place.startsWith(`${folder}/`)
}

/** `{a.yaml,b.yaml}` is one of several. */
function fitsOneOf(pattern: string, name: string): boolean {
  const several = /^\{([^{}]*)\}$/.exec(pattern)?.[1]
  return (several?.split(',') ?? [pattern]).some((one) => globMatcher(one).test(name))
}

/** Source: fluxcd.io/flux/components/kustomize/kustomizations, controlling the apply behavior; its values in any case. */
const keeping: readonly (readonly [key: string, value: string])[] = [
  ['reconcile', 'disabled'],
  ['ssa', 'ifnotpresent'],
  ['ssa', 'ignore'],
]

/** What the Service itself tells Flux to leave alone. */
function keptByFlux(manifest: Manifest): Hold | undefined {
  for (const place of ['annotations', 'labels'])
    for (const [key, value] of keeping) {
      const path = ['metadata', place, `${fluxGroup}/${key}`]
      const found = valueAt(manifest.value, path)
      if (typeof found !== 'string' || found.toLowerCase() !== value) continue
      const spot = { file: manifest.file, range: locate(manifest, path) }
      const how = `\`${key}: ${found}\``
      return { ...spot, controller: 'Flux', path: traffic, how, help: `remove \`${fluxGroup}/${key}\` first` }
    }
  return undefined
}

/** A value that has a variable in it is changed where the variable has its value. */
function variableAt(filling: Filled, manifest: Manifest, paths: readonly Path[]): readonly Hold[] {
  const touches = (path: Path): boolean => paths.some((one) => isWithin(path, one) || isWithin(one, path))
  const told = filling.used
    .filter(({ path }) => touches(path))
    .map(({ path, spot }) => {
      const help = `change the value at ${placeOf(spot)}`
      return { ...spot, controller: 'Flux', path, how: 'the value of a variable', help }
    })
  const untold = filling.unknown
    .filter(({ path }) => touches(path))
    .map(({ path, name }) => {
      const spot = { file: manifest.file, range: locate(manifest, path) }
      const help = `change \`${name}\` where Flux gets its value`
      return { ...spot, controller: 'Flux', path, how: `the value of \`\${${name}}\``, help }
    })
  return [...told, ...untold]
}

function isWithin(path: Path, around: Path): boolean {
  return around.every((step, index) => path[index] === step)
}

function patchHold(applier: Applier, built: Built, paths: readonly Path[]): Hold | undefined {
  for (const { value, spot } of applier.layers.patches) {
    const patches = patchesIn({ patches: [value] }, applier)
    for (const path of paths)
      if (patches.some((patch) => isFor(patch, built) && sets(patch, path)))
        return {
          ...spot,
          controller: applier.controller,
          path,
          how: `a patch of the ${applier.kind}`,
          help: `change the patch at ${placeOf(spot)}`,
        }
  }
  return undefined
}

function ignoreHold({ controller, kind, layers }: Applier, paths: readonly Path[]): Hold | undefined {
  for (const { value, spot } of layers.ignored ?? [])
    for (const path of paths) {
      if (!meets(value, path)) continue
      const how = `\`ignoreDifferences\` of the ${kind}`
      return { ...spot, controller, path, how, help: `remove \`${value}\` from \`ignoreDifferences\` first` }
    }
  return undefined
}

/** Whether a JSON pointer leads to a field, to a part of it, or to what is around it. */
function meets(pointer: string, path: Path): boolean {
  const own = `/${path.join('/')}`
  return pointer === own || own.startsWith(`${pointer}/`) || pointer.startsWith(`${own}/`)
}

/** The patches of one entry; a path that could not be read brings none. */
function patchesIn(value: Json, { file }: Applier): readonly Patch[] {
  const kustomization = readKustomization({ path: file.path, text: JSON.stringify(value) }, file.path)
  if (!kustomization) return []
  const { early, late } = patchesOf(kustomization, { file: () => undefined, manifests: () => [] })
  return [...early, ...late]
}

/** Whether a patch decides on a field, on a part of it, or on what is around it. */
function sets({ body }: Patch, path: Path): boolean {
  if (body.kind === 'json') {
    return body.operations.some((operation) => {
      const pointer = member(operation, 'path')
      return typeof pointer === 'string' && member(operation, 'op') !== 'test' && meets(pointer, path)
    })
  }
  let value: Json | undefined = body.value
  for (const step of path) {
    if (!isObject(value)) break
    value = member(value, String(step))
  }
  return value !== undefined
}

/** An image of the layer comes after what the manifest says. */
function imageHold(
  { layers, controller, kind }: Applier,
  manifest: Manifest,
  { paths, image }: Touched,
): Hold | undefined {
  const edited = paths
    .filter((path) => path.at(-1) === 'image')
    .map((path) => ({ path, text: valueAt(manifest.value, path) }))
  for (const { path, text } of image ? [{ path: containersPath, text: image.after }] : edited) {
    const laid =
      typeof text === 'string' ? layers.images.find(({ value }) => imageAfter(text, value) !== text) : undefined
    if (!laid) continue
    const help = `change the image at ${placeOf(laid.spot)}`
    return { ...laid.spot, controller, path, how: `\`images\` of the ${kind}`, help }
  }
  return undefined
}

function imageAfter(image: string, entry: Json): string {
  const kustomization = readKustomization({ path: 'images', text: JSON.stringify({ images: [entry] }) }, 'images')
  return kustomization ? renamedImage(image, [kustomization]).image : image
}

function placeOf({ file, range }: Spot): string {
  return `${file.path}:${lineNumber(file.text, range.start)}`
}

function reasonFor({ label }: Manifest, { controller, path, how, help, ...spot }: Hold): Reason {
  return {
    code: 'KN467',
    message: `cannot edit \`${formatPath(path)}\` of \`${label}\`: ${controller} overrides it at ${placeOf(spot)} (${how})`,
    help: `${help}, or add \`--force\` to edit it anyway`,
    path,
  }
}

/** What an edit touches, as its fields and its template say. */
export function touchedBy(fields: readonly FieldWish[], isMoved: boolean, image: TemplateChange['image']): Touched {
  return { paths: [...(isMoved ? [traffic] : []), ...fields.map(({ path }) => path)], image }
}
