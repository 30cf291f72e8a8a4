import type { Manifest } from '../manifest/manifest.js'
import { sameRevision } from '../manifest/traffic.js'
import { shellWord } from '../text/words.js'
import { dns1035Label, goDuration, qualifiedName } from './go-values.js'
import {
  filledTargets,
  firstOf,
  serviceAnnotations,
  templateAnnotations,
  templateText,
  trafficTargets,
} from './places.js'
import { type FieldAt, knative, type Neighbourhood, once, quoted, type Rule, shown, textField } from './rule.js'

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
function namespaceOf({ namespace }: Manifest, { manifests }: Neighbourhood): Namespace {
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

/**
 * A target that names what cannot be a revision of the Service. Its own revisions start with `<name>-`, generated ones
 * and those named by the template; only a name of more than 56 characters is cut and hashed. Any other revision is
 * missing, or another Service's, and holds back the whole split.
 */
const foreignRevision: Rule = {
  code: 'KN312',
  name: 'foreign-revision',
  severity: 'warning',
  title: 'Target names a revision of another Service',
  source: 'pkg/reconciler/route/traffic/traffic.go addRevisionTarget (knative/serving#16294)',
  why: () =>
    'A route sends requests only to revisions of its Service. A revision that is missing or belongs to another Service blocks all traffic changes, and the old traffic stays. Use a name from `kubectl get revisions` of this Service.',
  *check(manifest, neighbourhood) {
    const { name } = manifest
    if (dns1035Label(name) !== undefined) return
    const template = templateText(manifest, 'name')?.value
    for (const target of trafficTargets(manifest)) {
      const revision = textField(target.value, 'revisionName')
      if (!revision || revision === template || qualifiedName(revision) !== undefined) continue
      const owner = generator(manifest, revision, neighbourhood)
      if (owner === undefined && couldBeOf(name, revision)) continue
      const path = [...target.path, 'revisionName']
      yield {
        message:
          owner === undefined
            ? `${quoted(path)} is ${shown(revision)}, not a revision of \`${name}\`: no traffic moves (\`RevisionMissing\` or \`RevisionNotOwned\`)`
            : `${quoted(path)} is ${shown(revision)}, probably a revision of ${shown(owner)}: then no traffic moves (\`RevisionNotOwned\`, Knative 1.21 and newer)`,
        help: `use a revision that \`kubectl get revisions -l ${shellWord(`serving.knative.dev/service=${name}`)}\` lists`,
        path,
      }
    }
  },
}

/** The Service of the neighbourhood, other than this one, that generates such a name: `shop-api-00003` of `shop-api`. */
function generator(manifest: Manifest, revision: string, neighbourhood: Neighbourhood): string | undefined {
  const name = /^(.+)-\d{5,}$/.exec(revision)?.[1]
  if (name === undefined || name === manifest.name) return undefined
  return namespaceOf(manifest, neighbourhood).services.has(name) ? name : undefined
}

/** A `namePrefix` of kustomize comes before the name in the file, so the name may stand in the middle. */
function couldBeOf(name: string, revision: string): boolean {
  if (revision.startsWith(`${name}-`) || revision.includes(`-${name}-`)) return true
  const hashed = /^(.{1,25})[0-9a-f]{32}-\d{5,}$/.exec(revision)?.[1]
  return name.length > 56 && hashed !== undefined && name.startsWith(hashed)
}

/**
 * A target that no request can reach: it has neither a share nor a tag. Such a target is not idle for nothing. It keeps
 * its revision from being collected, so it is the way back after a promotion or the way forward after a rollback, and a
 * rollout leaves exactly one beside the target that has everything: that one is passed over. Any other one (in the
 * midst of a split, a second one, one that repeats a revision) is worth knowing of, since it holds back the whole split
 * where its revision is missing. Whether it is wanted the file does not tell, so this is a note.
 */
const idleTarget: Rule = {
  code: 'KN313',
  name: 'idle-target',
  severity: 'note',
  title: 'Target has neither a percent nor a tag',
  source: 'pkg/reconciler/route/traffic/traffic.go build',
  why: () =>
    'Without a percent the target gets no requests, and without a tag it has no URL. It only protects its revision from garbage collection. Remove it, unless you may roll back to it.',
  *check(manifest) {
    const targets = filledTargets(manifest) ?? []
    const idle = targets.filter(({ percent, tag }) => percent === 0 && tag === undefined)
    const serving = targets.find(({ percent }) => percent === 100)
    if (idle.length === 1 && serving && idle.every(({ revision }) => !sameRevision(revision, serving.revision))) return
    for (const { origin } of idle) {
      const path = ['spec', 'traffic', origin ?? 0]
      yield {
        message: `${quoted(path)} has neither \`percent\` nor \`tag\`: it gets no requests, and blocks all traffic changes if its revision does not exist`,
        help: 'remove it, unless you may roll back to it',
        path,
      }
    }
  },
}

/**
 * A revision that a target names counts as reachable at any share, so its pods are kept at 0 % as well. Before a split
 * that may be just what is wanted, and after a rollback there is no time for it: a note, not a warning.
 */
const idleScale: Rule = {
  code: 'KN314',
  name: 'idle-min-scale',
  severity: 'note',
  title: '`min-scale` keeps pods running for a revision without traffic',
  source: 'pkg/reconciler/labeler, pkg/reconciler/autoscaling/kpa/scaler.go',
  why: () =>
    'The revision keeps its minimum of pods while a target names it, with or without requests. That is useful shortly before it gets traffic, and costs money afterwards. Move traffic to it, or remove its target; a change of `min-scale` makes a new revision.',
  *check(manifest) {
    const annotations = templateAnnotations(manifest)
    const scale = firstOf(annotations, 'autoscaling.knative.dev/min-scale', 'autoscaling.knative.dev/minScale')
    if (!scale || !/^\+?0*[1-9]\d*$/.test(scale.value)) return
    const name = templateText(manifest, 'name')?.value
    const own = (filledTargets(manifest) ?? []).filter(({ revision }) => {
      return 'latest' in revision || revision.name === name
    })
    if (own.length === 0 || own.some(({ percent }) => percent !== 0)) return
    yield {
      message: `\`min-scale\` is ${shown(scale.value)}: these pods keep running for the revision of the template, which has no traffic`,
      help: 'move traffic to it soon, or remove its target; a change of `min-scale` needs a new revision',
      path: scale.path,
    }
  },
}

const keys = ['serving.knative.dev/rollout-duration', 'serving.knative.dev/rolloutDuration'] as const

/**
 * The gradual move is between two latest revisions, for targets with more than 1 %; traffic between named revisions
 * moves at once. And it is read from the Service only.
 */
const rolloutEffect: Rule = {
  code: 'KN316',
  name: 'unused-rollout-duration',
  severity: 'warning',
  title: '`rollout-duration` has no effect',
  source: 'pkg/reconciler/route/traffic/rollout.go, reconcile_resources.go',
  why: () =>
    'The gradual move of this annotation works between one latest revision and the next, and Knative reads it only from the Service. It has no effect on named revisions or on the template. Remove it, or move it to the Service; named revisions get their traffic stage by stage.',
  *check(manifest) {
    const misplaced = firstOf(templateAnnotations(manifest), ...keys)
    if (misplaced)
      yield {
        message: `${quoted(misplaced.path)} has no effect on the template`,
        help: 'move it to `metadata.annotations`',
        path: misplaced.path,
        part: 'key',
      }
    const found = firstOf(serviceAnnotations(manifest), ...keys)
    const targets = filledTargets(manifest) ?? []
    if (!found || (goDuration(found.value) ?? 0) <= 0 || targets.length === 0) return
    if (targets.some(({ revision, percent }) => 'latest' in revision && percent > 1)) return
    yield {
      message: `${quoted(found.path)} has no effect: no \`latestRevision\` target has more than 1%`,
      help: 'remove it; traffic of named revisions moves only when a commit changes their percents',
      path: found.path,
      part: 'key',
    }
  },
}

/**
 * The names of the Services whose revision a Service, or a patch, names: as kustomizations build them, else its own. None
 * where that cannot be told.
 */
export function ownersOfRevision(manifest: Manifest, { revisionOwners }: Neighbourhood): readonly string[] {
  const names = revisionOwners?.(manifest) ?? [manifest.name]
  return names.filter((name) => name !== '')
}

export const targetsRules: readonly Rule[] = [foreignRevision, idleTarget, idleScale, rolloutEffect]
