import { restsOn } from '../manifest/kustomize/built.js'
import { folderName } from '../manifest/kustomize/kustomization.js'
import { locate } from '../manifest/locate.js'
import type { Manifest } from '../manifest/manifest.js'
import { placeOf } from '../rules/overlays/replaced-traffic.js'
import type { Diagnostic, Severity } from '../text/diagnostic.js'
import type { Delivery, Repository } from './repository.js'

/** What there is to say of kustomizations where traffic is moved: one row a code. */
export const reachRemarks = {
  KN605: { severity: 'note', title: 'a Service whose traffic another controller owns' },
  KN606: { severity: 'warning', title: 'an edit that an overlay overrules' },
  KN607: { severity: 'warning', title: 'an edit that changes several overlays' },
  KN608: { severity: 'note', title: 'a part of a kustomization that was not checked' },
} as const satisfies Readonly<Record<string, { severity: Severity; title: string }>>

/** What a reviewer should know of an edit of the file's traffic: where it has no effect, and where it has more than one. */
export function reachRemarksOn(manifest: Manifest, repository: Repository): readonly Diagnostic[] {
  const deliveries = repository.deliveriesOf(manifest)
  const overruled = deliveries.filter(({ built }) => !restsOn(manifest, built.traffic))
  const decided = foldersOf(deliveries.filter(({ built }) => restsOn(manifest, built.traffic)))
  const shared = { file: manifest.file.path, range: locate(manifest, ['spec', 'traffic'], 'key'), path: 'spec.traffic' }
  const remarks: Diagnostic[] = []
  if (overruled.length > 0) {
    const list = [...new Set(overruled.map((one) => `\`${folderName(one.root)}\` (${winnerOf(one)} decides)`))].join(
      ', ',
    )
    const editable = overruled.filter(({ built }) => built.traffic.word.by === 'manifest')
    const rest = decided.length === 0 ? ', and no overlay takes it from here' : ''
    remarks.push({
      code: 'KN606',
      severity: 'warning',
      message: `\`spec.traffic\` must be edited where it counts, but this one has no effect in ${list}${rest}`,
      help: `name the overlay and the right file is edited: --overlay ${foldersOf(editable.length > 0 ? editable : overruled)[0] ?? '.'}`,
      ...shared,
      service: manifest.label,
    })
  }
  if (decided.length > 1) {
    remarks.push({
      code: 'KN607',
      severity: 'warning',
      message: `\`spec.traffic\` must be meant for all of ${decided.map((one) => `\`${one}\``).join(', ')}: each takes it from here`,
      help: 'give an overlay a patch with `spec.traffic` to move it alone',
      ...shared,
      service: manifest.label,
    })
  }
  return remarks
}

/** The folders of overlays as messages list them, each once. */
export function foldersOf(deliveries: readonly Delivery[]): readonly string[] {
  return [...new Set(deliveries.map(({ root }) => folderName(root)))]
}

function winnerOf({ built }: Delivery): string {
  return placeOf(built.traffic.word).file
}
