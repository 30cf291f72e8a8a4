import path from 'node:path'

import { repositoryRoot } from '../io/git/root.js'
import { displayPath } from '../io/paths.js'
import type { Destination } from './destinations.js'
import type { Loaded } from './load.js'
import type { Terminal } from './terminal.js'
import { UsageError, refuseRepeated } from './usage.js'

/** Files that come first where a format has limits. */
export type Changed = { readonly changed?: ReadonlySet<string> }

/**
 * The files that `--changed-since` means. Without the option, a run for GitHub takes the branch that a pull request is to
 * be merged into, where the clone has it.
 *
 * @throws UsageError where Git cannot tell what the option means.
 */
export async function changedFor(
  option: string | undefined,
  wanted: readonly Destination[],
  { workingDirectory, environment }: Terminal,
  loading: Promise<Loaded>,
): Promise<Changed> {
  refuseRepeated('changed-since', option)
  const base = environment['GITHUB_BASE_REF']
  const isImplied = option === undefined && base && wanted.some(({ format }) => format === 'github')
  const ref = isImplied ? `origin/${base}` : option
  if (ref === undefined) return {}
  if (!isImplied && /^(?:-|$)/.test(ref)) {
    throw new UsageError(`--changed-since must name a branch, a tag or a commit, but is \`${ref}\``)
  }
  const { changedSince } = await import('../io/changed.js')
  const others = async (): Promise<ReadonlySet<string>> => {
    const { sources } = await loading
    return new Set(sources.flatMap(({ patchPath }) => patchPath ?? []))
  }
  const changed = await changedSince(ref, workingDirectory, environment, others)
  if (!('reason' in changed)) return { changed: withLinks(changed, await loading, workingDirectory) }
  if (isImplied) return {}
  throw new UsageError(`--changed-since ${ref}: ${changed.reason}`)
}

/** A file changed as well by the name of a link where what the link leads to did. */
function withLinks(
  changed: ReadonlySet<string>,
  { sources, realPaths, places }: Loaded,
  workingDirectory: string,
): ReadonlySet<string> {
  const root = repositoryRoot(workingDirectory)
  const links = sources.filter(({ path: file }) => realPaths.get(file) !== places.get(file))
  const followed = links.filter(({ patchPath }) => {
    return (
      root !== undefined &&
      patchPath !== undefined &&
      changed.has(displayPath(path.join(root, patchPath), workingDirectory))
    )
  })
  return new Set([...changed, ...followed.map((source) => source.path)])
}
