import { readdirSync, type Dirent } from 'node:fs'
import path from 'node:path'

import { isManifestFile } from './manifest-name.js'

const skipped: ReadonlySet<string> = new Set(['.git', 'node_modules'])

/**
 * The files that can hold manifests in a folder and below it, with whatever else is called so and is no folder. Undefined
 * where a `.gitignore` has a say in what counts, or a folder cannot be read.
 */
export function manifestFilesBelow(top: string): readonly string[] | undefined {
  const files: string[] = []
  const folders = [top]
  for (const folder of folders) {
    const entries = entriesOf(folder)
    if (!entries || entries.some(({ name }) => name === '.gitignore')) return undefined
    for (const entry of entries) {
      const place = path.join(folder, entry.name)
      if (!entry.isDirectory()) {
        if (isManifestFile(entry.name)) files.push(place)
      } else if (!skipped.has(entry.name)) folders.push(place)
    }
  }
  return files
}

function entriesOf(folder: string): readonly Dirent[] | undefined {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return undefined
  }
}
