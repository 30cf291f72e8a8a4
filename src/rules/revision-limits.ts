import { numeral } from '../manifest/json.js'
import type { Manifest } from '../manifest/manifest.js'
import { integerField, quoted } from './fields.js'
import { podSpec } from './parts.js'
import type { Finding, Rule } from './rule.js'

/** How long a request may take: no longer than the cluster's own limit, which is 600 on a stock one. */
export const timeoutSeconds: Rule = {
  code: 'KN360',
  severity: 'error',
  title: 'timeoutSeconds must be 0 to 600',
  source: 'pkg/apis/serving/v1/revision_validation.go validateTimeoutSeconds',
  check: (manifest) =>
    bounded(manifest, 'timeoutSeconds', 600, 'or have `max-revision-timeout-seconds` raised in config-defaults'),
}

/** How many requests a container takes at once. */
export const containerConcurrency: Rule = {
  code: 'KN361',
  severity: 'error',
  title: 'containerConcurrency must be 0 to 1000',
  source: 'pkg/apis/serving/metadata_validation.go ValidateContainerConcurrency',
  check: (manifest) => bounded(manifest, 'containerConcurrency', 1000, 'write 0 for no limit'),
}

function* bounded(manifest: Manifest, key: string, most: number, help: string): Iterable<Finding> {
  const spec = podSpec(manifest)
  const number = (spec && integerField(spec.value, key, 64)) ?? 0
  if (!spec || (number >= 0 && number <= most)) return
  const path = [...spec.path, key]
  yield {
    message: `${quoted(path)} must be 0 to ${most}, but is ${numeral(number)}: "expected 0 <= ${numeral(number)} <= ${most}"`,
    help,
    path,
  }
}
