#!/usr/bin/env node
import path from 'node:path'

import { loadCompiled } from './cli/compiled.js'
import { start } from './cli/start.js'

/** Of the file that holds the program; the bundler writes it in. */
declare const PROGRAM_HASH: string

start(process, (purpose) =>
  loadCompiled(path.join(import.meta.dirname, 'program.js'), purpose, {
    environment: process.env,
    user: process.getuid?.(),
    engine: `${process.version}-${process.arch}`,
    hash: PROGRAM_HASH,
  }),
)
