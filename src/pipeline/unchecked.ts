import { member } from '../manifest/json.js'
import {
  isRemote,
  placeOf,
  rangeIn,
  references,
  resourcesOf,
  type Kustomization,
} from '../manifest/kustomize/kustomization.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { formatPath } from '../text/path.js'
import { reachRemarks } from './reach-remarks.js'
import type { Repository } from './repository.js'

const blind = [
  'helmCharts',
  'helmChartInflationGenerator',
  'generators',
  'transformers',
  'replacements',
  'vars',
  'openapi',
  'configurations',
  'crds',
]

/** What can have a say in an overlay's Services and is not read: each once, at its place. */
export function unchecked(overlay: Kustomization, repository: Repository): readonly Diagnostic[] {
  const parts = [...new Set([overlay, ...repository.builds.build(overlay).flatMap(({ through }) => through)])]
  return parts.flatMap((part) => {
    const remote = [...resourcesOf(part), ...references(part, 'components')].filter(
      ({ name }) => isRemote(name) && !repository.builds.in(placeOf(part, name)),
    )
    const fields = blind
      .filter((key) => member(part.value, key) !== undefined)
      .map((key) => ({ name: key, path: [key] }))
    return [...remote, ...fields].map(({ name, path }) => ({
      code: 'KN608',
      severity: reachRemarks.KN608.severity,
      message: `not checked: \`${formatPath(path)}\` ${remote.some((one) => one.path === path) ? `(${name}) is not among the files` : 'can change what the overlay builds'}`,
      file: part.file.path,
      range: rangeIn(part, path, 'key'),
      path: formatPath(path),
    }))
  })
}
