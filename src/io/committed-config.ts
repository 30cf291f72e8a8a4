import path from 'node:path'

import { resolvePath } from '../text/path.js'
import { decode, sizeLimit, type SourceFile, tooLarge } from '../text/source.js'
import { IoFailure } from './failure.js'
import type { GitRepository } from './git/repository.js'
import { literal, nameInRepository } from './git/root.js'
import { configurationName } from './open.js'
import { displayPath, leadsOut, longestPath, mostLinks } from './paths.js'

/** A commit (a full hash), and what messages call it: `the base commit 7551c51`. */
export type NamedTree = { readonly commit: string; readonly shown: string }

/** What a name stands for in the tree of a commit. */
type Entry = { readonly mode: string; readonly id: string }

const link = '120000'

/**
 * The nearest configuration in a commit, from the working directory up to the root, as `readConfiguration` finds it on the
 * disk. A link counts that leads to a file of the same commit.
 *
 * @throws IoFailure where what has the name cannot be read as text, or leads to no file of the commit.
 */
export async function committedConfiguration(
  git: GitRepository,
  tree: NamedTree,
  workingDirectory: string,
): Promise<SourceFile | undefined> {
  const names = namesAbove(nameInRepository(git.root, workingDirectory))
  const entries = await entriesOf(git, [tree.commit, '--', ...names.map(literal)])
  const name = names.find((one) => entries.has(one))
  const entry = entries.get(name ?? '')
  if (name === undefined || !entry) return undefined
  const shown = displayPath(path.join(git.root, name), workingDirectory)
  const id = entry.mode === link ? await behindLinks(git, tree, name) : fileIn(entry)
  if (id === undefined) {
    const message = `not checked: \`${shown}\` of ${tree.shown} (neither a regular file of the repository nor a link to one)`
    throw new IoFailure(`${message}; replace it, or add \`--config FILE\` or \`--no-config\``, 'usage')
  }
  const blob = await git.blob(id, name, sizeLimit)
  const decoded = typeof blob === 'number' ? tooLarge(blob) : decode(blob)
  if ('reason' in decoded)
    throw new IoFailure(`not checked: \`${shown}\` of ${tree.shown}: the file ${decoded.message}`, 'usage')
  return { path: shown, patchPath: name, text: decoded.text }
}

/** The names that count for a folder (from the root of its repository, `''`), the nearest first. */
function namesAbove(folder: string): readonly string[] {
  const parts = folder === '' || leadsOut(folder) ? [] : folder.split('/')
  return Array.from({ length: parts.length + 1 }, (_, up) =>
    [...parts.slice(0, parts.length - up), configurationName].join('/'),
  )
}

async function entriesOf(git: GitRepository, words: readonly string[]): Promise<ReadonlyMap<string, Entry>> {
  const listed = await git.list(['ls-tree', '-z', '--full-tree', ...words])
  return new Map(
    listed.flatMap((entry) => {
      const [, mode, id, name] = /^(\d{6}) \w+ ([0-9a-f]+)\t([^]+)$/.exec(entry) ?? []
      return mode !== undefined && id !== undefined && name !== undefined ? [[name, { mode, id }] as const] : []
    }),
  )
}

function fileIn({ mode, id }: Entry): string | undefined {
  return mode.startsWith('100') ? id : undefined
}

/** The file of the commit that links lead to, as the system would follow them; undefined where there is none. */
async function behindLinks(git: GitRepository, { commit }: NamedTree, name: string): Promise<string | undefined> {
  const tree = await entriesOf(git, ['-r', '-t', commit])
  let [place, ahead] = ['', name.split('/')]
  for (let links = 0; ahead.length > 0;) {
    const [step = '', ...rest] = ahead
    const next = resolvePath(place, step)
    if (next.startsWith('..')) return undefined
    const entry = tree.get(next)
    if (entry?.mode === link) {
      const blob = await git.blob(entry.id, next, longestPath)
      const target = typeof blob === 'number' ? '' : blob.toString()
      if (target === '' || target.startsWith('/') || ++links > mostLinks) return undefined
      ahead = [...target.split('/'), ...rest]
    } else if (next !== '' && (!entry || (rest.length > 0 && entry.mode !== '040000'))) return undefined
    else [place, ahead] = [next, rest]
  }
  const end = tree.get(place)
  return end && fileIn(end)
}
