#!/usr/bin/env node
import { run } from './cli/run.js'

const { stdin, stdout, stderr } = process
process.exitCode = await run({
  arguments: process.argv.slice(2),
  workingDirectory: process.cwd(),
  environment: process.env,
  stdin,
  stdout,
  stderr,
})
