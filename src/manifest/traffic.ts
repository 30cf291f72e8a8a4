import { isList, isObject, type Json, member } from '../yaml/json.js'
import type { Manifest } from './manifest.js'
import { isQuotedNumber, profileOf } from './profile.js'

/** Where traffic can go: to a revision by name, or to whatever revision became ready last. */
export type Revision = { readonly latest: true } | { readonly name: string }

/** One entry of `spec.traffic`, as the cluster fills it in. */
export type TrafficTarget = {
  readonly revision: Revision
  /** Share of the requests, 0 to 100 percent; an absent `percent` is 0. */
  readonly percent: number
  /** The name of the target's own route, if it has one. */
  readonly tag?: string
  /** Its position in the list it was read from; absent for a target that is new. */
  readonly origin?: number
}

const none: readonly TrafficTarget[] = []

/**
 * The targets of a Service in the order of the file, with Knative's defaults (pkg/apis/serving/v1/route_defaults.go).
 * An absent or empty list is `[]`: the cluster then sends everything to the latest revision. Undefined where an entry
 * cannot be read; the schema and the rules say why.
 */
export function readTraffic(manifest: Pick<Manifest, 'value' | 'profile'>): readonly TrafficTarget[] | undefined {
  const list = member(manifest.value, 'spec', 'traffic') ?? []
  if (!isList(list)) return undefined
  if (list.length === 0) return none
  const areTexts = profileOf(manifest) === 'cloudrun'
  const targets: TrafficTarget[] = []
  for (const [origin, item] of list.entries()) {
    const target = readTarget(item, origin, areTexts)
    if (!target) return undefined
    targets.push(target)
  }
  return targets
}

/** Whether it is a kustomize patch that leaves the traffic to what it is laid over. */
export function isSilentPatch({ file, value }: Pick<Manifest, 'file' | 'value'>): boolean {
  return file.isPatch === true && member(value, 'spec', 'traffic') === undefined
}

/** @param areTexts Whether numbers count in quotes as well, as Google's JSON has them. */
function readTarget(item: Json, origin: number, areTexts: boolean): TrafficTarget | undefined {
  const entry = item ?? {}
  if (!isObject(entry)) return undefined
  const given = member(entry, 'percent') ?? 0
  const percent = areTexts && isQuotedNumber(given) ? Number(given) : given
  const tag = member(entry, 'tag') ?? ''
  const name = member(entry, 'revisionName') ?? ''
  const latest = member(entry, 'latestRevision') ?? name === ''
  // A Service knows no other Configuration than its own; who else meant it to be is not to be told.
  if ((member(entry, 'configurationName') ?? '') !== '') return undefined
  if (typeof percent !== 'number' || !Number.isInteger(percent) || typeof tag !== 'string' || typeof name !== 'string')
    return undefined
  if (typeof latest !== 'boolean' || latest !== (name === '')) return undefined
  const revision: Revision = latest ? { latest: true } : { name }
  return { revision, percent, origin, ...(tag === '' ? {} : { tag }) }
}

export function sameRevision(a: Revision, b: Revision): boolean {
  return 'name' in a ? 'name' in b && a.name === b.name : 'latest' in b
}

/** Revisions that are the same have the same key. */
export function keyOf(revision: Revision): string {
  return 'name' in revision ? `=${revision.name}` : '@latest'
}

/** A revision as people type it: its name, or `@latest`. */
export function revisionText(revision: Revision): string {
  return 'name' in revision ? revision.name : '@latest'
}

/**
 * Whether two lists send the same shares to the same revisions and tags. The order of targets carries no meaning, and no
 * targets at all are what the cluster makes of them: everything to the latest revision.
 */
export function equivalentTraffic(a: readonly TrafficTarget[], b: readonly TrafficTarget[]): boolean {
  if (a === b) return true
  if (a.length !== b.length && a.length > 0 && b.length > 0) return false
  const [one, other] = [signs(a), signs(b)]
  return one.length === other.length && one.every((sign, index) => sign === other[index])
}

const toLatest: TrafficTarget = { revision: { latest: true }, percent: 100 }

function signs(targets: readonly TrafficTarget[]): readonly string[] {
  return (targets.length === 0 ? [toLatest] : targets)
    .map(({ revision, percent, tag = '' }) => `${revisionText(revision)} ${percent} ${tag}`)
    .toSorted()
}
