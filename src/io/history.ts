import path from 'node:path'

import { append, highest } from '../text/collections.js'
import { type FileHistory, type FileVersion, shortCommit } from '../text/words.js'
import { GitLog, type LoggedChange, type LoggedCommit, readChanges } from './git/log.js'
import { canBeShallow, type GitRepository, hasRemote, lackOf, listLine, readObjects } from './git/repository.js'
import { literal, nameInRepository, repositoryRoot } from './git/root.js'
import type { Environment } from './git/run.js'
import { type StoredLimits, StoredTexts } from './git/stored-texts.js'
import { isManifestFile, manifestFiles } from './paths.js'
import type { Sides } from './sides.js'

/** A commit that changed a followed file, as the log tells it. */
type Sighting = Omit<LoggedChange, 'source'> & Omit<LoggedCommit, 'changes'>

/** Where the log met one file. */
type Trail = {
  /** Newest first. */
  readonly sightings: readonly Sighting[]
  /** Whether there are more than were asked for. */
  readonly hasMore: boolean
}

/**
 * Follows files through a log from the newest commit to the oldest. A file that was renamed is looked for under its
 * former name from there on; one that was added keeps its name: it may have been there before, and removed.
 */
class Tracker {
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

  /** Takes the next older commit; `false` once all files have been seen often enough. */
  follow({ changes, ...head }: LoggedCommit): boolean {
    const moves: (readonly [Own, string])[] = []
    for (const { source, path: name, kind, blob } of changes) {
      for (const trail of this.byPath.get(name) ?? []) {
        this.see(trail, head, { kind, blob })
        if (source !== undefined) moves.push([trail, source])
      }
      if (source === undefined) continue
      for (const trail of this.byPath.get(source) ?? []) this.see(trail, head, { kind: 'removed', blob: undefined })
    }
    for (const [trail, source] of moves) this.move(trail, source)
    return this.open > 0
  }

