import { lstatSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { Script } from 'node:vm'

import { cacheFolder } from './cache-folder.js'
import { version } from './version.js'

/** Who runs the program on what. */
export type Runtime = {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Undefined where users have no numbers. */
  readonly user: number | undefined
  /** The version of Node and the processor: compiled code fits no other. */
  readonly engine: string
}

/** A file of the program that has run. */
export type Loaded = {
  readonly exports: unknown
  /** Keeps what is compiled by now for the next run with this purpose, if it may be more than was there. */
  readonly keep: () => void
}

/**
 * Runs a file of the program, which is one function as Node makes it of a CommonJS module, with the compiled code that an
 * earlier run with the same `purpose` kept: to compile what a command needs takes longer than to run it. Node's own cache has
 * only what is compiled before the first line runs.
 *
 * Compiled code runs as it is. So it lies where nobody else can write, and is taken only for the very text that it was
 * made of, which lies beside it. Where anything is wrong with that, the file runs without it.
 */
export function loadCompiled(file: string, purpose: string, runtime: Runtime): Loaded {
  const text = readFileSync(file)
  const folder = attempt(() => shelfOf(runtime))
  const place = path.join(folder ?? '', `${/^[a-z]+$/.test(purpose) ? purpose : 'any'}-${runtime.engine}`)
  const kept = attempt(() => (isTextOf(folder, text) ? readFileSync(place) : undefined))
  const script = new Script(text.toString('latin1'), {
    filename: file,
    ...(kept && { cachedData: kept.subarray(0, -1) }),
  })
  const module: { exports: unknown } = { exports: {} }
  const run = script.runInThisContext() as (...given: readonly unknown[]) => void
  run(module.exports, createRequire(file), module, file, path.dirname(file))
  const before = script.cachedDataRejected === true ? undefined : kept
  const keep = (): void => {
    if (folder !== undefined && isDue(before))
      attempt(() => store(text, place, grown(before, script.createCachedData())))
  }
  return { exports: module.exports, keep }
}

/**
 * Whether to look for code that was compiled in this run only: each look that found little makes the next one four times less
 * likely. The last byte of what is kept counts them.
 */
function isDue(kept: Uint8Array | undefined): boolean {
  return Math.random() < 4 ** -(kept?.at(-1) ?? 0)
}

/** What is to be kept in place of `before`, with the number of looks that have found little. */
function grown(before: Uint8Array | undefined, compiled: Uint8Array): Uint8Array {
  const hasFoundLittle = before !== undefined && compiled.length < before.length * 1.02
  return Buffer.concat([compiled, Uint8Array.of(hasFoundLittle ? Math.min(3, (before.at(-1) ?? 0) + 1) : 0)])
}

const textName = 'program.js'

/** The folder for this version. The switch is that of Node's own cache; coverage counts what is compiled anew. */
function shelfOf({ environment, user }: Runtime): string | undefined {
  if (environment['NODE_DISABLE_COMPILE_CACHE'] || environment['NODE_V8_COVERAGE'] !== undefined) return undefined
  const folder = cacheFolder(environment, user)
  return folder === undefined ? undefined : path.join(folder, version)
}

function isTextOf(folder: string | undefined, text: Uint8Array): boolean {
  return folder !== undefined && readFileSync(path.join(folder, textName)).equals(text)
}

/** In milliseconds. */
const shelfLife = 30 * 24 * 60 * 60 * 1000

/** Writes under the names that are looked for only what is complete. What no longer fits or is old goes. */
function store(text: Uint8Array, place: string, compiled: Uint8Array): void {
  const folder = path.dirname(place)
  const textPlace = path.join(folder, textName)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  for (const other of readdirSync(path.dirname(folder)).map((name) => path.join(folder, '..', name)))
    if (lstatSync(other).mtimeMs < Date.now() - shelfLife) rmSync(other, { recursive: true, force: true })
  if (attempt(() => isTextOf(folder, text)) !== true) {
    for (const name of readdirSync(folder)) rmSync(path.join(folder, name), { force: true })
    replace(textPlace, text)
  }
  replace(place, compiled)
}

function replace(place: string, content: Uint8Array): void {
  const draft = `${place}.${Math.random().toString(36).slice(2)}`
  writeFileSync(draft, content, { mode: 0o600, flag: 'wx' })
  renameSync(draft, place)
}

/** Undefined where it fails: all of this only saves time. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
