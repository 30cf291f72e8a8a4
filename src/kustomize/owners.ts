import { locate } from '../manifest/manifest.js'
import { folderOf, globMatcher, type Path } from '../text/path.js'
import type { Range, SourceFile } from '../text/source.js'
import { withoutEnd } from '../text/words.js'
import { holdsKind, isList, isObject, type Json, member } from '../yaml/json.js'
import { parseYaml } from '../yaml/parse.js'
import { readDocument } from '../yaml/read.js'

/**
 * What files spell that can give traffic to another controller than the one that syncs them, or that have other files applied,
 * by that controller. Searches look for it, so it stands apart from what reads such files.
 */
export const ownerSigns = {
  flagger: 'flagger.app/',
  argoCd: 'ignoreDifferences',
  kserve: 'serving.kserve.io/',
  cloudDeploy: 'automaticTrafficControl',
  application: 'argoproj.io/v1alpha1',
  flux: 'kustomize.toolkit.fluxcd.io/v',
  fluxSource: 'source.toolkit.fluxcd.io/v',
  skaffold: 'skaffold/v',
} as const

/** A Service as the cluster knows it, and the places in the repository that it comes from: its file, its overlays. */
export type Owned = {
  readonly name: string
  readonly namespace: string | undefined
  readonly places: readonly string[]
}

/** Something in the repository that hands the traffic of Services to another controller than the one that syncs files. */
export type Owner = {
  /** Who it is, as people know it. */
  readonly controller: string
  /** What becomes of an edit of `spec.traffic`. */
  readonly effect: string
  readonly file: SourceFile
  /** Where the file says so. */
  readonly range: Range
  readonly owns: (service: Owned) => boolean
}

/** Finds what one kind of controller owns in one object of a file. */
type OwnerKind = {
  /** What every file with such an object spells: a text without it is never parsed. */
  readonly sign: string
  /** The kinds of such objects. */
  readonly kinds: ReadonlySet<string>
  readonly claims: (value: Json, file: SourceFile) => readonly OwnerClaim[]
}

/** What an object says about Services, before its file is known. */
type OwnerClaim = Pick<Owner, 'controller' | 'effect' | 'owns'> & {
  /** The field that says so. */
  readonly path: Path
}

/** Whether two namespaces can be one: what names none is applied to whichever. */
function mayShare(a: Json | undefined, b: Json | undefined): boolean {
  return a === undefined || b === undefined || a === b
}

const controller = 'Argo CD'
const effect = 'does not see a change of it, so no sync applies the commit'
const customizations = 'resource.customizations'
const keys = ['serving.knative.dev_Service', 'all'].map((kind) => `${customizations}.ignoreDifferences.${kind}`)

/**
 * Argo CD leaves out of its comparison what an Application, an ApplicationSet or its own settings tell it to: mostly
 * because another controller writes there.
 *
 * Source: argo-cd docs/user-guide/diffing.md; for the older, single key: util/settings/settings.go GetResourceOverrides.
 */
const argoCd: OwnerKind = {
  sign: ownerSigns.argoCd,
  kinds: new Set(['Application', 'ApplicationSet', 'ConfigMap']),
  claims(value) {
    const kind = member(value, 'kind')
    if (kind === 'Application') return applicationClaims(member(value, 'spec'), ['spec'])
    if (kind === 'ApplicationSet')
      return applicationClaims(member(value, 'spec', 'template', 'spec'), ['spec', 'template', 'spec'])
    return kind === 'ConfigMap' ? settingsClaims(value) : []
  },
}

function applicationClaims(spec: Json | undefined, path: Path): readonly OwnerClaim[] {
  const list = member(spec, 'ignoreDifferences')
  if (!isList(list)) return []
  const folders = sourceFolders(spec)
  return list.flatMap((entry, index) => {
    const own = [...path, 'ignoreDifferences', index]
    const field = ignoredField(entry)
    if (!field || !fits(entry, 'group', 'serving.knative.dev') || !fits(entry, 'kind', 'Service')) return []
    const owns = ({ name, namespace, places }: Owned): boolean =>
      isOr(member(entry, 'name'), name) &&
      (namespace === undefined || isOr(member(entry, 'namespace'), namespace)) &&
      places.some((place) => folders.some((folder) => isBelow(place, folder)))
    return [{ controller, effect, path: [...own, ...field], owns }]
  })
}

