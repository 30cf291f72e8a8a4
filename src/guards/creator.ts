import { member, sameJson } from '../manifest/json.js'
import { formatPath } from '../text/path.js'
import type { Guard } from './guard.js'

const [creatorKey, modifierKey] = ['serving.knative.dev/creator', 'serving.knative.dev/lastModifier']

/**
 * The cluster writes down who made a Service and who changed it. What a file says of that cannot be told right or wrong
 * by files, except where it is taken back, changed or empty: the live value is none of these. Who changed it last may
 * change with the rest of the Service.
 */
export const creator: Guard = {
  code: 'KN502',
  severity: 'error',
  title: 'what the cluster notes of its users must not be edited',
  source: 'knative.dev/pkg/apis/metadata_validation.go ValidateCreatorAndModifier',
  isForWhole: true,
  isForKnative: true,
  *check({ before, after }) {
    const isSameSpec = sameJson(member(before.value, 'spec'), member(after.value, 'spec'))
    for (const key of isSameSpec ? [creatorKey, modifierKey] : [creatorKey]) {
      const path = ['metadata', 'annotations', key]
      const [old, fresh] = [before, after].map(({ value }) => member(value, ...path) ?? undefined)
      if (old === fresh || (old === undefined && fresh !== '')) continue
      const what = fresh === undefined ? 'is removed' : `becomes ${JSON.stringify(fresh)}`
      const reason = key === creatorKey ? 'annotation value is immutable' : 'invalid value'
      yield {
        message: `\`${formatPath(path)}\` must stay what the cluster has, but ${what}: "${reason}"`,
        help:
          old === undefined
            ? 'leave the annotation out of the file'
            : `put ${JSON.stringify(old)} back: once it was applied it cannot leave the file`,
        path,
        part: 'key',
      }
    }
  },
}
