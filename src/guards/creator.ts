import { editedNotes, isNoted } from '../rules/update/notes.js'
import { formatPath } from '../text/path.js'
import { ownName } from '../history/template.js'
import type { Guard } from './guard.js'

/** The cluster writes down who made a Service and who changed it, and takes no other word for it. */
export const creator: Guard = {
  code: 'KN502',
  name: 'creator-changed',
  severity: 'error',
  title: 'what the cluster notes of its users must not be edited',
  source: 'knative.dev/pkg/apis/metadata_validation.go ValidateCreatorAndModifier',
  why: () =>
    'The cluster notes who made a Service and who changed it last, and refuses an apply that would say something else. What it noted is on the cluster only. Keep both annotations out of files, or keep what is live.',
  isForWhole: true,
  isForKnative: true,
  asksCluster: true,
  *check({ cluster, after }) {
    const { service } = isNoted(after) || cluster.hasNotes() ? cluster.lately(ownName(after)).cluster : {}
    if (!service) return
    for (const { path, old, fresh, reason } of editedNotes(service, after)) {
      const what = fresh === undefined ? 'is removed' : `becomes ${JSON.stringify(fresh)}`
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
