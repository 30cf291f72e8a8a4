#!/usr/bin/env node
import { run } from './cli/run.js'

void run({
  arguments: process.argv.slice(2),
  workingDirectory: process.cwd(),
  environment: process.env,
  stdin: () => process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
}).then((status) => {
  process.exitCode = status
})
