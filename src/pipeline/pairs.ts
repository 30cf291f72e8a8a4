import { targetPath } from '../guards/guard.js'
import { blanks, newcomers, removals } from '../guards/table.js'
import { ownName } from '../history/cluster.js'
import { findManifests, matchManifests } from '../manifest/find.js'
import { isNamedAs, type Manifest, spotAt } from '../manifest/manifest.js'
import { generatedName, numberOf } from '../manifest/names.js'
import { pastOf, revisionsKnown } from '../manifest/past.js'
import { type Profile, profileOf } from '../manifest/profile.js'
import { readTraffic } from '../manifest/traffic.js'
import { namesIn } from '../stages/roles.js'
import { grouped, onlyOnce } from '../text/collections.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { addWords } from '../text/mentions.js'
import { folderOf, formatPath } from '../text/path.js'
import { at, type SourceFile } from '../text/source.js'
import type { FileHistory } from '../text/words.js'
import { sameJson } from '../yaml/json.js'
import type { Base } from './request.js'

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
          ? `restore it in ${listed([first, ...others].map(shownPlace))}, unless nothing uses it any more`
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
  return first.spotOf ? ` from \`${shownPlace(first)}\`` : ''
}

/** The file of a Service, or the folder of the root that built it. */
function shownPlace({ file, spotOf }: Manifest): string {
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

/** What tells of revisions besides the files and their histories. */
type Witnesses = {
  /** What the configuration says. */
  readonly revisionsOf: (manifest: Manifest) => readonly string[]
  /** What a saved live object says. */
  readonly live: (manifest: Manifest) => readonly string[]
  readonly profile?: Profile | undefined
}

/**
 * What there is to say of Services that the base does not have: each has the revision of its template alone, unless a file
 * of the same Service, now or in the past, or someone who saw the cluster tells of others.
 */
export function newcomersIn(
  base: Base,
  head: readonly Manifest[],
  { revisionsOf, live, profile }: Witnesses,
): (after: Manifest) => readonly Diagnostic[] {
  return (after) => {
    if (after.file.isPatch || (profile ?? profileOf(after)) !== 'knative') return []
    const traffic = readTraffic(after) ?? []
    const own = ownName(after) ?? generatedName(after.name, 1)
    const others = namesIn(traffic).filter((name) => name !== own && name.startsWith(`${after.name}-`))
    if (others.length === 0) return []
    const seen = new Set([...revisionsOf(after), ...live(after)])
    const missing = others.filter(
      (name) => !seen.has(name) && !isNamed(name, after, base, head) && !isRemembered(name, after, base),
    )
    return missing.map((name) => {
      const path = targetPath(traffic, (revision) => 'name' in revision && revision.name === name, 'revisionName')
      const spot = spotAt(after, path)
      const number = numberOf(after.name, name)
      const isOpen = base.isEmpty === true || (number !== undefined && number > 1)
      return {
        ...(isOpen ? unknown(name, base) : impossible(name, own, after)),
        file: spot.file.path,
        range: spot.range,
        path: formatPath(path),
        service: after.label,
      }
    })
  }
}

/** Whether another file of the same Service names the revision: of the newer side, at the base, or in what led there. */
export function isNamed(name: string, after: Manifest, base: Base, head: readonly Manifest[]): boolean {
  const isElsewhere = (one: Manifest): boolean => one.file.path !== after.file.path && namesOf(one).includes(name)
  if (labelled(head).get(after.label)?.some(isElsewhere)) return true
  const names = namesBeside.get(base) ?? new NamesBeside(base)
  namesBeside.set(base, names)
  const { older, histories } = names.telling(name)
  if (older(after).some(isElsewhere)) return true
  return histories().some(([path, history]) => {
    return path !== after.file.path && revisionsKnown(pastOf(after, history)).some((one) => one.name === name)
  })
}

const labels = new WeakMap<readonly Manifest[], ReadonlyMap<string, readonly Manifest[]>>()

function labelled(manifests: readonly Manifest[]): ReadonlyMap<string, readonly Manifest[]> {
  const known = labels.get(manifests) ?? grouped(manifests, ({ label }) => label)
  labels.set(manifests, known)
  return known
}

const namesBeside = new WeakMap<Base, NamesBeside>()

type Told = readonly [path: string, history: FileHistory]

/** Where a name may stand. */
type Telling = {
  /** What a Service was at the base. */
  readonly older: (after: Manifest) => readonly Manifest[]
  readonly histories: () => readonly Told[]
}

/** The older side and what led there. Each text is gone through a few times, however many names are asked for. */
class NamesBeside {
  private readonly services: () => ReadonlyMap<string, readonly Manifest[]>
  private readonly words: () => ReadonlyMap<Told, ReadonlySet<string>>
  private isFirst = true

  constructor(private readonly base: Base) {
    this.services = onlyOnce(() => grouped(servicesOf(this.files()), ({ name }) => name))
    this.words = onlyOnce(() => new Map(this.histories().map((one) => [one, wordsOf(one)] as const)))
  }

  telling(name: string): Telling {
    if (this.isFirst) {
      // Most runs ask for no other one.
      this.isFirst = false
      const files = this.files().filter(({ text }) => text.includes(name))
      return {
        older: (after) => servicesOf(files).filter((one) => isNamedAs(one, after)),
        histories: () => this.histories().filter(([, history]) => hasName(history, name)),
      }
    }
    return {
      older: (after) => (this.services().get(after.name) ?? []).filter((one) => isNamedAs(one, after)),
      histories: () => [...this.words()].flatMap(([told, words]) => (words.has(name) ? [told] : [])),
    }
  }

  private files(): readonly SourceFile[] {
    return [...this.base.files, ...(this.base.elsewhere ?? [])]
  }

  private histories(): readonly Told[] {
    return [...(this.base.histories ?? [])]
  }
}

function servicesOf(files: readonly SourceFile[]): readonly Manifest[] {
  return files.flatMap((file) => findManifests(file).manifests)
}

function wordsOf([, { versions }]: Told): ReadonlySet<string> {
  const words = new Set<string>()
  for (const { text } of versions) addWords(text, words)
  return words
}

function hasName({ versions }: FileHistory, name: string): boolean {
  return versions.some(({ text }) => text?.includes(name))
}

/** Whether the past of the file itself names it: the Service was there before. */
function isRemembered(name: string, after: Manifest, { histories }: Base): boolean {
  const history = histories?.get(after.file.path)
  return history !== undefined && tellsOf(history, name, after)
}

function tellsOf(history: FileHistory, name: string, service: Manifest): boolean {
  if (!hasName(history, name)) return false
  return revisionsKnown(pastOf(service, history)).some((one) => one.name === name)
}

function namesOf(manifest: Manifest): readonly string[] {
  return [...namesIn(readTraffic(manifest) ?? []), ownName(manifest) ?? '']
}

type Said = Pick<Diagnostic, 'code' | 'severity' | 'message' | 'help'>

function impossible(name: string, own: string, { name: service }: Manifest): Said {
  return {
    code: 'KN503',
    severity: newcomers.KN503.severity,
    message: `\`${name}\` was never built: the new Service has only the revision \`${own}\` and never becomes ready (\`RevisionMissing\`)`,
    help: `use \`${own}\`, add \`--live FILE\`, or first merge \`services: [{name: ${service}, revisions: [${name}]}]\` into \`.kn-rollout.yaml\``,
  }
}

function unknown(name: string, { isEmpty }: Base): Said {
  const why = isEmpty ? 'the base commit has no files' : 'the Service is new to the repository'
  return {
    code: 'KN527',
    severity: blanks.KN527.severity,
    message: `not checked: whether the cluster has the revision \`${name}\` (${why})`,
    help: 'pass a snapshot (`kubectl get ksvc -o yaml`) with `--live FILE`',
  }
}
