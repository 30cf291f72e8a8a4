import { isList, isObject, type Json } from '../manifest/json.js'
import type { Built } from '../manifest/kustomize/built.js'
import { isAmbiguous } from '../manifest/scalar.js'

/** A patch that says what is so already, on one line. YAML takes JSON. */
export function patchText({ base, traffic }: Built): string {
  const metadata = { name: base.name, ...(base.namespace !== undefined && { namespace: base.namespace }) }
  const list =
    isList(traffic.value) && traffic.value.length > 0 ? traffic.value : [{ latestRevision: true, percent: 100 }]
  return flow({ apiVersion: base.value['apiVersion'] ?? '', kind: 'Service', metadata, spec: { traffic: list } })
}

function flow(value: Json): string {
  if (isList(value)) return `[${value.map(flow).join(', ')}]`
  if (isObject(value)) {
    const members = Object.entries(value).map(([key, item]) => `${key}: ${flow(item)}`)
    return `{${members.join(', ')}}`
  }
  if (typeof value !== 'string') return String(value)
  return /^\w[\w./-]*$/.test(value) && !isAmbiguous(value) ? value : JSON.stringify(value)
}
