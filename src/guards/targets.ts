import { readTraffic, type TrafficTarget } from '../manifest/traffic.js'
import type { Manifest } from '../manifest/manifest.js'

/** The readable targets of a Service; none where the list cannot be read, which is said elsewhere. */
export function targetsOf(manifest: Manifest | undefined): readonly TrafficTarget[] {
  return (manifest && readTraffic(manifest)) ?? []
}

/** The percent that goes to a named revision. */
export function shareOfName(traffic: readonly TrafficTarget[], name: string): number {
  return traffic.reduce(
    (sum, { revision, percent }) => sum + ('name' in revision && revision.name === name ? percent : 0),
    0,
  )
}

/** The percent that goes to whatever revision is the latest; everything where there is no list. */
export function latestShare(traffic: readonly TrafficTarget[]): number {
  if (traffic.length === 0) return 100
  return traffic.reduce((sum, { revision, percent }) => sum + ('latest' in revision ? percent : 0), 0)
}

/** The revisions that are named, each once. */
export function namesOf(traffic: readonly TrafficTarget[]): readonly string[] {
  return [...new Set(traffic.flatMap(({ revision }) => ('name' in revision ? [revision.name] : [])))]
}

/** Where the first target of a name stands in the list. */
export function placeOfName(traffic: readonly TrafficTarget[], name: string): readonly (string | number)[] {
  const index = traffic.findIndex(({ revision }) => 'name' in revision && revision.name === name)
  return index < 0 ? ['spec', 'traffic'] : ['spec', 'traffic', index, 'revisionName']
}
