import { featureOf, permits, stockCluster } from '../manifest/cluster-settings.js'
import { isList, member, numeral, type JsonObject } from '../manifest/json.js'
import type { Manifest } from '../manifest/manifest.js'
import { integerField, objectIn, quoted, type Place } from './fields.js'
import { allContainers, podSpec } from './parts.js'
import type { Neighbourhood, Rule } from './rule.js'
import { lowPorts } from './update/filled-in.js'

function* contexts(manifest: Manifest, neighbourhood: Neighbourhood): Iterable<Place<JsonObject>> {
  for (const container of allContainers(manifest, neighbourhood)) {
    const context = objectIn(container, 'securityContext')
    if (context) yield context
  }
}

const most = 2 ** 31 - 1

/** Linux knows no other users and groups. */
export const securityIds: Rule = {
  code: 'KN385',
  name: 'user-id-range',
  severity: 'error',
  title: 'runAsUser and runAsGroup must be 0 to 2147483647',
  source: 'pkg/apis/serving/k8s_validation.go validateSecurityContext',
  why: () =>
    'Users and groups of Linux are numbers from 0 to 2147483647, and a container cannot run as any other. Write the number that the image was built for.',
  *check(manifest, neighbourhood) {
    const pod = podSpec(manifest)
    const { cluster = stockCluster } = neighbourhood
    const isPodTaken = pod && permits(cluster, 'kubernetes.podspec-securitycontext')
    const own = isPodTaken ? objectIn(pod, 'securityContext') : undefined
    for (const context of [...(own ? [own] : []), ...contexts(manifest, neighbourhood)]) {
      for (const key of ['runAsUser', 'runAsGroup', ...(context === own ? ['fsGroup'] : [])]) {
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
  name: 'extra-privileges',
  severity: 'error',
  title: 'a container must not ask for more rights',
  source: 'pkg/apis/serving/fieldmask.go SecurityContextMask, CapabilitiesMask',
  why: () =>
    'Containers of Knative run with ordinary rights: privileged ones are refused always, additional capabilities unless a feature flag allows them. Remove what asks for more.',
  *check(manifest, neighbourhood) {
    const hasSecureDefaults = featureOf(neighbourhood.cluster ?? stockCluster, 'secure-pod-defaults') !== 'disabled'
    for (const context of contexts(manifest, neighbourhood)) {
      if (member(context.value, 'privileged') === true)
        yield {
          message: `${quoted([...context.path, 'privileged'])} must not be true: "must not set the field(s)"`,
          help: 'remove it: Knative runs no privileged containers',
          path: [...context.path, 'privileged'],
        }
      const add = member(context.value, 'capabilities', 'add')
      if (!isList(add) || add.length === 0) continue
      // Secure defaults fill in this very list.
      if (hasSecureDefaults && add.length === 1 && add[0] === lowPorts) continue
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
