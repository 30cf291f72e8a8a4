import { quoted, shown } from './fields.js'
import type { Rule } from './rule.js'
import { tagHosts } from './tag-host.js'

const most = 63

/** A tag and a name that are fine alone can be too long for the host name they make together. */
export const tagLength: Rule = {
  code: 'KN310',
  name: 'tag-too-long',
  severity: 'warning',
  title: 'a tag and the name of its Service must fit into one host name',
  source: 'pkg/reconciler/route/domains/domains.go DomainNameFromTemplate',
  why: () =>
    'The URL of a tag begins with tag, dash and Service name, and that part of a host name ends after 63 characters. The file is admitted, but the route then stops with an error and no traffic moves at all: use a shorter tag.',
  *check(manifest) {
    const room = most - 1 - manifest.name.length
    for (const { value, path, host } of tagHosts(manifest)) {
      if (host.length <= most) continue
      yield {
        message: `${quoted(path)} must not make \`<tag>-<name>\` longer than ${most} characters, but ${shown(host)} has ${host.length}: the route stops with ErrorConfig, "domain name error: invalid domain name"`,
        help:
          room > 0
            ? `use a tag of at most ${room} characters instead of the ${value.length} of ${shown(value)}`
            : 'remove the tag: the name of the Service leaves no room for one',
        path,
      }
    }
  },
}
