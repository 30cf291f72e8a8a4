import type { GitRepository } from '../io/git/repository.js'
import { type Named, readCommitted } from '../io/sides.js'
import { CommitTree } from '../io/tree.js'
import { committedSurroundings, readPlainFolders } from '../io/surroundings.js'
import { type Loaded, loadedFrom, shownFrom } from './load.js'

/** What the paths mean in a commit, and all files of that. */
export async function loadCommit(
  git: GitRepository,
  commit: string,
  named: Named,
): Promise<{ readonly loaded: Loaded; readonly tree: CommitTree }> {
  const tree = await CommitTree.asFarAsKnown(git, commit)
  const { files, unread } = await readCommitted(git, tree, named)
  await tree.read(tree.manifestNames())
  const surroundings = await committedSurroundings(git, tree, named, files)
  await readPlainFolders(tree, surroundings)
  return { tree, loaded: loadedFrom(files, shownFrom(unread, named.workingDirectory), surroundings) }
}
