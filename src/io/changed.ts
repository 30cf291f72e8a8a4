import { createHash, type Hash } from 'node:crypto'
import { closeSync, openSync, readlinkSync, readSync, type Stats } from 'node:fs'
import path from 'node:path'

import { fetchMore } from '../text/words.js'
import { listUntracked } from './candidates.js'
import {
  findCommit,
  hasRemote,
  idsOf,
  isShallowClone,
  listTracked,
  mergeBase,
  modes,
  type Tracked,
  trackedIn,
} from './git/repository.js'
import { isNotUtf8, pathParts, repositoryRoot, spelledName } from './git/root.js'
import { askGit, type Environment } from './git/run.js'
import { hasWindowsLineEnd, readRegular } from './open.js'
import { displayPath, isManifestFile, statsAt } from './paths.js'

/** A repository by its real root, and what Git prints there with `-z`, in parts. */
type Listing = {
  readonly root: string
  readonly list: (words: readonly string[]) => Promise<readonly string[]>
  /** What `idsOf` tells of files there. */
  readonly idsOf: (names: readonly string[]) => Promise<ReadonlyMap<string, string>>
}

/** One name that is not the same on both sides, with modes and ids as Git prints them. */
export type Difference = {
  readonly name: string
  readonly oldMode: string
  readonly old: string
  readonly freshMode: string
  /** All zeros where it is gone, and where only the disk has it. */
  readonly fresh: string
  /** The blob that the file is on the newer side, where that side itself was looked at, and not the index in its place. */
  readonly stored?: string
  /** Set where the index stands for the disk: a sparse checkout leaves it out. */
  readonly isSkipped?: true
}

/**
 * A submodule differs where its commit does: a `.gitmodules` that comes with a change must not hide that. Renames are not
 * followed, for which blobs would be read.
 */
const raw = ['-z', '--raw', '--no-renames', '--no-abbrev', '--ignore-submodules=dirty'] as const

/** What is known of the index, and who else wants to know of it. */
type Known = {
  /** What Git prints to `listTracked`, where others ask for it as well. */
  readonly listed?: () => Promise<readonly string[]>
  /** Hears what differs between the commit and the index, before files are looked at. */
  readonly onStaged?: ((names: readonly string[]) => void) | undefined
}

/** What differs between two commits. @throws what `list` throws. */
export async function betweenCommits(git: Listing, base: string, head: string): Promise<readonly Difference[]> {
  const found = differencesIn(await git.list(['diff-tree', '-r', ...raw, base, head]))
  return found.map((one) => (one.freshMode.startsWith('100') ? { ...one, stored: one.fresh } : one))
}

/**
 * What differs between a commit and the working tree, untracked files apart; of names that are not `isMeant`, between the
 * commit and the index. Git only compares the commit with the index: to compare files on the disk it may run the filters of `.gitattributes`, so
 * that is done here. Line ends that a checkout has changed (`core.autocrlf`, `eol=crlf`) are no difference; what any other
 * filter has made of a file is one.
 *
 * @throws what `list` throws.
 */
export async function fromWorkTree(
  git: Listing,
  base: string,
  isMeant: (name: string) => boolean,
  { onStaged, listed: asked = () => git.list(listTracked) }: Known = {},
): Promise<readonly Difference[]> {
  const [staged, listed] = await Promise.all([
    git.list(['diff-index', '--cached', ...raw, base]).then((parts) => {
      const found = differencesIn(parts)
      onStaged?.(found.map(({ name }) => name))
      return found
    }),
    asked(),
  ])
  const before = new Map(staged.map((one) => [one.name, one] as const))
  const tracked = trackedIn(listed)
  const kept = new Set(tracked.map(({ name }) => name))
  const unseen = [...before.values()].filter(({ name }) => !kept.has(name) || !isMeant(name))
  const present = tracked.filter(({ name }) => isMeant(name)).map((entry) => presentAt(git.root, entry))
  const ids = await git.idsOf(present.flatMap(({ entry, stats }) => (stats?.isFile() ? [entry.name] : [])))
  const others = present.flatMap((one) => {
    const { name, mode, id } = one.entry
    const { oldMode, old } = before.get(name) ?? { oldMode: mode, old: id }
    return differenceOf({ ...one, id: ids.get(name) }, { name, oldMode, old })
  })
  return [...unseen, ...others]
}

/** What stands in the place of a tracked file. */
type Present = {
  readonly entry: Tracked
  readonly file: string
  /** Undefined of a submodule as well, and of what has a name that nothing here can spell. */
  readonly stats: Stats | undefined
  /** What Git would store the file under, where that is known. */
  readonly id?: string | undefined
}

function presentAt(root: string, entry: Tracked): Present {
  const file = path.join(root, entry.name)
  return { entry, file, stats: entry.mode === modes.submodule || isNotUtf8(entry.name) ? undefined : statsAt(file) }
}

