import { append } from '../../text/collections.js'
import { resolvePath } from '../../text/path.js'
import { at } from '../../text/source.js'
import { isList, isObject, type Json, member } from '../../yaml/json.js'
import {
  type Applied,
  type Applier,
  type Around,
  type DirectorySource,
  type ImageEntry,
  isKind,
  itemsOf,
  type Laid,
  type LayerKind,
  type Layers,
  type NotRead,
  objectsIn,
  overlaid,
  type Part,
  partAt,
  type Setting,
  settingAt,
  textAt,
  textsAt,
} from './layer.js'

/** An Argo CD Application: one folder, or several, each with what is laid over it. */
export const application: LayerKind = {
  sign: 'argoproj.io/',
  isOf: (value) => isKind(value, 'argoproj.io', 'Application'),
  read: (object, _file, around) => applicationIn(object, 'Application', around),
}

/** What an Application has applied, be it one that a set makes of its template. */
export function applicationIn(object: Part, kind: Applier['kind'], around: Around): Applied {
  const appliers: Applier[] = []
  const notRead: NotRead[] = []
  const several = itemsOf(object, 'spec', 'sources')
  const single = partAt(object, 'spec', 'source')
  for (const source of several.length > 0 ? several : isObject(single.value) ? [single] : []) {
    const read = sourceIn(source, object, around)
    if (read && 'what' in read) notRead.push(read)
    else if (read) {
      appliers.push({
        controller: 'Argo CD',
        kind,
        ...named(object),
        ...read,
        ...clusterOf(object),
        settings: settingsOf(object),
      })
      append(notRead, unreadOf(read.layers))
    }
  }
  return { appliers, notRead }
}

function named(object: Part): Pick<Applier, 'name' | 'namespace'> {
  const namespace = textAt(object, 'metadata', 'namespace')?.value
  return { name: textAt(object, 'metadata', 'name')?.value ?? '', ...(namespace !== undefined && { namespace }) }
}

function clusterOf(object: Part): Pick<Applier, 'cluster'> {
  const [server, name] = ['server', 'name'].map((key) => member(object.value, 'spec', 'destination', key))
  const cluster = server ?? name
  return typeof cluster === 'string' ? { cluster } : {}
}

type Source = Pick<Applier, 'file' | 'range' | 'path' | 'directory' | 'layers'>

/** What one source has applied; nothing where it is only there for others to refer to. */
function sourceIn(source: Part, object: Part, around: Around): Source | NotRead | undefined {
  const url = textAt(source, 'repoURL')
  const told = textAt(source, 'path')
  const chart = textAt(source, 'chart')
  if (chart) return { ...chart.spot, what: `the Helm chart \`${chart.value}\``, isAside: true }
  if (!told) return textAt(source, 'ref') ? undefined : { ...source.at([]), what: 'a source without a `path`' }
  if (isTemplate(told.value))
    return { ...told.spot, what: `the templated path \`${told.value}\``, places: [patternOf(told.value)] }
  if (url && isTemplate(url.value)) return { ...url.spot, what: `the templated URL \`${url.value}\`` }
  if (url && !around.isOwn(url.value)) return { ...url.spot, what: `\`${told.value}\` of another repository` }
  const path = resolvePath('', told.value)
  if (path.startsWith('..')) return { ...told.spot, what: `\`${told.value}\`, which is outside of the repository` }
  const whole = withSourceFiles(source, path, named(object).name, around)
  for (const tool of ['helm', 'plugin'])
    if (isObject(member(whole.value, tool)))
      return { ...whole.at([tool]), what: `the output of \`${tool}\` for \`${path}\``, places: [path, `${path}/**`] }
  return { ...told.spot, path, directory: directoryOf(whole), layers: layersOf(whole, object, path, around) }
}

/**
 * Files beside the manifests override the source: one for every Application, and one for that of its name.
 *
 * Source: argo-cd reposerver/repository/repository.go mergeSourceParameters.
 */
function withSourceFiles(source: Part, path: string, name: string, { tree }: Around): Part {
  const names = ['.argocd-source.yaml', ...(name === '' ? [] : [`.argocd-source-${name}.yaml`])]
  let whole = source
  for (const one of names) {
    const file = tree.file(resolvePath(path, one))
    const [over] = file && file.text.length <= longestOverride ? objectsIn(file) : []
    if (over && isObject(over.value)) whole = overlaid(whole, over)
  }
  return whole
}

/** Programs write these files, for an image or two; one that many Applications share is merged with each of them. */
const longestOverride = 16 * 1024

/** A path of a template as a pattern: `*` in the place of what is to be filled in. */
export function patternOf(path: string): string {
  return resolvePath('', path.replaceAll(/\{\{[^{}]*\}\}/g, '*'))
}

/** Whether a text of a template is still to be filled in. */
function isTemplate(text: string): boolean {
  return text.includes('{{')
}

/** Source: argo-cd reposerver/repository/repository.go getObjsFromYAMLOrJson, findManifests. */
function directoryOf(source: Part): DirectorySource {
  const directory = member(source.value, 'directory')
  const [include, exclude] = ['include', 'exclude'].map((key) => textAt(source, 'directory', key)?.value)
  return {
    isPlain: isObject(directory) && Object.keys(directory).length > 0,
    recurse: member(directory, 'recurse') === true,
    ...(include !== undefined && { include }),
    ...(exclude !== undefined && { exclude }),
  }
}

