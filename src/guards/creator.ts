import { member } from '../manifest/json.js'
import { sameJson } from '../manifest/json.js'
import { formatPath } from '../text/path.js'
import type { Guard } from './guard.js'

const keys = ['serving.knative.dev/creator', 'serving.knative.dev/lastModifier'] as const

/**
 * The cluster writes down who made a Service and who changed it. What a file says of that cannot be told right or wrong
 * by files, except where it is taken back, changed or empty: the live value is none of these.
 */
export const creator: Guard = {
  code: 'KN502',
  severity: 'error',
  title: 'what the cluster notes of its users must not be edited',
  source: 'knative.dev/pkg/apis/metadata_validation.go ValidateCreatorAndModifier',
  *check({ before, after }) {
    if (!before || before.label !== after.label) return
    const isSameSpec = sameJson(member(before.value, 'spec'), member(after.value, 'spec'))
    for (const key of keys) {
      const path = ['metadata', 'annotations', key]
      const [old, fresh] = [before, after].map(({ value }) => member(value, ...path) ?? undefined)
      if (old === fresh || (key === keys[1] && !isSameSpec)) continue
      if (old === undefined && fresh !== '') continue
      const what = fresh === undefined ? 'is removed' : `becomes ${JSON.stringify(fresh)}`
      const reason = key === keys[0] ? 'annotation value is immutable' : `invalid value: ${String(fresh ?? '')}`
      yield {
        message: `\`${formatPath(path)}\` must stay what the cluster has, but ${what}: "${reason}"`,
        help: 'keep the value that `kubectl get ksvc -o yaml` shows, or never write it into a file at all',
        path,
        part: 'key',
      }
    }
  },
}
