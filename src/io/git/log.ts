import { LogReader, type LoggedChange, type LogListener } from './log-reader.js'
import { askGit, runGit, toldBy, type Environment } from './run.js'

/**
 * Hears the commits of the first-parent line from `start` on that touched what `pathspecs` name, newest first. Resolves to
 * why Git could not tell, or to undefined.
 */
export async function readLog(
  root: string,
  environment: Environment,
  request: { readonly start: string; readonly pathspecs: readonly string[]; readonly withRenames: boolean },
  listener: LogListener,
): Promise<string | undefined> {
  const reader = new LogReader(listener)
  const ending = await runGit(root, environment, {
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
      request.start,
      '--',
      ...request.pathspecs,
    ],
    onOutput: (chunk) => reader.push(chunk),
  })
  if (ending.how === 'done') reader.end()
  return ending.how === 'done' || (await isUnborn(root, environment)) ? undefined : toldBy(ending)
}

/** What one commit did to what `pathspecs` name, with its renames, or why Git could not tell. */
export async function readChanges(
  root: string,
  environment: Environment,
  request: { readonly commit: string; readonly parent: string; readonly pathspecs: readonly string[] },
): Promise<readonly LoggedChange[] | string> {
  const found: LoggedChange[] = []
  const reader = new LogReader({
    onCommit: ({ changes }) => {
      found.push(...changes)
      return true
    },
  })
  const ending = await runGit(root, environment, {
    arguments: ['diff-tree', '--stdin', '-r', '-z', '--raw', '--no-abbrev', '-M', '--', ...request.pathspecs],
    input: `${request.commit} ${request.parent}\n`,
    onOutput: (chunk) => reader.push(chunk),
  })
  reader.end()
  return ending.how === 'done' ? found : toldBy(ending)
}

/** Whether HEAD names a branch that has no commit yet. */
async function isUnborn(root: string, environment: Environment): Promise<boolean> {
  const { how } = await askGit(root, environment, ['rev-parse', '--verify', '--quiet', 'HEAD'])
  return how === 'no'
}
