import { recentManifests } from '../manifest/find.js'
import { isNamedAs, type Manifest, type Named } from '../manifest/manifest.js'
import {
  FieldQuestion,
  isAtHand,
  manifestsAtHand,
  mayMention,
  namesQuestion,
  readStored,
  revisionNamesIn,
  type StoredService,
} from '../manifest/past.js'
import { creatorKey, isNoted, modifierKey } from '../rules/kept-name.js'
import type { FileHistory, FileVersion } from '../text/words.js'
import { sameJson } from '../yaml/json.js'
import {
  ownName,
  replay,
  type Replayed,
  replayMerged,
  type Server,
  type ServiceVersion,
  templateOf,
  type Version,
} from './cluster.js'

/** A version that is read when it is needed. */
export type StoredVersion = {
  /** Undefined where it cannot be read. */
  read(): Version | undefined
  /** Whether the name stands anywhere in it: if not, it need not be read to know. */
  mentions(name: string): boolean
  /** Whether it says who made or changed the Service; not where it cannot be read. */
  isNoted(): boolean
  /** Whether it has the Service, and that names no revision; also where it cannot be read. */
  isNameless(): boolean
  /** Whether it is without the Service; not where it cannot be read. */
  isAbsent(): boolean
}

/** A version that is at hand. */
export function versionAtHand(version: Version): StoredVersion {
  const { service } = version
  return {
    read: () => version,
    mentions: () => true,
    isNoted: () => service !== undefined && isNoted(service),
    isNameless: () => service !== undefined && revisionNamesIn(service).length === 0,
    isAbsent: () => service === undefined,
  }
}

/** The newest versions that decide on what was admitted last. */
type Newest = {
  /** The oldest first. */
  readonly versions: readonly Version[]
  /** How many there are with those that cannot be read. */
  readonly length: number
  /** Whether older ones, or ones that cannot be read, could change the answer. */
  readonly isOpen: boolean
}

/** The newest version alone does not tell whether its template is another one than before. */
const briefReplays = { starts: [2, 8], mostRead: 32 }

/** The cluster at one commit, replayed only as far as an answer hangs on it. */
export class ClusterAt {
  private readonly newest = new Map<string | undefined, Newest>()
  private readonly replays = new Map<string | undefined, Replayed>()
  private readonly briefs = new Map<number, Replayed | undefined>()
  private known: Replayed | undefined
  private nameless: boolean | undefined
  private noted: boolean | undefined
  private deleted: boolean | undefined

  /**
   * @param merged What led to the base, newest first.
   * @param later What comes after it before the version that is asked about, oldest first.
   */
  constructor(
    private readonly merged: readonly StoredVersion[],
    private readonly later: readonly StoredVersion[],
    private readonly server: Server,
  ) {}

  /** What the whole history leads to. */
  whole(): Replayed {
    this.known ??= this.after(readable(this.merged.toReversed()))
    return this.known
  }

  /**
   * The same as far as a template of this own name is compared with it (none: as far as the Service is): the Service as
   * last admitted, what was refused since, and the revisions made since it took its name.
   */
  lately(name: string | undefined): Replayed {
    const known = this.replays.get(name) ?? this.after(this.newestFor(name).versions)
    this.replays.set(name, known)
    return known
  }

  /** Whether `lately` rests on versions that are not known. It takes a look at the history to know whether some are missing. */
  isOpen(name: string | undefined): boolean {
    return name !== undefined && this.newestFor(name).isOpen
  }

  /** The same as `whole` as far as the revision of this name goes; no more is read than it takes. */
  about(name: string): Replayed {
    return this.isOlder(name) ? this.whole() : this.lately(name)
  }

  /**
   * Each template that stood under the name since the Service took it. Where all of them are alike in what is asked, it
   * need not be known which were admitted.
   */
  under(name: string): readonly ServiceVersion[] {
    const found: ServiceVersion[] = []
    for (const { service } of [...this.newestFor(name).versions, ...readable(this.later)]) {
      const last = found.at(-1)
      if (!service || ownName(service) !== name) continue
      if (!last || !sameJson(templateOf(last), templateOf(service))) found.push(service)
    }
    return found
  }

  /** Whether a revision of the name may be older than that. */
  isOlder(name: string): boolean {
    // No version need mention a name that was generated.
    if (/-\d{5,}$/.test(name)) return true
    return this.merged.slice(this.newestFor(name).length).some((version) => version.mentions(name))
  }

