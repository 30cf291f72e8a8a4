import type { Manifest } from '../manifest/manifest.js'
import { numberOf } from '../manifest/names.js'
import { readTraffic } from '../manifest/traffic.js'
import { namesIn } from '../stages/roles.js'
import {
  type Admission,
  type Cluster,
  type NamedRevision,
  ownName,
  type Server,
  step,
  stockServer,
  unseen,
  type Version,
} from './cluster.js'

/** A version that the cluster refused. */
type RefusedVersion = {
  readonly commit: string
  readonly reason: (Admission & { readonly kind: 'refused' })['reason']
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
export function replay(from: Replayed, versions: Iterable<Version>, server: Server = stockServer): Replayed {
  let at = from
  for (const version of versions) at = next(at, version, server)
  return at
}

/**
 * A history that was merged: a fold, too. What a cluster has held for a while is believed where the history alone does
 * not tell of it, as others may have made the revision: each name counts as known after the version that first names it.
 */
export function replayMerged(versions: Iterable<Version>, server: Server = stockServer): Replayed {
  let at = start
  for (const version of versions) {
    const { cluster, refused } = next(at, version, server)
    at = { cluster: cluster === at.cluster ? cluster : believed(at.cluster, cluster), refused }
  }
  return at
}

/**
 * The newest version that the cluster took under an explicit revision name, and that this revision is of: what was refused
 * under the name, or came under it after another template had it, made nothing. Undefined where there is none.
 */
export function lastAdmittedUnder(
  versions: Iterable<Version>,
  name: string,
  server: Server = stockServer,
): Version | undefined {
  let [cluster, admitted]: [Cluster, Version | undefined] = [unseen, undefined]
  for (const version of versions) {
    const { cluster: stepped, outcome } = step(cluster, version, server)
    cluster = stepped
    if (outcome.kind === 'absent') admitted = undefined
    if (outcome.kind !== 'admitted' || outcome.revision.how === 'taken') continue
    if (version.service && ownName(version.service) === name) admitted = version
  }
  return admitted
}

function next({ cluster, refused }: Replayed, version: Version, server: Server): Replayed {
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
