/** What stands at a name of a tree: of the working tree, or of a commit. */
export type Entry = 'file' | 'folder' | 'missing' | 'odd' | { readonly target: string }

/** Why a name leads to no file of the tree. */
export type Obstacle = 'out' | 'git' | 'loop' | 'missing' | 'folder' | 'odd'

/** The name of a regular file, as the tree has it: no part of it is a link. */
export type Followed = { readonly name: string } | { readonly obstacle: Obstacle }

/** As many links as Linux follows. */
export const mostLinks = 40

/** In bytes: nothing on a disk has a longer name. */
export const longestPath = 4096

/**
 * Where a name (from the top of a tree, with `/`) leads, links in any part of it followed: in a commit as on the disk. A
 * link that is absolute, or leaves the tree and comes back, leads out: where it ends depends on the machine.
 */
export function follow(name: string, entryAt: (name: string) => Entry): Followed {
  const parts = name.split('/')
  const walked: string[] = []
  let links = 0
  let entry: Entry = 'folder'
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    if (part === '' || part === '.') continue
    if (entry !== 'folder') return { obstacle: entry === 'odd' ? 'odd' : 'missing' }
    if (part === '..') {
      if (walked.pop() === undefined) return { obstacle: 'out' }
      continue
    }
    if (isGitFolder(part)) return { obstacle: 'git' }
    const next = entryAt([...walked, part].join('/'))
    if (typeof next === 'object') {
      if (++links > mostLinks) return { obstacle: 'loop' }
      if (/^(?:\/|[A-Za-z]:)/.test(next.target)) return { obstacle: 'out' }
      parts.unshift(...next.target.split('/'))
      continue
    }
    walked.push(part)
    entry = next
  }
  return entry === 'file' ? { name: walked.join('/') } : { obstacle: entry }
}

/** Whether a part of a name is where Git keeps what is its own; some file systems do not tell letters apart by case. */
export function isGitFolder(part: string): boolean {
  return part.toLowerCase() === '.git'
}

/** Whether a link that leads nowhere is called as Emacs calls the lock of a file that someone edits. */
export function isEditorLock(name: string): boolean {
  return name.startsWith('.#')
}
