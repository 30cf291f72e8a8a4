import { spotAt, withOther } from '../../manifest/manifest.js'
import { formatPath, type Path, resolvePath } from '../../text/path.js'
import type { SourceFile } from '../../text/source.js'
import { define, isList, isObject, type Json, type JsonObject, member, sameJson } from '../../yaml/json.js'
import { resolvePlain } from '../../yaml/scalar.js'
import type { AppliedService, BuiltRoot } from '../built-object.js'
import { kustomizationNames } from '../folders.js'
import {
  type Applied,
  type Around,
  type ImageEntry,
  isKind,
  itemsOf,
  type Laid,
  type LayerKind,
  type Layers,
  nothingApplied,
  type NotRead,
  type Part,
  partAt,
  plainFolder,
  settingAt,
  type Substitution,
  textAt,
  textsAt,
  type Tree,
} from './layer.js'

/** The group of Flux's Kustomization, and of what its objects are annotated with. */
export const fluxGroup = 'kustomize.toolkit.fluxcd.io'

/** A Kustomization of Flux: one folder, built, and laid over. */
export const fluxKustomization: LayerKind = {
  sign: `${fluxGroup}/`,
  isOf: (value) => isKind(value, fluxGroup, 'Kustomization'),
  read: kustomizationIn,
}

function kustomizationIn(object: Part, _file: SourceFile, around: Around): Applied {
  const told = textAt(object, 'spec', 'path')
  const spot = told?.spot ?? object.at(['spec'])
  const path = resolvePath('', told?.value ?? '')
  const what = foreignSource(object, path, around)
  if (what !== undefined) return { appliers: [], notRead: [{ ...object.at(['spec', 'sourceRef']), what }] }
  if (!isObject(member(object.value, 'spec'))) return nothingApplied
  if (path.startsWith('..'))
    return { appliers: [], notRead: [{ ...spot, what: `\`${path}\`, which is outside of the repository` }] }
  const namespace = textAt(object, 'metadata', 'namespace')?.value
  const layers = layersOf(object)
  const isSuspended = member(object.value, 'spec', 'suspend') === true
  const settings = ['suspend', 'prune', 'force', 'wait', 'dependsOn', 'interval', 'deletionPolicy']
  return {
    appliers: [
      {
        controller: 'Flux',
        kind: 'Kustomization',
        name: textAt(object, 'metadata', 'name')?.value ?? '',
        ...(namespace !== undefined && { namespace }),
        ...spot,
        path,
        directory: { ...plainFolder, recurse: true },
        layers,
        settings: settings.flatMap((key) => settingAt(object, 'spec', key)),
        ...(isSuspended && { suspended: object.at(['spec', 'suspend']) }),
      },
    ],
    notRead: [
      ...(layers.substitution?.from ?? []).map(({ value, spot: from }) => ({
        ...from,
        what: `the variables of \`${value}\``,
        isAside: true as const,
      })),
      ...unlaid(path, layers, around),
    ],
  }
}

/**
 * What is written into the kustomization that Flux makes for a folder without one, which is not built here. Values of
 * variables are filled into the files themselves, but a change of one is a change of no file.
 */
function unlaid(path: string, layers: Layers, { tree }: Around): readonly NotRead[] {
  if (tree.files().length === 0 || hasKustomization(path, tree)) return []
  const { namePrefix, nameSuffix, components, images, patches, substitution } = layers
  const written = { namePrefix, nameSuffix, components: components[0], images: images[0], patches: patches[0] }
  const places = [path, path === '' ? '*' : `${path}/*`]
  const where = `\`${path === '' ? './' : path}\`, which has no kustomization`
  const found = Object.entries(written).flatMap(([key, laid]): readonly NotRead[] => {
    // What changes no names is laid over the kustomizations below the folder.
    const isOfPlain = (key === 'images' || key === 'patches') && { isOfPlain: true as const }
    return laid ? [{ ...laid.spot, what: `\`${key}\` for ${where}`, places, ...isOfPlain }] : []
  })
  const [value] = substitution?.values.values() ?? []
  if (!value) return found
  const what = `the values of variables for ${where}`
  return [...found, { ...value.spot, what, places, isOfChange: true, isOfPlain: true }]
}

