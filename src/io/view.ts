import path from 'node:path'

import { textIn } from '../text/decode.js'
import { isOdd, nameOf } from './git/names.js'
import { readInside, refusals } from './open.js'
import { canHold } from './sign.js'
import type { CommitTree } from './tree.js'

/** What one side of a change has under a name; the name of the file whose text it is, links followed. */
export type Looked =
  | { readonly state: 'read'; readonly text: string; readonly name: string }
  | { readonly state: 'absent' | 'unreadable' }

/** One side of a change, by the names of its files. A text that can hold no Service is empty. */
export type View = (name: string) => Looked

/** What counts on a side. */
export type Counting = {
  /** Whether a file counts by its name, or because a kustomization lists it. */
  readonly counts: (name: string) => boolean
  /** Whether a file is looked at by its own name, so that links to it are nothing. */
  readonly isOwn: (name: string) => boolean
}

const absent: Looked = { state: 'absent' }
const unreadable: Looked = { state: 'unreadable' }

/** What a commit has of some files, which are read by one process. */
export async function committedView(
  tree: CommitTree,
  names: readonly string[],
  { counts, isOwn }: Counting,
): Promise<View> {
  const ends = new Map(names.map((name) => [name, tree.follow(name)] as const))
  await tree.read([...ends.values()].flatMap((end) => ('name' in end ? [end.name] : [])))
  return (name) => {
    const end = ends.get(name) ?? { obstacle: 'missing' }
    if ('obstacle' in end) return end.obstacle === 'folder' || !tree.has(name) ? absent : unreadable
    if (!counts(name) || (end.name !== name && isOwn(end.name))) return absent
    const blob = tree.blob(end.name)
    const isNothing = blob === 'nothing' || ('bytes' in blob && !canHold(blob.bytes))
    if (isNothing) return { state: 'read', text: '', name: end.name }
    const text = 'bytes' in blob ? textIn(blob.bytes) : undefined
    return text === undefined ? unreadable : { state: 'read', text, name: end.name }
  }
}

/** What the working tree has, each file read when it is asked for. */
export function diskView(root: string, { counts, isOwn }: Counting): View {
  return (name) => {
    if (isOdd(name)) return unreadable
    try {
      const opened = readInside(path.join(root, name), root)
      if (!opened || opened.fault === refusals.folder) return absent
      if (opened.fault) return unreadable
      const end = nameOf(root, opened.realPath)
      if (!counts(name) || (end !== name && isOwn(end))) return absent
      const text = canHold(opened.bytes) ? textIn(opened.bytes) : ''
      return text === undefined ? unreadable : { state: 'read', text, name: end }
    } catch {
      return unreadable
    }
  }
}
