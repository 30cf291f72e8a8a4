import type { Profile } from '../rules/profiles.js'
import { creatorKey, modifierKey } from '../rules/update/notes.js'
import type { Version } from './cluster.js'
import { replay, replayMerged, type Replayed } from './replay.js'
import { ownName } from './template.js'

/** A version that is read when it is needed. */
export type StoredVersion = {
  /** Undefined where it cannot be read. */
  readonly read: () => Version | undefined
  /** Whether the name stands anywhere in it: if not, it need not be read to know. */
  readonly mentions: (name: string) => boolean
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

/** The cluster at one commit, replayed only as far as an answer hangs on it. */
export class ClusterAt {
  private readonly newest = new Map<string | undefined, Newest>()
  private known: Replayed | undefined

  /**
   * @param merged What led to the base, newest first.
   * @param later What comes after it before the version that is asked about, oldest first.
   */
  constructor(
    private readonly merged: readonly StoredVersion[],
    private readonly later: readonly Version[],
    private readonly server: Profile,
  ) {}

  /** What the whole history leads to. */
  whole(): Replayed {
    this.known ??= this.after(this.merged.flatMap(({ read }) => read() ?? []).toReversed())
    return this.known
  }

  /**
   * The same as far as a template of this own name is compared with it (none: as far as the Service is): the Service as
   * last admitted, what was refused since, and the revisions made since it took its name.
   */
  lately(name: string | undefined): Replayed {
    return this.after(this.newestFor(name).versions)
  }

  /** Whether `lately` rests on versions that are not known. It takes a look at the history to know whether some are missing. */
  isOpen(name: string | undefined): boolean {
    return name !== undefined && this.newestFor(name).isOpen
  }

  /** The same as `whole` as far as the revision of this name goes; no more is read than it takes. */
  about(name: string): Replayed {
    // No version need mention a name that was generated.
    if (/-\d{5,}$/.test(name)) return this.whole()
    const older = this.merged.slice(this.newestFor(name).length)
    return older.some(({ mentions }) => mentions(name)) ? this.whole() : this.lately(name)
  }

  private after(merged: readonly Version[]): Replayed {
    return replay(replayMerged(merged, this.server), this.later, this.server)
  }

  private newestFor(name: string | undefined): Newest {
    const known = this.newest.get(name) ?? newestOf(this.merged, name)
    this.newest.set(name, known)
    return known
  }
}

/**
 * A version without a name of its own is taken whatever was there before, if it is valid. After a valid one with a name,
 * the Service has that name, whether this version was taken or an older one of the same name stayed; so the next one, if
 * it has another name, is taken.
 */
function newestOf(merged: readonly StoredVersion[], name: string | undefined): Newest {
  // A version that edits a note is refused whatever its name.
  const isNoted = merged.some(({ mentions }) => mentions(creatorKey) || mentions(modifierKey))
  const versions: Version[] = []
  let length = 0
  let newer = name
  let isOpen = false
  for (const { read } of merged) {
    const version = read()
    length++
    if (!version) {
      isOpen = true
      continue
    }
    versions.push(version)
    const { service } = version
    if (!service && !isNoted) return { versions: versions.toReversed(), length, isOpen }
    if (isNoted || !service?.isValid) continue
    const own = ownName(service)
    if (own === undefined || (newer !== undefined && own !== newer))
      return { versions: versions.toReversed(), length, isOpen }
    newer = own
  }
  return { versions: versions.toReversed(), length, isOpen: true }
}
