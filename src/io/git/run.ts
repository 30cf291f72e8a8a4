import { lstatSync, realpathSync, statSync } from 'node:fs'
import path from 'node:path'

import { wordFor } from '../../text/words.js'
import { codeOf, reasonOf } from '../failure.js'
import { type Running, runProgram, runProgramNow } from '../program.js'
import { foldersOnPath, guardedSearch, shellHere, startedBy, variable } from '../system.js'

/** The variables that a program is started with. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * What no configuration may change, for each of these can start a program or lead Git elsewhere. An empty
 * `core.fsmonitor` is false for every Git; those before 2.36 would take `false` for the name of a program. A Git before
 * 2.38 does not know `safe.bareRepository` and passes over it: the folder that it runs in has a `.git` of its own.
 * `core.ignoreCase` would hide a new file whose name differs from a tracked one in case alone.
 */
const settings = [
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
function hasRepository(root: string): boolean {
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
function guarded(environment: Environment, root: string): Record<string, string | undefined> {
  const kept = Object.entries(environment).filter(([spelled]) => {
    // Windows takes `git_dir` for the same variable.
    const name = spelled.toUpperCase()
    const isGitsOwn = name.startsWith('GIT_') && name !== 'GIT_EXEC_PATH' && !name.startsWith('GIT_CONFIG_')
    return !isGitsOwn && name !== 'PATH'
  })
  const list = variable(environment, 'PATH')
  return {
    ...Object.fromEntries(kept),
    ...(list !== undefined && guardedSearch(searched(list))),
    GIT_CEILING_DIRECTORIES: path.dirname(root),
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    // Each commit of a log would come by itself, and take as long to be taken in as a hundred of them.
    GIT_FLUSH: '0',
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

function searched(list: string): string {
  const folders = foldersOnPath(list)
  return folders.length === 0 ? nowhere : folders.join(path.delimiter)
}

/** What starts Git; undefined where Windows has none on the PATH. Elsewhere the system looks for it itself, and nowhere else. */
function gitProgram(environment: Environment): string | undefined {
  return startedBy(
    'git',
    variable(environment, 'PATH') ?? '',
    (file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true,
  )
}

const notFound: Ending = { how: 'unstarted', reason: 'git is not on the PATH', talk: '' }

/** The oldest Git that can do all that it is asked for here. */
const oldestGit = '2.20'

/** What Git prints about a repository of another user, since 2.36 and before. */
const foreign = /dubious ownership|unsafe repository/
const unknownOption =
  /^(?:usage: git|error: unknown (?:option|switch)|fatal: (?:unrecognized|unknown) (?:argument|option))/m

/** Where Git runs, and with what. */
type Place = { readonly root: string; readonly environment: Environment }

/** What stands behind a failure of Git that its own words do not make plain, and what to do about it. */
function refusalOf({ root, environment }: Place, talk: string): { readonly reason?: string; readonly help?: string } {
  if (foreign.test(talk)) {
    const real = wordFor(realpathSync.native(root), shellHere(environment))
    return {
      reason: 'Git does not read a repository of another user',
      help: `run \`git config --global --add safe.directory ${real}\``,
    }
  }
  return unknownOption.test(talk) ? { help: `install Git ${oldestGit} or newer` } : {}
}

/** One run of Git. */
export type GitRun = {
  readonly arguments: readonly string[]
  /** What its standard input holds; nothing by default. */
  readonly input?: string | Uint8Array
  /** Takes the output piece by piece; `false` is enough of it, and ends the run. */
  readonly onOutput: (chunk: Buffer) => boolean
  /** Milliseconds after which the run is ended, if it has not ended by then. */
  readonly limit?: number
  /** Gets hold of the run once it has begun. */
  readonly onStart?: ((run: Running) => void) | undefined
}

/** How a run of Git ended. */
export type Ending = {
  /**
   * `done` also where it was enough; `no` where nothing matched, or nothing is there; `unstarted` where Git cannot be run;
   * `late` where it took too long.
   */
  readonly how: 'done' | 'no' | 'failed' | 'unstarted' | 'late'
  /** Why it is not done, in one line, as far as possible in Git's own words; else empty. */
  readonly reason: string
  /** What to do about it, where that is known. */
  readonly help?: string
  /** What it wrote to its standard error. Where it is done all the same, something may be left out. */
  readonly talk: string
}

/** The log of a large repository on a slow disk takes a minute; what takes five does not end. */
const patience = 300_000

/**
 * Runs Git at the top of a work tree (an absolute path, where its `.git` stands) on what is at rest in that very
 * repository: it starts no other program, fetches nothing, not even the objects that a partial clone lacks, and takes no
 * lock. Filters cannot be switched off: Git is only asked what needs none of them,
 * so never to compare files on the disk. What goes wrong with Git is told by the ending.
 *
 * @throws what `onOutput` throws; that ends the run as well.
 */
export async function runGit(root: string, environment: Environment, run: GitRun): Promise<Ending> {
  if (!hasRepository(root))
    return { how: 'failed', reason: `not a git repository: ${path.join(root, '.git')}`, talk: '' }
  const { limit = patience } = run
  const file = gitProgram(environment)
  if (file === undefined) return notFound
  const end = await runProgram({
    file,
    arguments: ['--no-pager', ...settings, ...run.arguments],
    folder: root,
    environment: guarded(environment, root),
    input: run.input,
    onOutput: run.onOutput,
    limit,
    onStart: run.onStart,
  })
  const { talk } = end
  if (end.how === 'unstarted') return unstarted(end.error)
  if (end.how === 'enough') return { how: 'done', reason: '', talk }
  if (end.how === 'late') return { how: 'late', reason: lateness(run.arguments, limit), talk }
  return ended({ root, environment }, end.status, talk)
}

/**
 * The same at once, for what is asked in the midst of work that cannot wait: what Git prints to a list of lines, or why
 * it does not, in one line. It prints at most `size` bytes.
 */
export function askGitNow(
  root: string,
  environment: Environment,
  words: readonly string[],
  { input, size }: { readonly input: string; readonly size: number },
): Buffer | string {
  if (!hasRepository(root)) return `not a git repository: ${path.join(root, '.git')}`
  const file = gitProgram(environment)
  if (file === undefined) return toldBy(notFound)
  const end = runProgramNow({
    file,
    arguments: ['--no-pager', ...settings, ...words],
    folder: root,
    environment: guarded(environment, root),
    input,
    size,
    limit: patience,
  })
  if ('error' in end) return toldBy(unstarted(end.error))
  return end.status === 0 ? end.output : toldBy(ended({ root, environment }, end.status, end.talk))
}

/** Why a run of Git is not done, and what to do about it, in one line. */
export function toldBy({ reason, help }: Pick<Ending, 'reason' | 'help'>): string {
  return help === undefined ? reason : `${reason}; ${help}`
}

/** All that a run of Git prints, and how it ends. */
export async function askGit(
  root: string,
  environment: Environment,
  words: readonly string[],
  options: Pick<GitRun, 'input' | 'limit'> = {},
): Promise<Ending & { readonly output: Buffer }> {
  const chunks: Buffer[] = []
  const onOutput = (chunk: Buffer): boolean => chunks.push(chunk) > 0
  const ending = await runGit(root, environment, { ...options, arguments: words, onOutput })
  return { ...ending, output: Buffer.concat(chunks) }
}

function unstarted(error: unknown): Ending {
  return codeOf(error) === 'ENOENT' ? notFound : { how: 'unstarted', reason: reasonOf(error), talk: '' }
}

function lateness([command = '']: readonly string[], limit: number): string {
  return `\`git ${command}\` has not ended after ${limit / 1000} s`
}

/** Git says no by ending with 1, and nothing else. */
function ended(place: Place, status: number | null, talk: string): Ending {
  if (status === 0) return { how: 'done', reason: '', talk }
  const lines = talk.split('\n').filter((line) => line.trim() !== '')
  const line = lines.find((one) => /^(?:fatal|error): /.test(one)) ?? lines[0]
  const reason = line?.replace(/^(?:fatal|error): /, '') ?? `git ended with ${status ?? 'a signal'}`
  return { how: status === 1 && line === undefined ? 'no' : 'failed', reason, talk, ...refusalOf(place, talk) }
}
