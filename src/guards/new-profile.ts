import { profileOf, tellingKey } from '../rules/profiles.js'
import type { Guard } from './guard.js'

/** Keys of another server, which would have its rules judge the very change that brings them. */
export const newProfile: Guard = {
  code: 'KN525',
  name: 'new-profile',
  severity: 'note',
  title: 'Change adds keys of Cloud Run to a Knative Service',
  why: () =>
    'Cloud Run accepts more than Knative does, and keys such as `run.googleapis.com/ingress` choose its rules. Knative does not read them, so a Service without them at the base commit is still checked by the rules of Knative. Name the server with `--profile`.',
  *check({ before, after, profile, isProfileGiven }) {
    const key = tellingKey(after)
    if (isProfileGiven || profile !== 'knative' || !key || profileOf(before) !== 'knative') return
    yield {
      message: `\`${String(key.at(-1))}\` is new: this change is still checked by the rules of Knative, as the base commit has no key of Cloud Run`,
      help: 'add `--profile cloudrun` if Cloud Run serves it, or `--profile knative` if not',
      path: key,
      part: 'key',
    }
  },
}