  /**
   * Whether no version names a revision, and none is without the Service: how many revisions there are then is open, and
   * every generated name may be that of one. It takes no judging of the versions.
   */
  isNameless(): boolean {
    this.nameless ??= [...this.merged, ...this.later].every((one) => one.isNameless())
    return this.nameless
  }

  /**
   * What the newest versions lead to, as if the history began with them: few, then some more. A number that is reached at
   * least is so by the whole history as well, unless the Service was deleted, as numbers then begin anew. Nothing where a
   * version says who made or changed the Service: it may be refused for what came long before.
   */
  *briefly(): Generator<Replayed> {
    if (this.hasNotes()) return
    for (const starts of briefReplays.starts) {
      const known = this.briefs.has(starts) ? this.briefs.get(starts) : this.fromStart(starts)
      this.briefs.set(starts, known)
      if (!known) return
      yield known
    }
  }

  /** From so many versions ago that a replay can begin with: what has no name of its own and is valid was surely taken. */
  private fromStart(starts: number): Replayed | undefined {
    const versions: Version[] = []
    let left = starts
    for (const one of this.merged.slice(0, briefReplays.mostRead)) {
      const version = one.read()
      if (!version) continue
      versions.push(version)
      const { service } = version
      if (service && ownName(service) === undefined && service.isValid) left--
      if (left === 0) return this.after(versions.toReversed())
    }
    return undefined
  }

  /** Whether a version that has the Service, or cannot be read, is older than one without it: numbers may begin anew. */
  mayHaveBeenDeleted(): boolean {
    this.deleted ??= this.hasGap()
    return this.deleted
  }

  private hasGap(): boolean {
    const newestFirst = [...this.later.toReversed(), ...this.merged]
    const absent = newestFirst.findIndex((one) => one.isAbsent())
    return absent >= 0 && newestFirst.slice(absent).some((one) => !one.isAbsent())
  }

  /** Whether a version says who made or changed the Service. */
  hasNotes(): boolean {
    return this.hasMergedNotes() || this.later.some((one) => one.isNoted())
  }

  /** Whether one that led to the base does. */
  private hasMergedNotes(): boolean {
    this.noted ??= this.merged.some((one) => one.isNoted())
    return this.noted
  }

  private after(merged: readonly Version[]): Replayed {
    return replay(replayMerged(merged, this.server), readable(this.later), this.server)
  }

  private newestFor(name: string | undefined): Newest {
    // A version that edits a note is refused whatever its name.
    const known = this.newest.get(name) ?? newestOf(this.merged, name, this.hasMergedNotes())
    this.newest.set(name, known)
    return known
  }
}

/**
 * A version without a name of its own is taken whatever was there before, if it is valid. After a valid one with a name,
 * the Service has that name, whether this version was taken or an older one of the same name stayed; so the next one, if
 * it has another name, is taken.
 *
 * @param isLong Whether all of them matter, as where one says who made or changed the Service.
 */
function newestOf(merged: readonly StoredVersion[], name: string | undefined, isLong: boolean): Newest {
  const versions: Version[] = []
  let length = 0
  let newer = name
  let isOpen = false
  for (const one of merged) {
    const version = one.read()
    length++
    if (!version) {
      isOpen = true
      continue
    }
    versions.push(version)
    const { service } = version
    if (isLong) continue
    const own = service && ownName(service)
    // Judging takes time, and is of no use while the name stays.
    if (own !== undefined && own === newer) continue
    if (service?.isValid === false) continue
    if (own === undefined || newer !== undefined) return { versions: versions.toReversed(), length, isOpen }
    newer = own
  }
  return { versions: versions.toReversed(), length, isOpen: true }
}

function readable(versions: readonly StoredVersion[]): readonly Version[] {
  return versions.flatMap((version) => version.read() ?? [])
}

const notable = new WeakMap<FileHistory, ReadonlySet<FileVersion>>()

/** The versions that may say who made or changed a Service: files are looked through once for all of theirs. */
function notableIn(history: FileHistory): ReadonlySet<FileVersion> {
  const known = notable.get(history)
  if (known) return known
  const found = history.versions.filter((version) => {
    return isAtHand(history, version) || mayMention(version, creatorKey) || mayMention(version, modifierKey)
  })
  const own = new Set(found)
  notable.set(history, own)
  return own
}

/** Whether `validate` finds no error in a Service, beside the others of its file. */
type IsValid = (service: Manifest, manifests: readonly Manifest[]) => boolean

