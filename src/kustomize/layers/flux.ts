import { resolvePath } from '../../text/path.js'
import type { SourceFile } from '../../text/source.js'
import { isObject, type Json, member } from '../../yaml/json.js'
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
import { kustomizationNames } from '../names.js'

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
