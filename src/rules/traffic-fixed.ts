import { quoted, textField } from './fields.js'
import { trafficTargets } from './parts.js'
import type { Finding, Rule } from './rule.js'
import type { Manifest } from '../manifest/manifest.js'

/** A Service has one configuration, its own; only a bare Route chooses among several. */
export const trafficConfiguration: Rule = {
  code: 'KN306',
  name: 'target-configuration',
  severity: 'error',
  title: 'a target must not name a configuration',
  source: 'pkg/apis/serving/v1/route_validation.go validateRevisionAndConfiguration',
  why: () =>
    'Only a Route chooses among configurations. A Service has exactly one of its own and the cluster refuses the field there: remove it, and name a revision if you mean one.',
  check: (manifest) => unset(manifest, 'configurationName', 'remove it and write `latestRevision: true` instead'),
}

/** The URL of a target is the cluster's to tell, in `status.traffic`. */
export const trafficUrl: Rule = {
  code: 'KN307',
  name: 'target-url',
  severity: 'error',
  title: 'a target must not set its url',
  source: 'pkg/apis/serving/v1/route_validation.go validateURL',
  why: () =>
    'The cluster works out the URL of each target and reports it in the status. A file that brings one, mostly by being copied from a live object, is refused: remove the field.',
  check: (manifest) =>
    unset(manifest, 'url', 'remove it: the cluster derives it from the tag and reports it in status'),
}

function* unset(manifest: Manifest, key: string, help: string): Iterable<Finding> {
  for (const target of trafficTargets(manifest)) {
    const found = textField(target.value, key)
    if (!found) continue
    const path = [...target.path, key]
    yield {
      message: `${quoted(path)} must not be set in a Service, but is ${JSON.stringify(found)}: "must not set the field(s)"`,
      help,
      path,
    }
  }
}
