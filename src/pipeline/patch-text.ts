import { emit } from '../manifest/emit.js'
import { isList, isObject, member, type Json, type JsonObject } from '../manifest/json.js'
import { nameOf, type Built } from '../manifest/kustomize/built.js'
import { stemOf } from '../manifest/revision-stem.js'
import { inQuotes, shellWord } from '../text/shell-word.js'

/** The command that writes a patch into `file`, which says of the traffic what is so already. It fits on one line. */
export function patchCommand(built: Built, file: string): string {
  return writing(built, {}, file)
}

/**
 * The same with the name of the revision, where it has one of its own, and with these containers, if any. Where kustomize
 * renames the Service, the revisions are called as its new name asks.
 */
export function releasePatchCommand(built: Built, containers: readonly Json[], file: string): string {
  const { value } = built.revision
  const name = value === undefined ? undefined : fitted(value, built)
  const template = {
    ...(name !== undefined && { metadata: { name } }),
    ...(containers.length > 0 && { spec: { containers } }),
  }
  const list = built.traffic.value
  const traffic = isList(list) ? list.map((target) => withFitted(target, built)) : list
  const own = { ...built, traffic: { ...built.traffic, value: traffic } }
  return writing(own, Object.keys(template).length > 0 ? { template } : {}, file)
}

function withFitted(target: Json, built: Built): Json {
  const name = member(target, 'revisionName')
  return isObject(target) && name !== undefined ? { ...target, revisionName: fitted(name, built) } : target
}

/** A revision name as the cluster takes it for the Service under the name that it is built with. */
function fitted(name: Json, built: Built): Json {
  const service = nameOf(built).name
  if (typeof name !== 'string' || name === '' || name.startsWith(`${service}-`)) return name
  return `${service}-${stemOf(name, built.base.name)}`
}

function writing({ base, traffic }: Built, spec: JsonObject, file: string): string {
  const metadata = { name: base.name, ...(base.namespace !== undefined && { namespace: base.namespace }) }
  const list =
    isList(traffic.value) && traffic.value.length > 0 ? traffic.value : [{ latestRevision: true, percent: 100 }]
  const apiVersion = base.value['apiVersion'] ?? ''
  const lines = emit({ apiVersion, kind: 'Service', metadata, spec: { ...spec, traffic: list } })
    .trimEnd()
    .split('\n')
  return `printf '%s\\n' ${lines.map(inQuotes).join(' ')} > ${shellWord(file)}`
}
