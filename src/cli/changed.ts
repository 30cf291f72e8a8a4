import type { Destination } from './destinations.js'
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
  const changed = await changedSince(ref, workingDirectory, environment)
  if (!('reason' in changed)) return { changed }
  if (isImplied) return {}
  throw new UsageError(`--changed-since ${ref}: ${changed.reason}`)
}
