import { byCode } from '../codes/code.js'
import { autoscalingRules } from './autoscaling.js'
import { containersRules } from './containers.js'
import { podRules } from './pod.js'
import { liveFormRules } from './live-form.js'
import { podContainersRules } from './pod-containers.js'
import { podEnvRules } from './pod-env.js'
import { podNetworkRules } from './pod-network.js'
import { podPlacementRules } from './pod-placement.js'
import { podProbesRules } from './pod-probes.js'
import { podResourcesRules } from './pod-resources.js'
import { podVolumesRules } from './pod-volumes.js'
import { probesRules } from './probes.js'
import { repeatedServiceRules } from './repeated-service.js'
import { revisionNameRules } from './revision-name.js'
import type { Rule } from './rule.js'
import { serviceAnnotationsRules } from './service-annotations.js'
import { serviceMetadataRules } from './service-metadata.js'
import { tagsRules } from './tags.js'
import { targetsRules } from './targets.js'
import { trafficRules } from './traffic.js'
import { volumesRules } from './volumes.js'

/** Every rule, in the order of its code. To add one: into the list of its subject's file; a new subject gets a row here. */
export const rules: readonly Rule[] = [
  ...autoscalingRules,
  ...containersRules,
  ...liveFormRules,
  ...podContainersRules,
  ...podEnvRules,
  ...podNetworkRules,
  ...podPlacementRules,
  ...podProbesRules,
  ...podResourcesRules,
  ...podRules,
  ...podVolumesRules,
  ...probesRules,
  ...repeatedServiceRules,
  ...revisionNameRules,
  ...serviceAnnotationsRules,
  ...serviceMetadataRules,
  ...tagsRules,
  ...targetsRules,
  ...trafficRules,
  ...volumesRules,
].toSorted(byCode)

/** The rules about what Knative admits and no Pod can be made of. */
export const podCodes: ReadonlySet<string> = new Set(
  rules.filter(({ refusedAsPod }) => refusedAsPod).map(({ code }) => code),
)
