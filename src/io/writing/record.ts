import { createHash } from 'node:crypto'
import fs, { readFileSync, readlinkSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { getuid, kill, pid } from 'node:process'

import { codeOf } from '../failure.js'
import { repositoryRoot } from '../git/root.js'
import type { Environment } from '../git/run.js'
import { isGitFolder, isInside, leadsOut, slashes } from '../paths.js'

/**
 * A folder where runs that write leave a record of it. It lies where no pull request can put anything: in Git's own
 * folder of the work tree, or in one that belongs to the user alone.
 */
export type Room = {
  readonly folder: string
  /** The top of the work tree whose files its records are about; without one they are about any folder of the user. */
  readonly root?: string
}

const roomName = 'kn-rollout'

/** Where a run that writes below `folder` (absolute) can leave its record, the best place first. */
export function roomsFor(folder: string, environment: Environment): readonly Room[] {
  const root = repositoryRoot(folder)
  const own = root === undefined ? undefined : gitFolder(root)
  return [
    ...(root !== undefined && own !== undefined ? [{ folder: path.join(own, roomName), root }] : []),
    ...privateFolders(environment).map((one) => ({ folder: one })),
  ]
}

/** The rooms of these folders that hold a record, be it of a run that is still writing. Costs a few calls where there is none. */
export function roomsInUse(folders: readonly string[], environment: Environment): readonly Room[] {
  const rooms = new Map(folders.flatMap((one) => roomsFor(one, environment)).map((room) => [room.folder, room]))
  return [...rooms.values()].filter((room) => recordsIn(room).length > 0 && isTrustworthy(room))
}

/** The files of a room that are records, as absolute paths. */
function recordsIn({ folder }: Room): readonly string[] {
  if (!fs.existsSync(folder)) return []
  try {
    return fs
      .readdirSync(folder)
      .filter((one) => one.endsWith('.json'))
      .map((one) => path.join(folder, one))
  } catch {
    return []
  }
}

/** Whether a room is a folder as it should be, and of this user if it is to be private: never a link to elsewhere. */
export function isTrustworthy({ folder, root }: Room): boolean {
  const stats = fs.lstatSync(folder, { throwIfNoEntry: false })
  if (!stats?.isDirectory()) return false
  return root !== undefined || !getuid || (stats.uid === getuid() && (stats.mode & 0o022) === 0)
}

/** Git's folder of a work tree: `.git` itself, or what that file names in linked work trees and submodules. */
function gitFolder(root: string): string | undefined {
  const entry = path.join(root, '.git')
  try {
    if (fs.statSync(entry).isDirectory()) return entry
    const named = /^gitdir: (.+?)\r?\n?$/.exec(fs.readFileSync(entry, 'utf8'))?.[1]
    return named === undefined ? undefined : path.resolve(root, named)
  } catch {
    return undefined
  }
}

/** For state that is to outlive a restart, as XDG has it; a user without a home has the temporary folder. */
function privateFolders({ XDG_STATE_HOME: state = '', HOME: home = '' }: Environment): readonly string[] {
  const kept = path.isAbsolute(state) ? state : path.isAbsolute(home) ? path.join(home, '.local', 'state') : undefined
  const temporary = path.join(os.tmpdir(), `${roomName}-${getuid?.() ?? 'user'}`)
  return kept === undefined ? [temporary] : [path.join(kept, roomName), temporary]
}

/** The process that a record belongs to. */
export type WriterProcess = {
  readonly pid: number
  readonly host: string
  /** Where the number of a process means the same process: one start of one system, and what containers divide it into. */
  readonly place: string
  /** When the process was started, in ticks of its system; empty where the system does not tell. */
  readonly start: string
}

/** A run takes seconds and refreshes its record: what is so old belongs to no process, where nobody can ask for that. */
const abandonedAfter = 10 * 60 * 1000

export function thisProcess(): WriterProcess {
  return { pid, host: os.hostname(), place: thisPlace(), start: startOf(pid) ?? '' }
}

/**
 * Whether a process may still be at work. One of this system is asked for; of others the age of their record tells, in
 * milliseconds.
 */
export function isLiving(owner: WriterProcess, age: number): boolean {
  if (owner.place !== thisPlace()) return age < abandonedAfter
  try {
    kill(owner.pid, 0)
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false
  }
  const start = startOf(owner.pid)
  return start === undefined || owner.start === '' || start === owner.start
}

function thisPlace(): string {
  return [
    os.hostname(),
    told(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    told(() => readlinkSync('/proc/self/ns/pid')),
  ].join(' ')
}

function told(ask: () => string): string {
  try {
    return ask()
  } catch {
    return ''
  }
}

/** Numbers of processes are given again. A process that has ended, but whose parent has not looked, has no start. */
function startOf(number: number): string | undefined {
  const stat = told(() => readFileSync(`/proc/${number}/stat`, 'utf8'))
  // The name of the program stands in brackets, and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state] = fields
  if (stat === '') return undefined
  return state === 'Z' || state === 'X' ? 'ended' : fields[19]
}

/** What a run is about to write, left on the disk before it begins, so that what a killed run has done can be told. */
export type WriteRecord = {
  readonly owner: WriterProcess
  /** When it was made: ISO 8601, UTC. */
  readonly begun: string
  /** The folder, absolute, that no two runs write below at the same time. */
  readonly scope: string
  readonly files: readonly RecordedFile[]
}

export type RecordedFile = {
  /** Absolute. */
  readonly path: string
  /** What makes the names of its two temporary files its own. */
  readonly id: string
  /** The hash of the text that it had; null for a new file. */
  readonly before: string | null
  readonly after: string
}

/** A record as it was found; without `record` the file cannot be understood. */
export type FoundRecord = {
  readonly file: string
  readonly room: Room
  /** Milliseconds since the epoch, by the clock of the disk. */
  readonly changed: number
  readonly record?: WriteRecord
}

const version = 1
/** Far more than what a run over all files of the largest repositories writes down. */
const largest = 64 * 1024 * 1024

export function hashOf(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex')
}

/** The temporary files beside a target: the text that it is to get, and the one that it had. */
export function besides({ path: file, id }: Pick<RecordedFile, 'path' | 'id'>): {
  readonly fresh: string
  readonly backup: string
} {
  const name = path.basename(file)
  // Names have at most 255 bytes.
  const stem = Buffer.byteLength(name) > 200 ? name.slice(0, 50) : name
  const base = path.join(path.dirname(file), `.${stem}.kn-rollout-${id}`)
  return { fresh: `${base}-new`, backup: `${base}-old` }
}

/** A record as a text. Its paths are relative to its scope, so that a work tree can be moved with it. */
export function recordText({ scope, files, ...rest }: WriteRecord): string {
  const relative = files.map((file) => ({ ...file, path: slashes(path.relative(scope, file.path)) }))
  return `${JSON.stringify({ version, ...rest, scope, files: relative }, undefined, 1)}\n`
}

/** All records of a room, those of living runs included. */
export function readRecords(room: Room): readonly FoundRecord[] {
  return recordsIn(room).flatMap((file) => {
    try {
      const stats = fs.lstatSync(file)
      if (!stats.isFile() || stats.size > largest) return [{ file, room, changed: stats.mtimeMs }]
      const record = parse(fs.readFileSync(file, 'utf8'), room)
      return [{ file, room, changed: stats.mtimeMs, ...(record && { record }) }]
    } catch {
      // Its run has just ended.
      return []
    }
  })
}

/** A record in which anything is odd is none: nothing is done on its word. */
function parse(text: string, { root }: Room): WriteRecord | undefined {
  let found: unknown
  try {
    found = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isObject(found) || found['version'] !== version) return undefined
  const { owner, begun, files } = found
  const scope = root === undefined ? found['scope'] : fs.realpathSync.native(root)
  if (typeof scope !== 'string' || !path.isAbsolute(scope)) return undefined
  if (!isOwner(owner) || typeof begun !== 'string' || Number.isNaN(Date.parse(begun)) || !Array.isArray(files))
    return undefined
  const read = files.map((file: unknown) => fileIn(file, scope))
  return read.includes(undefined)
    ? undefined
    : { owner, begun, scope, files: read.filter((file) => file !== undefined) }
}

function fileIn(found: unknown, scope: string): RecordedFile | undefined {
  if (!isObject(found)) return undefined
  const { path: name, id, before, after } = found
  if (typeof name !== 'string' || typeof id !== 'string' || typeof after !== 'string') return undefined
  if (before !== null && typeof before !== 'string') return undefined
  const file = path.resolve(scope, name)
  const isBelow = file !== scope && isInside(scope, file) && !leadsOut(name)
  const isGitsOwn = isGitFolder(path.relative(scope, file).split(path.sep)[0] ?? '')
  if (!isBelow || isGitsOwn || !/^[0-9a-f]{12}$/.test(id)) return undefined
  return { path: file, id, before, after }
}

function isOwner(found: unknown): found is WriterProcess {
  if (!isObject(found)) return false
  const { pid: number, host, place, start } = found
  return Number.isInteger(number) && Number(number) > 0 && [host, place, start].every((one) => typeof one === 'string')
}

function isObject(found: unknown): found is { readonly [name: string]: unknown } {
  return typeof found === 'object' && found !== null && !Array.isArray(found)
}
