import path from 'node:path'

import type { LostPath } from '../pipeline/unread.js'
import { decode, isPointer, textIn } from '../text/decode.js'
import { globMatcher } from '../text/glob.js'
import { IoFailure } from './failure.js'
import { grep, grepped } from './candidates.js'
import { isOdd, literal, nameOf, spelled } from './git/names.js'
import type { Repository } from './git/repository.js'
import { modes } from './git/tracked.js'
import { isKustomization } from './kustomization-name.js'
import { isManifestFile } from './manifest-name.js'
import { displayPath } from './paths.js'
import type { ReadFile } from './read.js'

const sign = /serving\.knative\.dev\/|apiVersion: \*|s\0e\0r\0v\0i\0n\0g/

/**
 * The files of a commit that can hold a Knative Service, as `discover` and the reader find them in the working tree: those
 * that the paths (files, folders and globs, from the working directory) mean.
 *
 * @throws IoFailure where a path means nothing in that commit.
 */
export async function readCommitted(
  git: Repository,
  { commit, paths }: { readonly commit: string; readonly paths: readonly string[] },
  workingDirectory: string,
): Promise<{ readonly files: readonly ReadFile[]; readonly unread: readonly LostPath[] }> {
  const wanted = (paths.length === 0 ? ['.'] : paths).map((shown) => {
    return { shown, name: nameOf(git.root, path.resolve(workingDirectory, shown)) }
  })
  const tree = await git.list(['ls-tree', '-r', '-z', '--full-tree', commit])
  const ids = idsIn(tree)
  const submodules = submodulesIn(tree)
  for (const { shown, name } of wanted)
    if (name !== '' && ![...ids.keys(), ...submodules].some((file) => isMeant(file, name)))
      throw new IoFailure(`${shown}: no such file or folder in the commit`, 'usage')
  const named = wanted.filter(({ name }) => ids.has(name)).map(({ name }) => literal(name))
  const found = await git.list([...grep, '--full-name', commit, '--', ...grepped, ...named])
  const marked = found.map((one) => one.slice(commit.length + 1))
  const names = marked.filter((name) => ids.has(name) && !isOdd(name))
  const blobs = await git.blobs(names.map((name) => ids.get(name) ?? ''))
  const bytesOf = (name: string): Buffer => blobs.get(ids.get(name) ?? '') ?? Buffer.alloc(0)
  const patches = await patchesAmong(names.filter(isKustomization), bytesOf)
  const holding = names.filter((name) => {
    return sign.test(bytesOf(name).toString('latin1')) || isPointer(bytesOf(name))
  })
  const isWanted = (name: string): boolean => wanted.some((one) => isMeant(name, one.name))
  const files = holding
    .filter(isWanted)
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map((name) => readOf(git, name, bytesOf(name), { workingDirectory, isPatch: patches.has(name) }))
  const unread = [
    ...submodules.map((name) => ({ why: 'submodule' as const, name })),
    ...marked.filter((name) => isOdd(name) && isManifestFile(name)).map((name) => ({ why: 'name' as const, name })),
  ]
  const lost = unread.filter(({ name }) => isWanted(name))
  return { files, unread: lost.map(({ why, name }) => ({ why, path: path.join(git.root, spelled(name)) })) }
}

function submodulesIn(tree: readonly string[]): readonly string[] {
  const head = `${modes.submodule} commit `
  return tree.flatMap((entry) => (entry.startsWith(head) ? [entry.slice(entry.indexOf('\t') + 1)] : []))
}

/** The blobs of a tree by their names: `<mode> blob <id>\t<name>`. Links and submodules are left out. */
function idsIn(tree: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    tree.flatMap((entry) => {
      const [, id, name] = /^100\d{3} blob ([0-9a-f]+)\t([^]+)$/.exec(entry) ?? []
      return id !== undefined && name !== undefined ? [[name, id] as const] : []
    }),
  )
}

function isMeant(file: string, name: string): boolean {
  return name === '' || file === name || file.startsWith(`${name}/`) || globMatcher(name).test(file)
}

/** The files that kustomizations name as patches. What reads YAML is loaded only where there are any. */
async function patchesAmong(
  kustomizations: readonly string[],
  bytesOf: (name: string) => Buffer,
): Promise<ReadonlySet<string>> {
  if (kustomizations.length === 0) return new Set()
  const { patchPaths } = await import('../manifest/kustomization.js')
  const patches = kustomizations.flatMap((name) => {
    const text = textIn(bytesOf(name))
    const found = text === undefined ? [] : patchPaths(name, text)
    return found.map((patch) => path.posix.join(path.posix.dirname(name), patch))
  })
  return new Set(patches)
}

function readOf(
  git: Repository,
  name: string,
  bytes: Buffer,
  { workingDirectory, isPatch }: { readonly workingDirectory: string; readonly isPatch: boolean },
): ReadFile {
  const realPath = path.join(git.root, name)
  const shown = displayPath(realPath, workingDirectory)
  const decoded = decode(bytes)
  if ('reason' in decoded) return { path: shown, fault: decoded }
  return { realPath, source: { path: shown, patchPath: name, text: decoded.text, ...(isPatch && { isPatch }) } }
}
