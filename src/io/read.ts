import { readFileSync, realpathSync } from 'node:fs'
import path from 'node:path'

import { aliasedVersion, marker } from '../manifest/knative-sign.js'
import { ownerSigns } from '../manifest/owners/signs.js'
import { decode, isPointer, type DecodeFault } from '../text/decode.js'
import type { SourceFile } from '../text/source.js'
import { IoFailure, reasonOf } from './failure.js'
import { repositoryRoot } from './git/root.js'
import { displayPath, isInside, leadsOut, slashes } from './paths.js'

/** A file as it came from the disk: its text, or why it has none. */
export type ReadFile = ReadSource | { readonly path: string; readonly fault: DecodeFault }

/** A file that is text, and where it is once symbolic links are followed. */
export type ReadSource = { readonly source: SourceFile; readonly realPath: string }

const wideMarker = Buffer.from(marker, 'utf16le')
const manifestSigns = [Buffer.from(marker), Buffer.from(aliasedVersion), wideMarker, wideMarker.subarray(1)]
const signs = Object.values(ownerSigns).map((sign) => Buffer.from(sign))

/**
 * Reads the files that can hold a Knative Service, each once; the others, and second names of the same file, give
 * nothing.
 */
export class SourceReader {
  /** Files that may give the traffic of a Service to another controller. */
  readonly owners: SourceFile[] = []
  private readonly known = new Map<string, ReadFile | undefined>()
  private readonly seen = new Set<string>()
  private readonly realRoots = new Map<string, string>()

  constructor(private readonly workingDirectory: string) {}

  /** @throws IoFailure where the file cannot be read. */
  read(file: string): ReadFile | undefined {
    if (this.known.has(file)) return this.known.get(file)
    const read = this.readSource(file)
    this.known.set(file, read)
    return read
  }

  private readSource(file: string): ReadFile | undefined {
    const shown = displayPath(file, this.workingDirectory)
    try {
      const bytes = readFileSync(file)
      if (signs.some((sign) => bytes.includes(sign))) this.keepOwner(file, bytes)
      if (!manifestSigns.some((sign) => bytes.includes(sign)) && !isPointer(bytes)) return undefined
      const realPath = realpathSync.native(file)
      if (this.seen.has(realPath)) return undefined
      this.seen.add(realPath)
      return this.sourceOf(file, realPath, bytes)
    } catch (error) {
      throw new IoFailure(`${shown}: ${reasonOf(error)}`)
    }
  }

  /** Reads a file whatever it holds; undefined where it cannot be taken for text. */
  plain(file: string): ReadSource | undefined {
    try {
      const read = this.sourceOf(file, realpathSync.native(file), readFileSync(file))
      return 'source' in read ? read : undefined
    } catch {
      return undefined
    }
  }

  private keepOwner(file: string, bytes: Buffer): void {
    const read = this.sourceOf(file, realpathSync.native(file), bytes)
    if ('source' in read) this.owners.push(read.source)
  }

  private sourceOf(file: string, realPath: string, bytes: Buffer): ReadFile {
    const shown = displayPath(file, this.workingDirectory)
    const decoded = decode(bytes)
    if ('reason' in decoded) return { path: shown, fault: decoded }
    const patchPath = path.relative(this.realRootOf(file), realPath)
    const source = { path: shown, patchPath: slashes(patchPath), text: decoded.text }
    return { realPath, source: leadsOut(patchPath) ? { ...source, isOutside: true } : source }
  }

  private realRootOf(file: string): string {
    const root = rootOf(file, this.workingDirectory)
    const known = this.realRoots.get(root)
    if (known !== undefined) return known
    const real = realpathSync.native(root)
    this.realRoots.set(root, real)
    return real
  }
}

/** Where a file's patch starts: its repository, else the working directory, else its own folder. */
export function rootOf(file: string, workingDirectory: string): string {
  const folder = path.dirname(file)
  return repositoryRoot(folder) ?? (isInside(workingDirectory, file) ? workingDirectory : folder)
}
