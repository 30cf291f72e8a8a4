import { emit } from '../manifest/emit.js'
import { isList, type Json, type JsonObject } from '../manifest/json.js'
import type { Built } from '../manifest/kustomize/built.js'
import { inQuotes, shellWord } from '../text/shell-word.js'

/** The command that writes a patch into `file`, which says of the traffic what is so already. It fits on one line. */
export function patchCommand(built: Built, file: string): string {
  return writing(built, {}, file)
}

/** The same with the name of the revision, where it has one of its own, and with these containers, if any. */
export function releasePatchCommand(built: Built, containers: readonly Json[], file: string): string {
  const { value: name } = built.revision
  const template = {
    ...(name !== undefined && { metadata: { name } }),
    ...(containers.length > 0 && { spec: { containers } }),
  }
  return writing(built, Object.keys(template).length > 0 ? { template } : {}, file)
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
