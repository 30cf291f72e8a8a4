import type { ChildProcess } from 'node:child_process'
import path from 'node:path'

import { codeOf, reasonOf } from '../failure.js'

/** The variables that a program is started with. */
export type Environment = Readonly<Record<string, string | undefined>>

/** One run of Git. */
export type GitRun = {
  readonly arguments: readonly string[]
  /** What its standard input holds; nothing by default. */
  readonly input?: string
  /** Takes the output piece by piece; `false` is enough of it, and ends the run. */
  readonly onOutput: (chunk: Buffer) => boolean
  /** Set where the folder may stand below the top of its repository; else Git looks for no repository above it. */
  readonly isBelowTop?: true
}

/** How a run of Git ended. */
export type Ending = {
  /** `done` also where it was enough; `no` where nothing matched, or nothing is there; `unstarted` where Git cannot be run. */
  readonly how: 'done' | 'no' | 'failed' | 'unstarted'
  /** Why it is not done, in one line, as far as possible in Git's own words; else empty. */
  readonly reason: string
  /** What it wrote to its standard error. Where it is done all the same, something may be left out. */
  readonly talk: string
}

/**
 * Runs Git in a folder (an absolute path) on what is at rest in that very repository: it fetches nothing, not even the
 * objects that a partial clone lacks, and takes no lock. What goes wrong with Git is told by the ending.
 *
 * @throws what `onOutput` throws; that ends the run as well.
 */
export async function runGit(folder: string, environment: Environment, run: GitRun): Promise<Ending> {
  // What starts other programs takes longer to load than a single file to read.
  const { spawn } = await import('node:child_process')
  let child: ChildProcess
  try {
    child = spawn('git', run.arguments, {
      cwd: folder,
      stdio: [run.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      env: guarded(environment, run.isBelowTop ? undefined : path.dirname(folder)),
    })
  } catch (error) {
    return unstarted(error)
  }
  return new Promise((resolve, reject) => {
    let isEnough = false
    let talk = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      if (isEnough) return
      try {
        isEnough = !run.onOutput(chunk)
      } catch (error) {
        isEnough = true
        reject(error)
      }
      if (isEnough) child.kill()
    })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (talk += text))
    // Git may end before it has read all: its status tells more than the broken pipe.
    child.stdin?.on('error', () => undefined).end(run.input)
    child.on('error', (error) => resolve(unstarted(error)))
    child.on('close', (status) => resolve(isEnough ? { how: 'done', reason: '', talk } : ended(status, talk)))
  })
}

/** All that a run of Git prints, and how it ends. */
export async function askGit(
  folder: string,
  environment: Environment,
  words: readonly string[],
  options: Pick<GitRun, 'isBelowTop'> = {},
): Promise<Ending & { readonly output: string }> {
  const chunks: Buffer[] = []
  const onOutput = (chunk: Buffer): boolean => chunks.push(chunk) > 0
  const ending = await runGit(folder, environment, { ...options, arguments: words, onOutput })
  return { ...ending, output: Buffer.concat(chunks).toString() }
}

/** Git tells its hooks by variables which repository and index they run for; here the folder says that. */
function guarded(environment: Environment, ceiling: string | undefined): Record<string, string | undefined> {
  const kept = Object.entries(environment).filter(([name]) => !name.startsWith('GIT_') || name === 'GIT_EXEC_PATH')
  return {
    ...Object.fromEntries(kept),
    ...(ceiling !== undefined && { GIT_CEILING_DIRECTORIES: ceiling }),
    GIT_OPTIONAL_LOCKS: '0',
    // A Git older than 2.45 does not know the first one: the second lets its fetch fail.
    GIT_NO_LAZY_FETCH: '1',
    GIT_ALLOW_PROTOCOL: 'none',
    LC_ALL: 'C',
  }
}

function unstarted(error: unknown): Ending {
  const reason = codeOf(error) === 'ENOENT' ? 'git is not on the PATH' : reasonOf(error)
  return { how: 'unstarted', reason, talk: '' }
}

/** Git says no by ending with 1, and nothing else. */
function ended(status: number | null, talk: string): Ending {
  if (status === 0) return { how: 'done', reason: '', talk }
  const lines = talk.split('\n').filter((line) => line.trim() !== '')
  const line = lines.find((one) => /^(?:fatal|error): /.test(one)) ?? lines[0]
  const reason = line?.replace(/^(?:fatal|error): /, '') ?? `git ended with ${status ?? 'a signal'}`
  return { how: status === 1 && line === undefined ? 'no' : 'failed', reason, talk }
}
