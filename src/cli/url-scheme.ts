import { defaultScheme, templateFault, type UrlScheme } from '../stages/url.js'
import { UsageError, refuseRepeated } from './usage.js'

/** The options that say how a cluster makes URLs. */
export type SchemeOptions = { readonly domain?: string | undefined; readonly 'url-template'?: string | undefined }

/** How URLs are made: Knative's defaults where nobody says otherwise. @throws UsageError where nobody can fill them in. */
export function urlSchemeFor({ domain, 'url-template': template }: SchemeOptions): UrlScheme {
  for (const [flag, value] of Object.entries({ domain, 'url-template': template })) {
    refuseRepeated(flag, value)
    if (value === '') throw new UsageError(`--${flag} must not be empty`)
  }
  const fault = template === undefined ? undefined : templateFault(template)
  if (fault !== undefined) {
    const words = '{{.Name}}, {{.Namespace}}, {{.Domain}} and {{.Tag}}'
    throw new UsageError(`--url-template must hold no placeholders besides ${words}, but holds \`${fault}\``)
  }
  return { domain: domain ?? defaultScheme.domain, template: template ?? defaultScheme.template }
}
