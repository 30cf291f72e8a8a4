import { type ClusterSettings, stockCluster } from '../config/cluster-settings.js'
import { hasGaps, heard, type Passage } from '../guards/guard.js'
import { blanks, guards } from '../guards/table.js'
import { ClusterAt, StoredVersions } from '../history/asked.js'
import { findManifests } from '../manifest/find.js'
import { type Manifest, spotAt } from '../manifest/manifest.js'
import { pastOf } from '../manifest/past.js'
import { type Profile, profileOf } from '../manifest/profile.js'
import { readTraffic } from '../manifest/traffic.js'
import { rememberReading } from '../manifest/version-reading.js'
import { diagnose } from '../rules/judge.js'
import type { RolloutPlan } from '../stages/stages.js'
import type { Diagnostic } from '../text/diagnostic.js'
import type { SourceFile } from '../text/source.js'
import { fetchMore, type FileHistory, plural } from '../text/words.js'
import { isHarmless } from '../yaml/faults.js'
import { sameJson } from '../yaml/json.js'
import type { OlderServices } from './applied.js'
import { isNamed, type Pairs, pairServices, placeOf, removedServices } from './pairs.js'
import type { Base, ReadSource, Request, ServiceRow } from './request.js'
import type { FrozenFor } from './settings.js'
import { unreadRemarks } from './unread.js'

/** A Service of which some rules could not be judged: its history is not known whole. */
type Blank = {
  readonly manifest: Manifest
  readonly codes: readonly string[]
  /** Whether older versions are missing, not only unreadable. */
  readonly isCut: boolean
  /** Whether fetching more brings them. */
  readonly isShallow?: true | undefined
  /** Why Git could not tell, in its own words. */
  readonly failure?: string
}

const namePath = ['metadata', 'name']

/** Says that a Service has an older side, and that nothing is known of it. */
function unreadBase(manifest: Manifest, why: string): Diagnostic {
  return note('KN520', manifest, {
    message: `not checked: the change of \`${manifest.label}\` (at the base commit it ${why})`,
    help: 'read the whole diff of the file',
  })
}

/** One diagnostic for all Services whose histories fall short in the same way, at the first of them. */
function historyBlanks(found: readonly Blank[]): readonly Diagnostic[] {
  const reasons = new Map<string, Blank[]>()
  for (const blank of found) {
    const reason = reasonOf(blank)
    reasons.set(reason, [...(reasons.get(reason) ?? []), blank])
  }
  return [...reasons].flatMap(([reason, alike]) => {
    const [first] = alike
    if (!first) return []
    const codes = [...new Set(alike.flatMap((blank) => blank.codes))].toSorted()
    const others = alike.length === 1 ? '' : ` and of ${alike.length - 1} more`
    return note('KN521', first.manifest, {
      message: `not checked: ${codes.join(', ')} for \`${first.manifest.label}\`${others} (${reason})`,
      ...(first.isShallow && first.failure === undefined && { help: fetchMore }),
    })
  })
}

function reasonOf({ isCut, failure }: Blank): string {
  if (failure !== undefined) return `Git says: ${failure}`
  return isCut ? 'its Git history here is incomplete' : 'versions of the file cannot be read'
}

function note(
  code: keyof typeof blanks,
  manifest: Manifest,
  { message, help }: Pick<Diagnostic, 'message' | 'help'>,
): Diagnostic {
  const { file, range } = spotAt(manifest, namePath)
  return {
    code,
    severity: blanks[code].severity,
    message,
    ...(help !== undefined && { help }),
    file: file.path,
    range,
    path: 'metadata.name',
    service: manifest.label,
  }
}

/** What holds for every Service of a run. */
export type PassageSettings = {
  readonly planFor: (manifest: Manifest) => RolloutPlan
  readonly frozenFor: FrozenFor
  /** Whose server takes all of them; without it, each tells by its own keys. */
  readonly profile?: Profile | undefined
  /** What an operator has set in the cluster. */
  readonly cluster: ClusterSettings
  /** In seconds since 1970. */
  readonly now: number
  /** The paths of the roots of the newer side of which it is not known what they apply. */
  readonly untold: ReadonlySet<string>
  /** The revisions of a Service that a snapshot shows to be there. */
  readonly shown?: (after: Manifest) => readonly string[]
  /** What there is to say of a Service that the older side does not have. */
  readonly newcomer?: (after: Manifest) => readonly Diagnostic[]
  /** Whether a server takes a Service of a past version, as it takes this one of the newer side: `validate` finds no error. */
  readonly isValid: (past: Manifest, manifests: readonly Manifest[], present: Manifest) => boolean
}

/**
 * Judges the way of each Service from the base to what its file, or the kustomize root that applies it, says now.
 */
export class Passages {
  private readonly pairs: Pairs
  private readonly unreadable: Set<string>
  private readonly blanks: Blank[] = []
  private readonly remembered = new Set<FileHistory>()

