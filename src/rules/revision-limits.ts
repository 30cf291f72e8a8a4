import { numberSetting, stockCluster } from '../manifest/cluster-settings.js'
import { numeral } from '../manifest/json.js'
import type { Manifest } from '../manifest/manifest.js'
import { integerField, quoted } from './fields.js'
import { podSpec } from './parts.js'
import type { Finding, Rule } from './rule.js'

/** How long a request may take: no longer than the cluster's own limit, which is 600 on a stock one. */
export const timeoutSeconds: Rule = {
  code: 'KN360',
  name: 'timeout-range',
  severity: 'error',
  title: 'timeoutSeconds must be 0 to 600',
  source: 'pkg/apis/serving/v1/revision_validation.go validateTimeoutSeconds',
  why: () =>
    'A request that takes longer is cut off, and a stock cluster lets it take ten minutes at most. Stay within 600, or have the operator raise the limit and state it under `cluster` in `.kn-rollout.yaml`.',
  check: (manifest, { cluster = stockCluster }) => {
    const most = numberSetting(cluster, 'max-revision-timeout-seconds')
    const help = 'or have `max-revision-timeout-seconds` raised in config-defaults'
    return bounded(manifest, 'timeoutSeconds', { least: 0, most, help })
  },
}

/** How many requests a container takes at once. */
export const containerConcurrency: Rule = {
  code: 'KN361',
  name: 'concurrency-range',
  severity: 'error',
  title: 'containerConcurrency must be 0 to 1000',
  source: 'pkg/apis/serving/metadata_validation.go ValidateContainerConcurrency',
  why: () =>
    'This is how many requests one pod works on at once, and 0 means that Knative does not limit it. A stock cluster takes up to 1000: choose a number, or 0.',
  check: (manifest, { cluster = stockCluster }) => {
    const most = numberSetting(cluster, 'container-concurrency-max-limit')
    const isFree = cluster.defaults['allow-container-concurrency-zero'] !== 'false'
    const absent = numberSetting(cluster, 'container-concurrency')
    const help = isFree ? 'write 0 for no limit' : `write a number from 1 to ${most}`
    return bounded(manifest, 'containerConcurrency', { least: isFree ? 0 : 1, most, help, absent })
  },
}

type Bounds = { readonly least: number; readonly most: number; readonly help: string; readonly absent?: number }

function* bounded(manifest: Manifest, key: string, { least, most, help, absent = 0 }: Bounds): Iterable<Finding> {
  const spec = podSpec(manifest)
  if (!spec) return
  const number = (spec.value[key] ?? null) === null ? absent : (integerField(spec.value, key, 64) ?? least)
  if (number >= least && number <= most) return
  const path = [...spec.path, key]
  yield {
    message: `${quoted(path)} must be ${least} to ${most}, but is ${numeral(number)}: "expected ${least} <= ${numeral(number)} <= ${most}"`,
    help,
    path,
  }
}
