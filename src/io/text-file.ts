import { readFileSync } from 'node:fs'
import path from 'node:path'

import { decode } from '../text/decode.js'
import type { SourceFile } from '../text/source.js'
import { IoFailure, codeOf, isMissing, reasonOf } from './failure.js'

/**
 * The file that an option names.
 *
 * @throws IoFailure where it is not there, or cannot be read as text. A folder is as wrong a name as one of nothing.
 */
export function readNamed(named: string, workingDirectory: string): SourceFile {
  const file = readText(path.resolve(workingDirectory, named), named)
  if (file) return file
  throw new IoFailure(`${named}: no such file or folder`, 'usage')
}

/** A file that may be missing. @throws IoFailure where it is there, but cannot be read as text. */
export function readText(absolute: string, shown: string): SourceFile | undefined {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(absolute)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw new IoFailure(`${shown}: ${reasonOf(error)}`, codeOf(error) === 'EISDIR' ? 'usage' : 'io')
  }
  const decoded = decode(bytes)
  if ('reason' in decoded) throw new IoFailure(`${shown}: the file ${decoded.message}`, 'usage')
  return { path: shown, text: decoded.text }
}
