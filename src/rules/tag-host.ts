import type { Manifest } from '../manifest/manifest.js'
import { textField, type Place } from './fields.js'
import { dns1035Label } from './names.js'
import { once } from './once.js'
import { trafficTargets } from './parts.js'

/** A tag and the name of what the cluster makes for it. */
export type TagHost = Place<string> & {
  /** `<tag>-<name>`: the first label of the tag's host name, and a Kubernetes Service in the namespace. */
  readonly host: string
}

/**
 * The tags of a Service that admission lets pass, with the names that come of them (tag-template
 * `{{.Tag}}-{{.Name}}` of a stock cluster).
 *
 * Source: pkg/reconciler/route/domains/domains.go HostnameFromTemplate.
 */
export const tagHosts = once((manifest: Manifest): readonly TagHost[] => {
  if (dns1035Label(manifest.name) !== undefined) return []
  return trafficTargets(manifest).flatMap(({ value, path }) => {
    const tag = textField(value, 'tag')
    if (!tag || dns1035Label(tag) !== undefined) return []
    return [{ value: tag, path: [...path, 'tag'], host: `${tag}-${manifest.name}` }]
  })
})
