import { removals } from '../guards/table.js'
import { matchManifests } from '../manifest/find.js'
import type { Manifest } from '../manifest/manifest.js'
import { grouped } from '../text/collections.js'
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
  const present = grouped(
    head.filter(({ file }) => !file.isPatch),
    ({ label }) => label,
  )
  const left = gone.filter((one) => {
    if (one.name === '' || one.file.isPatch || !asked.has(one.file.path)) return false
    return one.spotOf !== undefined || present.get(one.label)?.some((other) => isBeside(one, other)) !== true
  })
  const isMeant = (manifest: Manifest): boolean =>
    patterns.length === 0 || patterns.some((pattern) => matchManifests([manifest], pattern).length > 0)
  const byLabel = grouped(left.filter(isMeant), ({ label }) => label)
  return [...byLabel].flatMap(([label, [first, ...others]]) => {
    if (!first) return []
    const { file } = first
    return {
      code: 'KN519',
      severity: removals.KN519.severity,
      message: `this change removes \`${label}\`${placesOf(first, others, present.get(label)?.[0])}: a controller that prunes will delete its revisions and its URL`,
      help:
        others.length > 0
          ? `restore it in ${listed([first, ...others].map(placeOf))}, unless nothing uses it any more`
          : 'restore it, unless nothing uses it any more; to keep it in the cluster, stop the controller from managing it first',
      file: file.path,
      ...(files.has(file.path) && { range: at(0) }),
      path: '',
      service: label,
    }
  })
}

function placesOf(first: Manifest, others: readonly Manifest[], kept: Manifest | undefined): string {
  const copy = kept ? ` (\`${kept.file.path}\` keeps a copy)` : ''
  if (others.length > 0) return ` from ${others.length + 1} places${copy}`
  if (kept) return ` from \`${first.file.path}\`${copy}`
  return first.spotOf ? ` from \`${placeOf(first)}\`` : ''
}

/** The file of a Service, or the folder of the root that built it. */
function placeOf({ file, spotOf }: Manifest): string {
  return spotOf ? folderOf(file.path) || '.' : file.path
}

function listed(places: readonly string[]): string {
  const shown = places.slice(0, mostPlaces).map((place) => `\`${place}\``)
  const left = places.length - shown.length
  return left > 0 ? `${shown.join(', ')} and ${left} more` : shown.join(', ')
}

const mostPlaces = 3

/** Whether a Service of the same name stands in another file of the folder: the two were one object. */
function isBeside(gone: Manifest, other: Manifest): boolean {
  return folderOf(gone.file.path) === folderOf(other.file.path)
}
