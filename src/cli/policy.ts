import { committedConfiguration } from '../io/committed-config.js'
import { IoFailure } from '../io/failure.js'
import { GitRepository } from '../io/git/repository.js'
import { repositoryRoot } from '../io/git/root.js'
import { readConfiguration } from '../io/open.js'
import type { Sides } from '../io/sides.js'
import type { Request } from '../pipeline/request.js'
import type { SourceFile } from '../text/source.js'
import { shortCommit } from '../text/words.js'
import { say, type Terminal } from './terminal.js'

/** What a run of `check` goes by. */
export type CheckPolicy = Pick<Request, 'configuration' | 'policy'>

/**
 * What `check` goes by where the operator names no configuration: that of the base, and what the change makes of it. A
 * change cannot quiet what judges it.
 *
 * @throws IoFailure where a side has a configuration that cannot be read.
 */
export async function policyOf(
  git: GitRepository,
  { base, head }: Pick<Sides, 'base' | 'head'>,
  { workingDirectory }: Terminal,
): Promise<CheckPolicy> {
  const read = (commit: string, side: string): Promise<SourceFile | undefined> =>
    committedConfiguration(git, { commit, shown: `the ${side} commit ${shortCommit(commit)}` }, workingDirectory)
  const before = await read(base, 'base')
  const after = head === undefined ? readConfiguration(undefined, workingDirectory) : await read(head, 'head')
  const sides = { ...(before && { before }), ...(after && { after }) }
  return { ...(before && { configuration: before }), policy: { base: shortCommit(base), ...sides } }
}

/**
 * Says where a command goes by a configuration that is not the committed one: `check` would come to another result. Where
 * Git cannot tell, there is nothing to say.
 */
export async function sayUncommitted(
  option: unknown,
  { configuration }: { readonly configuration?: SourceFile },
  terminal: Terminal,
): Promise<void> {
  const { workingDirectory, environment } = terminal
  if (option !== undefined || !configuration || repositoryRoot(workingDirectory) === undefined) return
  const committed = await atHead(GitRepository.around(workingDirectory, environment), workingDirectory)
  if (committed === 'unknown') return
  if (committed?.path === configuration.path && plain(committed.text) === plain(configuration.text)) return
  const how = committed ? 'differs from the committed configuration' : 'is not committed'
  const name = `\`${configuration.path}\``
  await say(terminal, `kn-rollout: ${name} ${how}: \`check\` uses the one of its base commit\n`)
}

async function atHead(git: GitRepository, workingDirectory: string): Promise<SourceFile | 'unknown' | undefined> {
  try {
    return await committedConfiguration(git, { commit: 'HEAD', shown: 'HEAD' }, workingDirectory)
  } catch (error) {
    if (error instanceof IoFailure) return 'unknown'
    throw error
  }
}

/** Git may check files out with other line ends than it keeps. */
function plain(text: string): string {
  return text.replaceAll('\r\n', '\n')
}
