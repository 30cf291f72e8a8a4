import { reachRemarks } from './reach-remarks.js'
import { sourcesOf } from '../manifest/kustomize/built.js'
import { folderName } from '../manifest/kustomize/kustomization.js'
import { containersPath } from '../manifest/container-names.js'
import { locate } from '../manifest/locate.js'
import type { Manifest } from '../manifest/manifest.js'
import { placeOf } from '../rules/overlays/replaced-traffic.js'
import type { TemplateChange } from '../stages/template-change.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { formatPath } from '../text/path.js'
import { shellPath } from '../text/shell-word.js'
import { imageElsewhere, overruledImage } from './overlay-release.js'
import type { Delivery, Repository } from './repository.js'

/**
 * What a reviewer should know of an edit: where it has no effect, and where it has more than one. `template` is what
 * becomes of that besides the traffic.
 */
export function reachRemarksOn(
  manifest: Manifest,
  repository: Repository,
  template: TemplateChange | 'kept',
): readonly Diagnostic[] {
  const deliveries = repository.deliveriesOf(manifest)
  const overruled = deliveries.filter(({ built }) => !sourcesOf(built.traffic).includes(manifest))
  const decided = deliveries.filter(({ built }) => sourcesOf(built.traffic).includes(manifest))
  const remarks: (Omit<Diagnostic, 'file' | 'range' | 'severity'> & { readonly code: keyof typeof reachRemarks })[] = []
  const [field, takers] =
    template === 'kept' ? ['spec.traffic', decided] : ['spec.template', repository.madeOf(manifest)]
  if (overruled.length > 0) {
    const list = [...new Set(overruled.map((one) => `\`${folderName(one.root)}\` (${winnerOf(one)} decides)`))].join(
      ', ',
    )
    const editable = overruled.filter(({ built }) => built.traffic.word.by === 'manifest')
    const rest = decided.length === 0 ? ', and no overlay takes it from here' : ''
    remarks.push({
      code: 'KN606',
      message: `\`spec.traffic\` must be edited where it counts, but this one has no effect in ${list}${rest}`,
      help: `name the overlay and the right file is edited: --overlay ${shellPath(foldersOf(editable.length > 0 ? editable : overruled)[0] ?? '.')}`,
      path: 'spec.traffic',
    })
  }
  const folders = foldersOf(takers)
  if (folders.length > 1) {
    const list = folders.map((one) => `\`${one}\``).join(', ')
    remarks.push({
      code: 'KN607',
      message: `\`${field}\` must be meant for all of ${list}: each takes it from here`,
      help: `give an overlay a patch with \`${field}\` to ${template === 'kept' ? 'move' : 'change'} it alone`,
      path: field,
    })
  }
  const image = template === 'kept' ? undefined : template.image
  for (const { root, built } of image ? takers : []) {
    const over = image && overruledImage(manifest, built, image)
    if (over) remarks.push({ code: 'KN609', ...imageElsewhere(image, over, ` for \`${folderName(root)}\``) })
  }
  const service = manifest.label
  return remarks.map((remark) => {
    const range = locate(manifest, remark.path?.split('.') ?? containersPath, 'key')
    return {
      severity: reachRemarks[remark.code].severity,
      path: formatPath(containersPath),
      ...remark,
      file: manifest.file.path,
      range,
      service,
    }
  })
}

/** The folders of overlays as messages list them, each once. */
export function foldersOf(deliveries: readonly Delivery[]): readonly string[] {
  return [...new Set(deliveries.map(({ root }) => folderName(root)))]
}

function winnerOf({ built }: Delivery): string {
  return placeOf(built.traffic.word).file
}