  constructor(
    private readonly base: Base,
    private readonly older: OlderServices,
    private readonly head: readonly Manifest[],
    private readonly settings: PassageSettings,
  ) {
    const elsewhere = (base.elsewhere ?? []).flatMap((file) => findManifests(file).manifests)
    this.unreadable = new Set([...(base.unreadable ?? []), ...older.unread])
    const { touched } = base
    this.pairs = pairServices(older.manifests, [...head, ...elsewhere], ({ file, spotOf }) => {
      return spotOf !== undefined || (touched?.has(file.path) ?? true)
    })
  }

  /** What there is to say about the way; nothing of a Service that is new, or is read with faults. */
  judge(after: Manifest): readonly Diagnostic[] {
    if (!after.faults.every(isHarmless)) return []
    const before = this.beforeOf(after)
    if (!before || !before.faults.every(isHarmless)) {
      const why = this.whyUnknown(after)
      return why === undefined ? (this.settings.newcomer?.(after) ?? []) : [unreadBase(after, why)]
    }
    const passage = this.passageOf(before, after)
    const own = guards.filter(({ isForWhole, isForKnative }) => {
      return !(isForWhole && after.file.isPatch) && !(isForKnative && passage.profile !== 'knative')
    })
    this.noteBlanks(passage, own)
    // In another namespace it may be another Service, of which nothing is refused.
    const isSame = before.namespace === after.namespace
    return own.flatMap((guard) => {
      return heard(guard, passage).map(({ severity, finding }) =>
        diagnose(after, guard.code, severity === 'error' && !isSame ? 'warning' : severity, finding),
      )
    })
  }

  /** Why it cannot be told what a Service was at the base; undefined where it can, and where it is new. */
  private whyUnknown(after: Manifest): string | undefined {
    const before = this.beforeOf(after)
    if (before?.faults.every(isHarmless)) return undefined
    if (this.older.unbuilt?.has(after.file.path)) return 'cannot be built'
    const unclear = this.pairs.unclear.get(placeOf(after))
    return unclear ?? (before || this.unreadable.has(after.file.path) ? 'cannot be read' : undefined)
  }

  /** The targets of a Service at the base and now, and whether all of it is as it was. */
  wayOf(after: Manifest): NonNullable<ServiceRow['way']> {
    const before = this.beforeOf(after)
    const isUnchanged = before !== undefined && sameJson(before.value, after.value)
    const to = readTraffic(after)
    const from = isUnchanged ? to : before && readTraffic(before)
    const isUnknown = !from && this.whyUnknown(after) !== undefined
    return {
      ...(from && { from }),
      ...(to && { to }),
      ...(isUnchanged && { isUnchanged }),
      ...(isUnknown && { isUnknown }),
    }
  }

  /** The Services that the change takes away: of the files that are asked for, those that none of `hidden` may still hold. */
  removed(
    files: readonly SourceFile[],
    hidden: ReadonlySet<string>,
    { services = [] }: Pick<Request, 'services'>,
  ): readonly Diagnostic[] {
    const { untold } = this.settings
    const known = [...(this.base.asked ?? []), ...this.older.roots]
    const asked = new Set(known.filter((path) => !hidden.has(path) && !untold.has(path)))
    const { gone } = this.pairs
    const { head } = this
    return removedServices({ gone, head, asked, files: new Set(files.map(({ path }) => path)), patterns: services })
  }

  /**
   * Whose rules judge a Service. A stock Knative does not read the keys of another server, so one that was judged by its
   * rules still is where the change adds such keys.
   */
  profileOf(after: Manifest): Profile {
    const before = this.beforeOf(after)
    return this.settings.profile ?? (before && profileOf(before) === 'knative' ? 'knative' : profileOf(after))
  }

  /** The Service at the base; undefined where it is new, or nobody can say which one is meant. */
  beforeOf(after: Manifest): Manifest | undefined {
    return this.pairs.before.get(placeOf(after))
  }

  /** What could not be said of the Services that were judged, for want of their history. */
  notChecked(): readonly Diagnostic[] {
    return historyBlanks(this.blanks)
  }

  private passageOf(before: Manifest, after: Manifest): Passage {
    const { planFor, frozenFor, now } = this.settings
    const frozen = frozenFor(after, now)
    const profile = this.profileOf(after)
    const given = this.settings.profile !== undefined && { isProfileGiven: true as const }
    const history = this.historyOf(before)
    const past = history && { past: pastOf(before, history) }
    const settings = profile === 'knative' ? this.settings.cluster : stockCluster
    const way = {
      before,
      after,
      plan: planFor(after),
      profile,
      settings,
      now,
      ...(frozen && { frozen }),
      ...given,
      ...past,
    }
    const isNamedBeside = (name: string): boolean =>
      this.settings.shown?.(after).includes(name) === true || isNamed(name, after, this.base, this.head)
    return { ...way, isNamedBeside, ...this.clustersOf(way, history) }
  }

  /** The history of a file, whose newest version is mostly what was read at the base. */
  private historyOf({ file: { path, text } }: Manifest): FileHistory | undefined {
    const history = this.base.histories?.get(path)
    const reading = this.older.readings.get(path)
    if (history && reading && !this.remembered.has(history)) rememberReading(history, text, reading)
    if (history) this.remembered.add(history)
    return history
  }

