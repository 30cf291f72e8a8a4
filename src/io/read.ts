import { readFileSync, realpathSync } from 'node:fs'
import path from 'node:path'

import { decode, type DecodeFault } from '../text/decode.js'
import type { SourceFile } from '../text/source.js'
import { IoFailure, reasonOf } from './failure.js'
import { isInside, repositoryRoot } from './root.js'

/** A file as it came from the disk: its text, or why it has none. */
export type ReadFile =
  | { readonly source: SourceFile; readonly realPath: string }
  | { readonly path: string; readonly fault: DecodeFault }

const marker = Buffer.from('serving.knative.dev/')
const wideMarker = Buffer.from('serving.knative.dev/', 'utf16le')

/**
 * Reads the files that can hold a Knative Service, each once; the others, and second names of the same file, give
 * nothing.
 */
export class SourceReader {
  private readonly known = new Map<string, ReadFile | undefined>()
  private readonly seen = new Set<string>()

  constructor(private readonly workingDirectory: string) {}

  /** @throws IoFailure where the file cannot be read. */
  read(file: string): ReadFile | undefined {
    if (this.known.has(file)) return this.known.get(file)
    const read = readSource(file, this.workingDirectory, this.seen)
    this.known.set(file, read)
    return read
  }
}

function readSource(file: string, workingDirectory: string, seen: Set<string>): ReadFile | undefined {
  const shown = displayPath(file, workingDirectory)
  try {
    const bytes = readFileSync(file)
    if (!bytes.includes(marker) && !bytes.includes(wideMarker) && !bytes.includes(wideMarker.subarray(1)))
      return undefined
    const realPath = realpathSync.native(file)
    if (seen.has(realPath)) return undefined
    seen.add(realPath)
    const decoded = decode(bytes)
    if ('reason' in decoded) return { path: shown, fault: decoded }
    const root = realpathSync.native(rootOf(file, workingDirectory))
    const source = { path: shown, patchPath: slashes(path.relative(root, realPath)), text: decoded.text }
    return { realPath, source: isInside(root, realPath) ? source : { ...source, isOutside: true } }
  } catch (error) {
    throw new IoFailure(`${shown}: ${reasonOf(error)}`)
  }
}

/** Where a file's patch starts: its repository, else the working directory, else its own folder. */
export function rootOf(file: string, workingDirectory: string): string {
  const folder = path.dirname(file)
  return repositoryRoot(folder) ?? (isInside(workingDirectory, file) ? workingDirectory : folder)
}

/** Relative to the working directory, with slashes, as users would type it. */
function displayPath(file: string, workingDirectory: string): string {
  return slashes(path.relative(workingDirectory, file)) || file
}

function slashes(file: string): string {
  return file.split(path.sep).join('/')
}
