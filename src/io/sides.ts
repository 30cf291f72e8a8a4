import path from 'node:path'

import type { LostPath } from '../pipeline/unread.js'
import { listUntracked } from './candidates.js'
import { meantBy, type Named } from './committed.js'
import { betweenCommits, fromWorkTree, type Difference } from './differences.js'
import { isOdd, literal, nameOf, spelled } from './git/names.js'
import type { Repository } from './git/repository.js'
import { modes } from './git/tracked.js'
import { kindOf } from './kind.js'
import { isManifestFile, manifestFiles } from './manifest-name.js'
import { committedView, diskView, type Looked, type View } from './view.js'
import { CommitTree } from './tree.js'

/** A file that differs between the two sides of a change. */
export type ChangedFile = {
  /** Absolute, below the repository's real root: where its own name stands, be it that of a link. */
  readonly path: string
  /** Its text at the base, as far as it can hold a Service; undefined where it was not there, or was no text. */
  readonly before?: string
  /** Where that text stood, links followed; absolute. */
  readonly stood?: string
  /** Set where it was there, but is no text. */
  readonly isUnreadable?: true
  /** Its text at the head; undefined where it is gone, or is no text. Of a file that is new it does not matter. */
  readonly after?: string
  /** Set where it is no longer there. */
  readonly isGone?: true
}

/** The two ends of a change. */
export type Ends = {
  /** The commit that both have in common: its full hash. */
  readonly base: string
  /** The commit that is judged; undefined where it is the working tree. */
  readonly head?: string
  /** That commit, or the one that the working tree stands on. */
  readonly tip: string
}

/** Both sides of a change. */
export type Sides = Ends & {
  readonly changed: readonly ChangedFile[]
  /** What differs as well, but cannot be read: submodules, and what a sparse checkout leaves out; `path` is absolute. */
  readonly unread: readonly LostPath[]
  /** The files that kustomizations of the base name as patches: absolute paths. */
  readonly patches: ReadonlySet<string>
}

/** What is known of the head. */
export type Head = {
  /** The commit's files; undefined where it is the working tree. */
  readonly tree?: CommitTree
  /** The files with names that no manifest has that kustomizations list, as the repository names them. */
  readonly listed: () => Promise<readonly string[]>
}

/** @throws IoFailure where Git cannot tell: no such commit, no commit in common. */
export async function readEnds(
  git: Repository,
  { since, head }: { readonly since: string; readonly head?: string | undefined },
): Promise<Ends> {
  const tip = await git.commit('--since', since)
  const end = await git.commit('--head', head ?? 'HEAD')
  const base = await git.mergeBase(tip, end, since)
  return { base, tip: end, ...(head !== undefined && { head: end }) }
}

/**
 * What differs between the merge base and the head: a commit, or the working tree with its untracked files. A file by the
 * name of a link is what the link leads to, on each side; where that is looked at under a name of its own, the link is
 * nothing.
 *
 * @throws IoFailure where Git cannot tell; or where the system does not tell what stands at a path that is named.
 */
export async function readSides(git: Repository, ends: Ends, named: Named, head: Head): Promise<Sides> {
  const given = new Set(namedIn(git, named))
  const isMeant = (name: string): boolean => isManifestFile(name) || given.has(name)
  const [differences, untracked, tree] = await Promise.all([
    ends.head === undefined ? fromWorkTree(git, ends.base, isMeant) : betweenCommits(git, ends.base, ends.head),
    ends.head === undefined ? git.list([...listUntracked, '--', ...manifestFiles, ...[...given].map(literal)]) : [],
    CommitTree.of(git, ends.base, head.tree),
  ])
  const [before, patches, listed] = await Promise.all([tree.listed(), tree.patches(), head.listed()])
  const now = head.tree
  const links = [...tree.links, ...(now?.links ?? []), ...differences.filter(isLink).map(({ name }) => name)]
  const special = new Set([...links.filter(isMeant), ...before, ...listed].filter((name) => !isOdd(name)))
  const differing = new Map(differences.map((one) => [one.name, one]))
  const names = [...differences.flatMap(({ name }) => (isMeant(name) ? [name] : [])), ...special]
  const counted = meantBy(git, named)
  const isOwn = (name: string): boolean => isManifestFile(name) && counted(name)
  const counts = (known: readonly string[]) => (name: string) => isMeant(name) || known.includes(name)
  const old = await committedView(tree, names, { counts: counts(before), isOwn })
  const fresh = now
    ? await committedView(now, names, { counts: counts(listed), isOwn })
    : diskView(git.root, { counts: counts(listed), isOwn })
  const changed = [...new Set(names)].flatMap((name) => changeOf(git.root, name, [old, fresh], differing.get(name)))
  const added = untracked.map((name) => ({ path: path.join(git.root, spelled(name)) }))
  const unread = differences.flatMap((one) => lostIn(one, isMeant(one.name)))
  return {
    ...ends,
    changed: [...changed, ...added],
    unread: unread.map((one) => ({ ...one, path: path.join(git.root, one.path) })),
    patches: new Set([...patches].map((name) => path.join(git.root, name))),
  }
}

/** The files among what users name, as the repository names them: they count whatever they are called. */
function namedIn(git: Repository, { paths, workingDirectory }: Named): readonly string[] {
  return paths.flatMap((one) => {
    const file = path.resolve(workingDirectory, one)
    const name = nameOf(git.root, file)
    return !isManifestFile(one) && kindOf(file, name) === 'file' ? [name] : []
  })
}

function isLink({ oldMode, freshMode }: Difference): boolean {
  return oldMode === modes.link || freshMode === modes.link
}

/** How a file changed; nothing where it is the same on both sides, and Git sees no difference either. */
function changeOf(
  root: string,
  name: string,
  [old, fresh]: readonly [View, View],
  difference: Difference | undefined,
): readonly ChangedFile[] {
  const [before, after] = [old(name), fresh(name)]
  if (!difference && isSame(before, after)) return []
  // What a sparse checkout leaves out is not gone.
  const isGone = after.state === 'absent' && difference?.isSkipped === undefined
  return [
    {
      path: path.join(root, spelled(name)),
      ...(before.state === 'read' && { before: before.text, stood: path.join(root, before.name) }),
      ...(before.state === 'unreadable' && { isUnreadable: true }),
      ...(after.state === 'read' && { after: after.text }),
      ...(isGone && { isGone }),
    },
  ]
}

function isSame(before: Looked, after: Looked): boolean {
  if (before.state !== 'read' || after.state !== 'read') return before.state === after.state
  return before.text === after.text
}

/** What a difference hides from whoever reads the head. */
function lostIn({ name, oldMode, freshMode, isSkipped }: Difference, isMeant: boolean): readonly LostPath[] {
  if ([oldMode, freshMode].includes(modes.submodule)) return [{ why: 'submodule', path: spelled(name) }]
  return isSkipped && isMeant ? [{ why: 'sparse', path: spelled(name) }] : []
}
