import { member } from '../json.js'
import { mayShare, type OwnerKind } from './owner.js'
import { ownerSigns } from './signs.js'

const parts = ['predictor', 'transformer', 'explainer']

/**
 * KServe makes a Knative Service for each part of an InferenceService, with traffic from `canaryTrafficPercent`.
 *
 * Source: kserve/kserve pkg/constants/constants.go PredictorServiceName and its like; `-default` is of older versions.
 */
export const kserve: OwnerKind = {
  sign: ownerSigns.kserve,
  claims(value) {
    const [name, namespace] = [member(value, 'metadata', 'name'), member(value, 'metadata', 'namespace')]
    if (member(value, 'kind') !== 'InferenceService' || typeof name !== 'string' || name === '') return []
    const made = new Set([name, ...parts.flatMap((part) => [`${name}-${part}`, `${name}-${part}-default`])])
    return [
      {
        controller: 'KServe',
        effect: 'sets it from `canaryTrafficPercent`, and takes back what a commit writes there',
        path: ['metadata', 'name'],
        owns: (service) => made.has(service.name) && mayShare(service.namespace, namespace),
      },
    ]
  },
}
