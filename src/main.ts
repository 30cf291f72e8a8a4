#!/usr/bin/env node
void import('./cli/run.js')
  .then(({ run }) =>
    run({
      arguments: process.argv.slice(2),
      workingDirectory: process.cwd(),
      environment: process.env,
      stdin: () => process.stdin,
      stdout: process.stdout,
      stderr: process.stderr,
      signals: process,
    }),
  )
  .then((status) => {
    process.exitCode = status
  })
