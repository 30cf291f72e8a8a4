import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire, Module } from 'node:module'
import path from 'node:path'
import { Script } from 'node:vm'

/**
 * The folder for compiled code, made if it is missing: below XDG_CACHE_HOME, else below ~/.cache. Undefined unless this
 * user alone can write to it and nobody but the system to the folders around it, none of which is in a Git repository: a
 * commit could bring a folder of that name along.
 *
 * @throws the error of the system where a folder cannot be looked at or made.
 */
export function cacheFolder(
  { XDG_CACHE_HOME: cache, HOME: home }: Readonly<Record<string, string | undefined>>,
  user: number | undefined,
): string | undefined {
  if (user === undefined) return undefined
  const base = cache !== undefined && path.isAbsolute(cache) ? cache : path.join(home ?? '', '.cache')
  if (!path.isAbsolute(base)) return undefined
  const folder = path.join(base, 'kn-rollout')
  if (!existsSync(folder)) {
    if (!isGuarded(nearestFolder(base), user)) return undefined
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  }
  const { uid, mode } = lstatSync(folder)
  const isOwn = uid === user && (mode & 0o077) === 0
  return isOwn && isGuarded(folder, user) ? folder : undefined
}

function nearestFolder(folder: string): string {
  return existsSync(folder) ? folder : nearestFolder(path.dirname(folder))
}

/** Whether a folder and all around it can be written to by the system and this user only, and are in no repository. */
function isGuarded(folder: string, user: number): boolean {
  for (let place = realpathSync.native(folder); ; place = path.dirname(place)) {
    const { uid, mode } = lstatSync(place)
    if ((uid !== user && uid !== 0) || (mode & 0o022) !== 0 || existsSync(path.join(place, '.git'))) return false
    if (place === path.dirname(place)) return true
  }
}

/** Who runs the program on what. */
type Runtime = {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Undefined where users have no numbers. */
  readonly user: number | undefined
  /** The version of Node and the processor: compiled code fits no other. */
  readonly engine: string
  /** The hash of the file's text, as it was built. */
  readonly hash: string
}

/** A file of the program that has run. */
type Loaded = {
  readonly exports: unknown
  /** Keeps what is compiled by now for the next run with this purpose, if it may be more than was there. */
  readonly keep: () => void
}

/**
 * Runs a file of the program, which is one function as Node makes it of a CommonJS module, with the compiled code that an
 * earlier run with the same `purpose` kept: to compile what a command needs takes longer than to run it. Node's own cache has
 * only what is compiled before the first line runs.
 *
 * Compiled code runs as it is, and ends the process where it is damaged. So it lies where nobody else can write, and is taken
 * only if it is whole, and for the very text that it was made of. Otherwise the file runs without it.
 */
export function loadCompiled(file: string, purpose: string, runtime: Runtime): Loaded {
  const { text, stamp } = read(file, runtime.hash)
  const folder = attempt(() => shelfOf(runtime, stamp))
  const place = path.join(folder ?? '', `${/^[a-z]+$/.test(purpose) ? purpose : 'any'}-${runtime.engine}`)
  const kept = folder === undefined ? undefined : attempt(() => unpacked(readFileSync(place), stamp))
  const script = new Script(text, { filename: file, ...(kept && { cachedData: kept.code }) })
  const run = script.runInThisContext() as (...given: readonly unknown[]) => void
  const module = new Module(file)
  module.loaded = true
  const require = createRequire(file)
  // The files of what few commands need ask for what is in this one.
  require.cache[file] = module
  run(module.exports, require, module, file, path.dirname(file))
  // No more of it: what was read would be held as long as the program runs.
  const before = kept && script.cachedDataRejected !== true ? { looks: kept.looks, size: kept.code.length } : undefined
  const keep = (): void => {
    if (folder !== undefined && isDue(before))
      attempt(() => store(place, packed(grown(before, script.createCachedData()), stamp)))
  }
  return { exports: module.exports as unknown, keep }
}

/** The text of a file, and what tells that text from any other: its hash when it was built, and that it is as it was. */
function read(file: string, hash: string): { readonly text: string; readonly stamp: string } {
  const descriptor = openSync(file, 'r')
  try {
    const { ino, size, mtimeMs, ctimeMs } = fstatSync(descriptor)
    return { text: readFileSync(descriptor, 'latin1'), stamp: [hash, ino, size, mtimeMs, ctimeMs].join(' ') }
  } finally {
    closeSync(descriptor)
  }
}

/** Compiled code, and how often it was looked at in vain for code that was compiled in one run only. */
type Kept = { readonly code: Uint8Array; readonly looks: number }

/** What is left of it once it runs. */
type Before = { readonly size: number; readonly looks: number }

/** Each look that found little makes the next one four times less likely. */
function isDue(before: Before | undefined): boolean {
  return Math.random() < 4 ** -(before?.looks ?? 0)
}

function grown(before: Before | undefined, code: Uint8Array): Kept {
  const hasFoundLittle = before !== undefined && code.length < before.size * 1.02
  return { code, looks: hasFoundLittle ? Math.min(3, before.looks + 1) : 0 }
}

const labelLength = 256

/** The code twice, so that damage shows without a checksum, which would have to be loaded; then what it is. */
function packed({ code, looks }: Kept, stamp: string): Uint8Array {
  return Buffer.concat([code, code, Buffer.from(`${looks} ${stamp}`.padEnd(labelLength))])
}

/** Undefined where it is not whole, or of another text. */
function unpacked(all: Buffer, stamp: string): Kept | undefined {
  const end = all.length - labelLength
  const [looks = '', ...label] = all.toString('latin1', Math.max(0, end)).trimEnd().split(' ')
  const code = all.subarray(0, end / 2)
  const isWhole = end > 0 && end % 2 === 0 && code.equals(all.subarray(end / 2, end))
  return isWhole && label.join(' ') === stamp && /^[0-3]$/.test(looks) ? { code, looks: Number(looks) } : undefined
}

/** The folder for this text. The switch is that of Node's own cache; coverage counts what is compiled anew. */
function shelfOf({ environment, user }: Runtime, stamp: string): string | undefined {
  if (environment['NODE_DISABLE_COMPILE_CACHE'] || environment['NODE_V8_COVERAGE'] !== undefined) return undefined
  const folder = cacheFolder(environment, user)
  const [hash = '', inode = ''] = stamp.split(' ')
  return folder === undefined ? undefined : path.join(folder, `${hash.slice(0, 16)}-${inode}`)
}

/** How many installations, or versions of one, are remembered. */
const most = 8

/** Writes under the name that is looked for only what is complete, and drops what was written longest ago. */
function store(place: string, content: Uint8Array): void {
  const folder = path.dirname(place)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const draft = `${place}.${Math.random().toString(36).slice(2)}`
  try {
    writeFileSync(draft, content, { mode: 0o600, flag: 'wx' })
    const descriptor = openSync(draft, 'r')
    fsyncSync(descriptor)
    closeSync(descriptor)
    renameSync(draft, place)
  } finally {
    rmSync(draft, { force: true })
  }
  const all = path.dirname(folder)
  const newestFirst = readdirSync(all)
    .map((name) => ({ name, time: lstatSync(path.join(all, name)).mtimeMs }))
    .toSorted((a, b) => b.time - a.time)
  for (const { name } of newestFirst.slice(most)) rmSync(path.join(all, name), { recursive: true, force: true })
}

/** Undefined where it fails: all of this only saves time. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
