import { readFileSync } from 'node:fs'
import path from 'node:path'

import { textIn } from '../text/decode.js'
import { listUntracked } from './candidates.js'
import { literal, nameOf } from './git/names.js'
import type { Repository } from './git/repository.js'
import { kindOf } from './kind.js'
import { manifestFiles } from './manifest-name.js'

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
}

/** What users name. */
export type Span = {
  readonly since: string
  readonly head?: string | undefined
  /** Absolute paths; the files among them count whatever they are called. */
  readonly extra?: readonly string[]
}

const diff = [
  'diff',
  '--raw',
  '-z',
  '--no-renames',
  '--no-abbrev',
  '--no-relative',
  '--no-ext-diff',
  '--ignore-submodules',
]

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
  const named = extra.flatMap((file) => {
    const name = nameOf(git.root, file)
    return kindOf(file, name) === 'file' ? [literal(name)] : []
  })
  const specs = ['--', ...manifestFiles, ...named]
  const isCommit = head !== undefined
  const [raw, untracked] = await Promise.all([
    git.list([...diff, base, ...(isCommit ? [end] : []), ...specs]),
    isCommit ? [] : git.list([...listUntracked, ...specs]),
  ])
  const entries = changesIn(raw)
  const blobs = await git.blobs(entries.flatMap(({ old, fresh }) => (isCommit ? [old, fresh] : [old])))
  const changed = entries.map(({ name, old, fresh, isGone }): ChangedFile => {
    const file = path.join(git.root, name)
    const before = blobs.get(old)
    const text = before && textIn(before)
    // A file that is new need not be read to know what has left it.
    const now = isCommit ? blobs.get(fresh) : before && onDisk(file)
    const after = now && textIn(now)
    return {
      path: file,
      ...(text === undefined ? before && { isUnreadable: true } : { before: text }),
      ...(after !== undefined && { after }),
      ...(isGone && { isGone }),
    }
  })
  const added = untracked.map((name) => ({ path: path.join(git.root, name) }))
  return { base, tip: end, ...(isCommit && { head: end }), changed: [...changed, ...added] }
}

type Entry = { readonly name: string; readonly old: string; readonly fresh: string; readonly isGone: boolean }

/** Files and links; what links hold is a path, which no reader takes for a manifest. */
const link = '120000'
const absent = '000000'

/** Takes `git diff --raw -z` apart: `:<old mode> <new mode> <old> <new> <status>`, then the name. */
function changesIn(parts: readonly string[]): readonly Entry[] {
  const entries: Entry[] = []
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [oldMode = '', freshMode = '', old = '', fresh = ''] = (parts[at] ?? '').slice(1).split(' ')
    entries.push({
      name: parts[at + 1] ?? '',
      old: oldMode === link ? '0' : old,
      fresh: freshMode === link ? '0' : fresh,
      isGone: freshMode === absent,
    })
  }
  return entries
}

function onDisk(file: string): Buffer | undefined {
  try {
    return readFileSync(file)
  } catch {
    return undefined
  }
}
