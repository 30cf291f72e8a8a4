// What action.yml and the job of GitLab run, and the program itself, in one file: `npm run action` builds .action/main.cjs.
// Started with the word below it is the program, which runs in a process of its own and is not given the token.
import { run } from '../src/cli/run.js'
import { runOnGithub } from './github.js'
import { runOnGitlab } from './gitlab.js'
import { programWord } from './program.js'

const [, , word, ...words] = process.argv

async function main(): Promise<number> {
  if (word === programWord)
    return run({
      arguments: words,
      workingDirectory: process.cwd(),
      environment: process.env,
      stdin: () => process.stdin,
      stdout: process.stdout,
      stderr: process.stderr,
      signals: process,
    })
  return process.env['GITLAB_CI'] === 'true' ? runOnGitlab(process.env) : runOnGithub(process.env)
}

void main().then((status) => {
  process.exitCode = status
})
