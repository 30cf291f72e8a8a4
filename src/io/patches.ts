import { existsSync, realpathSync } from 'node:fs'
import path from 'node:path'

import type { Found } from './discover.js'
import { kustomizationNames } from './kustomization-name.js'
import { rootOf, type ReadFile, type SourceReader } from './read.js'

/**
 * Marks the files that a kustomization names as patches. Looks into those that discovery met
 * (`kustomizations`, all that the folders `searched` hold), and beside and above every file up to the top of its repository: a file can be
 * asked for by its name alone.
 */
export async function markPatches(
  files: readonly ReadFile[],
  { kustomizations, searched }: Pick<Found, 'kustomizations' | 'searched'>,
  reader: SourceReader,
  workingDirectory: string,
): Promise<readonly ReadFile[]> {
  const wanted = new Set(
    files.flatMap((file) => ('source' in file ? [file.realPath, file.place].map((one) => path.basename(one)) : [])),
  )
  if (wanted.size === 0) return files
  const candidates = new Set(kustomizations)
  const folders = new Set<string>()
  for (const file of files) if ('source' in file) climb(file.place, searched, workingDirectory, folders)
  for (const folder of folders) for (const name of kustomizationNames) candidates.add(path.join(folder, name))
  const telling = [...candidates].flatMap((file) => {
    const read = existsSync(file) ? reader.plain(file) : undefined
    const text = read?.source.text ?? ''
    // A name with escapes is known by its meaning only.
    const isTelling = text.includes('\\') || [...wanted].some((name) => text.includes(name))
    return read && isTelling ? [{ file: read.place, text }] : []
  })
  if (telling.length === 0) return files
  const { patchPaths } = await import('../manifest/kustomization.js')
  const patches = new Set(
    telling.flatMap(({ file, text }) => {
      return patchPaths(file, text).map((name) => path.resolve(path.dirname(file), name))
    }),
  )
  return files.map((file) => {
    return 'source' in file && (patches.has(file.realPath) || patches.has(file.place))
      ? { ...file, source: { ...file.source, isPatch: true } }
      : file
  })
}

/** Whether a kustomization stands beside or above one of the files, in its repository: only then can it name the file. */
export function hasKustomization(files: readonly ReadFile[], workingDirectory: string): boolean {
  const folders = new Set<string>()
  for (const file of files) if ('source' in file) climb(file.place, [], workingDirectory, folders)
  return [...folders].some((folder) => kustomizationNames.some((name) => existsSync(path.join(folder, name))))
}

/** Adds the folder of a file and those above it; folders that discovery searched have no kustomization but the known. */
function climb(file: string, searched: readonly string[], workingDirectory: string, folders: Set<string>): void {
  const own = path.dirname(file)
  const inside = searched.find((folder) => own === folder || own.startsWith(folder + path.sep))
  const first = inside === undefined ? own : path.dirname(inside)
  if (folders.has(first)) return
  const top = realpathSync.native(rootOf(file, workingDirectory))
  if (inside === top) return
  for (let folder = first; !folders.has(folder); folder = path.dirname(folder)) {
    folders.add(folder)
    if (folder === top) return
  }
}