const listed = new WeakMap<Tree, ReadonlySet<string>>()

function hasKustomization(path: string, tree: Tree): boolean {
  const names = listed.get(tree) ?? new Set(tree.files())
  listed.set(tree, names)
  return kustomizationNames.some((name) => names.has(path === '' ? name : `${path}/${name}`))
}

/** What is said of a source that is not this repository; a GitRepository that no file has is that of the bootstrap. */
function foreignSource(object: Part, path: string, { gitSource, isOwn }: Around): string | undefined {
  const reference = partAt(object, 'spec', 'sourceRef')
  const [kind, name] = ['kind', 'name'].map((key) => textAt(reference, key)?.value)
  if (kind !== 'GitRepository' || name === undefined)
    return kind === undefined ? undefined : `\`${path === '' ? './' : path}\` of the ${kind} \`${name ?? ''}\``
  const namespace = textAt(reference, 'namespace') ?? textAt(object, 'metadata', 'namespace')
  const url = gitSource(namespace?.value, name)
  return url === undefined || isOwn(url) ? undefined : `\`${path === '' ? './' : path}\` of another repository`
}

/** Source: fluxcd/pkg kustomize/kustomize_generator.go WriteFile. */
function layersOf(object: Part): Layers {
  const spec = partAt(object, 'spec')
  const said: Record<string, Laid<string | Json> | Substitution | undefined> = {
    namePrefix: textAt(spec, 'namePrefix'),
    nameSuffix: textAt(spec, 'nameSuffix'),
    namespace: textAt(spec, 'targetNamespace'),
    labels: mappingAt(spec, 'labels'),
    annotations: mappingAt(spec, 'annotations'),
    substitution: substitutionOf(spec),
  }
  return {
    ...Object.fromEntries(Object.entries(said).filter(([, laid]) => laid !== undefined)),
    components: textsAt(spec, 'components'),
    images: itemsOf(spec, 'images').flatMap((item) => imageEntry(item) ?? []),
    patches: patchesOf(spec),
  }
}

function mappingAt(spec: Part, key: string): Laid<Json> | undefined {
  const { value, at } = partAt(spec, 'commonMetadata', key)
  return isObject(value) ? { value, spot: at([]) } : undefined
}

function imageEntry(item: Part): Laid<ImageEntry> | undefined {
  const name = textAt(item, 'name')
  if (!name) return undefined
  const keys = (['newName', 'newTag', 'digest'] as const).filter((key) => textAt(item, key))
  const entry = Object.fromEntries(keys.map((key) => [key, textAt(item, key)?.value]))
  const [deciding] = keys.toReversed()
  return { value: { name: name.value, ...entry }, spot: deciding === undefined ? name.spot : item.at([deciding]) }
}

/** The two older fields say the same in another form. */
function patchesOf(spec: Part): readonly Laid<Json>[] {
  return [
    ...itemsOf(spec, 'patches').map((item) => ({ value: item.value, spot: item.at(['patch']) })),
    ...itemsOf(spec, 'patchesStrategicMerge').map((item) => {
      return { value: { patch: JSON.stringify(item.value) }, spot: item.at([]) }
    }),
    ...itemsOf(spec, 'patchesJson6902').map((item) => {
      const target = member(item.value, 'target') ?? {}
      return { value: { patch: JSON.stringify(member(item.value, 'patch') ?? []), target }, spot: item.at(['patch']) }
    }),
  ]
}

/** Line ends in a value are dropped. Source: fluxcd/pkg kustomize/kustomize_varsub.go SubstituteVariables. */
function substitutionOf(spec: Part): Substitution | undefined {
  const build = partAt(spec, 'postBuild')
  const given = member(build.value, 'substitute')
  const values = Object.entries(isObject(given) ? given : {}).flatMap(([key, value]) => {
    const text = typeof value === 'string' ? value.replaceAll('\n', '') : undefined
    return text === undefined ? [] : [[key, { value: text, spot: build.at(['substitute', key]) }] as const]
  })
  const from = itemsOf(build, 'substituteFrom').map((item) => {
    const [kind, name] = ['kind', 'name'].map((key) => textAt(item, key)?.value ?? '')
    return { value: `${kind}/${name}`, spot: item.at(['name']) }
  })
  return values.length === 0 && from.length === 0 ? undefined : { values: new Map(values), from }
}

