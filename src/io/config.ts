import { readFileSync } from 'node:fs'
import path from 'node:path'

import { decode } from '../text/decode.js'
import type { SourceFile } from '../text/source.js'
import { IoFailure, codeOf, reasonOf } from './failure.js'
import { repositoryRoot } from './root.js'

const fileName = '.kn-rollout.yaml'

/**
 * The configuration that is named, else the nearest one from the working directory up to the root of its repository;
 * outside of any, only the one in the working directory.
 *
 * @throws IoFailure where one is named that is not there, or one that is there cannot be read as text.
 */
export function readConfiguration(named: string | undefined, workingDirectory: string): SourceFile | undefined {
  if (named !== undefined) {
    const file = read(path.resolve(workingDirectory, named), named)
    if (file) return file
    throw new IoFailure(`${named}: no such file or folder`, 'usage')
  }
  const root = repositoryRoot(workingDirectory) ?? workingDirectory
  for (let folder = workingDirectory; ; folder = path.dirname(folder)) {
    const absolute = path.join(folder, fileName)
    const file = read(absolute, path.relative(workingDirectory, absolute).split(path.sep).join('/'))
    if (file || folder === root || folder === path.dirname(folder)) return file
  }
}

function read(absolute: string, shown: string): SourceFile | undefined {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(absolute)
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined
    throw new IoFailure(`${shown}: ${reasonOf(error)}`)
  }
  const decoded = decode(bytes)
  if ('reason' in decoded) throw new IoFailure(`${shown}: the file ${decoded.message}`, 'usage')
  return { path: shown, text: decoded.text }
}
