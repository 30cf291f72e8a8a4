import { revisionGenerateName, revisionNameGenerated, revisionNameLabel, revisionNamePrefix } from './revision-name.js'
import type { Rule } from './rule.js'
import { trafficConfiguration, trafficUrl } from './traffic-fixed.js'
import { trafficLatest } from './traffic-latest.js'
import { trafficPercent } from './traffic-percent.js'
import { trafficRevisionName } from './traffic-revision-name.js'
import { trafficSum } from './traffic-sum.js'
import { trafficTag, trafficTagUnique } from './traffic-tag.js'

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
  revisionNameLabel,
  revisionNamePrefix,
  revisionNameGenerated,
  revisionGenerateName,
]
