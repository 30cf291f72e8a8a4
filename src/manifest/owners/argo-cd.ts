import type { Path } from '../../text/path.js'
import { globMatcher } from '../../text/glob.js'
import { withoutEnd } from '../../text/trim.js'
import { isList, isObject, member, type Json } from '../json.js'
import { parseYaml } from '../parse.js'
import { readDocument } from '../read.js'
import type { Claim, Owned, OwnerKind } from './owner.js'
import { ownerSigns } from './signs.js'

const controller = 'Argo CD'
const effect = 'does not see that it changed, so that no sync brings the commit to the cluster'
const customizations = 'resource.customizations'
const keys = ['serving.knative.dev_Service', 'all'].map((kind) => `${customizations}.ignoreDifferences.${kind}`)

/**
 * Argo CD leaves out of its comparison what an Application, an ApplicationSet or its own settings tell it to: mostly
 * because another controller writes there.
 *
 * Source: argo-cd docs/user-guide/diffing.md; for the older, single key: util/settings/settings.go GetResourceOverrides.
 */
export const argoCd: OwnerKind = {
  sign: ownerSigns.argoCd,
  claims(value) {
    const kind = member(value, 'kind')
    if (kind === 'Application') return applicationClaims(member(value, 'spec'), ['spec'])
    if (kind === 'ApplicationSet')
      return applicationClaims(member(value, 'spec', 'template', 'spec'), ['spec', 'template', 'spec'])
    return kind === 'ConfigMap' ? settingsClaims(value) : []
  },
}

function applicationClaims(spec: Json | undefined, path: Path): readonly Claim[] {
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
function settingsClaims(value: Json): readonly Claim[] {
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
