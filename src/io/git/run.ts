import type { ChildProcess } from 'node:child_process'
import path from 'node:path'

import { codeOf, reasonOf } from '../failure.js'
import { guarded, hasRepository, settings, type Environment } from './guarded.js'
import { refusalOf } from './refusal.js'

export type { Environment } from './guarded.js'

/** One run of Git. */
export type GitRun = {
  readonly arguments: readonly string[]
  /** What its standard input holds; nothing by default. */
  readonly input?: string | Uint8Array
  /** Takes the output piece by piece; `false` is enough of it, and ends the run. */
  readonly onOutput: (chunk: Buffer) => boolean
  /** Milliseconds after which the run is ended, if it has not ended by then. */
  readonly limit?: number
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
 * lock. The one place that starts a program. Filters cannot be switched off: Git is only asked what needs none of them,
 * so never to compare files on the disk. What goes wrong with Git is told by the ending.
 *
 * @throws what `onOutput` throws; that ends the run as well.
 */
export async function runGit(root: string, environment: Environment, run: GitRun): Promise<Ending> {
  if (!hasRepository(root))
    return { how: 'failed', reason: `not a git repository: ${path.join(root, '.git')}`, talk: '' }
  // What starts other programs takes longer to load than a single file to read.
  const { spawn } = await import('node:child_process')
  let child: ChildProcess
  try {
    child = spawn('git', ['--no-pager', ...settings, ...run.arguments], {
      cwd: root,
      stdio: [run.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      env: guarded(environment, root),
    })
  } catch (error) {
    return unstarted(error)
  }
  const { limit = patience } = run
  return new Promise((resolve, reject) => {
    let isEnough = false
    let isLate = false
    let talk = ''
    const clock = setTimeout(() => {
      isLate = true
      child.kill('SIGKILL')
      // Whoever else holds the pipes must not be waited for.
      child.stdout?.destroy()
      child.stderr?.destroy()
    }, limit)
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
    child.on('error', (error) => {
      clearTimeout(clock)
      resolve(unstarted(error))
    })
    child.on('close', (status) => {
      clearTimeout(clock)
      if (isEnough) resolve({ how: 'done', reason: '', talk })
      else if (isLate) resolve({ how: 'late', reason: lateness(run.arguments, limit), talk })
      else resolve(ended(root, status, talk))
    })
  })
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
  const reason = codeOf(error) === 'ENOENT' ? 'git is not on the PATH' : reasonOf(error)
  return { how: 'unstarted', reason, talk: '' }
}

function lateness([command = '']: readonly string[], limit: number): string {
  return `\`git ${command}\` has not ended after ${limit / 1000} s`
}

/** Git says no by ending with 1, and nothing else. */
function ended(root: string, status: number | null, talk: string): Ending {
  if (status === 0) return { how: 'done', reason: '', talk }
  const lines = talk.split('\n').filter((line) => line.trim() !== '')
  const line = lines.find((one) => /^(?:fatal|error): /.test(one)) ?? lines[0]
  const reason = line?.replace(/^(?:fatal|error): /, '') ?? `git ended with ${status ?? 'a signal'}`
  return { how: status === 1 && line === undefined ? 'no' : 'failed', reason, talk, ...refusalOf(root, talk) }
}
