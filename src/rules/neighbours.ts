import type { Manifest } from '../manifest/manifest.js'
import type { Neighbourhood } from './rule.js'
import { tagHosts } from './tag-host.js'

/** What the Services of one namespace are called. Files that name no namespace are taken to share one. */
export type Namespace = {
  /** The first Service of each name: bases and overlays of one Service are one. */
  readonly services: ReadonlyMap<string, Manifest>
  /** Which Services have a tag that makes the name `<tag>-<name>`: the first two of different names tell a clash. */
  readonly hosts: ReadonlyMap<string, readonly Manifest[]>
}

type Growing = { readonly services: Map<string, Manifest>; readonly hosts: Map<string, Manifest[]> }

const known = new WeakMap<Neighbourhood['manifests'], ReadonlyMap<string | undefined, Namespace>>()
const nobody: Namespace = { services: new Map(), hosts: new Map() }

/** The names in the namespace of a Service; worked out once for all Services of a neighbourhood. */
export function namespaceOf({ namespace }: Manifest, { manifests }: Neighbourhood): Namespace {
  const namespaces = known.get(manifests) ?? namespacesOf(manifests)
  known.set(manifests, namespaces)
  return namespaces.get(namespace) ?? nobody
}

function namespacesOf(manifests: readonly Manifest[]): ReadonlyMap<string | undefined, Namespace> {
  const namespaces = new Map<string | undefined, Growing>()
  for (const manifest of manifests) {
    const names: Growing = namespaces.get(manifest.namespace) ?? { services: new Map(), hosts: new Map() }
    const { services, hosts } = names
    namespaces.set(manifest.namespace, names)
    if (manifest.name !== '' && !services.has(manifest.name)) services.set(manifest.name, manifest)
    for (const { host } of tagHosts(manifest)) {
      const owners = hosts.get(host) ?? []
      hosts.set(host, owners)
      if (owners.length < 2 && owners.every(({ name }) => name !== manifest.name)) owners.push(manifest)
    }
  }
  return namespaces
}
