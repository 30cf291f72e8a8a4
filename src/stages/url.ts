/** What an address is made from. */
export type Addressed = { readonly name: string; readonly namespace?: string | undefined }

/** The domain of a cluster that nobody has given one (config-domain). */
export const exampleDomain = 'example.com'

/** The URL of a Service by Knative's own template, `{{.Name}}.{{.Namespace}}.{{.Domain}}` (config-network domain-template). */
export function serviceUrl({ name, namespace = 'default' }: Addressed, domain: string = exampleDomain): string {
  return `http://${name}.${namespace}.${domain}`
}

/** The URL of a tagged target by Knative's own template, `{{.Tag}}-{{.Name}}` (config-network tag-template). */
export function tagUrl(tag: string, { name, namespace }: Addressed, domain: string = exampleDomain): string {
  return serviceUrl({ name: `${tag}-${name}`, namespace }, domain)
}
