import path from 'node:path'

import { decode } from '../text/decode.js'
import type { SourceFile } from '../text/source.js'
import { IoFailure, codeOf, isMissing, reasonOf } from './failure.js'
import { readGiven, readInside, type Opened } from './open.js'

/**
 * The file that an option names, be it a pipe.
 *
 * @throws IoFailure where it is not there, or cannot be read as text. A folder is as wrong a name as one of nothing.
 */
export function readNamed(named: string, workingDirectory: string): SourceFile {
  const file = readText(named, () => readGiven(path.resolve(workingDirectory, named)))
  if (file) return file
  throw new IoFailure(`${named}: no such file or folder`, 'usage')
}

/**
 * A file of a tree that may be missing.
 *
 * @throws IoFailure where it is there, but cannot be read as text, or is no regular file of that tree.
 */
export function readPresent(absolute: string, shown: string, tree: string): SourceFile | undefined {
  return readText(shown, () => readInside(absolute, tree))
}

function readText(shown: string, open: () => Opened | undefined): SourceFile | undefined {
  let opened: Opened | undefined
  try {
    opened = open()
  } catch (error) {
    if (isMissing(error)) return undefined
    throw new IoFailure(`${shown}: ${reasonOf(error)}`, codeOf(error) === 'EISDIR' ? 'usage' : 'io')
  }
  if (!opened) return undefined
  const decoded = opened.bytes ? decode(opened.bytes) : opened.fault
  if ('text' in decoded) return { path: shown, text: decoded.text }
  const isRefused = decoded.reason === 'link' || decoded.reason === 'irregular'
  throw new IoFailure(`${shown}: ${isRefused ? '' : 'the file '}${decoded.message}`, 'usage')
}
