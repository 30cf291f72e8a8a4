import { spawn } from 'node:child_process'
import path from 'node:path'

import { codeOf, reasonOf } from './failure.js'
import { withoutRepository, type Environment } from './git.js'

/** One run of Git at the top folder of a repository. */
export type GitRun = {
  readonly arguments: readonly string[]
  readonly input?: string
  /** Takes the output piece by piece; `false` is enough of it, and ends the run. */
  readonly onOutput: (chunk: Buffer) => boolean
}

/**
 * Runs Git on what is at rest in this very repository: it looks for none above `root`, and fetches nothing, not even
 * the objects that a partial clone lacks. Resolves to undefined once it ended well, else to why not, in Git's own words.
 */
export function runGit(root: string, environment: Environment, run: GitRun): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn('git', run.arguments, {
      cwd: root,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        ...withoutRepository(environment),
        GIT_CEILING_DIRECTORIES: path.dirname(root),
        GIT_NO_LAZY_FETCH: '1',
        GIT_ALLOW_PROTOCOL: 'none',
        LC_ALL: 'C',
      },
    })
    let isEnough = false
    let talk = ''
    child.stdout.on('data', (chunk: Buffer) => {
      if (isEnough || run.onOutput(chunk)) return
      isEnough = true
      child.kill()
    })
    child.stderr.on('data', (chunk: Buffer) => (talk += chunk.toString()))
    // Git may end before it has read all: its status tells more than the broken pipe.
    child.stdin.on('error', () => undefined)
    child.stdin.end(run.input ?? '')
    child.on('error', (error) => resolve(codeOf(error) === 'ENOENT' ? 'git is not on the PATH' : reasonOf(error)))
    child.on('close', (status) => resolve(isEnough || status === 0 ? undefined : complaint(talk, status)))
  })
}

function complaint(talk: string, status: number | null): string {
  const lines = talk.split('\n').filter((line) => line.trim() !== '')
  const line = lines.find((one) => /^(?:fatal|error): /.test(one)) ?? lines[0]
  return line?.replace(/^(?:fatal|error): /, '') ?? endedWith(status)
}

/** What is said of a Git that failed without a word. */
export function endedWith(status: number | null): string {
  return `git ended with ${status ?? 'a signal'}`
}
