import type { Manifest } from '../manifest/manifest.js'
import { dns1035Label } from './names.js'
import { trafficTargets } from './places.js'
import { knative, type FieldAt, type Neighbourhood, once, quoted, type Rule, shown, textField } from './rule.js'

/** A tag becomes the first part of a host name. */
const trafficTag: Rule = {
  code: 'KN303',
  name: 'invalid-tag',
  severity: 'error',
  title: 'Tag is not a DNS label',
  source: 'pkg/apis/serving/v1/route_validation.go validateTrafficList',
  why: () =>
    'A tag becomes the first part of a host name, as in `candidate-shop.default.example.com`, and host names have neither capitals nor dots within a part. Use lower-case letters, digits and dashes, starting with a letter.',
  *check(manifest) {
    for (const target of trafficTargets(manifest)) {
      const tag = textField(target.value, 'tag')
      const wrong = tag ? dns1035Label(tag) : undefined
      if (wrong === undefined) continue
      const path = [...target.path, 'tag']
      yield {
        message: `${quoted(path)} is ${JSON.stringify(tag)}; must be a DNS label`,
        says: knative(`invalid value: not a DNS 1035 label: [${wrong}]`),
        help: 'use lower-case letters, digits and `-`; start with a letter, end with a letter or digit, at most 63 characters',
        path,
      }
    }
  },
}

/** Each tag is a route of its own, so it can lead to one target only, even if two would lead to the same revision. */
const trafficTagUnique: Rule = {
  code: 'KN304',
  name: 'duplicate-tag',
  severity: 'error',
  title: 'Tag is used more than once',
  source: 'pkg/apis/serving/v1/route_validation.go validateTrafficList',
  why: () =>
    'Each tag creates one URL, and one URL leads to one target, so Knative rejects the second one. Use a separate tag for each target, or none.',
  *check(manifest) {
    const first = new Map<string, string>()
    for (const target of trafficTargets(manifest)) {
      const tag = textField(target.value, 'tag')
      if (!tag) continue
      const path = [...target.path, 'tag']
      const earlier = first.get(tag)
      if (earlier === undefined) first.set(tag, quoted(path))
      else
        yield {
          message: `${quoted(path)} is ${JSON.stringify(tag)}, which ${earlier} already uses`,
          says: knative(`Multiple definitions for "${tag}"`),
          help: 'use a separate tag for each target, or remove one',
          path,
        }
    }
  },
}

/** A tag and the name of what the cluster makes for it. */
type TagHost = FieldAt<string> & {
  /** `<tag>-<name>`: the first label of the tag's host name, and a Kubernetes Service in the namespace. */
  readonly host: string
}

/**
 * The tags of a Service that admission lets pass, with the names that come of them (tag-template
 * `{{.Tag}}-{{.Name}}` of a stock cluster).
 *
 * Source: pkg/reconciler/route/domains/domains.go HostnameFromTemplate.
 */
const tagHosts = once((manifest: Manifest): readonly TagHost[] => {
  if (dns1035Label(manifest.name) !== undefined) return []
  return trafficTargets(manifest).flatMap(({ value, path }) => {
    const tag = textField(value, 'tag')
    if (!tag || dns1035Label(tag) !== undefined) return []
    return [{ value: tag, path: [...path, 'tag'], host: `${tag}-${manifest.name}` }]
  })
})

const most = 63

/** A tag and a name that are fine alone can be too long for the host name they make together. */
const tagLength: Rule = {
  code: 'KN310',
  name: 'tag-too-long',
  severity: 'warning',
  title: 'Tag and Service name together exceed 63 characters',
  source: 'pkg/reconciler/route/domains/domains.go DomainNameFromTemplate',
  why: () =>
    'The URL of a tag starts with tag, dash and Service name, and that part of a host name has at most 63 characters. Knative accepts the file, but the route then stops with an error and no traffic moves. Use a shorter tag.',
  *check(manifest) {
    const room = most - 1 - manifest.name.length
    for (const { value, path, host } of tagHosts(manifest)) {
      if (host.length <= most) continue
      yield {
        message: `${quoted(path)} makes a host name of ${host.length} characters, over the limit of ${most}: no traffic moves (\`ErrorConfig\`)`,
        says: knative('domain name error: invalid domain name'),
        help:
          room > 0
            ? `use a tag of at most ${room} characters in place of ${shown(value)} (${value.length})`
            : 'remove the tag; the Service name leaves no room for one',
        path,
      }
    }
  },
}

/** What the Services of one namespace are called. Files that name no namespace are taken to share one. */
type Namespace = {
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

/**
 * Each tag makes a Kubernetes Service named `<tag>-<name>`, as each Knative Service makes one of its own name. The one
 * that comes second finds the name taken, and its route stays as it was.
 */
const tagClash: Rule = {
  code: 'KN311',
  name: 'tag-collision',
  severity: 'warning',
  title: 'Tag host name collides with another Service',
  source: 'pkg/reconciler/route/reconcile_resources.go reconcilePlaceholderServices',
  why: () =>
    'For each tag Knative makes a Kubernetes Service with the name `TAG-NAME`. If another Knative Service, or a tag of one, already has that name, the second one never becomes ready (`NotOwned`). Choose another tag.',
  *check(manifest, neighbourhood) {
    const { services, hosts } = namespaceOf(manifest, neighbourhood)
    for (const { path, host } of tagHosts(manifest)) {
      const service = services.get(host)
      const tagged = hosts.get(host)?.find(({ name }) => name !== manifest.name)
      const other = service ?? tagged
      if (!other) continue
      const owner = service
        ? `the Service ${shown(host)}`
        : `the tag ${shown(host.slice(0, -other.name.length - 1))} of the Service ${shown(other.name)}`
      yield {
        message: `${quoted(path)} makes the host name ${shown(host)}, which ${owner} (${other.file.path}) has: one of them will fail (\`NotOwned\`)`,
        help: 'use another tag, unless the two are applied to different namespaces',
        path,
      }
    }
  },
}

export const tagsRules: readonly Rule[] = [trafficTag, trafficTagUnique, tagLength, tagClash]
