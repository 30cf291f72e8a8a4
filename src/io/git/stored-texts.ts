import { sum } from '../../text/collections.js'
import { Mentions } from '../../text/mentions.js'
import { holdText, sizeLimit, textIn } from '../../text/source.js'
import { lackedIn, lackOf, readObjects, readObjectsNow, sizesOf } from './repository.js'
import type { Environment } from './run.js'

/** What is read before anyone asks, in bytes: the newest versions of all files, which most answers come from. */
const ahead = 8 * 1024 * 1024
/** What is read in one go later on: a little for who asks once, and more for each who goes on. */
const [least, most] = [1024 * 1024, 4 * 1024 * 1024]

/** What holds so many bytes may hold many Services that ask for names in it. */
const large = 64 * 1024

/** A name that was looked for in so many blobs is looked for in all that are held, at once. */
const often = 64

/** How many blobs that a partial clone lacks are passed over, each at the price of a run of Git. */
const patience = 16

/** Blobs, from the one that is likely to be asked for first to the last. */
export type Wanted = {
  /** What most answers need first: the newest version of each file, then the next one of each. */
  readonly byAge: readonly string[]
  /** As they are asked for once one goes deep: all versions of one file, then those of the next. */
  readonly byFile: readonly string[]
}

/** How much there is. */
export type StoredLimits = {
  /** How many bytes all of them may have; what comes later by age is not there. */
  readonly limit: number
  /** How many blobs are read before anyone asks, at most. */
  readonly most: number
  /** Blobs that were read already. */
  readonly known?: ((id: string) => Buffer | undefined) | undefined
}

function firstPlaces(order: readonly string[]): ReadonlyMap<string, number> {
  const places = new Map<string, number>()
  for (const [index, id] of order.entries()) if (!places.has(id)) places.set(id, index)
  return places
}

/** What a blob is, before its text is asked for. */
type Kept = { readonly size: number; readonly bytes?: Buffer | undefined }

/**
 * The texts of blobs of a repository, of which few are held at a time: the newest ones are read before anyone asks, and
 * the others when somebody does, with those that are likely to be next.
 */
export class StoredTexts {
  private readonly known = new Map<string, Kept>()
  private places: ReadonlyMap<string, number> | undefined
  private window = new Map<string, Buffer>()
  private readonly lacking = new Set<string>()
  private readonly searched = new Map<string, Mentions>()
  /** How often a name was looked for, and then whether what is held lacks it. */
  private readonly looked = new Map<string, number | boolean>()
  private step = least
  private newest: { readonly id: string; readonly text: string | undefined } | undefined

  private constructor(
    private readonly root: string,
    private readonly environment: Environment,
    private readonly order: readonly string[],
  ) {}

  static async of(
    root: string,
    environment: Environment,
    { byAge, byFile }: Wanted,
    { limit, most: count, known }: StoredLimits,
  ): Promise<{ readonly texts: StoredTexts; readonly failure: string | undefined }> {
    const texts = new StoredTexts(root, environment, byFile)
    const ids = [...new Set(byAge)]
    texts.takeOver(ids.slice(0, count), { limit, known })
    let failure: string | undefined
    for (let left = patience; left > 0; left--) {
      failure = (await texts.readAhead(ids.slice(0, count), limit)) ?? (await texts.measure(ids, limit))
      // Git may stop at what a partial clone lacks.
      const lacking = failure && lackedIn(failure)
      if (!lacking) return { texts, failure }
      texts.lacking.add(lacking)
    }
    return { texts, failure: lackOf('older versions') }
  }

  /** Whether the blob is there, and within the limit. */
  has(id: string): boolean {
    return this.known.has(id)
  }

  /** Whether the blob would be within the limit, but the clone does not hold it. */
  isLacking(id: string): boolean {
    return this.lacking.has(id)
  }

  /** Undefined for what is no text, or too large for one. */
  textOf(id: string): string | undefined {
    if (this.newest?.id !== id) {
      const bytes = this.bytesOf(id)
      this.newest = { id, text: bytes && textIn(bytes) }
    }
    return this.newest.text
  }