/** `argocd-cm`: the value of a key is YAML once more. */
function settingsClaims(value: Json): readonly OwnerClaim[] {
  const own = keys.filter((key) => ignoredField(yamlIn(member(value, 'data', key))))
  const older = yamlIn(member(value, 'data', customizations))
  const isLeftOut = isObject(older) && Object.entries(older).some(([kind, rules]) => leavesOut(kind, rules))
  return [...own, ...(isLeftOut ? [customizations] : [])].map((key) => {
    return { controller, effect, path: ['data', key], owns: () => true }
  })
}

/** An entry of the older key, which holds all kinds: `serving.knative.dev/Service`, with `*` for any, and YAML in it again. */
function leavesOut(entry: string, rules: Json): boolean {
  const [group = '', kind = ''] = entry.split('/')
  const isMeant = globMatcher(group).test('serving.knative.dev') && globMatcher(kind).test('Service')
  return isMeant && ignoredField(yamlIn(member(rules, 'ignoreDifferences'))) !== undefined
}

function yamlIn(text: Json | undefined): Json {
  const [document] = typeof text === 'string' ? parseYaml({ path: 'argocd-cm', text }).documents : []
  return document ? readDocument(document.contents).value : null
}

/** The place in an entry that leaves the traffic out; a pointer to what is around it leaves it out as well. */
function ignoredField(entry: Json): Path | undefined {
  const places: readonly (readonly [key: string, sign: RegExp])[] = [
    ['jsonPointers', /^\/spec(?:\/traffic(?:\/.*)?)?$/],
    ['jqPathExpressions', /^\.spec(?:\s*$|\.traffic\b|\["traffic"\])/],
  ]
  for (const [key, sign] of places) {
    const list = member(entry, key)
    const index = isList(list) ? list.findIndex((one) => typeof one === 'string' && sign.test(one)) : -1
    if (index >= 0) return [key, index]
  }
  return undefined
}

/** The folders that an Application syncs; `''` for one that cannot be told, and is all of them. */
function sourceFolders(spec: Json | undefined): readonly string[] {
  const several = member(spec, 'sources')
  const sources = [member(spec, 'source'), ...(isList(several) ? several : [])].filter(isObject)
  const paths = sources.map((source) => member(source, 'path'))
  const known = paths
    .filter((path) => typeof path === 'string')
    .map((path) => withoutEnd(path.replace(/^(?:\.?\/)+/, ''), '/'))
  if (known.length === 0 || known.some((path) => path === '.' || path.includes('{{'))) return ['']
  return known
}

function isBelow(place: string, folder: string): boolean {
  return folder === '' || place === folder || place.startsWith(`${folder}/`)
}

function isOr(wanted: Json | undefined, found: string): boolean {
  return typeof wanted !== 'string' || wanted === '' || wanted === found
}

function fits(entry: Json, key: string, text: string): boolean {
  const pattern = member(entry, key)
  return typeof pattern === 'string' && globMatcher(pattern).test(text)
}

/**
 * Flagger moves the traffic of the Service that a Canary names, step by step, and takes back what others wrote.
 *
 * Source: fluxcd/flagger pkg/router/knative.go.
 */
