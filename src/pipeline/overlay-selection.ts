import type { Manifest } from '../manifest/manifest.js'
import { labelOf, nameOf } from '../manifest/kustomize/built.js'
import type { Kustomization } from '../manifest/kustomize/kustomization.js'
import type { Request } from './outcome.js'
import { isMeant, overlayTargets } from './overlay.js'
import { decides, type Repository } from './repository.js'
import { ambiguous, unmatched, type Selection } from './selection.js'

/** What a move of one overlay edits: the file that has the last word on each Service's traffic. */
export function selectionIn(overlay: Kustomization, repository: Repository, request: Request): Selection {
  const { services = [], shared = false, move } = request
  const all = repository.builds.build(overlay)
  const { targets, refusals } = overlayTargets(overlay, repository, {
    services,
    shared,
    ...(move?.command === 'release' && { release: move }),
  })
  const names = all.map((built) => ({ name: nameOf(built).name, label: labelOf(built) }))
  const lost = services.filter((pattern) => !all.some((built) => isMeant(built, [pattern])))
  const said = [...lost.map((pattern) => unmatched(pattern, names)), ...refusals]
  const [first, second] = targets
  if (request.move && first && second && services.length === 0 && request.all !== true)
    return { chosen: new Set(), refusals: [ambiguous(targets, first, request.move), ...said] }
  return { chosen: new Set(targets), refusals: said }
}

/** The name of the template that the overlay gives a Service whose traffic the manifest decides on. */
export function templateNameIn(overlay: Kustomization, repository: Repository, manifest: Manifest): string | undefined {
  const names = new Set(
    repository.builds
      .build(overlay)
      .filter((built) => decides(manifest, built))
      .map(({ revision }) => revision.value),
  )
  const [name] = names
  return names.size === 1 && typeof name === 'string' && name !== '' ? name : undefined
}