/** What variables make of an object. */
export type Filled = {
  readonly value: JsonObject
  /** The values that variables of the file decide on, with the line of each. */
  readonly used: readonly (Laid<string> & { readonly path: Path })[]
  /** The values with a variable in them that the files do not tell, and its name. */
  readonly unknown: readonly { readonly path: Path; readonly name: string }[]
}

/** How long a text may become: a short one can name a long variable many times. */
const mostText = 1024 * 1024
/** How deep variables may stand in one another's defaults. */
const mostDeep = 20

/**
 * Fills in the variables of an object after its build, as Flux does: in its text, so that a value that is a variable alone
 * becomes a number where it looks like one. A variable that has no value and no default is not told: Flux makes it empty, or
 * refuses the whole, as it is set up.
 *
 * Source: fluxcd/pkg kustomize/kustomize_varsub.go SubstituteVariables, envsubst/parse/parse.go.
 */
export function filled(value: JsonObject, substitution: Substitution): Filled {
  const used: Filled['used'][number][] = []
  const unknown: Filled['unknown'][number][] = []
  const isOff = ['labels', 'annotations'].some(
    (key) => member(value, 'metadata', key, `${fluxGroup}/substitute`) === 'disabled',
  )
  let left = mostText
  const fill = (one: Json, path: Path): Json => {
    if (isList(one)) return one.map((item, index) => fill(item, [...path, index]))
    if (isObject(one)) return members(one, path)
    if (typeof one !== 'string' || !one.includes('${')) return one
    const expansion = new Expansion(one, substitution)
    const text = expansion.text(left)
    left -= text?.length ?? 0
    for (const name of text === undefined ? [expansion.unknown ?? ''] : []) unknown.push({ path, name })
    if (text === undefined) return one
    for (const laid of expansion.used) used.push({ ...laid, path })
    return isPlain(one) ? plainValue(text) : text
  }
  const members = (object: JsonObject, path: Path): JsonObject => {
    const result: Record<string, Json> = {}
    for (const [key, one] of Object.entries(object)) define(result, key, fill(one, [...path, key]))
    return result
  }
  return isOff ? { value, used, unknown } : { value: members(value, []), used, unknown }
}

/** The variables of a substitution that a build has left, once those are filled in whose values are in the file. */
export function leftOver({ from }: Substitution): Substitution {
  return { values: new Map(), from }
}

/** What a root yields once its variables are filled in; the line of a value decides what it went into. */
export function withVariables(built: BuiltRoot, substitution: Substitution): BuiltRoot {
  return { ...built, services: built.services.map((service) => filledService(service, substitution)) }
}

function filledService(service: AppliedService, substitution: Substitution): AppliedService {
  const { manifest, ids, sources } = service
  const { value, used } = filled(manifest.value, substitution)
  if (used.length === 0 && sameJson(value, manifest.value)) return service
  const spots = new Map(used.map(({ path, spot }) => [formatPath(path), spot]))
  const [name = '', namespace] = ['name', 'namespace'].map((key) => {
    const text = member(value, 'metadata', key)
    return typeof text === 'string' && text !== '' ? text : undefined
  })
  const isRenamed = name !== manifest.name || namespace !== manifest.namespace
  return {
    ...service,
    ids: isRenamed ? [...ids, { name, namespace: namespace ?? '' }] : ids,
    sources: [...new Set([...sources, ...used.map(({ spot }) => spot.file)])],
    manifest: withOther(manifest, {
      value,
      name,
      namespace,
      label: namespace === undefined ? name : `${namespace}/${name}`,
      spotOf: (path, part) => spots.get(formatPath(path)) ?? spotAt(manifest, path, part),
    }),
  }
}

/** Whether kustomize writes the text without quotes, so that what is filled in decides on its type. */
function isPlain(text: string): boolean {
  return /^[\w$./-]/.test(text) && !/: |\s#|:$|\n|^\s|\s$/.test(text)
}

