import type { Manifest } from '../manifest/manifest.js'
import { numberOf } from '../manifest/revision-number.js'
import { readTraffic } from '../manifest/traffic.js'
import type { Profile } from '../rules/profiles.js'
import { namesIn } from '../stages/names.js'
import { step, unseen, type Cluster, type Outcome, type Version } from './cluster.js'
import type { NamedRevision } from './numbers.js'
import { ownName } from './template.js'

/** A version that the cluster refused. */
export type RefusedVersion = {
  readonly commit: string
  readonly reason: (Outcome & { readonly kind: 'refused' })['reason']
  readonly service: Pick<Manifest, 'value'>
}

/** Where a history leads. */
export type Replayed = {
  readonly cluster: Cluster
  /** What was refused since the cluster last took a version, the oldest first. */
  readonly refused: readonly RefusedVersion[]
}

/** Before any version. */
export const start: Replayed = { cluster: unseen, refused: [] }

/** Every version synced by itself, the oldest first: a fold of `step`. */
export function replay(from: Replayed, versions: Iterable<Version>, server: Profile = 'knative'): Replayed {
  let at = from
  for (const version of versions) at = next(at, version, server)
  return at
}

/**
 * A history that was merged: a fold, too. What a cluster has held for a while is believed where the history alone does
 * not tell of it, as others may have made the revision: each name counts as known after the version that first names it.
 */
export function replayMerged(versions: Iterable<Version>, server: Profile = 'knative'): Replayed {
  let at = start
  for (const version of versions) {
    const { cluster, refused } = next(at, version, server)
    at = { cluster: cluster === at.cluster ? cluster : believed(at.cluster, cluster), refused }
  }
  return at
}

function next({ cluster, refused }: Replayed, version: Version, server: Profile): Replayed {
  const { cluster: stepped, outcome } = step(cluster, version, server)
  const { commit, service } = version
  if (outcome.kind !== 'refused' || !service) return { cluster: stepped, refused: [] }
  return { cluster: stepped, refused: [...refused, { commit, reason: outcome.reason, service }] }
}

function believed(before: Cluster, after: Cluster): Cluster {
  const { service } = after
  if (!service) return after
  const own = ownName(service)
  const numbered = own !== undefined && numberOf(service.name, own) !== undefined ? [own] : []
  const fresh = [...namesIn(readTraffic(service) ?? []), ...numbered].filter((name) => !after.named.has(name))
  if (fresh.length === 0) return after
  const named = new Map<string, NamedRevision>(after.named)
  for (const name of fresh) named.set(name, { commit: service.commit, before: before.count, after: after.count })
  return { ...after, named }
}
