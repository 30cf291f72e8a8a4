#!/usr/bin/env node
import path from 'node:path'

import { loadCompiled } from './cli/compiled.js'
import { outputTo } from './cli/output.js'
import { versionText } from './cli/version.js'

/** Of the file that holds the program; the bundler writes it in. */
declare const PROGRAM_HASH: string

const words = process.argv.slice(2)
const stdout = outputTo(1, () => process.stdout)
const stderr = outputTo(2, () => process.stderr)

async function main(): Promise<number> {
  // What needs nothing else of the program does not load it. Whatever goes wrong is reported as ever.
  if (words.length === 1 && words[0] === '--version' && (await isWritten(`${versionText}\n`))) return 0
  const program = loadCompiled(path.join(import.meta.dirname, 'program.js'), words[0] ?? '', {
    environment: process.env,
    user: process.getuid?.(),
    engine: `${process.version}-${process.arch}`,
    hash: PROGRAM_HASH,
  })
  const { run } = program.exports as typeof import('./cli/run.js')
  const status = await run({
    arguments: words,
    workingDirectory: process.cwd(),
    environment: process.env,
    stdin: () => process.stdin,
    stdout,
    stderr,
    signals: process,
  })
  program.keep()
  return status
}

function isWritten(text: string): Promise<boolean> {
  return new Promise((resolve) => {
    stdout.write(text, (error) => resolve(!error))
  })
}

void main().then((status) => {
  process.exitCode = status
})
