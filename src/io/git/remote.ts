import { repositoryRoot } from './root.js'
import { askGit, type Environment } from './run.js'

/** The URL of the remote `origin` of the repository around a folder, as it is configured; undefined where there is none. */
export async function originUrl(folder: string, environment: Environment): Promise<string | undefined> {
  const root = repositoryRoot(folder)
  if (root === undefined) return undefined
  const { how, output } = await askGit(root, environment, ['config', '--get', 'remote.origin.url'])
  return how === 'done' ? output.toString().trim() : undefined
}
