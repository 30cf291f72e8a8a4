import { quoted, textField } from './fields.js'
import { qualifiedName } from './names.js'
import { trafficTargets } from './parts.js'
import type { Rule } from './rule.js'

/**
 * Looser than what a revision can be called: the cluster takes any qualified name here, and the route then waits for a
 * revision that cannot come.
 */
export const trafficRevisionName: Rule = {
  code: 'KN308',
  name: 'target-revision-name',
  severity: 'error',
  title: 'a revisionName must be a name',
  source: 'pkg/apis/serving/v1/route_validation.go validateRevisionAndConfiguration',
  why: () =>
    'No revision can have such a name, so the cluster refuses the target before it looks for one. Write the name as `kubectl get revisions` lists it.',
  *check(manifest) {
    for (const target of trafficTargets(manifest)) {
      const name = textField(target.value, 'revisionName')
      const wrong = name && !textField(target.value, 'configurationName') ? qualifiedName(name) : undefined
      if (wrong === undefined) continue
      const path = [...target.path, 'revisionName']
      yield {
        message: `${quoted(path)} must be the name of a revision, but is ${JSON.stringify(name)}: "invalid key name "${name}"", "${wrong}"`,
        help: 'name a revision as `kubectl get revisions` lists it',
        path,
      }
    }
  },
}