/** A Service in the history of its file, and what is asked of each of its versions. */
class ServiceInHistory {
  constructor(
    readonly history: FileHistory,
    readonly named: Named,
    private readonly versions: StoredVersions,
  ) {}

  read(version: FileVersion): Version | undefined {
    return this.versions.readVersion(this, version)
  }

  isNoted(version: FileVersion): boolean {
    const { history, named } = this
    return notableIn(history).has(version) && this.versions.notes.in(history, version, named) === true
  }

  isNameless(version: FileVersion): boolean {
    const names = this.versions.names.in(this.history, version, this.named)
    return names === 'unreadable' || (names !== 'absent' && names.length === 0)
  }

  isAbsent(version: FileVersion): boolean {
    return this.versions.names.in(this.history, version, this.named) === 'absent'
  }
}

/** One of thousands, of which few are read. */
class VersionInHistory implements StoredVersion {
  private known: { readonly version: Version | undefined } | undefined

  constructor(
    private readonly version: FileVersion,
    private readonly within: ServiceInHistory,
  ) {}

  read(): Version | undefined {
    this.known ??= { version: this.within.read(this.version) }
    return this.known.version
  }

  mentions(name: string): boolean {
    return mayMention(this.version, name)
  }

  isNoted(): boolean {
    return this.within.isNoted(this.version)
  }

  isNameless(): boolean {
    return this.within.isNameless(this.version)
  }

  isAbsent(): boolean {
    return this.within.isAbsent(this.version)
  }
}

/** The versions of Services in the histories of their files. What has the same text is judged once. */
export class StoredVersions {
  /** Whether keys are there: no value tells. */
  readonly notes = new FieldQuestion([], isNoted)
  readonly names = namesQuestion()
  private readonly verdicts = new Map<string, boolean>()

  /** @param read Services that are read already: a version that is one of them is not read again to be judged. */
  constructor(
    private readonly isValid: IsValid,
    private readonly read: readonly Manifest[] = [],
  ) {}

  /** Those of one Service, in the order of the history; each is read when it is first asked for. */
  of(named: Named, history: FileHistory): readonly StoredVersion[] {
    const within = new ServiceInHistory(history, named, this)
    return history.versions.map((version) => new VersionInHistory(version, within))
  }

  /** A Service that no history tells of, as its only version. */
  only(manifest: Manifest): StoredVersion {
    const { name, value } = manifest
    return versionAtHand({ commit: '', service: { name, value, isValid: this.isValid(manifest, [manifest]) } })
  }

  /** Undefined where it cannot be read. */
  readVersion({ history, named }: ServiceInHistory, version: FileVersion): Version | undefined {
    const found = readStored(history, version, named)
    if (found === 'unreadable') return undefined
    const { commit } = version
    return { commit, service: found === 'absent' ? undefined : this.serviceOf(named, found, version) }
  }

  /** Judging takes more time than reading, and many questions can do without: the text as well is only read for it. */
  private serviceOf(named: Named, stored: StoredService, version: FileVersion): ServiceVersion {
    const judge = (): boolean => this.judge(named, stored.text, version)
    return {
      name: named.name,
      value: stored.value,
      get isValid() {
        return judge()
      },
    }
  }

  /** Errors of a Service come from its document alone: that is all that is read of a file with many. */
  private judge(named: Named, text: string, version: FileVersion): boolean {
    const { name, namespace } = named
    const key = [namespace, name, text].join('\n')
    const known = this.verdicts.get(key)
    if (known !== undefined) return known
    const alike = this.read.filter((one) => isAlone(one, named, text))
    const verdict =
      alike.length > 0
        ? alike.some((one) => this.isValid(one, [one]))
        : this.isValidIn(named, manifestsAtHand(version) ?? recentManifests({ path: version.path, text }))
    this.verdicts.set(key, verdict)
    return verdict
  }

  private isValidIn(named: Named, manifests: readonly Manifest[]): boolean {
    const service = manifests.find((one) => isNamedAs(one, named))
    return service !== undefined && this.isValid(service, manifests)
  }
}

/** Whether a Service is of that name, and all that its document holds, which is that text. */
function isAlone(manifest: Manifest, named: Named, text: string): boolean {
  const { file, root, name, namespace, spotOf } = manifest
  if (root.length > 0 || spotOf || file.isPatch || name !== named.name || namespace !== named.namespace) return false
  // The document of a Service that was built is made when it is asked for.
  const [start, , end] = manifest.document.range
  const own = file.text.slice(start, end)
  return own === text || own === `---\n${text}`
}
