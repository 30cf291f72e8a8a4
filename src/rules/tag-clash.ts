import { namespaceOf } from './neighbours.js'
import { quoted, shown } from './fields.js'
import type { Rule } from './rule.js'
import { tagHosts } from './tag-host.js'

/**
 * Each tag makes a Kubernetes Service named `<tag>-<name>`, as each Knative Service makes one of its own name. The one
 * that comes second finds the name taken, and its route stays as it was.
 */
export const tagClash: Rule = {
  code: 'KN311',
  name: 'tag-collision',
  severity: 'warning',
  title: 'a tag must not make the name of another Service',
  source: 'pkg/reconciler/route/reconcile_resources.go reconcilePlaceholderServices',
  why: () =>
    'For each tag Knative makes a Kubernetes Service called tag, dash, name. Where another Knative Service, or the tag of one, has that name already, whoever comes second is stuck as not being the owner: choose another tag.',
  *check(manifest, neighbourhood) {
    const { services, hosts } = namespaceOf(manifest, neighbourhood)
    for (const { value, path, host } of tagHosts(manifest)) {
      const service = services.get(host)
      const tagged = hosts.get(host)?.find(({ name }) => name !== manifest.name)
      const other = service ?? tagged
      if (!other) continue
      const owner = service
        ? `the Service ${shown(host)}`
        : `tag ${shown(host.slice(0, -other.name.length - 1))} of the Service ${shown(other.name)}`
      yield {
        message: `${quoted(path)} must not be ${shown(value)}: \`<tag>-<name>\` is ${shown(host)}, which belongs to ${owner} (${other.file.path}), and IngressReady becomes NotOwned for one of them`,
        help: 'use another tag, unless the two are applied to different namespaces',
        path,
      }
    }
  },
}