const flagger: OwnerKind = {
  sign: ownerSigns.flagger,
  kinds: new Set(['Canary']),
  claims(value) {
    const target = member(value, 'spec', 'targetRef')
    const version = member(target, 'apiVersion')
    if (member(value, 'kind') !== 'Canary' || member(target, 'kind') !== 'Service') return []
    const isKnative = typeof version === 'string' && version.startsWith('serving.knative.dev/')
    if (!isKnative && (version !== undefined || member(value, 'spec', 'provider') !== 'knative')) return []
    const [name, namespace] = [member(target, 'name'), member(value, 'metadata', 'namespace')]
    return [
      {
        controller: 'Flagger',
        effect: 'reverts what a commit sets',
        path: ['spec', 'targetRef', 'name'],
        owns: (service) => service.name === name && mayShare(service.namespace, namespace),
      },
    ]
  },
}

const parts = ['predictor', 'transformer', 'explainer']

/**
 * KServe makes a Knative Service for each part of an InferenceService, with traffic from `canaryTrafficPercent`.
 *
 * Source: kserve/kserve pkg/constants/constants.go PredictorServiceName and its like; `-default` is of older versions.
 */
const kserve: OwnerKind = {
  sign: ownerSigns.kserve,
  kinds: new Set(['InferenceService']),
  claims(value) {
    const [name, namespace] = [member(value, 'metadata', 'name'), member(value, 'metadata', 'namespace')]
    if (member(value, 'kind') !== 'InferenceService' || typeof name !== 'string' || name === '') return []
    const made = new Set([name, ...parts.flatMap((part) => [`${name}-${part}`, `${name}-${part}-default`])])
    return [
      {
        controller: 'KServe',
        effect: 'sets it from `canaryTrafficPercent`, and reverts what a commit sets',
        path: ['metadata', 'name'],
        owns: (service) => made.has(service.name) && mayShare(service.namespace, namespace),
      },
    ]
  },
}

/**
 * Cloud Deploy moves the traffic of a Cloud Run Service itself where a stage of its pipeline says so. A pipeline names no
 * manifest, only profiles of the skaffold file that it is rendered with, which stands beside it.
 *
 * Source: cloud.google.com/deploy/docs/deployment-strategies/canary, cloud.google.com/deploy/docs/config-files.
 */
const cloudDeploy: OwnerKind = {
  sign: ownerSigns.cloudDeploy,
  kinds: new Set(['DeliveryPipeline']),
  claims(value, file) {
    if (member(value, 'kind') !== 'DeliveryPipeline') return []
    const stages = member(value, 'serialPipeline', 'stages')
    const folder = folderOf(file.patchPath ?? file.path)
    const index = (isList(stages) ? stages : []).findIndex((stage) => member(stage, ...automatic) === true)
    if (index < 0) return []
    return [
      {
        controller: 'Cloud Deploy',
        effect: 'sets it step by step in a canary, and replaces what a commit sets',
        path: ['serialPipeline', 'stages', index, ...automatic],
        owns: ({ places }) => places.some((place) => isBelow(place, folder)),
      },
    ]
  },
}

const automatic = ['strategy', 'canary', 'runtimeConfig', 'cloudRun', 'automaticTrafficControl'] as const

/** Every kind of controller that can own traffic. To add one: a file beside this one, and a row here. */
const ownerKinds: readonly OwnerKind[] = [flagger, argoCd, kserve, cloudDeploy]

/** What the objects of a file give to other controllers. What cannot be read gives nothing. */
export function ownersIn(file: SourceFile): readonly Owner[] {
  const kinds = ownerKinds.filter((one) => file.text.includes(one.sign) && holdsKind(file.text, one.kinds))
  if (kinds.length === 0) return []
  return parseYaml(file).documents.flatMap((document) => {
    const { value, targets } = readDocument(document.contents)
    return objects(value).flatMap(({ object, root }) =>
      kinds.flatMap(({ claims }) =>
        claims(object, file).map(({ path, ...claim }) => {
          return { ...claim, file, range: locate({ document, root, targets }, path) }
        }),
      ),
    )
  })
}

function objects(value: Json): readonly { readonly object: Json; readonly root: readonly (string | number)[] }[] {
  const items = member(value, 'items')
  if (!isObject(value) || !isList(items)) return [{ object: value, root: [] }]
  return items.map((object, index) => ({ object, root: ['items', index] }))
}
