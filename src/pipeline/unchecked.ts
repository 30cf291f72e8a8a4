import { blindFields } from '../manifest/kustomize/blind.js'
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

/** What can have a say in an overlay's Services and is not read: each once, at its place. */
export function unchecked(overlay: Kustomization, repository: Repository): readonly Diagnostic[] {
  const parts = [...new Set([overlay, ...repository.builds.build(overlay).flatMap(({ through }) => through)])]
  return parts.flatMap((part) => {
    const remote = [...resourcesOf(part), ...references(part, 'components')].filter(
      ({ name }) => isRemote(name) && !repository.builds.in(placeOf(part, name)),
    )
    return [...remote, ...blindFields(part)].map(({ name, path }) => ({
      code: 'KN608',
      severity: reachRemarks.KN608.severity,
      message: `not checked: \`${formatPath(path)}\` ${remote.some((one) => one.path === path) ? `(${name}) is not among the files` : 'can change what the overlay builds'}`,
      file: part.file.path,
      range: rangeIn(part, path, 'key'),
      path: formatPath(path),
    }))
  })
}
