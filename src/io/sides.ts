import { readFileSync } from 'node:fs'
import path from 'node:path'

import type { LostPath } from '../pipeline/unread.js'
import { textIn } from '../text/decode.js'
import { listUntracked } from './candidates.js'
import { betweenCommits, fromWorkTree, type Difference } from './differences.js'
import { isOdd, literal, nameOf, spelled } from './git/names.js'
import type { Repository } from './git/repository.js'
import { modes } from './git/tracked.js'
import { kindOf } from './kind.js'
import { isManifestFile, manifestFiles } from './manifest-name.js'

/** A file that differs between the two sides of a change. */
export type ChangedFile = {
  /** Absolute, below the repository's real root. */
  readonly path: string
  /** Its text at the base; undefined where it was not there, or was no text. */
  readonly before?: string
  /** Set where it was there, but is no text. */
  readonly isUnreadable?: true
  /** Its text at the head; undefined where it is gone, or is no text. Of a file that is new it does not matter. */
  readonly after?: string
  /** Set where it is no longer there. */
  readonly isGone?: true
}

/** Both sides of a change. */
export type Sides = {
  /** The commit that both have in common: its full hash. */
  readonly base: string
  /** The commit that is judged; undefined where it is the working tree. */
  readonly head?: string
  /** That commit, or the one that the working tree stands on. */
  readonly tip: string
  readonly changed: readonly ChangedFile[]
  /** What differs as well, but cannot be read: submodules, and what a sparse checkout leaves out; `path` is absolute. */
  readonly unread: readonly LostPath[]
}

/** What users name. */
export type Span = {
  readonly since: string
  readonly head?: string | undefined
  /** Absolute paths; the files among them count whatever they are called. */
  readonly extra?: readonly string[]
}

/**
 * What differs between the merge base of `since` and the head, and the head itself: the commit `head`, or the working
 * tree with its untracked files. Every old text is read by one process.
 *
 * @throws IoFailure where Git cannot tell: no such commit, no commit in common; or where the system does not tell what
 * stands at a path that is named.
 */
export async function readSides(git: Repository, { since, head, extra = [] }: Span): Promise<Sides> {
  const tip = await git.commit('--since', since)
  const end = await git.commit('--head', head ?? 'HEAD')
  const base = await git.mergeBase(tip, end, since)
  const named = new Set(
    extra.flatMap((file) => {
      const name = nameOf(git.root, file)
      return kindOf(file, name) === 'file' ? [name] : []
    }),
  )
  const isMeant = (name: string): boolean => isManifestFile(name) || named.has(name)
  const isCommit = head !== undefined
  const specs = ['--', ...manifestFiles, ...[...named].map(literal)]
  const [differences, untracked] = await Promise.all([
    isCommit ? betweenCommits(git, base, end) : fromWorkTree(git, base, isMeant),
    isCommit ? [] : git.list([...listUntracked, ...specs]),
  ])
  const entries = differences.filter(({ name }) => isMeant(name)).map(entryOf)
  const blobs = await git.blobs(entries.flatMap(({ old, fresh }) => [old, fresh]))
  const changed = entries.map(({ name, old, fresh, isGone }): ChangedFile => {
    const file = path.join(git.root, spelled(name))
    const before = blobs.get(old)
    const text = before && textIn(before)
    // A file that is new need not be read to know what has left it.
    const now = blobs.get(fresh) ?? (isCommit || isOdd(name) ? undefined : before && onDisk(file))
    const after = now && textIn(now)
    return {
      path: file,
      ...(text === undefined ? before && { isUnreadable: true } : { before: text }),
      ...(after !== undefined && { after }),
      ...(isGone && { isGone }),
    }
  })
  const added = untracked.map((name) => ({ path: path.join(git.root, spelled(name)) }))
  const unread = differences.flatMap((one) => lostIn(one, isMeant(one.name)))
  return {
    base,
    tip: end,
    ...(isCommit && { head: end }),
    changed: [...changed, ...added],
    unread: unread.map((one) => ({ ...one, path: path.join(git.root, one.path) })),
  }
}

/** What a difference hides from whoever reads the head. */
function lostIn({ name, oldMode, freshMode, isSkipped }: Difference, isMeant: boolean): readonly LostPath[] {
  if ([oldMode, freshMode].includes(modes.submodule)) return [{ why: 'submodule', path: spelled(name) }]
  return isSkipped && isMeant ? [{ why: 'sparse', path: spelled(name) }] : []
}

type Entry = { readonly name: string; readonly old: string; readonly fresh: string; readonly isGone: boolean }

/** Files and links; what links hold is a path, which no reader takes for a manifest, and submodules hold no blob. */
function entryOf({ name, oldMode, freshMode, old, fresh }: Difference): Entry {
  return { name, old: blobIn(oldMode, old), fresh: blobIn(freshMode, fresh), isGone: freshMode === modes.absent }
}

function blobIn(mode: string, id: string): string {
  return mode.startsWith('100') ? id : '0'
}

function onDisk(file: string): Buffer | undefined {
  try {
    return readFileSync(file)
  } catch {
    return undefined
  }
}
