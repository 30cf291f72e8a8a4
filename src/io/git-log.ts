import type { Environment } from './git.js'
import { LogReader, type LoggedCommit } from './git-log-reader.js'
import { endedWith, runGit } from './git-process.js'

/**
 * The commits of HEAD's first-parent line that touched what `pathspecs` name, newest first, until `onCommit` answers
 * `false`. Resolves to why Git could not tell, or to undefined.
 */
export async function readLog(
  root: string,
  environment: Environment,
  request: { readonly pathspecs: readonly string[]; readonly withRenames: boolean },
  onCommit: (commit: LoggedCommit) => boolean,
): Promise<string | undefined> {
  const reader = new LogReader(onCommit)
  const failure = await runGit(root, environment, {
    arguments: [
      // What a user may have set that would change the answer.
      '-c',
      'log.showRoot=true',
      '-c',
      'log.diffMerges=separate',
      '-c',
      'diff.relative=false',
      'log',
      '--first-parent',
      '-m',
      '--raw',
      '-z',
      '--no-abbrev',
      '--format=%H %ct %P',
      '--no-color',
      '--no-decorate',
      '--no-show-signature',
      request.withRenames ? '-M' : '--no-renames',
      'HEAD',
      '--',
      ...request.pathspecs,
    ],
    onOutput: (chunk) => reader.push(chunk),
  })
  if (failure === undefined) reader.end()
  else if (await isUnborn(root, environment)) return undefined
  return failure
}

/** What each of the commits renamed: its files' former names, by `commit path`. */
export async function readRenames(
  root: string,
  environment: Environment,
  request: {
    readonly pathspecs: readonly string[]
    readonly commits: readonly { commit: string; parent: string }[]
  },
): Promise<ReadonlyMap<string, string> | string> {
  const renames = new Map<string, string>()
  const reader = new LogReader(({ commit, changes }) => {
    for (const { path, source } of changes) if (source !== undefined) renames.set(`${commit} ${path}`, source)
    return true
  })
  const failure = await runGit(root, environment, {
    arguments: [
      'diff-tree',
      '--stdin',
      '-r',
      '-z',
      '--raw',
      '--no-abbrev',
      '-M',
      '--diff-filter=R',
      '--',
      ...request.pathspecs,
    ],
    input: request.commits.map(({ commit, parent }) => `${commit} ${parent}\n`).join(''),
    onOutput: (chunk) => reader.push(chunk),
  })
  reader.end()
  return failure ?? renames
}

/** Whether HEAD names a branch that has no commit yet. */
async function isUnborn(root: string, environment: Environment): Promise<boolean> {
  const failure = await runGit(root, environment, {
    arguments: ['rev-parse', '--verify', '--quiet', 'HEAD'],
    onOutput: () => true,
  })
  return failure === endedWith(1)
}
