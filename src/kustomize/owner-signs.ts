/**
 * What files spell that can give traffic to another controller than the one that syncs them, by that controller. Searches
 * look for it, so it stands apart from what reads such files.
 */
export const ownerSigns = {
  flagger: 'flagger.app/',
  argoCd: 'ignoreDifferences',
  kserve: 'serving.kserve.io/',
} as const
