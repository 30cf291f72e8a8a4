import path from 'node:path'

import type { SourceFile } from '../text/source.js'
import { repositoryRoot } from './git/root.js'
import { displayPath } from './paths.js'
import { readNamed, readPresent } from './text-file.js'

/** What a configuration is called that no option names. */
export const configurationName = '.kn-rollout.yaml'

/**
 * The configuration that is named, else the nearest one from the working directory up to the root of its repository;
 * outside of any, only the one in the working directory.
 *
 * @throws IoFailure where one is named that is not there, or one that is there cannot be read as text.
 */
export function readConfiguration(named: string | undefined, workingDirectory: string): SourceFile | undefined {
  if (named !== undefined) return readNamed(named, workingDirectory)
  const root = repositoryRoot(workingDirectory) ?? workingDirectory
  for (let folder = workingDirectory; ; folder = path.dirname(folder)) {
    const absolute = path.join(folder, configurationName)
    const file = readPresent(absolute, displayPath(absolute, workingDirectory), root)
    if (file || folder === root || folder === path.dirname(folder)) return file
  }
}
