import { removals } from '../guards/removed.js'
import type { Manifest } from '../manifest/manifest.js'
import { matchManifests } from '../manifest/select.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { at } from '../text/range.js'

/** What became of the Services of the older side. */
export type Leaving = {
  readonly before: readonly Manifest[]
  /** The names that the newer side has, wherever in it. */
  readonly labels: ReadonlySet<string>
  /** The older files of which it is known that they are gone, or what they hold now. */
  readonly asked: ReadonlySet<string>
  /** The files that are still there. */
  readonly files: ReadonlySet<string>
  /** `[NAMESPACE/]NAME` patterns; none means every Service. */
  readonly patterns: readonly string[]
}

/**
 * Says which Services the change takes away. One that moves to another file is still there; under another name, or in
 * another namespace, it is another one. Patches are part of one.
 */
export function removedServices({ before, labels, asked, files, patterns }: Leaving): readonly Diagnostic[] {
  const gone = before.filter(({ file, name, label }) => {
    return name !== '' && !file.isPatch && asked.has(file.path) && !labels.has(label)
  })
  const isMeant = (manifest: Manifest): boolean =>
    patterns.length === 0 || patterns.some((pattern) => matchManifests([manifest], pattern).length > 0)
  return gone.filter(isMeant).map(({ file, label }) => ({
    code: 'KN519',
    severity: removals.KN519.severity,
    message: `\`${label}\` must be meant to leave the cluster, as this change removes it from the files: where Argo CD or Flux prunes, its revisions, its traffic and its URL go with it (not checked: whether it does)`,
    help: 'put it back, unless nobody calls it any more; to keep it on the cluster, have the controller let go of it first',
    file: file.path,
    ...(files.has(file.path) && { range: at(0) }),
    path: '',
    service: label,
  }))
}