  /** The cluster before the newer side, if no commit in between is synced, and if each is. */
  private clustersOf(
    { before, after, profile, settings }: Pick<Passage, 'before' | 'after' | 'profile' | 'settings'>,
    history: FileHistory | undefined,
  ): Pick<Passage, 'cluster' | 'each'> {
    const isValid: ConstructorParameters<typeof StoredVersions>[0] = (past, manifests) =>
      this.settings.isValid(past, manifests, after)
    // The newer one is mostly judged already.
    const stored = new StoredVersions(isValid, [after, before])
    const merged = history && history.versions.length > 0 ? stored.of(before, history) : [stored.only(before)]
    const cluster = new ClusterAt(merged, [], { profile, settings })
    const between = this.base.between?.get(after.file.path)
    const own = between ? stored.of(after, between) : []
    // What a root builds at the last commit may be what is judged; of a file that is known by its text.
    const isLast = after.spotOf !== undefined && sameJson(own[0]?.read()?.service?.value, after.value)
    const later = own.slice(isLast ? 1 : 0).toReversed()
    // Until it comes to this file, it is in the other one.
    const since = before.file.path === after.file.path ? 0 : later.findIndex((version) => version.read()?.service)
    if (later.length === 0 || since < 0) return { cluster }
    return { cluster, each: new ClusterAt(merged, later.slice(since), { profile, settings }) }
  }

  private noteBlanks(passage: Passage, own: typeof guards): void {
    const { before, after, past } = passage
    const lost = this.base.between?.get(after.file.path)?.failure
    const asking = own.filter(({ asksCluster }) => asksCluster).map(({ code }) => code)
    if (lost !== undefined) this.blanks.push({ manifest: after, codes: asking, isCut: true, failure: lost })
    if (!past) return
    const open = own.filter(({ isOpen }) => isOpen?.(passage))
    if (open.length === 0 || !hasGaps(past)) return
    const { failure, isShallow } = this.base.histories?.get(before.file.path) ?? {}
    const { isCut } = past.gaps()
    this.blanks.push({
      manifest: after,
      codes: open.map(({ code }) => code),
      isCut,
      ...(isCut && { isShallow }),
      ...(failure !== undefined && { failure }),
    })
  }
}

/**
 * What is said of a Service itself and of its change, in the order of the file. Where the change is refused for a field, a
 * warning that it would be one day only repeats that.
 */
export function mergedIn(own: readonly Diagnostic[], change: readonly Diagnostic[]): readonly Diagnostic[] {
  if (change.length === 0) return own
  const refused = new Set(change.filter(({ severity }) => severity === 'error').map(({ path }) => path))
  const left = own.filter(({ severity, path }) => severity !== 'warning' || !refused.has(path))
  return [...left, ...change].toSorted((a, b) => (a.range?.start ?? 0) - (b.range?.start ?? 0))
}

/** Says that a change touches files that can have to do with Services, and that there is no Service to check. */
export function unchecked(
  { base, surroundings, about }: Request,
  readings: readonly ReadSource[],
  told: ReadonlySet<string>,
): readonly Diagnostic[] {
  if (!base?.touched) return []
  const around = surroundings?.kustomizations ?? []
  const files = [...readings.filter(({ file }) => about?.has(file.path) !== false).map(({ file }) => file), ...around]
  const changed = files.filter(({ path }) => base.touched?.has(path))
  const first = changed[0]?.path
  if (first === undefined || changed.some(({ path, isGarbled }) => isGarbled || told.has(path))) return []
  const { severity } = unreadRemarks.KN118
  const rest = changed.length > 1 ? ` and ${plural(changed.length - 1, 'other file')}` : ''
  const message = `nothing checked although \`${first}\`${rest} changed: no Knative Service has to do with the change`
  return [
    {
      code: 'KN118',
      severity,
      message,
      help: 'check the group and kind of the manifest, and the `resources` of its kustomization',
      file: first,
    },
  ]
}

/** Says once of the files that were named and hold nothing to validate that this is so. */
export function unvalidated(
  { named, move, base }: Request,
  readings: readonly ReadSource[],
  told: ReadonlySet<string>,
): readonly Diagnostic[] {
  if (!named || move || base) return []
  const holding = readings.filter(({ reading }) => reading.manifests.length + reading.others.length > 0)
  const full = new Set([...told, ...holding.map(({ file }) => file.path)])
  const empty = [...named].filter((file) => !full.has(file))
  const [first] = empty
  if (first === undefined) return []
  const { severity } = unreadRemarks.KN117
  const rest =
    empty.length > 1
      ? ` (nor in ${plural(empty.length - 1, 'other file')} that ${empty.length === 2 ? 'is' : 'are'} named)`
      : ''
  const message = `nothing validated: no Knative Service in \`${first}\`${rest}`
  const help = 'check the path; a Knative Service has `apiVersion: serving.knative.dev/v1` and `kind: Service`'
  return [{ code: 'KN117', severity, message, help, file: first }]
}
