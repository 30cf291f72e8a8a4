/**
 * What files spell that can give traffic to another controller than the one that syncs them, or that have other files applied,
 * by that controller. Searches look for it, so it stands apart from what reads such files.
 */
export const ownerSigns = {
  flagger: 'flagger.app/',
  argoCd: 'ignoreDifferences',
  kserve: 'serving.kserve.io/',
  cloudDeploy: 'automaticTrafficControl',
  application: 'argoproj.io/v1alpha1',
  flux: 'kustomize.toolkit.fluxcd.io/v',
  fluxSource: 'source.toolkit.fluxcd.io/v',
  skaffold: 'skaffold/v',
} as const
