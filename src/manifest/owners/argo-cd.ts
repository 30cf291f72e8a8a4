import type { Path } from '../../text/path.js'
import { globExpression } from '../../text/glob.js'
import { isList, isObject, member, type Json } from '../json.js'
import { parseYaml } from '../parse.js'
import { readDocument } from '../read.js'
import type { Claim, Owned, OwnerKind } from './owner.js'
import { ownerSigns } from './signs.js'

const controller = 'Argo CD'
const effect = 'does not see that it changed, so that no sync brings the commit to the cluster'
const customizations = 'resource.customizations.ignoreDifferences.'
const keys = [`${customizations}serving.knative.dev_Service`, `${customizations}all`]

/**
 * Argo CD leaves out of its comparison what an Application, an ApplicationSet or its own settings tell it to: mostly
 * because another controller writes there.
 *
 * Source: argo-cd docs/user-guide/diffing.md.
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
  return keys.flatMap((key) => {
    const text = member(value, 'data', key)
    if (typeof text !== 'string') return []
    const [document] = parseYaml({ path: 'argocd-cm', text }).documents
    if (!document || !ignoredField(readDocument(document.contents).value)) return []
    return [{ controller, effect, path: ['data', key], owns: () => true }]
  })
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
  const known = paths.filter((path) => typeof path === 'string').map((path) => path.replaceAll(/^(?:\.?\/)+|\/+$/g, ''))
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
  return typeof pattern === 'string' && globExpression(pattern).test(text)
}