/** How what stands at a place differs from what stood there; nothing where it does not. */
function differenceOf(
  { entry: { name, mode, id, isSkipped }, ...present }: Present,
  before: Pick<Difference, 'name' | 'oldMode' | 'old'>,
): readonly Difference[] {
  const { stats } = present
  // Git itself could only tell whether a submodule has other files than its commit by running in it.
  if (mode === modes.submodule || isNotUtf8(name) || (isSkipped && !stats)) {
    if (before.old === id && before.oldMode === mode) return []
    return [{ ...before, freshMode: mode, fresh: id, ...(isSkipped && { isSkipped }) }]
  }
  const none = before.old.replaceAll(/./g, '0')
  if (!stats) return before.oldMode === modes.absent ? [] : [{ ...before, freshMode: modes.absent, fresh: none }]
  const freshMode = stats.isSymbolicLink() ? modes.link : '100644'
  const isSameKind = before.oldMode.startsWith('100') === stats.isFile()
  if (isSameKind && holds({ ...present, stats }, before.old)) return []
  return [{ ...before, freshMode, fresh: none, ...(present.id !== undefined && { stored: present.id }) }]
}

/** Whether a file, or a link, is what Git stores under an id, whatever line ends a checkout gave it. */
function holds(
  { file, stats, id: known }: { readonly stats: Stats } & Pick<Present, 'file' | 'id'>,
  id: string,
): boolean {
  try {
    if (known === id) return true
    if (stats.isSymbolicLink()) return blobId(id, readlinkSync(file, 'buffer')) === id
    if (!stats.isFile()) return false
    if (stats.size > large) return known === undefined && largeId(id, file, stats.size) === id
    if (known !== undefined && !hasWindowsLineEnd(file)) return false
    const bytes = readRegular(file, large)
    if (!bytes) return false
    if (known === undefined && blobId(id, bytes) === id) return true
    return bytes.includes('\r\n') && blobId(id, withLineFeeds(bytes)) === id
  } catch {
    return false
  }
}

/** From so many bytes on, a file is read in pieces. */
const large = 8 * 1024 * 1024

/** SHA-1, or SHA-256 in a repository of that kind: the length tells. */
function begun(like: string, size: number): Hash {
  return createHash(like.length === 64 ? 'sha256' : 'sha1').update(`blob ${size}\0`)
}

function blobId(like: string, bytes: Buffer): string {
  return begun(like, bytes.length).update(bytes).digest('hex')
}

function largeId(like: string, file: string, size: number): string {
  const hash = begun(like, size)
  const piece = Buffer.alloc(1024 * 1024)
  const descriptor = openSync(file, 'r')
  try {
    for (let got = readSync(descriptor, piece); got > 0; got = readSync(descriptor, piece))
      hash.update(piece.subarray(0, got))
  } finally {
    closeSync(descriptor)
  }
  return hash.digest('hex')
}

function withLineFeeds(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1')
}

/** Takes the raw format apart: `:<old mode> <new mode> <old> <new> <status>`, then the name. */
function differencesIn(parts: readonly string[]): readonly Difference[] {
  const found: Difference[] = []
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [oldMode = '', freshMode = '', old = '', fresh = ''] = (parts[at] ?? '').slice(1).split(' ')
    found.push({ name: parts[at + 1] ?? '', oldMode, freshMode, old, fresh })
  }
  return found
}

const nowhere = 'Git finds no repository here'
const missing: Readonly<Record<string, string>> = {
  nowhere,
  unstarted: 'Git cannot be run',
}
const shallow = `the clone is shallow; ${fetchMore}`
const apart = 'it has no commit in common with `HEAD`'
const incomparable = 'Git cannot compare it with the working tree'

async function unknown(root: string, environment: Environment): Promise<string> {
  const what = 'Git has no such commit here'
  if (!(await hasRemote(root, environment))) return what
  const more = (await isShallowClone(root, environment)) ? `, or ${fetchMore}` : ''
  return `${what}; run \`git fetch\`${more}`
}

/** Why Git cannot tell, in words for users. */
type Untold = { readonly reason: string }

/**
 * The files in which the working tree differs from where the history of `HEAD` left that of `ref`, untracked ones too:
 * what a pull request changes. Named as they are from the working directory, with `/`. Where there is no repository, no
 * such commit or no common history, the reason.
 */
export async function changedSince(
  ref: string,
  workingDirectory: string,
  environment: Environment,
  others: () => Promise<ReadonlySet<string>>,
): Promise<ReadonlySet<string> | Untold> {
  const root = repositoryRoot(workingDirectory)
  if (root === undefined) return { reason: nowhere }
  const tip = await findCommit(root, environment, ref)
  if (typeof tip !== 'string')
    return { reason: missing[tip.why] ?? (tip.why === 'unknown' ? await unknown(root, environment) : tip.reason) }
  const base = await mergeBase(root, environment, [tip, 'HEAD'])
  if (typeof base !== 'string') return { reason: base.failure ?? (base.isShallow ? shallow : apart) }
  let isWhole = true
  const list = async (words: readonly string[]): Promise<readonly string[]> => {
    const { how, output } = await askGit(root, environment, words)
    isWhole &&= how === 'done'
    return pathParts(output)
  }
  const more = await others()
  const own = { root, list, idsOf: (names: readonly string[]) => idsOf(root, environment, names) }
  const differences = await fromWorkTree(own, base, (name) => isManifestFile(name) || more.has(name))
  const names = [...differences.map(({ name }) => name), ...(await list(listUntracked))]
  if (!isWhole) return { reason: incomparable }
  return new Set(names.map((name) => displayPath(path.join(root, spelledName(name)), workingDirectory)))
}
