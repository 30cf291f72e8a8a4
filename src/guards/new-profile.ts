import { profileOf, tellingKey } from '../rules/profiles.js'
import type { Guard } from './guard.js'

/** Keys of another server, which would have its rules judge the very change that brings them. */
export const newProfile: Guard = {
  code: 'KN525',
  severity: 'note',
  title: 'Change adds keys of Cloud Run to a Knative Service',
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
