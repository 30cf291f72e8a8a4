import { isList, member, numeral, type JsonObject } from '../manifest/json.js'
import type { Manifest } from '../manifest/manifest.js'
import { integerField, objectIn, quoted, type Place } from './fields.js'
import { containers } from './parts.js'
import type { Rule } from './rule.js'

function* contexts(manifest: Manifest): Iterable<Place<JsonObject>> {
  for (const container of containers(manifest)) {
    const context = objectIn(container, 'securityContext')
    if (context) yield context
  }
}

const most = 2 ** 31 - 1

/** Linux knows no other users and groups. */
export const securityIds: Rule = {
  code: 'KN385',
  severity: 'error',
  title: 'runAsUser and runAsGroup must be 0 to 2147483647',
  source: 'pkg/apis/serving/k8s_validation.go validateSecurityContext',
  *check(manifest) {
    for (const context of contexts(manifest)) {
      for (const key of ['runAsUser', 'runAsGroup']) {
        const id = integerField(context.value, key, 64) ?? 0
        if (id >= 0 && id <= most) continue
        const path = [...context.path, key]
        yield {
          message: `${quoted(path)} must be 0 to ${most}, but is ${numeral(id)}: "expected 0 <= ${numeral(id)} <= ${most}"`,
          path,
        }
      }
    }
  },
}

/** More rights than an ordinary container has are not Knative's to give. */
export const securityRights: Rule = {
  code: 'KN386',
  severity: 'error',
  title: 'a container must not ask for more rights',
  source: 'pkg/apis/serving/fieldmask.go SecurityContextMask, CapabilitiesMask',
  *check(manifest) {
    for (const context of contexts(manifest)) {
      if (member(context.value, 'privileged') === true)
        yield {
          message: `${quoted([...context.path, 'privileged'])} must not be true: "must not set the field(s)"`,
          help: 'remove it: Knative runs no privileged containers',
          path: [...context.path, 'privileged'],
        }
      const add = member(context.value, 'capabilities', 'add')
      if (!isList(add) || add.length === 0) continue
      const path = [...context.path, 'capabilities', 'add']
      yield {
        message: `${quoted(path)} must not be set on a stock cluster: "must not set the field(s)"`,
        help: 'remove it',
        flag: 'kubernetes.containerspec-addcapabilities',
        path,
        part: 'key',
      }
    }
  },
}
