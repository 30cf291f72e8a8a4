import { scaleAlgorithm, scaleClass, scaleMetric } from './autoscaling-class.js'
import { activationScale, initialScale, scaleBounds, scaleOrder } from './autoscaling-scale.js'
import { scaleTargets } from './autoscaling-targets.js'
import { scaleWindows } from './autoscaling-windows.js'
import { envFieldRef, envFrom, envName } from './container-env.js'
import { containerImage } from './container-image.js'
import { containerNameReserved, terminationMessagePolicy } from './container-name.js'
import { containerPort, portCount } from './container-ports.js'
import { envSource } from './env-source.js'
import { flaggedFields, someContainer } from './flagged-fields.js'
import { foreignRevision } from './foreign-revision.js'
import { idleScale } from './idle-scale.js'
import { idleTarget } from './idle-target.js'
import { numberedName } from './numbered-name.js'
import { oldShape } from './old-shape.js'
import { ownerReferences } from './owner-references.js'
import { probeHandler, probePort, readinessProbe, sidecarProbes } from './probes.js'
import { containerConcurrency, timeoutSeconds } from './revision-limits.js'
import { revisionGenerateName, revisionNameGenerated, revisionNameLabel, revisionNamePrefix } from './revision-name.js'
import { rolloutEffect } from './rollout-effect.js'
import type { Rule } from './rule.js'
import { securityIds, securityRights } from './security-context.js'
import { serverOwned } from './server-owned.js'
import { automountToken, serviceAccountName } from './service-account.js'
import { rolloutDuration, serviceAutoscaling } from './service-annotations.js'
import { serviceAnnotationKeys, serviceLabels } from './service-keys.js'
import { serviceNameLabel, serviceNameMissing, serviceNamespace } from './service-name.js'
import { finalizers, resourceVersion } from './service-server-fields.js'
import { tagClash } from './tag-clash.js'
import { tagLength } from './tag-length.js'
import { networkingAnnotations, progressDeadline, sidecarPercentage, sidecarResources } from './template-annotations.js'
import { templateKeys } from './template-keys.js'
import { trafficConfiguration, trafficUrl } from './traffic-fixed.js'
import { trafficLatest } from './traffic-latest.js'
import { trafficPercent } from './traffic-percent.js'
import { trafficRevisionName } from './traffic-revision-name.js'
import { trafficSum } from './traffic-sum.js'
import { trafficTag, trafficTagUnique } from './traffic-tag.js'
import { unpinned } from './unpinned.js'
import { repeatedRevision, repeatedService } from './repeated-service.js'
import { unspelledName } from './unspelled-name.js'
import { mountPath, mountPropagation, mountVolume } from './volume-mounts.js'
import { volumeMounted, volumeName } from './volume-name.js'
import { emptyDir, projectedSources, volumeItems, volumeSource } from './volume-source.js'

/** Every rule, in the order of its code. To add one: a file beside this one, and a row here. */
export const rules: readonly Rule[] = [
  trafficSum,
  trafficPercent,
  trafficTag,
  trafficTagUnique,
  trafficLatest,
  trafficConfiguration,
  trafficUrl,
  trafficRevisionName,
  tagLength,
  tagClash,
  foreignRevision,
  idleTarget,
  idleScale,
  unpinned,
  rolloutEffect,
  revisionNameLabel,
  revisionNamePrefix,
  revisionNameGenerated,
  revisionGenerateName,
  numberedName,
  unspelledName,
  oldShape,
  repeatedService,
  repeatedRevision,
  serviceNameMissing,
  serviceNameLabel,
  serviceNamespace,
  serviceLabels,
  serviceAnnotationKeys,
  serviceAutoscaling,
  rolloutDuration,
  ownerReferences,
  finalizers,
  resourceVersion,
  scaleBounds,
  scaleOrder,
  activationScale,
  initialScale,
  scaleTargets,
  scaleWindows,
  scaleClass,
  scaleMetric,
  scaleAlgorithm,
  networkingAnnotations,
  progressDeadline,
  sidecarResources,
  sidecarPercentage,
  templateKeys,
  serverOwned,
  timeoutSeconds,
  containerConcurrency,
  serviceAccountName,
  automountToken,
  flaggedFields,
  someContainer,
  containerImage,
  containerNameReserved,
  terminationMessagePolicy,
  envName,
  envFieldRef,
  envFrom,
  containerPort,
  portCount,
  sidecarProbes,
  readinessProbe,
  probeHandler,
  probePort,
  securityIds,
  securityRights,
  emptyDir,
  volumeName,
  volumeSource,
  volumeMounted,
  mountVolume,
  mountPath,
  mountPropagation,
  projectedSources,
  volumeItems,
  envSource,
]
