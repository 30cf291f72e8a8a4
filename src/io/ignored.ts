import { type Dirent, lstatSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { type IgnorePattern, ignorePatterns } from '../text/path.js'
import { IoFailure, isMissing, reasonOf } from './failure.js'
import { isManifestFile, isTemplateFile, slashes } from './paths.js'

/** What the `.gitignore` files of a folder leave out, and of those below it: for where Git itself does not tell. */
export class IgnoreFiles {
  private readonly read = new Map<string, readonly IgnorePattern[]>()
  private readonly folders = new Map<string, boolean>()

  /**
   * @param top The folder where it begins, an absolute path.
   * @param workingDirectory What names in messages start from.
   */
  constructor(
    private readonly top: string,
    private readonly workingDirectory: string,
  ) {}

  /**
   * Whether a file below the top is left out, or a folder that it is in.
   *
   * @throws IoFailure where a `.gitignore` cannot be read.
   */
  leavesOut(file: string): boolean {
    return this.isIn(path.dirname(file)) || this.isNamed(file, false)
  }

  private isIn(folder: string): boolean {
    if (folder === this.top || path.dirname(folder) === folder) return false
    const known = this.folders.get(folder)
    if (known !== undefined) return known
    const isLeftOut = this.isIn(path.dirname(folder)) || this.isNamed(folder, true)
    this.folders.set(folder, isLeftOut)
    return isLeftOut
  }

  /** The last line that fits decides, of the file that stands nearest. */
  private isNamed(place: string, isFolder: boolean): boolean {
    const name = path.basename(place)
    for (let folder = path.dirname(place); ; folder = path.dirname(folder)) {
      const relative = slashes(path.relative(folder, place))
      const found = this.patternsIn(folder).findLast(
        ({ isForFolders, isPath, matcher }) => (isFolder || !isForFolders) && matcher.test(isPath ? relative : name),
      )
      if (found) return !found.isNegated
      if (folder === this.top || path.dirname(folder) === folder) return false
    }
  }

  private patternsIn(folder: string): readonly IgnorePattern[] {
    const known = this.read.get(folder)
    if (known) return known
    const patterns = ignorePatterns(this.textIn(folder))
    this.read.set(folder, patterns)
    return patterns
  }

  /** Like Git, this follows no links; what is no file says nothing. */
  private textIn(folder: string): string {
    const file = path.join(folder, '.gitignore')
    try {
      return lstatSync(file).isFile() ? readFileSync(file, 'utf8') : ''
    } catch (error) {
      if (isMissing(error)) return ''
      throw new IoFailure(`${slashes(path.relative(this.workingDirectory, file))}: ${reasonOf(error)}`)
    }
  }
}

const skipped: ReadonlySet<string> = new Set(['.git', 'node_modules'])

/**
 * The files that can hold manifests in a folder and below it, and the templates of such files, with whatever else is called
 * so and is no folder, without those that `.gitignore` files leave out. Undefined where a folder cannot be read.
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
        if (isManifestFile(entry.name) || isTemplateFile(entry.name)) files.push(place)
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
