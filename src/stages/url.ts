/** How a cluster makes the URLs of its Services. */
export type UrlScheme = {
  /** The domain of the cluster, in place of `{{.Domain}}`. */
  readonly domain: string
  /** A host, or a URL with its scheme, in the words of Knative's `domain-template`. */
  readonly template: string
}

/** A Service to be found at a URL. */
type Addressed = { readonly name: string; readonly namespace: string }

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
export const localScheme: UrlScheme = { ...defaultScheme, domain: 'svc.cluster.local' }

const words = new Set(['.Name', '.Namespace', '.Domain', '.Tag'])
const action = /\{\{-?\s*([^{}]*?)\s*-?\}\}/g

/** What of a template nobody can fill in, as it is written; undefined where all is well. */
export function templateFault(template: string): string | undefined {
  for (const [text, word = ''] of template.matchAll(action)) if (!words.has(word)) return text
  return /\{\{|\}\}/.exec(template.replaceAll(action, ''))?.[0]
}

/** The URL of a Service; `http` unless the template says otherwise. The template must have no fault. */
export function serviceUrl({ name, namespace }: Addressed, { domain, template }: UrlScheme): string {
  return url(untagged(template), { Name: name, Namespace: namespace, Domain: domain })
}

/** The URL of a tag of a Service. Where the template has no `{{.Tag}}`, tag and name stand in for the name: `v2-shop`. */
export function tagUrl({ name, namespace }: Addressed, tag: string, { domain, template }: UrlScheme): string {
  const isTagged = untagged(template) !== template
  return url(template, { Name: isTagged ? name : `${tag}-${name}`, Namespace: namespace, Domain: domain, Tag: tag })
}

/** The template without the tag and without the dash or dot that ties it to the rest. */
function untagged(template: string): string {
  return template.replaceAll(/[-.]\{\{-?\s*\.Tag\s*-?\}\}|\{\{-?\s*\.Tag\s*-?\}\}[-.]?/g, '')
}

function url(template: string, values: Readonly<Record<string, string>>): string {
  const filled = template.replaceAll(action, (_, word: string) => values[word.slice(1)] ?? '')
  return filled.includes('://') ? filled : `http://${filled}`
}
