import path from 'node:path'

import { repositoryRoot } from '../io/git/root.js'
import { buildFolders, findKustomize } from '../io/kustomize.js'
import { localRoots } from '../pipeline/applied.js'
import type { Request } from '../pipeline/request.js'
import type { Loaded } from './load.js'
import { type Terminal, UsageError } from './terminal.js'

/**
 * The surroundings of a run with what the real kustomize builds of the roots that have to do with some files (by default all
 * of the run's), as far as it can be trusted with them.
 *
 * @throws UsageError where no kustomize is installed.
 */
export async function withRealBuilds(
  { sources, surroundings }: Pick<Loaded, 'sources' | 'surroundings'>,
  { workingDirectory, environment }: Terminal,
  about?: ReadonlySet<string>,
): Promise<Pick<Request, 'surroundings'>> {
  const program = findKustomize(environment, repositoryRoot(workingDirectory) ?? workingDirectory)
  if (!program)
    throw new UsageError(
      '--kustomize needs `kustomize` or `kubectl` on the PATH, outside of the repository; install one',
    )
  if (!surroundings) return {}
  const files = about ?? new Set([...sources.map((source) => source.path), ...(surroundings.asked ?? [])])
  const folders = new Map(
    localRoots(surroundings, sources, files).map((root) => {
      return [path.dirname(surroundings.realPaths.get(root) ?? path.resolve(workingDirectory, root)), root] as const
    }),
  )
  const builds = await buildFolders(program, [...folders.keys()])
  return {
    surroundings: {
      ...surroundings,
      builds: new Map([...builds].flatMap(([folder, build]) => [[folders.get(folder) ?? '', build] as const])),
    },
  }
}
