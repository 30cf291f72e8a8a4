import path from 'node:path'

import type { LostPath } from '../pipeline/unread.js'
import { decode } from '../text/decode.js'
import { globMatcher } from '../text/glob.js'
import { byName } from './discover.js'
import { IoFailure } from './failure.js'
import { isOdd, nameOf, spelled } from './git/names.js'
import type { Repository } from './git/repository.js'
import { isEditorLock } from './links.js'
import { isManifestFile } from './manifest-name.js'
import { refusals } from './open.js'
import { displayPath } from './paths.js'
import type { ReadFile } from './read.js'
import { canHold } from './sign.js'
import type { CommitTree } from './tree.js'

/** What users name: files, folders and globs, from the working directory; nothing is all that is below it. */
export type Named = { readonly paths: readonly string[]; readonly workingDirectory: string }

/** Whether a file, named as its repository does, is among what users name. */
export function meantBy(
  { root }: Pick<Repository, 'root'>,
  { paths, workingDirectory }: Named,
): (name: string) => boolean {
  const wanted = (paths.length === 0 ? ['.'] : paths).map((one) => matcher(root, path.resolve(workingDirectory, one)))
  return (name) => wanted.some((one) => one(name))
}

function matcher(root: string, place: string): (name: string) => boolean {
  const name = nameOf(root, place)
  const glob = globMatcher(name)
  return (file) => name === '' || file === name || file.startsWith(`${name}/`) || glob.test(file)
}

/**
 * The files of a commit that can hold a Knative Service, as `discover` and the reader find them in the working tree.
 *
 * @throws IoFailure where a path means nothing in that commit.
 */
export async function readCommitted(
  git: Repository,
  tree: CommitTree,
  named: Named,
): Promise<{ readonly files: readonly ReadFile[]; readonly unread: readonly LostPath[] }> {
  const all = [...tree.files.keys(), ...tree.links, ...tree.submodules]
  for (const shown of named.paths) {
    const isMeant = meantBy(git, { ...named, paths: [shown] })
    if (!all.some(isMeant)) throw new IoFailure(`${shown}: no such file or folder in the commit`, 'usage')
  }
  const isMeant = meantBy(git, named)
  const given = new Set(named.paths.map((one) => nameOf(git.root, path.resolve(named.workingDirectory, one))))
  const patches = await tree.patches()
  const listed = await tree.listed()
  const names = [...tree.manifestNames(), ...listed, ...[...given].filter((name) => tree.has(name))]
  const wanted = [...new Set(names)].filter(isMeant).toSorted(byName)
  const followed = new Map(wanted.map((name) => [name, tree.follow(name)] as const))
  await tree.read([...followed.values()].flatMap((one) => ('name' in one ? [one.name] : [])))
  const own = new Set(wanted.filter((name) => !tree.isLink(name)))
  const met = new Set<string>()
  const files = wanted.flatMap((name): readonly ReadFile[] => {
    const end = followed.get(name) ?? { obstacle: 'missing' as const }
    const shown = (): string => displayPath(path.join(git.root, name), named.workingDirectory)
    if ('obstacle' in end) {
      const isNothing =
        end.obstacle === 'folder' || (end.obstacle === 'missing' && isEditorLock(path.posix.basename(name)))
      return isNothing ? [] : [{ path: shown(), fault: refusals[end.obstacle] }]
    }
    if (isOdd(name) || isOdd(end.name) || met.has(end.name) || (end.name !== name && own.has(end.name))) return []
    met.add(end.name)
    const blob = tree.blob(end.name)
    if (blob === 'nothing' || ('bytes' in blob && !canHold(blob.bytes))) return []
    const decoded = 'fault' in blob ? blob.fault : decode(blob.bytes)
    if ('reason' in decoded) return [{ path: shown(), fault: decoded }]
    const isPatch = patches.has(name) || patches.has(end.name)
    const source = {
      path: shown(),
      patchPath: end.name,
      text: decoded.text,
      ...(isPatch && { isPatch: true as const }),
    }
    return [{ source, realPath: path.join(git.root, end.name), place: path.join(git.root, name) }]
  })
  const lost = [
    ...tree.submodules.filter(isMeant).map((name) => ({ why: 'submodule' as const, name })),
    ...wanted
      .filter((name) => isOdd(name) && isManifestFile(name) && tree.blob(name) !== 'nothing')
      .map((name) => {
        return { why: 'name' as const, name }
      }),
  ]
  return { files, unread: lost.map(({ why, name }) => ({ why, path: path.join(git.root, spelled(name)) })) }
}
