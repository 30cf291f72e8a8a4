import { readFileSync } from 'node:fs'
import path from 'node:path'

import { decode } from '../text/decode.js'
import type { SourceFile } from '../text/source.js'
import { IoFailure, codeOf, reasonOf } from './failure.js'

/**
 * The file that an option names.
 *
 * @throws IoFailure where it is not there, or cannot be read as text; `kind` is whose fault a disk's refusal is.
 */
export function readNamed(named: string, workingDirectory: string, kind: IoFailure['kind'] = 'io'): SourceFile {
  const file = readText(path.resolve(workingDirectory, named), named, kind)
  if (file) return file
  throw new IoFailure(`${named}: no such file or folder`, 'usage')
}

/** A file that may be missing. @throws IoFailure where it is there, but cannot be read as text. */
export function readText(absolute: string, shown: string, kind: IoFailure['kind'] = 'io'): SourceFile | undefined {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(absolute)
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined
    throw new IoFailure(`${shown}: ${reasonOf(error)}`, kind)
  }
  const decoded = decode(bytes)
  if ('reason' in decoded) throw new IoFailure(`${shown}: the file ${decoded.message}`, 'usage')
  return { path: shown, text: decoded.text }
}