/** Source: argo-cd util/kustomize/kustomize.go Build, which has `kustomize edit` write most of it into the kustomization. */
function layersOf(source: Part, object: Part, path: string, around: Around): Layers {
  const kustomize = partAt(source, 'kustomize')
  const layers: Record<string, Laid<string | Json> | undefined> = {
    namePrefix: textAt(kustomize, 'namePrefix'),
    nameSuffix: textAt(kustomize, 'nameSuffix'),
    namespace: textAt(kustomize, 'namespace'),
    defaultNamespace: textAt(object, 'spec', 'destination', 'namespace'),
    labels: mappingAt(kustomize, 'commonLabels'),
    annotations: mappingAt(kustomize, 'commonAnnotations'),
  }
  const said = Object.fromEntries(Object.entries(layers).filter(([, laid]) => laid !== undefined))
  return {
    ...said,
    components: textsAt(kustomize, 'components'),
    images: imagesOf(kustomize),
    patches: itemsOf(kustomize, 'patches').map((item) => patchOf(item, path, around)),
    ...ignoredBy(object),
  }
}

const readImages = new WeakMap<object, Layers['images']>()

/** A file beside the manifests can say the same for many Applications. */
function imagesOf(kustomize: Part): Layers['images'] {
  const list = member(kustomize.value, 'images')
  if (!isList(list)) return []
  const known = readImages.get(list)
  if (known) return known
  const read = textsAt(kustomize, 'images').map(({ value, spot }) => ({ value: imageEntry(value), spot }))
  readImages.set(list, read)
  return read
}

/** A patch, with the text of the file that it names, which is relative to the folder. */
function patchOf({ value, at: placeOf }: Part, folder: string, { tree }: Around): Laid<Json> {
  const told = member(value, 'path')
  const file = typeof told === 'string' && told !== '' ? tree.file(resolvePath(folder, told)) : undefined
  if (!file) return { value, spot: placeOf(member(value, 'patch') === undefined ? [] : ['patch']) }
  const target = member(value, 'target')
  return { value: { patch: file.text, ...(target !== undefined && { target }) }, spot: { file, range: at(0) } }
}

/**
 * What a sync leaves alone. Without `RespectIgnoreDifferences` a field is only left out of the comparison, and a sync for
 * another reason brings it along.
 *
 * Source: argo-cd docs/user-guide/sync-options.md, docs/user-guide/diffing.md.
 */
function ignoredBy(object: Part): Pick<Layers, 'ignored'> {
  const options = textsAt(object, 'spec', 'syncPolicy', 'syncOptions')
  if (!options.some(({ value }) => value === 'RespectIgnoreDifferences=true')) return {}
  const ignored = itemsOf(object, 'spec', 'ignoreDifferences').flatMap((entry) => {
    const [group, kind] = ['group', 'kind'].map((key) => textAt(entry, key)?.value ?? '')
    const isMeant = group === 'serving.knative.dev' && kind === 'Service' && !textAt(entry, 'name')
    return isMeant ? textsAt(entry, 'jsonPointers') : []
  })
  return ignored.length > 0 ? { ignored } : {}
}

function mappingAt(part: Part, key: string): Laid<Json> | undefined {
  const value = member(part.value, key)
  return isObject(value) ? { value, spot: part.at([key]) } : undefined
}

/**
 * An image as `kustomize edit set image` takes it: `NAME:TAG`, `NAME@DIGEST`, `NAME=NEW:TAG`.
 *
 * Source: sigs.k8s.io/kustomize/kustomize/commands/edit/set/setimage.go parse.
 */
function imageEntry(text: string): ImageEntry {
  const equals = text.indexOf('=')
  const [old, image] = equals < 0 ? [undefined, text] : [text.slice(0, equals), text.slice(equals + 1)]
  const digestAt = image.indexOf('@')
  const colon = digestAt < 0 ? image.indexOf(':', image.lastIndexOf('/') + 1) : -1
  const end = digestAt >= 0 ? digestAt : colon >= 0 ? colon : image.length
  const name = image.slice(0, end)
  const version = image.slice(end + 1)
  return {
    name: old ?? name,
    ...(old !== undefined && name !== '' && name !== '*' && { newName: name }),
    ...(version !== '' && version !== '*' && (digestAt >= 0 ? { digest: version } : { newTag: version })),
  }
}

/** What a template leaves open in them cannot be laid over anything. */
function unreadOf(layers: Layers): readonly NotRead[] {
  const { namePrefix, nameSuffix, namespace, defaultNamespace, images, components, patches } = layers
  const texts = [namePrefix, nameSuffix, namespace, defaultNamespace, ...components].flatMap((one) => one ?? [])
  const odd = [
    ...texts.filter(({ value }) => isTemplate(value)),
    ...images.filter(({ value }) => isTemplate(JSON.stringify(value))),
    ...patches.filter(({ value }) => isTemplate(JSON.stringify(value))),
  ]
  return odd.map(({ spot }) => ({ ...spot, what: 'a templated value' }))
}

function settingsOf(object: Part): readonly Setting[] {
  return [
    ...['prune', 'selfHeal', 'enabled'].flatMap((key) => settingAt(object, 'spec', 'syncPolicy', 'automated', key)),
    ...settingAt(object, 'spec', 'syncPolicy', 'syncOptions'),
    ...(isObject(partAt(object, 'spec', 'syncPolicy', 'automated').value)
      ? [{ field: 'automated', text: 'true', spot: object.at(['spec', 'syncPolicy', 'automated']) }]
      : []),
    ...itemsOf(object, 'spec', 'ignoreDifferences').flatMap((entry) => settingAt(entry, 'managedFieldsManagers')),
  ]
}
