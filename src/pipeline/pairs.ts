import type { Manifest } from '../manifest/manifest.js'
import { grouped } from '../text/collections.js'
import { sameJson } from '../yaml/json.js'

/** Which Service of the older side each one of the newer side was, as far as that can be told. */
export type Pairs = {
  /** By the place of the newer one, which stays while its file is edited. */
  readonly before: ReadonlyMap<string, Manifest>
  /** Of those of the newer side of which nobody can say which one they were, why, by their places. */
  readonly unclear: ReadonlyMap<string, string>
  /** Those of the older side that are no longer there. */
  readonly gone: readonly Manifest[]
}

/**
 * Pairs the Services of both sides: by file (or kustomize root), namespace and name; then what has left its file with what
 * is new in another one, the nearest first; then those whose namespace came or went in their file: a controller may have given it before.
 *
 * @param mayBeNew Whether a Service of the newer side can have come by the change: one in a file that is as it was cannot.
 */
export function pairServices(
  older: readonly Manifest[],
  newer: readonly Manifest[],
  mayBeNew: (manifest: Manifest) => boolean,
): Pairs {
  const before = new Map<string, Manifest>()
  const unclear = new Map<string, string>()
  const left = new Set(older)
  const pair = (fresh: Manifest, old: Manifest): void => {
    before.set(placeOf(fresh), old)
    left.delete(old)
  }
  const inPlace = grouped(older, placeOf)
  for (const [place, fresh] of grouped(newer, placeOf)) {
    const [first, second] = inPlace.get(place) ?? []
    if (!first) continue
    for (const old of inPlace.get(place) ?? []) left.delete(old)
    const [only, other] = fresh
    if (only && !second && !other) pair(only, first)
    else if (!second) for (const one of fresh) pair(one, first)
    else unclear.set(place, `is in the file ${times(inPlace.get(place)?.length ?? 0)}`)
  }
  const followed = ({ pairs, unclear: lost }: Nearest, old: readonly Manifest[]): void => {
    for (const [fresh, former] of pairs) pair(fresh, former)
    for (const fresh of lost) unclear.set(placeOf(fresh), 'may have been any of several')
    // One of them it was.
    if (lost.length > 0) for (const one of old) left.delete(one)
  }
  const open = (): readonly Manifest[] =>
    newer.filter((one) => {
      const place = placeOf(one)
      return !before.has(place) && !unclear.has(place) && mayBeNew(one)
    })
  const newerByLabel = grouped(open(), ({ label }) => label)
  for (const [label, old] of grouped(left, (one) => one.label))
    followed(nearestPairs(newerByLabel.get(label) ?? [], old), old)
  const newerInFile = grouped(open(), fileAndName)
  for (const [key, old] of grouped([...left], fileAndName)) {
    const [fresh, second] = newerInFile.get(key) ?? []
    const [former, other] = old
    const isLeftOpen = fresh?.namespace === undefined || former?.namespace === undefined
    if (fresh && former && !second && !other && isLeftOpen) pair(fresh, former)
  }
  return { before, unclear, gone: [...left] }
}

/** A Service is known by its file, or kustomize root, and by its namespace and name. */
export function placeOf({ file, label }: Manifest): string {
  return `${file.path}\n${label}`
}

function fileAndName({ file, name }: Manifest): string {
  return `${file.path}\n${name}`
}

function times(count: number): string {
  return count === 2 ? 'twice' : count === 3 ? 'three times' : `${count} times`
}

type Nearest = {
  readonly pairs: readonly (readonly [fresh: Manifest, old: Manifest])[]
  readonly unclear: readonly Manifest[]
}

/**
 * Each Service with the one whose path has the most in common with its own, the surest first. Of two that are as near, and
 * are not the same, nobody knows which one it was.
 */
function nearestPairs(newer: readonly Manifest[], older: readonly Manifest[]): Nearest {
  if (newer.length * older.length > mostWays) return { pairs: [], unclear: newer }
  const ways = newer
    .flatMap((fresh) => older.map((old) => ({ fresh, old, common: commonParts(fresh.file.path, old.file.path) })))
    .toSorted((a, b) => b.common - a.common)
  const byFresh = grouped(ways, ({ fresh }) => fresh)
  const taken = new Set<Manifest>()
  const pairs: (readonly [Manifest, Manifest])[] = []
  const unclear: Manifest[] = []
  for (const { fresh, old, common } of ways) {
    if (taken.has(fresh) || taken.has(old)) continue
    taken.add(fresh)
    const isTie = (byFresh.get(fresh) ?? []).some((one) => one.common === common && isOther(one.old, old, taken))
    if (isTie) unclear.push(fresh)
    else {
      taken.add(old)
      pairs.push([fresh, old])
    }
  }
  return { pairs, unclear }
}

/** More than that are not compared: a name that stands in a thousand places is nobody's. */
const mostWays = 1_000_000

function isOther(one: Manifest, old: Manifest, taken: ReadonlySet<Manifest>): boolean {
  return one !== old && !taken.has(one) && !sameJson(one.value, old.value)
}

/** How many folders and names two paths share, from the start and from the end. */
function commonParts(a: string, b: string): number {
  const [one, other] = [a.split('/'), b.split('/')]
  const most = Math.min(one.length, other.length)
  let start = 0
  while (start < most && one[start] === other[start]) start++
  let end = 0
  while (end < most - start && one.at(-1 - end) === other.at(-1 - end)) end++
  return start + end
}
