import { removals } from '../guards/table.js'
import { matchManifests } from '../manifest/find.js'
import type { Manifest } from '../manifest/manifest.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { folderOf } from '../text/path.js'
import { at } from '../text/source.js'

/** What became of the Services of the older side. */
type Leaving = {
  /** Those that are no longer where they stood, nor moved. */
  readonly gone: readonly Manifest[]
  /** The Services of the newer side, wherever in it. */
  readonly head: readonly Manifest[]
  /** The older files, and kustomize roots, of which it is known that they are gone, or what they hold now. */
  readonly asked: ReadonlySet<string>
  /** The files that are still there. */
  readonly files: ReadonlySet<string>
  /** `[NAMESPACE/]NAME` patterns; none means every Service. */
  readonly patterns: readonly string[]
}

/**
 * Says which Services the change takes away. One that moves to another file is still there; under another name it is
 * another one. Patches are part of one. Files of one Service in several folders are that many environments: each can leave
 * while the others stay.
 */
export function removedServices({ gone, head, asked, files, patterns }: Leaving): readonly Diagnostic[] {
  const left = gone.filter((one) => {
    if (one.name === '' || one.file.isPatch || !asked.has(one.file.path)) return false
    return one.spotOf !== undefined || !head.some((other) => isBeside(one, other))
  })
  const isMeant = (manifest: Manifest): boolean =>
    patterns.length === 0 || patterns.some((pattern) => matchManifests([manifest], pattern).length > 0)
  return left.filter(isMeant).map(({ file, label, spotOf }) => {
    const kept = head.find((one) => one.label === label && !one.file.isPatch)
    const place = kept ? ` from \`${file.path}\` (\`${kept.file.path}\` keeps a copy)` : ''
    const from = spotOf && !kept ? ` from \`${folderOf(file.path) || '.'}\`` : place
    return {
      code: 'KN519',
      severity: removals.KN519.severity,
      message: `this change removes \`${label}\`${from}: a controller that prunes will delete its revisions and its URL`,
      help: 'restore it, unless nothing uses it any more; to keep it in the cluster, stop the controller from managing it first',
      file: file.path,
      ...(files.has(file.path) && { range: at(0) }),
      path: '',
      service: label,
    }
  })
}

/** Whether the same Service stands in another file of the folder: the two were one object. */
function isBeside(gone: Manifest, other: Manifest): boolean {
  return gone.label === other.label && !other.file.isPatch && folderOf(gone.file.path) === folderOf(other.file.path)
}
