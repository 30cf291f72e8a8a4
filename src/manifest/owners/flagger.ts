import { member } from '../json.js'
import { mayShare, type OwnerKind } from './owner.js'
import { ownerSigns } from './signs.js'

/**
 * Flagger moves the traffic of the Service that a Canary names, step by step, and takes back what others wrote.
 *
 * Source: fluxcd/flagger pkg/router/knative.go.
 */
export const flagger: OwnerKind = {
  sign: ownerSigns.flagger,
  claims(value) {
    const target = member(value, 'spec', 'targetRef')
    const version = member(target, 'apiVersion')
    if (member(value, 'kind') !== 'Canary' || member(target, 'kind') !== 'Service') return []
    const isKnative = typeof version === 'string' && version.startsWith('serving.knative.dev/')
    if (!isKnative && (version !== undefined || member(value, 'spec', 'provider') !== 'knative')) return []
    const [name, namespace] = [member(target, 'name'), member(value, 'metadata', 'namespace')]
    return [
      {
        controller: 'Flagger',
        effect: 'takes back what a commit writes there',
        path: ['spec', 'targetRef', 'name'],
        owns: (service) => service.name === name && mayShare(service.namespace, namespace),
      },
    ]
  },
}
