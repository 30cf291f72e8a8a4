import { reachRemarks } from './reach-remarks.js'
import { nameOf } from '../manifest/kustomize/built.js'
import type { Owned, Owner } from '../manifest/owners/owner.js'
import { ownersIn } from '../manifest/owners/table.js'
import type { Manifest } from '../manifest/manifest.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { folderOf } from '../text/path.js'
import type { SourceFile } from '../text/source.js'
import type { Reason } from './refusal.js'
import type { Repository } from './repository.js'

/** Which Services' traffic is another controller's, as files of the repository say. */
export class Ownership {
  private readonly owners: readonly Owner[]

  constructor(
    files: readonly SourceFile[],
    private readonly repository: Repository | undefined,
  ) {
    this.owners = files.flatMap(ownersIn)
  }

  /** Who owns the traffic of a Service, or of one that a patch is laid over. */
  ownersOf(manifest: Manifest): readonly Owner[] {
    if (this.owners.length === 0) return []
    const services = this.servicesOf(manifest)
    return this.owners.filter(({ owns }) => services.some(owns))
  }

  /** Says at the owner's own place that it owns the traffic: there the reader finds what to change. */
  remarksOn(manifest: Manifest): readonly Diagnostic[] {
    return this.ownersOf(manifest).map(({ controller, effect, file, range }) => ({
      code: 'KN605',
      severity: reachRemarks.KN605.severity,
      message: `${controller} owns \`spec.traffic\` of the Service \`${manifest.label}\` (${manifest.file.path}) by this: it ${effect}`,
      file: file.path,
      range,
      service: manifest.label,
    }))
  }

  /** Why the traffic is not to be edited. */
  bars(manifest: Manifest): Reason | undefined {
    const [owner] = this.ownersOf(manifest)
    if (!owner) return undefined
    return {
      code: 'KN463',
      message: `\`spec.traffic\` must not be moved by a commit while ${owner.controller} owns it (${owner.file.path}): it ${owner.effect}`,
      help: `move it by ${owner.controller}'s own means, or take the Service out of \`${owner.file.path}\`; --force goes on all the same`,
    }
  }

  /** What becomes of a file: itself, or what overlays build of it. */
  private servicesOf(manifest: Manifest): readonly Owned[] {
    const { name, namespace } = manifest
    const own = manifest.file.patchPath ?? manifest.file.path
    const touched = this.repository?.touchedBy(manifest) ?? []
    const built = touched.length > 0 ? touched : (this.repository?.deliveriesOf(manifest) ?? [])
    if (built.length === 0) return [{ name, namespace, places: [own] }]
    return built.map((delivery) => {
      const folders = delivery.built.through.map(({ file }) => folderOf(file.patchPath ?? file.path))
      const id = nameOf(delivery.built)
      return { name: id.name, namespace: id.namespace || undefined, places: [own, ...folders] }
    })
  }
}
