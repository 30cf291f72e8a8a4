import { highest } from '../text/collections.js'
import { folderOf, type Path } from '../text/path.js'
import { at, type SourceFile } from '../text/source.js'
import { isList, type Json, member } from '../yaml/json.js'
import { applicationSet } from './layers/application-set.js'
import { application, applicationIn } from './layers/argo-cd.js'
import { cloudDeploy } from './layers/cloud-deploy.js'
import { fluxKustomization } from './layers/flux.js'
import {
  type Applied,
  type Applier,
  type Around,
  isKind,
  itemsOf,
  type LayerKind,
  nothingApplied,
  objectsIn,
  type Part,
  partAt,
  textAt,
} from './layers/layer.js'

/** Where an object of Argo CD holds what an Application is made of. */
const places: ReadonlyMap<string, Path> = new Map([
  ['Application', []],
  ['ApplicationSet', ['spec', 'template']],
])
const options = 'argocd.argoproj.io/compare-options'

/** The places in an object of Argo CD that decide on how the Services of its Applications are compared. */
type ArgoDiff = {
  /** Whether what an apply would change is asked of the cluster: then no spelling is out of sync. */
  readonly isServerSide: boolean
  /**
   * The option that applies on the server's side, where the comparison is not: Argo CD then compares the file with all
   * that the server owns, and is OutOfSync with every Knative Service.
   */
  readonly mismatch: Path | undefined
}

/**
 * How an Application, or those of an ApplicationSet, compare what they sync; undefined for any other object.
 *
 * Source: argo-cd docs/user-guide/diff-strategies.md, docs/user-guide/sync-options.md
 */
export function argoDiff(object: Json): ArgoDiff | undefined {
  const [version, kind] = ['apiVersion', 'kind'].map((key) => member(object, key))
  const root = typeof kind === 'string' ? places.get(kind) : undefined
  if (!root || typeof version !== 'string' || !version.startsWith('argoproj.io/')) return undefined
  const base = root.map(String)
  const compared = member(object, ...base, 'metadata', 'annotations', options)
  const isServerSide = has(typeof compared === 'string' ? compared.split(',') : [], 'ServerSideDiff=true')
  const path = [...base, 'spec', 'syncPolicy', 'syncOptions']
  const list = member(object, ...path)
  const index = isList(list) ? list.findIndex((one) => has([one], 'ServerSideApply=true')) : -1
  return { isServerSide, mismatch: isServerSide || index < 0 ? undefined : [...path, index] }
}

function has(words: readonly Json[], wanted: string): boolean {
  return words.some((word) => typeof word === 'string' && word.trim() === wanted)
}

/** Every kind of object that has folders applied. To add one: a file under `layers/`, and a row here. */
const layerKinds: readonly LayerKind[] = [application, applicationSet, fluxKustomization, cloudDeploy]

const sourceGroup = 'source.toolkit.fluxcd.io'

/** What the objects of Flux spell, of whatever group. */
const ofFlux = 'toolkit.fluxcd.io'
const layerSigns = [...new Set([...layerKinds.map(({ sign }) => sign), sourceGroup])]

/** Whether a file can have an object that has folders applied. A text of megabytes is looked through as seldom as may be. */
export function hasLayer({ text }: SourceFile): boolean {
  const isFlux = text.includes(ofFlux)
  return layerSigns.some((sign) => (isFlux || !sign.includes(ofFlux)) && text.includes(sign))
}

/** What the objects of a file have applied. What cannot be read has nothing applied. */
export function appliersIn(file: SourceFile, around: Around): Applied {
  const kinds = layerKinds.filter(({ sign }) => file.text.includes(sign))
  if (kinds.length === 0) return nothingApplied
  const all = objectsIn(file).flatMap((object) =>
    kinds
      .filter(({ isOf }) => isOf(object.value))
      .map(({ read }) => ({ ...read(object, file, around), by: objectName(object) })),
  )
  return {
    appliers: all.flatMap(({ appliers }) => appliers),
    notRead: all.flatMap(({ notRead, by }) => notRead.map((one) => ({ ...one, by }))),
  }
}

function objectName({ value }: Part): string {
  const [kind, name] = [member(value, 'kind'), member(value, 'metadata', 'name')].map((text) =>
    typeof text === 'string' ? text : '',
  )
  return `${kind} ${name}`.trim()
}