  /** Takes an equal string in the place of the text. */
  holdAs(id: string, text: string): void {
    const bytes = this.bytesOf(id)
    if (!bytes) return
    holdText(bytes, text)
    this.newest = { id, text }
  }

  /** Whether the blob may hold a name. */
  mentions(id: string, name: string): boolean {
    const kept = this.known.get(id)
    if (kept?.bytes && this.isNowhere(name)) return false
    if ((kept?.size ?? 0) < large) return this.bytesOf(id)?.includes(name) === true
    const mentions = this.searched.get(id) ?? new Mentions(() => this.bytesOf(id))
    this.searched.set(id, mentions)
    return mentions.has(name)
  }

  /** Whether no blob that was read ahead holds the name; never falsely so. */
  private isNowhere(name: string): boolean {
    const known = this.looked.get(name) ?? 0
    if (typeof known === 'boolean') return known
    const isAbsent = known === often && !this.slabs().some((slab) => slab.includes(name))
    this.looked.set(name, known === often ? isAbsent : known + 1)
    return isAbsent
  }

  /** The memory that the blobs are in: many came in one piece. */
  private slabs(): readonly Buffer[] {
    const slabs = new Set([...this.known.values()].flatMap(({ bytes }) => bytes?.buffer ?? []))
    return [...slabs].map((slab) => Buffer.from(slab))
  }

  /** Takes what was read already, as far as nothing comes before it that was not. */
  private takeOver(ids: readonly string[], { limit, known }: Pick<StoredLimits, 'limit' | 'known'>): void {
    let left = limit
    for (const id of ids) {
      const bytes = known?.(id)
      if (!bytes || bytes.length > left) return
      left -= bytes.length
      this.known.set(id, { size: bytes.length, bytes })
    }
  }

  private async readAhead(ids: readonly string[], limit: number): Promise<string | undefined> {
    const limits = { limit: Math.min(limit, ahead) - this.size, largest: sizeLimit }
    return readObjects(
      this.root,
      this.environment,
      { ids: ids.filter((id) => !this.known.has(id) && !this.lacking.has(id)), ...limits },
      {
        onObject: (id, bytes) => this.known.set(id, { size: bytes.length, bytes }),
        onLarge: (id, size) => {
          this.known.set(id, { size })
          return () => undefined
        },
      },
    )
  }

  /** Finds out what else is there. */
  private async measure(ids: readonly string[], limit: number): Promise<string | undefined> {
    const last = ids.findLastIndex((id) => this.known.has(id))
    for (const id of ids.slice(0, last + 1)) if (!this.known.has(id)) this.lacking.add(id)
    const left = ids.slice(last + 1).filter((id) => !this.lacking.has(id))
    if (left.length === 0) return undefined
    const sizes = await sizesOf(this.root, this.environment, left)
    if (typeof sizes === 'string') return sizes
    let total = this.size
    for (const id of left) {
      const size = sizes.get(id)
      if (size === undefined) this.lacking.add(id)
      if (size === undefined) continue
      total += size
      if (total > limit) break
      this.known.set(id, { size })
    }
    return undefined
  }

  /** In bytes. */
  private get size(): number {
    return sum([...this.known.values()].map(({ size }) => size))
  }

  /** Undefined for what is too large for a text. */
  bytesOf(id: string): Buffer | undefined {
    const kept = this.known.get(id)
    if (!kept || kept.size > sizeLimit) return undefined
    const found = kept.bytes ?? this.window.get(id)
    if (found) return found
    this.places ??= firstPlaces(this.order)
    this.readFrom(this.places.get(id) ?? 0)
    return this.window.get(id)
  }

  /** Reads on from a place in the order, in place of what was read last. */
  private readFrom(place: number): void {
    const ids = new Set<string>()
    let size = 0
    for (let index = place; index < this.order.length && (ids.size === 0 || size < this.step); index++) {
      const id = this.order[index] ?? ''
      const kept = this.known.get(id)
      if (!kept || kept.bytes || kept.size > sizeLimit || ids.has(id)) continue
      ids.add(id)
      size += kept.size
    }
    this.step = Math.min(most, 2 * this.step)
    this.window = new Map()
    readObjectsNow(this.root, this.environment, { ids: [...ids], size }, (id, bytes) => this.window.set(id, bytes))
  }
}
