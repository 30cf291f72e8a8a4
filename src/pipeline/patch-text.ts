import { emit } from '../manifest/emit.js'
import { isList } from '../manifest/json.js'
import type { Built } from '../manifest/kustomize/built.js'
import { inQuotes, shellWord } from '../text/shell-word.js'

/** The command that writes a patch into `file`, which says of the traffic what is so already. It fits on one line. */
export function patchCommand({ base, traffic }: Built, file: string): string {
  const metadata = { name: base.name, ...(base.namespace !== undefined && { namespace: base.namespace }) }
  const list =
    isList(traffic.value) && traffic.value.length > 0 ? traffic.value : [{ latestRevision: true, percent: 100 }]
  const apiVersion = base.value['apiVersion'] ?? ''
  const lines = emit({ apiVersion, kind: 'Service', metadata, spec: { traffic: list } })
    .trimEnd()
    .split('\n')
  return `printf '%s\\n' ${lines.map(inQuotes).join(' ')} > ${shellWord(file)}`
}
