import { readTraffic, type Revision, type TrafficTarget } from '../manifest/traffic.js'
import type { Manifest } from '../manifest/manifest.js'
import type { Path } from '../text/path.js'
import { shareOf } from '../stages/shares.js'

/** The readable targets of a Service; none where the list cannot be read, which is said elsewhere. */
export function targetsOf(manifest: Manifest): readonly TrafficTarget[] {
  return readTraffic(manifest) ?? []
}

/** The percent that goes to whatever revision is the latest; everything where there is no list. */
export function latestShare(traffic: readonly TrafficTarget[]): number {
  return traffic.length === 0 ? 100 : shareOf(traffic, { latest: true })
}

/** Whether the list has a target for the latest revision, at whatever share. */
export function hasLatest(traffic: readonly TrafficTarget[]): boolean {
  return traffic.some(({ revision }) => 'latest' in revision)
}

/** Where the first target that `isMeant` stands, and a member of it; the list itself where there is none. */
export function placeOf(
  traffic: readonly TrafficTarget[],
  isMeant: (revision: Revision, percent: number) => boolean,
  key: 'percent' | 'revisionName' | 'latestRevision',
): Path {
  const index = traffic.findIndex(({ revision, percent }) => isMeant(revision, percent))
  return index < 0 ? ['spec', 'traffic'] : ['spec', 'traffic', index, key]
}
