import { tellingKey } from '../manifest/profile.js'
import { type JsonObject, member } from '../yaml/json.js'

/** How a cluster makes the URLs of its Services. */
export type UrlScheme = {
  /** The domain of the cluster, in place of `{{.Domain}}`. */
  readonly domain: string
  /** A host, or a URL with its scheme, in the words of Knative's `domain-template`. */
  readonly template: string
  /** The same for Services of Cloud Run; without it, the form that Cloud Run gives them. */
  readonly cloudRun?: string
}

/** A Service to be found at a URL. */
export type Address = {
  readonly name: string
  /** Undefined where nothing tells it. */
  readonly namespace?: string
  /** Set where only its cluster reaches it. */
  readonly isLocal?: true
  /** Set on Cloud Run: what its hosts are made of, as far as the Service tells. */
  readonly cloudRun?: { readonly hash?: string; readonly region?: string }
}

/**
 * What Knative does unless it is configured otherwise.
 *
 * Source: knative.dev/networking/pkg/config/config.go DefaultDomainTemplate, DefaultTagTemplate; config-domain.
 */
export const defaultScheme: UrlScheme = {
  domain: 'example.com',
  template: '{{.Name}}.{{.Namespace}}.{{.Domain}}',
}

/** Services that are kept inside of their cluster have its own domain, however URLs are configured. */
const localScheme: UrlScheme = { ...defaultScheme, domain: 'svc.cluster.local' }

/** The form of Cloud Run's URLs; the number of the project stands for the hash. */
const cloudRunTemplate = 'https://{{.Tag}}---{{.Name}}-{{.Hash}}.{{.Region}}.run.app'

/** Where a Service is to be found, which a cluster may know by another name, in another namespace, than its file. */
export function addressOf(value: JsonObject, { name, namespace }: Pick<Address, 'name' | 'namespace'>): Address {
  const isLocal = member(value, 'metadata', 'labels', 'networking.knative.dev/visibility') === 'cluster-local'
  const region = member(value, 'metadata', 'labels', 'cloud.googleapis.com/location')
  const project = namespace !== undefined && /^\d+$/.test(namespace) ? { hash: namespace } : {}
  return {
    name,
    ...(namespace !== undefined && { namespace }),
    ...(isLocal && { isLocal }),
    ...(tellingKey({ value }) && {
      cloudRun: { ...project, ...(typeof region === 'string' && region !== '' && { region }) },
    }),
  }
}

/** The words of a template, as messages list them. */
export const templateWords = '{{.Name}}, {{.Namespace}}, {{.Domain}}, {{.Tag}}, {{.Hash}} and {{.Region}}'

const words = new Set(['.Name', '.Namespace', '.Domain', '.Tag', '.Hash', '.Region'])
const action = /\{\{-?\s*([^{}]*?)\s*-?\}\}/g

/** What of a template nobody can fill in, as it is written; undefined where all is well. */
export function templateFault(template: string): string | undefined {
  for (const [text, word = ''] of template.matchAll(action)) if (!words.has(word)) return text
  return /\{\{|\}\}/.exec(template.replaceAll(action, ''))?.[0]
}

/** The URL of a Service; `http` unless the template says otherwise. The template must have no fault. */
export function serviceUrl(address: Address, scheme: UrlScheme): string {
  const { domain, template } = schemeFor(address, scheme)
  return url(untagged(template), address, { Domain: domain })
}

/** The URL of a tag of a Service. Where the template has no `{{.Tag}}`, tag and name stand in for the name: `v2-shop`. */
export function tagUrl(address: Address, tag: string, scheme: UrlScheme): string {
  const { domain, template } = schemeFor(address, scheme)
  const isTagged = untagged(template) !== template
  const name = isTagged ? address.name : `${tag}-${address.name}`
  return url(template, { ...address, name }, { Domain: domain, Tag: tag })
}

function schemeFor({ isLocal, cloudRun }: Address, scheme: UrlScheme): UrlScheme {
  if (cloudRun) return { ...scheme, template: scheme.cloudRun ?? cloudRunTemplate }
  return isLocal ? localScheme : scheme
}

/** The template without the tag and without the dashes or dots that tie it to the rest. */
function untagged(template: string): string {
  return template.replaceAll(/[-.]{1,3}\{\{-?\s*\.Tag\s*-?\}\}|\{\{-?\s*\.Tag\s*-?\}\}[-.]{0,3}/g, '')
}

function url(
  template: string,
  { name, namespace = '<namespace>', cloudRun: { hash = '<hash>', region = '<region>' } = {} }: Address,
  more: Readonly<Record<string, string>>,
): string {
  const values: Readonly<Record<string, string>> = {
    ...more,
    Name: name,
    Namespace: namespace,
    Hash: hash,
    Region: region,
  }
  const filled = template.replaceAll(action, (_, word: string) => values[word.slice(1)] ?? '')
  return filled.includes('://') ? filled : `http://${filled}`
}
