import { readdirSync, type Dirent } from 'node:fs'
import path from 'node:path'

import type { IgnoreFiles } from './ignore-files.js'
import { isManifestFile } from './manifest-name.js'

const skipped: ReadonlySet<string> = new Set(['.git', 'node_modules'])

/**
 * The files that can hold manifests in a folder and below it, with whatever else is called so and is no folder, without
 * those that `.gitignore` files leave out. Undefined where a folder cannot be read.
 */
export function manifestFilesBelow(top: string, ignores: IgnoreFiles): readonly string[] | undefined {
  const files: string[] = []
  const folders = [top]
  for (const folder of folders) {
    const entries = entriesOf(folder)
    if (!entries) return undefined
    for (const entry of entries) {
      const place = path.join(folder, entry.name)
      if (!entry.isDirectory()) {
        if (isManifestFile(entry.name)) files.push(place)
      } else if (!skipped.has(entry.name)) folders.push(place)
    }
  }
  return files.filter((file) => !ignores.leavesOut(file))
}

function entriesOf(folder: string): readonly Dirent[] | undefined {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return undefined
  }
}
