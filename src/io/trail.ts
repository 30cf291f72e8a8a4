import type { LoggedChange, LoggedCommit } from './git/log-reader.js'

/** A commit that changed a followed file, as the log tells it. */
export type Sighting = Omit<LoggedChange, 'source'> & Omit<LoggedCommit, 'changes'>

/** Where the log met one file. */
export type Trail = {
  /** Newest first. */
  readonly sightings: readonly Sighting[]
  /** Whether there are more than were asked for. */
  readonly hasMore: boolean
}

/**
 * Follows files through a log from the newest commit to the oldest. A file that was renamed is looked for under its
 * former name from there on; one that was added keeps its name: it may have been there before, and removed.
 */
export class Tracker {
  private readonly trails: readonly Own[]
  private readonly byPath = new Map<string, Own[]>()
  private open: number

  constructor(
    paths: readonly string[],
    private readonly limit: number,
  ) {
    this.trails = paths.map((name) => ({ path: name, sightings: [], hasMore: false }))
    for (const trail of this.trails) this.put(trail)
    this.open = paths.length
  }

  /** In the order of the paths. */
  get found(): readonly Trail[] {
    return this.trails
  }

  /** What the files are called at the commit that was followed last. */
  get paths(): readonly string[] {
    return [...this.byPath.keys()].filter((name) => this.isFollowed(name))
  }

  isFollowed(name: string): boolean {
    return (this.byPath.get(name)?.length ?? 0) > 0
  }

  /** Takes the next older commit; `false` once all files have been seen often enough. */
  follow({ changes, ...head }: LoggedCommit): boolean {
    const moves: (readonly [Own, string])[] = []
    for (const { source, ...change } of changes) {
      for (const trail of this.byPath.get(change.path) ?? []) {
        this.see(trail, { ...head, ...change })
        if (source !== undefined) moves.push([trail, source])
      }
      if (source === undefined) continue
      const removed = { path: source, kind: 'removed', blob: undefined } as const
      for (const trail of this.byPath.get(source) ?? []) this.see(trail, { ...head, ...removed })
    }
    for (const [trail, source] of moves) this.move(trail, source)
    return this.open > 0
  }

  private see(trail: Own, sighting: Sighting): void {
    if (trail.sightings.length < this.limit) trail.sightings.push(sighting)
    else if (!trail.hasMore) {
      trail.hasMore = true
      this.open--
    }
  }

  private put(trail: Own): void {
    const others = this.byPath.get(trail.path)
    if (others) others.push(trail)
    else this.byPath.set(trail.path, [trail])
  }

  private move(trail: Own, name: string): void {
    const others = this.byPath.get(trail.path) ?? []
    this.byPath.set(
      trail.path,
      others.filter((other) => other !== trail),
    )
    trail.path = name
    this.put(trail)
  }
}

type Own = { path: string; readonly sightings: Sighting[]; hasMore: boolean }
