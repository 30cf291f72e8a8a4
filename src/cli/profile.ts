import type { Profile } from '../rules/profiles.js'
import { refuseRepeated } from './usage.js'

/** What a run is asked about whose rules judge: nothing where the manifests are to tell. */
export function profileIn({ profile }: { readonly profile: Profile | undefined }): { readonly profile?: Profile } {
  refuseRepeated('profile', profile)
  return profile === undefined ? {} : { profile }
}