/**
 * What a file beside manifests (`.argocd-source.yaml`, `.argocd-source-NAME.yaml`) overrides for an Application that is in
 * none of the files: it can stand in another repository.
 */
export function impliedIn(file: SourceFile, appliers: readonly Applier[], around: Around): readonly Applier[] {
  const place = file.patchPath ?? file.path
  const path = folderOf(place)
  const name = /\.argocd-source-(.+)\.yaml$/.exec(place)?.[1]
  const isKnown = appliers.some(
    (one) => one.controller === 'Argo CD' && one.path === path && (name === undefined || one.name === name),
  )
  if (isKnown) return []
  const value = { metadata: { name: name ?? '' }, spec: { source: { path: path === '' ? '.' : path } } }
  const object = { value, at: () => ({ file, range: at(0) }) }
  return applicationIn(object, 'Application', around).appliers
}

/** The URLs of the Flux GitRepositories of files. A name that several have, with several URLs, is that of the first. */
export function gitSourcesIn(files: readonly SourceFile[]): Around['gitSource'] {
  const urls = new Map<string, string>()
  for (const file of files)
    for (const object of file.text.includes(sourceGroup) ? objectsIn(file) : []) {
      if (!isKind(object.value, sourceGroup, 'GitRepository')) continue
      const [name, namespace = ''] = ['name', 'namespace'].map((key) => textAt(object, 'metadata', key)?.value)
      const url = textAt(object, 'spec', 'url')?.value
      for (const key of [`${namespace}/${name}`, `*/${name}`])
        if (url !== undefined && !urls.has(key)) urls.set(key, url)
    }
  return (namespace, name) => urls.get(`${namespace ?? '*'}/${name}`) ?? urls.get(`/${name}`)
}

/**
 * Whether a URL is that of the repository. Git's remotes decide; a repository that is a fork or a mirror of what its files
 * name is known by the last part of the URL. Without remotes, the repository that most of the files' objects name is this
 * one: they tend to stand beside what they have applied.
 */
export function ownRepository(remotes: readonly string[], named: readonly string[]): (url: string) => boolean {
  const known = new Set(remotes.map(repositoryName))
  const all = named.map(repositoryName)
  if (known.size > 0) {
    if (all.some((name) => known.has(name))) return (url) => known.has(repositoryName(url))
    const last = new Set([...known].map(lastPart))
    return (url) => last.has(lastPart(repositoryName(url)))
  }
  const counts = new Map<string, number>()
  for (const name of all) counts.set(name, (counts.get(name) ?? 0) + 1)
  const most = Math.max(0, highest(counts.values()))
  return (url) => most === 0 || counts.get(repositoryName(url)) === most
}

/** `https://user@host/a/b.git`, `git@host:a/b` and `ssh://git@host:22/a/b` are one repository: `host/a/b`. */
function repositoryName(url: string): string {
  const plain = url
    .trim()
    .toLowerCase()
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
  const [, host = '', path = ''] =
    /^[a-z+]+:\/\/(?:[^/@]*@)?([^/:]*)(?::\d+)?\/(.*)$/.exec(plain) ?? /^(?:[^/@]*@)?([^/:]+):(.*)$/.exec(plain) ?? []
  return host === '' ? plain : `${host}/${path.replace(/^\/+/, '')}`
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1)
}

/** The URLs of Git repositories that the objects of files name, each as often as they do. */
export function repositoriesNamedIn(files: readonly SourceFile[]): readonly string[] {
  return files.filter(hasLayer).flatMap((file) => objectsIn(file).flatMap(urlsIn))
}

function urlsIn(object: Part): readonly string[] {
  const spec = partAt(object, 'spec')
  if (isKind(object.value, sourceGroup, 'GitRepository')) return [textAt(spec, 'url')?.value ?? '']
  const template = partAt(spec, 'template', 'spec')
  const sources = [spec, template].flatMap((one) => [partAt(one, 'source'), ...itemsOf(one, 'sources')])
  const generators = itemsOf(spec, 'generators').map((one) => partAt(one, 'git'))
  return [...sources, ...generators].flatMap((one) =>
    textAt(one, 'chart') ? [] : (textAt(one, 'repoURL')?.value ?? []),
  )
}
