import { existsSync, readFileSync, realpathSync } from 'node:fs'
import path from 'node:path'

import { textIn } from '../text/decode.js'
import { kustomizationNames } from './kustomization-name.js'
import { rootOf, type ReadFile } from './read.js'

/**
 * Marks the files that a kustomization names as patches. Looks into those that discovery met (`known`, absolute paths,
 * all that the folders `searched` hold), and beside and above every file up to the top of its repository: a file can be
 * asked for by its name alone.
 */
export async function markPatches(
  files: readonly ReadFile[],
  known: readonly string[],
  searched: readonly string[],
  workingDirectory: string,
): Promise<readonly ReadFile[]> {
  const wanted = new Set(files.flatMap((file) => ('source' in file ? [path.basename(file.realPath)] : [])))
  if (wanted.size === 0) return files
  const candidates = new Set(known)
  const folders = new Set<string>()
  for (const file of files) if ('source' in file) climb(file.realPath, searched, workingDirectory, folders)
  for (const folder of folders) for (const name of kustomizationNames) candidates.add(path.join(folder, name))
  const telling = [...candidates].flatMap((file) => {
    const text = textOf(file)
    return text !== undefined && [...wanted].some((name) => text.includes(name)) ? [{ file, text }] : []
  })
  if (telling.length === 0) return files
  const { patchPaths } = await import('../manifest/kustomization.js')
  const patches = new Set(
    telling.flatMap(({ file, text }) => {
      const folder = path.dirname(realpathSync.native(file))
      return patchPaths(file, text).map((name) => path.resolve(folder, name))
    }),
  )
  return files.map((file) => {
    return 'source' in file && patches.has(file.realPath)
      ? { ...file, source: { ...file.source, isPatch: true } }
      : file
  })
}

/** Whether a kustomization stands beside or above one of the files, in its repository: only then can it name the file. */
export function hasKustomization(files: readonly ReadFile[], workingDirectory: string): boolean {
  const folders = new Set<string>()
  for (const file of files) if ('source' in file) climb(file.realPath, [], workingDirectory, folders)
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

/** The text of a kustomization; one that is not there, or cannot be read, has none. */
function textOf(file: string): string | undefined {
  try {
    return textIn(readFileSync(file))
  } catch {
    return undefined
  }
}