  private see(
    trail: Own,
    { commit, time, parent }: Omit<LoggedCommit, 'changes'>,
    { kind, blob }: Pick<LoggedChange, 'kind' | 'blob'>,
  ): void {
    // A name is held once for all commits.
    const { path: name, sightings } = trail
    if (sightings.length < this.limit) sightings.push({ commit, time, parent, path: name, kind, blob })
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

/** How much is read. What is beyond leaves a history cut. */
type HistoryLimits = {
  /** The commit that the line starts from, or a range that ends with it: `base..head`. */
  readonly start: string
  /** Versions of one file. */
  readonly versions: number
  /** All versions of one repository's files together, in bytes; the oldest are left out. */
  readonly bytes: number
  /** So many versions of a file are read before anyone asks; the others are when somebody does. */
  readonly ahead: number
  /** What Git was asked ahead of time. */
  readonly log?: GitLog | undefined
  /** Blobs that were read already. */
  readonly known?: StoredLimits['known']
  /** The blobs that files are at the head, by their absolute paths: the newest version has no text where it is that one. */
  readonly held?: ReadonlyMap<string, string>
}

const usual: HistoryLimits = { start: 'HEAD', versions: 1000, bytes: 128 * 1024 * 1024, ahead: Infinity }

/** Up to so many files Git is asked for them alone; for more, one look at all that can hold manifests takes less time. */
const fewFiles = 20

const none: FileHistory = { versions: [], isCut: false }
const outside: FileHistory = { ...none, absence: 'it is in no Git repository' }

/**
 * What the first-parent line of HEAD, or of another commit, did to each of the files (absolute real paths), across
 * renames: a merge counts once, when it was merged. Git is asked a few times for each repository.
 *
 * Never fails: where Git cannot tell, the histories say so by their `failure`. Files outside of any repository, files
 * that Git does not track and those of a repository without commits have an empty history; the first say so.
 */
export async function readHistories(
  files: readonly string[],
  environment: Environment,
  limits: Partial<HistoryLimits> = {},
): Promise<ReadonlyMap<string, FileHistory>> {
  const repositories = new Map<string, string[]>()
  for (const file of new Set(files)) {
    const root = repositoryRoot(path.dirname(file))
    if (root === undefined) continue
    const own = repositories.get(root)
    if (own) own.push(file)
    else repositories.set(root, [file])
  }
  const read = await Promise.all(
    [...repositories].map(async ([root, own]) => {
      const names = own.map((file) => nameInRepository(root, file))
      const histories = await new HistoryReader(root, environment, { ...usual, ...limits }).histories(names)
      return own.map((file, index) => [file, histories[index] ?? none] as const)
    }),
  )
  const known = new Map(read.flat())
  return new Map(files.map((file) => [file, known.get(file) ?? outside]))
}

/**
 * Has Git begin with the log that `readHistories` will most likely ask for (`limits.log`), while files are still being
 * read. Whoever has one must drop it in the end.
 */
export class LogAhead {
  private readonly names = new Set<string>()
  private begun: GitLog | undefined

  constructor(private readonly environment: Environment) {}

  get log(): GitLog | undefined {
    return this.begun
  }

  /** Takes in files of a repository, by their names in any form: of most manifests among them, the past will be asked for. */
  meet(root: string, files: readonly string[], start = usual.start): void {
    for (const file of files) if (isManifestFile(file)) this.names.add(file)
    if (this.begun || this.names.size <= fewFiles) return
    this.begun = new GitLog(root, this.environment, { start, pathspecs: manifestFiles, withRenames: true })
  }

  /** Ends the log, unless somebody reads it. */
  drop(): void {
    this.begun?.drop()
  }
}

/** Where the files were seen, or why that cannot be told. */
type Search = { readonly trails: readonly Trail[]; readonly failure?: string | undefined }

/** Reads the histories of files of one repository. */
class HistoryReader {
  constructor(
    private readonly root: string,
    private readonly environment: Environment,
    private readonly limits: HistoryLimits,
  ) {}

  /** The histories of files, named as the repository does, in their order. */
  async histories(names: readonly string[]): Promise<readonly FileHistory[]> {
    const { trails, failure } = await (names.length > fewFiles ? this.searchAll(names) : this.searchFew(names))
    if (failure !== undefined) return names.map(() => ({ versions: [], isCut: true, failure }))
    const held = new Set(trails.filter((trail, index) => this.isHeld(trail, names[index] ?? '')))
    const wanted = trails.map((trail) => (held.has(trail) ? withoutNewest(trail) : trail))
    const [{ texts, failure: unread }, shallow] = await Promise.all([this.textsOf(wanted), this.shallowEnds(trails)])
    const canFetch = shallow.size > 0 && (await hasRemote(this.root, this.environment))
    return trails.map((trail) => historyOf(trail, { texts, shallow, canFetch, unread, isHeld: held.has(trail) }))
  }

  private isHeld({ sightings: [newest] }: Trail, name: string): boolean {
    const held = this.limits.held?.get(path.join(this.root, name))
    return held !== undefined && newest?.blob === held
  }

  private textsOf(trails: readonly Trail[]): ReturnType<typeof StoredTexts.of> {
    const { bytes, ahead, known } = this.limits
    const byFile = trails.flatMap(({ sightings }) => sightings.flatMap(({ blob }) => blob ?? []))
    return StoredTexts.of(
      this.root,
      this.environment,
      { byAge: [...blobsOf(trails)], byFile },
      { limit: bytes, most: ahead * trails.length, known },
    )
  }

  /** Where trails end at a commit that has a parent, which this clone does not hold. */
  private async shallowEnds(trails: readonly Trail[]): Promise<ReadonlySet<string>> {
    if (!canBeShallow(this.root)) return new Set()
    const oldest = trails.flatMap(({ sightings }) => sightings.at(-1) ?? [])
    const roots = new Set(oldest.filter(({ parent }) => parent === undefined).map(({ commit }) => commit))
    const shallow = new Set<string>()
    await readObjects(
      this.root,
      this.environment,
      { ids: [...roots], limit: Infinity, largest: Infinity },
      {
        onObject: (id, bytes) => {
          if (/^parent /m.test(bytes.toString('latin1').split('\n\n', 1)[0] ?? '')) shallow.add(id)
        },
        onLarge: () => () => undefined,
      },
    )
    return shallow
  }

  private async searchAll(names: readonly string[]): Promise<Search> {
    const { start, versions, log } = this.limits
    const tracker = new Tracker(names, versions)
    const request = { start, pathspecs: specsOf(names), withRenames: true }
    const known = log?.answers(this.root, request) ? log : new GitLog(this.root, this.environment, request)
    const failure = await known.read({ onCommit: (commit) => tracker.follow(commit) })
    return { trails: tracker.found, failure }
  }

  /**
   * Git passes quickly by the commits that leave the files alone, but then sees no renames. So those in which files appear
   * are looked at whole afterwards, all at once. One file that had another name is followed under that for a few names;
   * otherwise all is looked at.
   */
  private async searchFew(names: readonly string[]): Promise<Search> {
    const { trails, failure, renamed } = await this.searchAsNamed(names, this.limits.start)
    if (failure !== undefined || renamed.length === 0) return { trails, failure }
    const [trail, second] = trails
    const followed = trail && !second ? await this.followed(trail, renamed) : undefined
    return followed ?? this.searchAll(names)
  }

  /** Where the files were seen under these names, and the commits that gave them to what had others. */
  private async searchAsNamed(names: readonly string[], start: string): Promise<Search & Renames> {
    const tracker = new Tracker(names, this.limits.versions)
    const births = new Map<string, string>()
    const request = { start, pathspecs: names.map(literal), withRenames: false }
    const failure = await new GitLog(this.root, this.environment, request).read({
      onCommit: (commit) => {
        const { parent } = commit
        if (parent !== undefined && commit.changes.some(({ kind }) => kind === 'added'))
          births.set(commit.commit, parent)
        return tracker.follow(commit)
      },
    })
    const trails = tracker.found
    if (failure !== undefined || births.size === 0) return { trails, failure, renamed: [] }
    const changes = await readChanges(this.root, this.environment, births, specsOf(names))
    if (typeof changes === 'string') return { trails, failure: changes, renamed: [] }
    const own = new Set(names)
    return { trails, renamed: changes.filter(({ path: name, source }) => source !== undefined && own.has(name)) }
  }

  /** One file under its former names, the newest first; undefined where it had more than a few. */
  private async followed(newest: Trail, renames: Renames['renamed']): Promise<Search | undefined> {
    const sightings: Sighting[] = []
    let [trail, renamed] = [newest, renames]
    for (let left = patience; left > 0; left--) {
      const at = trail.sightings.findIndex(({ commit }) => renamed.some((one) => one.commit === commit))
      const birth = trail.sightings[at]
      const { source, commit: _, ...change } = renamed.find(({ commit }) => commit === birth?.commit) ?? {}
      if (!birth?.parent || source === undefined) {
        const all = [...sightings, ...trail.sightings]
        const hasMore = trail.hasMore || all.length > this.limits.versions
        return { trails: [{ sightings: all.slice(0, this.limits.versions), hasMore }] }
      }
      append(sightings, [...trail.sightings.slice(0, at), { ...birth, ...change }])
      const [, base] = /^(.+)\.\.[^.]/.exec(this.limits.start) ?? []
      const start = base === undefined ? birth.parent : `${base}..${birth.parent}`
      const before = await this.searchAsNamed([source], start)
      if (before.failure !== undefined) return before
      const [older = nothing] = before.trails
      trail = older
      renamed = before.renamed
    }
    return undefined
  }
}

/** Of a file: so many former names are looked for one after the other. */
const patience = 4

const nothing: Trail = { sightings: [], hasMore: false }

/** What commits did in which files got names that others had. */
type Renames = { readonly renamed: readonly (LoggedChange & { readonly commit: string })[] }

/** Renames are looked for among what can hold manifests, and among the files themselves, whatever they are called. */
function specsOf(names: readonly string[]): readonly string[] {
  return [...manifestFiles, ...names.filter((name) => !isManifestFile(name)).map(literal)]
}

/** Every blob, the newest versions of all files first: what does not fit should be old. */
function* blobsOf(trails: readonly Trail[]): Iterable<string> {
  const most = highest(trails.map(({ sightings }) => sightings.length))
  for (let age = 0; age < most; age++) {
    for (const { sightings } of trails) {
      const blob = sightings[age]?.blob
      if (blob !== undefined) yield blob
    }
  }
}

function withoutNewest({ sightings, hasMore }: Trail): Trail {
  return { sightings: sightings.slice(1), hasMore }
}

/** What is known of the blobs and commits of trails. */
type Stored = {
  readonly texts: StoredTexts
  readonly shallow: ReadonlySet<string>
  /** Whether there is anything to fetch more from. */
  readonly canFetch: boolean
  readonly unread: string | undefined
  /** Whether the newest version is held elsewhere. */
  readonly isHeld: boolean
}

function historyOf({ sightings, hasMore }: Trail, { texts, shallow, canFetch, unread, isHeld }: Stored): FileHistory {
  const versions: FileVersion[] = []
  for (const [index, sighting] of sightings.entries()) {
    const { blob } = sighting
    if (blob !== undefined && !texts.has(blob) && !(isHeld && index === 0)) {
      const lack = texts.isLacking(blob) ? lackOf(`${sighting.path} in ${shortCommit(sighting.commit)}`) : undefined
      const failure = unread ?? lack
      return { versions, isCut: true, ...(failure === undefined ? {} : { failure }) }
    }
    versions.push(versionOf(sighting, texts))
  }
  const first = sightings.at(-1)
  const isShallow = first !== undefined && shallow.has(first.commit)
  const isCut = hasMore || (first !== undefined && (first.kind !== 'added' || isShallow))
  return { versions, isCut, ...(isShallow && !hasMore && canFetch && { isShallow }) }
}

function versionOf({ commit, time, path: name, kind, blob }: Sighting, texts: StoredTexts): FileVersion {
  if (blob !== undefined) return new StoredVersion({ commit, time, path: name, id: blob }, texts)
  return { commit, time, path: name, text: undefined, ...(kind === 'removed' ? { isRemoved: true } : {}) }
}

/** A version whose text is read when it is asked for. */
class StoredVersion implements FileVersion {
  readonly commit: string
  readonly time: number
  readonly path: string
  readonly id: string
  readonly #texts: StoredTexts

  constructor(
    { commit, time, path: name, id }: Omit<StoredVersion, 'text' | 'bytes' | 'holdAs' | 'mentions'>,
    texts: StoredTexts,
  ) {
    this.commit = commit
    this.time = time
    this.path = name
    this.id = id
    this.#texts = texts
  }

  get text(): string | undefined {
    return this.#texts.textOf(this.id)
  }

  bytes(): Buffer | undefined {
    return this.#texts.bytesOf(this.id)
  }

  holdAs(text: string): void {
    this.#texts.holdAs(this.id, text)
  }

  mentions(name: string): boolean {
    return this.#texts.mentions(this.id, name)
  }
}

/**
 * What each commit between the base and the head did to files of the head (absolute real paths): those of the first-parent
 * line that came after the base. The head's own is among them. Files that none of them touched are left out, and where
 * there is no commit but the head, all are. What of their texts Git cannot tell, the histories say by their `failure`.
 *
 * @param held The blobs that files are at the head, where that is known: the version that is that one is left out, unread.
 * @throws IoFailure where Git does not tell the commits.
 */
export async function readBetween(
  git: GitRepository,
  { base, tip, head, isFromNothing, line }: Sides,
  files: readonly string[],
  environment: Environment,
  held?: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, FileHistory>> {
  if (base === tip || isFromNothing || files.length === 0) return new Map()
  const range = `${base}..${tip}`
  const all = line ?? (await git.list([...listLine, range]))
  // A line that ends at the base holds nothing else.
  const isStraight = all.at(-1)?.split(' ')[1] === base
  const commits = new Set(commitsIn(isStraight ? all : await git.list([...listLine, '--ancestry-path', range])))
  // A single commit is the head itself.
  if (commits.size <= (head === undefined ? 0 : 1)) return new Map()
  const histories = await readHistories(files, environment, { start: range, ...(held && { held }) })
  // What stood on the branch when the base was merged into it came to the base by that merge.
  const older = new Set(commitsIn(all).filter((commit) => !commits.has(commit)))
  return new Map(
    [...histories].flatMap(([file, history]) => {
      const merged = history.versions.find(({ commit }) => !commits.has(commit))
      const kept = history.versions.filter((version) => {
        return commits.has(version.commit) || (version === merged && older.has(version.commit))
      })
      const isHead = kept[0]?.id !== undefined && kept[0].id === held?.get(file)
      const versions = isHead ? kept.slice(1) : kept
      return versions.length === 0 && history.failure === undefined ? [] : [[file, { ...history, versions }] as const]
    }),
  )
}

/** The commits themselves, without their parents. */
function commitsIn(lines: readonly string[]): readonly string[] {
  return lines.map((one) => one.split(' ', 1)[0] ?? '')
}