function plainValue(text: string): Json {
  const value = text === '' ? null : resolvePlain(text)
  return typeof value === 'number' && !Number.isFinite(value) ? text : value
}

/** The name of each variable in a text, as far as its syntax can be read. */
function variablesIn(text: string): readonly string[] {
  return Array.from(text.matchAll(/(?<!\$)\$\{#?([A-Za-z_]\w*)/g), ([, name = '']) => name)
}

const changes: Readonly<Record<string, (text: string) => string>> = {
  '': (text) => text,
  ',': (text) => text.charAt(0).toLowerCase() + text.slice(1),
  ',,': (text) => text.toLowerCase(),
  '^': (text) => text.charAt(0).toUpperCase() + text.slice(1),
  '^^': (text) => text.toUpperCase(),
}

/** One text with its variables; what went into it is known once the text has been asked for. */
class Expansion {
  readonly used: Laid<string>[] = []
  /** The first variable that is not told. */
  unknown: string | undefined
  private at = 0

  constructor(
    private readonly source: string,
    private readonly substitution: Substitution,
  ) {}

  /** The text with all variables filled in; undefined where one of them is not told, or it would be longer than `most`. */
  text(most: number): string | undefined {
    const text = this.until('', 0)
    if (text === undefined) this.unknown ??= variablesIn(this.source)[0]
    return text === undefined || text.length > most ? undefined : text
  }

  /** What stands in front of one of the signs, or the end where there are none. */
  private until(signs: string, depth: number): string | undefined {
    let text = ''
    while (this.at < this.source.length) {
      const sign = this.source.charAt(this.at)
      if (signs.includes(sign)) return text
      if (signs === '' && this.source.startsWith('$${', this.at)) {
        text += '${'
        this.at += 3
      } else if (this.source.startsWith('${', this.at)) {
        const value = depth < mostDeep ? this.variable(depth) : undefined
        if (value === undefined) return undefined
        text += value
      } else {
        text += sign
        this.at++
      }
      if (text.length > mostText) return undefined
    }
    return signs === '' ? text : undefined
  }

  /** `${NAME}` and its forms, from the `$` on; undefined for one that is wrong, not told, or cuts by a pattern. */
  private variable(depth: number): string | undefined {
    const [start, hash = '', name = ''] =
      /^\$\{(#?)([A-Za-z_]\w*)/.exec(this.source.slice(this.at, this.at + 512)) ?? []
    if (start === undefined) return undefined
    this.at += start.length
    const operator =
      hash === '' ? (/^(?::[-=?+]|=|,,?|\^\^?|:)?/.exec(this.source.slice(this.at, this.at + 2))?.[0] ?? '') : ''
    this.at += operator.length
    const argument = operator === ':' || /[=?+-]$/.test(operator) ? this.until('}', depth + 1) : ''
    if (argument === undefined || this.source.charAt(this.at) !== '}') return undefined
    this.at++
    const value = this.valueOf(name, operator !== ':' && argument !== '' ? argument : undefined)
    if (value === undefined) return undefined
    if (hash !== '') return String(new TextEncoder().encode(value).length)
    return operator === ':' ? cut(value, argument) : (changes[operator] ?? ((text) => text))(value)
  }

  /** A value in the file comes before one of the cluster. */
  private valueOf(name: string, otherwise: string | undefined): string | undefined {
    const { values, from } = this.substitution
    const laid = values.get(name)
    if (laid) this.used.push(laid)
    const value = laid && laid.value !== '' ? laid.value : otherwise
    if (laid || (value !== undefined && from.length === 0)) return value ?? ''
    this.unknown ??= name
    return undefined
  }
}

/** `OFFSET` or `OFFSET:LENGTH`, neither below zero; others are left to Flux. */
function cut(text: string, argument: string): string | undefined {
  const [, offset, length] = /^(\d{1,9})(?::(\d{1,9}))?$/.exec(argument) ?? []
  if (offset === undefined) return undefined
  return text.slice(Number(offset), length === undefined ? undefined : Number(offset) + Number(length))
}
