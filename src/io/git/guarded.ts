import { lstatSync } from 'node:fs'
import path from 'node:path'

/** The variables that a program is started with. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * What no configuration may change, for each of these can start a program or lead Git elsewhere. An empty
 * `core.fsmonitor` is false for every Git; those before 2.36 would take `false` for the name of a program. A Git before
 * 2.38 does not know `safe.bareRepository` and passes over it: the folder that it runs in has a `.git` of its own.
 * `core.ignoreCase` would hide a new file whose name differs from a tracked one in case alone.
 */
export const settings = [
  'safe.bareRepository=explicit',
  'core.fsmonitor=',
  'core.hooksPath=/dev/null',
  'core.ignoreCase=false',
  'diff.external=',
  'log.showSignature=false',
  'protocol.allow=never',
  'submodule.recurse=false',
].flatMap((setting) => ['-c', setting])

/**
 * Whether a repository stands there, as Git tells it. Without one, an older Git would take the folder itself for one if
 * it has a `HEAD`, `objects` and `refs`, which anyone can commit.
 */
export function hasRepository(root: string): boolean {
  const top = path.join(root, '.git')
  try {
    const stats = lstatSync(top, { throwIfNoEntry: false })
    if (!stats?.isDirectory()) return stats !== undefined
    return lstatSync(path.join(top, 'HEAD'), { throwIfNoEntry: false }) !== undefined
  } catch {
    // Git says it better: a folder that is closed.
    return true
  }
}

/**
 * Git tells its hooks by variables which repository, index and objects they run for, and whoever sets them by hand means
 * another repository than the one at hand (GIT_DIR, GIT_WORK_TREE, GIT_INDEX_FILE, GIT_OBJECT_DIRECTORY, GIT_NAMESPACE
 * …): here the folder says that, in a pre-commit hook as well, where the files are those of the work tree. Other
 * variables start programs (GIT_EXTERNAL_DIFF, GIT_PAGER, GIT_ASKPASS, GIT_SSH_COMMAND) or write into what is read
 * (GIT_TRACE). So all of them go, but for where Git itself is installed, and for the user's settings, among them the
 * `safe.directory` of many a container: a repository cannot set those, and what is set above beats them.
 *
 * Commits are read as they are stored and as Argo CD and Flux read them: `git replace` and `info/grafts` are private to
 * one clone. Alternates (`clone --reference`, `--shared`) are obeyed: they hold nothing but objects, which are known by
 * their hashes, and no commit can bring them along.
 */
export function guarded(environment: Environment, root: string): Record<string, string | undefined> {
  const kept = Object.entries(environment).filter(
    ([name]) => !name.startsWith('GIT_') || name === 'GIT_EXEC_PATH' || name.startsWith('GIT_CONFIG_'),
  )
  return {
    ...Object.fromEntries(kept),
    ...(environment['PATH'] !== undefined && { PATH: searched(environment['PATH']) }),
    GIT_CEILING_DIRECTORIES: path.dirname(root),
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_GRAFT_FILE: `${nowhere}/grafts`,
    // A Git older than 2.45 does not know the first one: the second lets its fetch fail. It beats `protocol.*.allow`.
    GIT_NO_LAZY_FETCH: '1',
    GIT_ALLOW_PROTOCOL: 'none',
    LC_ALL: 'C',
  }
}

/** A place that holds nothing. */
const nowhere = '/dev/null'

/** The folders of a PATH that stand somewhere for themselves: by others, and by none, a `git` of the repository would run. */
function searched(list: string): string {
  const folders = list.split(path.delimiter).filter((folder) => path.isAbsolute(folder))
  return folders.length === 0 ? nowhere : folders.join(path.delimiter)
}
